"""The invariants of timed unmutes in trouble, T5-T7 (design section 7): crashes, an IM in trouble, clocks that jump."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.imservice import FaultAction
from bot.services.clock import to_ms
from bot.services.expiry import FIRST_RETRY_MS, JITTER, LONGEST_RETRY_MS
from bot.services.ledger import LEASE_MS
from bot.services.model import Ending, Failure, MuteState, Outcome
from bot.services.refusals import Unsettled
from tests.services.conftest import ANNA, BEN, GUILD, World
from tests.services.mute_routes import LIFT, LIST, MUTE, break_route, down


async def test_t5_an_intent_that_the_im_carried_out_is_applied_after_a_crash(world: World) -> None:
    break_route(world, MUTE, FaultAction.hang_up(carried_out=True))
    with pytest.raises(Unsettled) as unsettled:
        await world.mute(duration="10m")
    await world.restart()
    assert (await world.case(unsettled.value.case_id)).outcome is Outcome.INTENDED
    world.pass_time(seconds=2)
    await world.run_due()
    found = await world.case(unsettled.value.case_id)
    assert (found.outcome, found.mute_state) == (Outcome.APPLIED, MuteState.ACTIVE)
    world.pass_time(minutes=10)
    await world.run_due()
    assert await world.listed() == {}


async def test_t5_an_intent_that_never_happened_fails_and_is_never_applied_late(world: World) -> None:
    break_route(world, MUTE, FaultAction.hang_up())
    with pytest.raises(Unsettled) as unsettled:
        await world.mute(duration="10m")
    world.service.fault = None
    await world.restart()
    world.pass_time(seconds=2)
    await world.run_due()
    found = await world.case(unsettled.value.case_id)
    assert (found.outcome, found.failure) == (Outcome.FAILED, Failure.INTERRUPTED)
    assert await world.listed() == {}
    assert (await world.mute()).outcome is Outcome.APPLIED


async def test_t5_a_mute_by_somebody_else_is_not_taken_for_our_interrupted_one(world: World) -> None:
    await world.outside_mute("bob", 60_000)
    break_route(world, MUTE, FaultAction.hang_up())
    with pytest.raises(Unsettled) as unsettled:
        await world.mute(duration="10m")
    world.service.fault = None
    world.pass_time(seconds=2)
    await world.run_due()
    assert (await world.case(unsettled.value.case_id)).outcome is Outcome.FAILED
    assert list(await world.listed()) == ["bob"]


async def test_t5_an_interrupted_extension_leaves_the_first_mute_in_force(world: World) -> None:
    first = await world.mute(duration="10m")
    break_route(world, MUTE, FaultAction.hang_up())
    with pytest.raises(Unsettled) as unsettled:
        await world.services.mutes.extend(staff=ANNA, guild_id=GUILD, case_id=first.id, add_ms=3_600_000)
    world.service.fault = None
    await world.restart()
    world.pass_time(seconds=2)
    await world.run_due()
    assert (await world.case(unsettled.value.case_id)).outcome is Outcome.FAILED
    assert (await world.case(first.id)).mute_state is MuteState.ACTIVE
    world.pass_time(minutes=10)
    await world.run_due()
    assert await world.listed() == {}
    assert (await world.case(first.id)).ending is Ending.ENDED


@pytest.mark.parametrize("add_ms", [3_600_000, None], ids=["timed", "permanent"])
async def test_t5_an_interrupted_undo_of_an_extension_leaves_the_extension_in_force(
    world: World, add_ms: int | None
) -> None:
    first = await world.mute(duration="10m")
    longer = await world.services.mutes.extend(staff=ANNA, guild_id=GUILD, case_id=first.id, add_ms=add_ms)
    break_route(world, MUTE, FaultAction.hang_up())
    with pytest.raises(Unsettled) as unsettled:
        await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=longer.id)
    world.service.fault = None
    world.pass_time(seconds=2)
    await world.run_due()
    assert (await world.case(unsettled.value.case_id)).outcome is Outcome.FAILED
    kept = await world.case(longer.id)
    assert (kept.mute_state, kept.outcome, kept.ends_at) == (MuteState.ACTIVE, Outcome.APPLIED, longer.ends_at)


@pytest.mark.parametrize("carried_out", [True, False])
async def test_t5_an_interrupted_unmute_is_settled_by_the_list(world: World, carried_out: bool) -> None:
    muted = await world.mute(duration="10m")
    break_route(world, LIFT, FaultAction.hang_up(carried_out=carried_out))
    with pytest.raises(Unsettled) as unsettled:
        await world.unmute()
    world.service.fault = None
    await world.restart()
    world.pass_time(seconds=2)
    await world.run_due()
    found = await world.case(unsettled.value.case_id)
    assert found.outcome is (Outcome.APPLIED if carried_out else Outcome.FAILED)
    assert (await world.case(muted.id)).mute_state is (MuteState.LIFTED if carried_out else MuteState.ACTIVE)
    world.pass_time(minutes=10)
    await world.run_due()
    assert await world.listed() == {}


async def test_t5_a_crash_in_the_middle_of_lifting_is_finished_after_the_restart(world: World) -> None:
    case = await world.mute(duration="10m")
    world.pass_time(minutes=10)
    # Claimed and marked as lifting by a process that dies before it calls the IM.
    claimed = await world.services.expiry._claim()
    assert [mute.state for mute, _timer in claimed] == [MuteState.LIFTING]
    await world.restart()
    assert await world.run_due() == 1
    assert await world.listed() == {}
    assert (await world.case(case.id)).ending is Ending.ENDED


async def test_t5_work_in_hand_is_not_taken_from_a_living_process_and_is_from_a_dead_one(world: World) -> None:
    await world.mute(duration="10m")
    world.pass_time(minutes=10)
    assert len(await world.services.expiry._claim()) == 1
    assert await world.run_due() == 0
    other = (await _second_process(world)).expiry
    await other.renew()
    assert await other.run_due() == 0
    world.pass_time(milliseconds=LEASE_MS + 1)
    await other.renew()
    assert await other.run_due() == 1
    assert await world.listed() == {}


async def _second_process(world: World):
    from bot.app import wire

    return wire(world.settings, store=world.store, im=world.im, clock=world.clock, arm=world.armed.append)


async def test_t6_an_im_that_is_down_is_tried_again_from_1_to_30_seconds_without_end(world: World) -> None:
    case = await world.mute(duration="10m")
    world.service.fault = down
    world.pass_time(minutes=10)
    for attempt in range(12):
        assert await world.run_due() == 1
        wake = await world.services.expiry.next_wake()
        assert wake is not None
        wait = wake - to_ms(world.clock.now())
        planned = min(FIRST_RETRY_MS * 2**attempt, LONGEST_RETRY_MS)
        assert planned * (1 - JITTER) - 1 <= wait <= planned * (1 + JITTER)
        world.pass_time(milliseconds=wait)
    world.service.fault = None
    await world.run_due()
    assert await world.listed() == {}
    assert (await world.case(case.id)).ending is Ending.ENDED


async def test_t6_after_eight_tries_there_is_one_alert_that_heals_visibly(world: World) -> None:
    await world.services.settings.set_log_channel(GUILD, 99)
    for member in ("bob", "carl"):
        await world.mute(member)
    for post in await world.services.posts.due():
        await world.services.posts.shown(post, channel_id=99, message_id=post.id)
    world.service.fault = down
    world.pass_time(minutes=10)
    for attempt in range(10):
        alerts = [p for p in await world.services.posts.due() if p.kind == "alert"]
        assert len(alerts) == (0 if attempt < 8 else 1), attempt
        await world.run_due()
        world.pass_time(seconds=40)
    (alert,) = [p for p in await world.services.posts.due() if p.kind == "alert"]
    await world.services.posts.shown(alert, channel_id=99, message_id=500)
    view = await world.services.alerts.view(alert.subject_id)
    assert (view.stuck_count, view.healed_at) == (2, None)
    muted = await world.services.mutes.muted(guild_id=GUILD, channel=world.channel)
    assert not muted.reachable
    assert [entry.case.stuck for entry in muted.entries if entry.case] == [True, True]

    world.service.fault = None
    taken = await world.services.alerts.retry(GUILD, alert.subject_id, BEN)
    assert taken.acknowledged_by == BEN
    await world.run_due()
    assert await world.listed() == {}
    healed = await world.services.alerts.view(alert.subject_id)
    assert healed.healed_at == world.clock.now()
    assert [p.message_id for p in await world.services.posts.due() if p.kind == "alert"] == [500]


@pytest.mark.parametrize(
    "action",
    [FaultAction.answer(429), FaultAction.answer(503, retry_after=1), FaultAction.garbage(), FaultAction.truncated()],
    ids=["429", "503", "garbage", "half-closed"],
)
async def test_t6_any_fault_of_the_im_only_delays_the_unmute(world: World, action: FaultAction) -> None:
    case = await world.mute(duration="10m")
    world.pass_time(minutes=10)
    break_route(world, LIST, action)
    await world.run_due()
    world.service.fault = None
    break_route(world, LIFT, action)
    world.pass_time(seconds=40)
    await world.run_due()
    world.service.fault = None
    world.pass_time(seconds=40)
    await world.run_due()
    assert await world.listed() == {}
    assert (await world.case(case.id)).ending is Ending.ENDED


async def test_t7_a_clock_that_jumps_forward_lifts_nothing_early(world: World) -> None:
    case = await world.mute(duration="10m")
    world.clock.move(hours=2)
    await world.run_due()
    assert list(await world.listed()) == ["bob"]
    await world.services.reconcile.run()
    assert list(await world.listed()) == ["bob"]
    for _ in range(22):
        world.pass_time(seconds=30)
        await world.run_due()
    assert await world.listed() == {}
    assert (await world.case(case.id)).ending is Ending.ENDED


async def test_t7_a_clock_that_jumps_forward_does_not_leave_a_wrong_end_in_the_books(world: World) -> None:
    case = await world.mute(duration="10m")
    await world.services.reconcile.run()
    world.clock.move(hours=2)
    await world.run_due()
    await world.services.reconcile.run()
    assert (await world.case(case.id)).ends_at == world.clock.now() + timedelta(minutes=10)
    assert not (await world.case(case.id)).adopted


async def test_t7_a_clock_that_is_set_back_delays_nothing_beyond_a_minute(world: World) -> None:
    await world.mute(duration="10m")
    world.pass_time(minutes=9)
    world.clock.move(hours=-2)
    world.pass_time(minutes=1)
    for _ in range(2):
        world.pass_time(seconds=30)
        await world.services.expiry.renew()
        await world.services.reconcile.run()
        await world.run_due()
    assert await world.listed() == {}


async def test_t7_a_retry_planned_by_a_wrong_clock_is_woken_when_it_is_put_right(world: World) -> None:
    await world.mute(duration="10m")
    world.pass_time(minutes=10)
    world.clock.move(hours=2)
    world.service.fault = down
    await world.run_due()
    world.service.fault = None
    world.clock.move(hours=-2)
    world.pass_time(seconds=30)
    await world.services.expiry.renew()
    await world.run_due()
    assert await world.listed() == {}


async def test_an_undo_that_was_settled_late_marks_what_it_undid(world: World) -> None:
    muted = await world.mute(duration="10m")
    break_route(world, LIFT, FaultAction.hang_up(carried_out=True))
    with pytest.raises(Unsettled):
        await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=muted.id)
    world.service.fault = None
    world.pass_time(seconds=2)
    await world.run_due()
    assert (await world.case(muted.id)).outcome is Outcome.UNDONE


async def test_work_that_was_lost_sight_of_is_taken_up_when_its_lease_is_over(world: World) -> None:
    await world.mute(duration="10m")
    world.pass_time(minutes=10)
    claimed = await world.services.expiry._claim()
    assert len(claimed) == 1
    world.pass_time(milliseconds=LEASE_MS + 1)
    await world.services.expiry.renew()
    assert await world.run_due() == 1
    assert await world.listed() == {}
