"""The invariants of timed unmutes in peace, T1-T4, T8 and T10 (design section 7), each by its name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.im.errors import IMError
from bot.imservice import FaultAction
from bot.services.model import Ending, Failure, MuteState, Outcome
from tests.services.conftest import GUILD, MakeWorld, World
from tests.services.mute_routes import LIFT, LIST, MUTE, break_route


async def test_t1_a_mute_ends_even_if_the_bot_never_comes_back(make_world: MakeWorld) -> None:
    world = await make_world(keep_expired_mutes=False)
    await world.mute(duration="10m")
    world.im_clock.move(minutes=9, seconds=59)
    assert list(await world.listed()) == ["bob"]
    world.im_clock.move(seconds=2)
    assert await world.listed() == {}


async def test_t2_a_due_mute_that_the_im_keeps_is_lifted_and_its_case_closed(world: World) -> None:
    case = await world.mute(duration="10m")
    world.pass_time(minutes=10)
    assert await world.run_due() == 1
    assert await world.listed() == {}
    closed = await world.case(case.id)
    assert (closed.mute_state, closed.ending, closed.closed_at) == (
        MuteState.LIFTED,
        Ending.ENDED,
        world.clock.now(),
    )
    assert await world.services.expiry.next_wake() is None


async def test_t2_nothing_is_lifted_a_moment_before_its_time(world: World) -> None:
    await world.mute(duration="10m")
    world.pass_time(minutes=9, seconds=59, milliseconds=999)
    assert await world.run_due() == 0
    assert list(await world.listed()) == ["bob"]


async def test_t2_one_reading_serves_all_that_are_due_in_a_channel(world: World) -> None:
    for member in ("bob", "carl", "dora"):
        await world.mute(member)
    world.pass_time(minutes=10)
    before = world.calls(LIST)
    assert await world.run_due() == 3
    assert world.calls(LIST) - before == 1
    assert world.calls(LIFT) == 3


async def test_t2_a_lapsed_mute_is_closed_without_a_request_to_lift_it(make_world: MakeWorld) -> None:
    world = await make_world(keep_expired_mutes=False)
    case = await world.mute()
    world.pass_time(minutes=10)
    await world.run_due()
    assert world.calls(LIFT) == 0
    assert (await world.case(case.id)).ending is Ending.ENDED


@pytest.mark.parametrize("longer", [3_600_000, None])
async def test_t3_a_mute_that_somebody_prolonged_is_adopted_not_lifted(world: World, longer: int | None) -> None:
    case = await world.mute(duration="10m")
    world.pass_time(minutes=5)
    await world.outside_mute("bob", longer)
    world.pass_time(minutes=5)
    await world.run_due()
    assert list(await world.listed()) == ["bob"]
    adopted = await world.case(case.id)
    assert (adopted.mute_state, adopted.adopted) == (MuteState.ACTIVE, True)
    assert adopted.ends_at == (None if longer is None else world.clock.now() + timedelta(minutes=55))
    if longer is not None:
        world.pass_time(minutes=55)
        await world.run_due()
        assert await world.listed() == {}


async def test_t3_two_seconds_are_the_same_end(world: World) -> None:
    case = await world.mute(duration="10m")
    await world.outside_mute("bob", 601_900)
    world.pass_time(minutes=10, seconds=3)
    await world.run_due()
    assert await world.listed() == {}
    assert not (await world.case(case.id)).adopted


async def test_t3_one_that_somebody_lifted_closes_its_case_at_the_next_comparison(world: World) -> None:
    case = await world.mute(duration="10m")
    await world.im.mutes.remove(world.community, world.channel, "bob")
    report = await world.services.reconcile.run()
    assert report.ended_outside == 1
    assert (await world.case(case.id)).ending is Ending.OUTSIDE
    assert await world.services.expiry.next_wake() is None


async def test_t3_one_that_somebody_shortened_ends_then(world: World) -> None:
    case = await world.mute(duration="10m")
    await world.outside_mute("bob", 60_000)
    assert (await world.services.reconcile.run()).adopted == 1
    assert (await world.case(case.id)).ends_at == world.clock.now() + timedelta(minutes=1)
    world.pass_time(minutes=1)
    await world.run_due()
    assert await world.listed() == {}
    assert (await world.case(case.id)).ending is Ending.ENDED


async def test_t3_a_permanent_mute_that_somebody_limited_is_watched_to_its_end(world: World) -> None:
    await world.mute(duration="permanent")
    await world.outside_mute("bob", 60_000)
    assert (await world.services.reconcile.run()).adopted == 1
    world.pass_time(minutes=1)
    await world.run_due()
    assert await world.listed() == {}


async def test_t3_the_comparison_verifies_what_is_as_it_should_be(world: World) -> None:
    case = await world.mute(duration="10m")
    report = await world.services.reconcile.run()
    assert (report.verified, report.findings) == (1, 0)
    assert (await world.case(case.id)).outcome is Outcome.VERIFIED
    assert (await world.services.reconcile.run()).verified == 0


async def test_t4_the_first_timer_never_ends_a_second_mute(world: World) -> None:
    await world.mute(duration="5m")
    await world.unmute()
    second = await world.mute(duration="10m")
    world.pass_time(minutes=5)
    assert await world.run_due() == 0
    assert list(await world.listed()) == ["bob"]
    world.pass_time(minutes=5)
    assert await world.run_due() == 1
    assert await world.listed() == {}
    assert (await world.case(second.id)).ending is Ending.ENDED


async def test_t8_hundreds_of_mutes_due_at_once_are_all_ended_with_the_fewest_requests(make_world: MakeWorld) -> None:
    world = await make_world(keep_expired_mutes=True)
    members = [f"m{number}" for number in range(300)]
    await _crowd(world, members)
    world.pass_time(minutes=10)
    before = world.calls(LIST)
    assert await world.run_due() == len(members)
    assert await world.listed() == {}
    # One reading before, 20 a page, and the empty one of `listed`.
    assert world.calls(LIST) - before == len(members) // 20 + 1
    assert world.calls(LIFT) == len(members)


async def _crowd(world: World, members: list[str]) -> None:
    from bot.im import NewUser

    await world.im.users.create(*[NewUser(username=name) for name in members])
    for name in members:
        await world.im.communities.join(world.community, name)
        await world.im.members.add(world.community, world.channel, name)
        await world.mute(name)


async def test_t8_outstanding_timers_ask_the_im_nothing_until_they_are_due(world: World) -> None:
    await world.mute(duration="1h")
    world.pass_time(minutes=59)
    world.service.count.clear()
    assert await world.run_due() == 0
    assert not world.service.count


async def test_t10_the_expiry_never_asks_for_the_issuers_rights(world: World) -> None:
    await world.mute(duration="10m")
    # The issuer is gone from every community, and no role or member is asked for at the end.
    world.service.count.clear()
    world.pass_time(minutes=10)
    await world.run_due()
    assert set(world.service.count) == {LIST, LIFT}


async def test_a_channel_that_is_gone_closes_its_mutes(world: World) -> None:
    case = await world.mute(duration="10m")
    await world.im.channels.delete(world.community, world.channel)
    world.pass_time(minutes=10)
    await world.run_due()
    assert (await world.case(case.id)).ending is Ending.GONE


async def test_a_refused_mute_is_a_failed_case_that_says_why(world: World) -> None:
    await world.mute("carl")  # the member list and roles are known now
    break_route(world, MUTE, FaultAction.answer(403))
    with pytest.raises(IMError):
        await world.mute("bob")
    world.service.fault = None
    (case,) = (await world.services.cases.history(GUILD, "bob")).cases
    assert (case.outcome, case.failure) == (Outcome.FAILED, Failure.REFUSED)
    assert (await world.mute("bob")).outcome is Outcome.APPLIED
