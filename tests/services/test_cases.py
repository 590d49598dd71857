"""Cases as people see them: paging, what the words are made of, and what can be undone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.im.errors import IMError
from bot.imservice import FaultAction, RequestInfo
from bot.services.model import Action, Ending, Failure, MuteState, Outcome
from bot.services.refusals import Refusal, Unsettled
from tests.services.conftest import ANNA, BEN, GUILD, World

MUTE = "POST /circle/channel/{channel_id}/user/mute"


async def many(world: World, count: int, member: str = "bob") -> list[int]:
    """Mute and unmute so many times; return the case numbers, oldest first."""
    numbers: list[int] = []
    for _ in range(count):
        numbers.append((await world.mute(member)).id)
        numbers.append((await world.unmute(member)).id)
        world.pass_time(seconds=10)
    return numbers


async def test_history_is_paged_newest_first_without_gaps_or_repeats(world: World) -> None:
    numbers = await many(world, 6)
    await world.mute("carl")
    seen: list[int] = []
    before: int | None = None
    while True:
        page = await world.services.cases.history(GUILD, "Bob ", before=before, limit=5)
        assert (page.member_id, page.total) == ("bob", 12)
        assert page.counts == {Action.MUTE: 6, Action.UNMUTE: 6}
        seen += [case.id for case in page.cases]
        if not page.more:
            break
        before = seen[-1]
    assert seen == numbers[::-1]


async def test_a_page_that_is_just_full_has_nothing_after_it(world: World) -> None:
    await many(world, 2)
    assert not (await world.services.cases.history(GUILD, "bob", limit=4)).more
    assert (await world.services.cases.history(GUILD, "bob", limit=3)).more
    empty = await world.services.cases.history(GUILD, "nobody")
    assert (empty.cases, empty.total, empty.more) == ((), 0, False)


async def test_history_is_the_guilds_own(world: World) -> None:
    case = await world.mute()
    assert (await world.services.cases.history(GUILD + 1, "bob")).total == 0
    with pytest.raises(Refusal, match="refusal-unknown-case"):
        await world.services.cases.view(GUILD + 1, case.id)
    with pytest.raises(Refusal, match="refusal-unknown-case"):
        await world.services.cases.view(GUILD, case.id + 1)


async def test_what_history_says_of_a_mute_from_its_beginning_to_its_end(world: World) -> None:
    case = await world.mute(duration="10m", reason="spam")
    assert (case.staff, case.reason, case.duration_ms, case.live, case.stuck) == (ANNA, "spam", 600_000, True, False)
    assert (case.ends_at, case.closed_at, case.ending) == (world.clock.now() + timedelta(minutes=10), None, None)
    world.pass_time(minutes=10)
    await world.run_due()
    ended = await world.case(case.id)
    assert (ended.live, ended.ending, ended.closed_at, ended.ended_by) == (
        False,
        Ending.ENDED,
        world.clock.now(),
        None,
    )


async def test_what_history_says_of_who_lifted_extended_and_undid(world: World) -> None:
    first = await world.mute()
    longer = await world.services.mutes.extend(staff=BEN, guild_id=GUILD, case_id=first.id, add_ms=60_000)
    lifted = await world.unmute(staff=ANNA)
    again = await world.services.undo.undo(staff=BEN, guild_id=GUILD, case_id=lifted.id)
    views = {view.id: view for view in (await world.services.cases.history(GUILD, "bob")).cases}
    assert (views[first.id].ending, views[first.id].ended_by) == (Ending.EXTENDED, BEN)
    assert (views[longer.id].ending, views[longer.id].ended_by) == (Ending.LIFTED, ANNA)
    assert (views[lifted.id].outcome, views[lifted.id].ended_by) == (Outcome.UNDONE, BEN)
    assert (views[lifted.id].mute_state, views[lifted.id].ending) == (None, None)
    assert (views[again.id].action, views[again.id].undo_of, views[again.id].live) == (Action.MUTE, lifted.id, True)


async def test_what_history_says_of_a_case_that_failed(world: World) -> None:
    await world.mute("carl")

    def refused(request: RequestInfo) -> FaultAction | None:
        return FaultAction.answer(403) if request.route == MUTE else None

    world.service.fault = refused
    with pytest.raises(IMError):
        await world.mute("bob")
    world.service.fault = lambda r: FaultAction.reset() if r.route == MUTE else None
    with pytest.raises((IMError, Unsettled)):
        await world.mute("bob")
    world.service.fault = None
    world.pass_time(seconds=2)
    await world.run_due()
    late, first = (await world.services.cases.history(GUILD, "bob")).cases
    assert (first.outcome, first.failure, first.mute_state) == (Outcome.FAILED, Failure.REFUSED, MuteState.FAILED)
    assert first.failure_detail
    assert (late.outcome, late.failure) == (Outcome.FAILED, Failure.INTERRUPTED)
    assert not world.services.cases.reversible(first)


async def test_a_mute_that_somebody_else_changed_or_lifted_says_so(world: World) -> None:
    case = await world.mute(duration="10m")
    await world.outside_mute("bob", 3_600_000)
    await world.services.reconcile.run()
    adopted = await world.case(case.id)
    assert (adopted.adopted, adopted.ends_at) == (True, world.clock.now() + timedelta(hours=1))
    assert adopted.duration_ms == 600_000  # what was asked for stays what was asked for
    await world.im.mutes.remove(world.community, world.channel, "bob")
    await world.services.reconcile.run()
    assert (await world.case(case.id)).ending is Ending.OUTSIDE


async def test_what_can_be_undone_is_what_would_change_something(world: World) -> None:
    reversible = world.services.cases.reversible
    muted = await world.mute(duration="10m")
    assert reversible(muted)
    longer = await world.services.mutes.extend(staff=ANNA, guild_id=GUILD, case_id=muted.id, add_ms=60_000)
    assert not reversible(await world.case(muted.id))
    assert reversible(longer)
    lifted = await world.unmute()
    assert not reversible(await world.case(longer.id))
    assert reversible(lifted)
    world.pass_time(minutes=10, seconds=58, milliseconds=999)
    assert reversible(await world.case(lifted.id))
    world.pass_time(seconds=1)
    assert not reversible(await world.case(lifted.id))


async def test_an_unmute_of_a_permanent_mute_can_always_be_undone(world: World) -> None:
    await world.mute(duration="permanent")
    lifted = await world.unmute()
    world.pass_time(hours=23)
    again = await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=lifted.id)
    assert (again.duration_ms, again.ends_at) == (None, None)
    assert not world.services.cases.reversible(await world.case(lifted.id))


async def test_only_ones_own_cases_of_a_day_are_offered_newest_first(world: World) -> None:
    old = await world.mute("dora", duration="7d")
    world.pass_time(hours=24, seconds=1)
    mine = [(await world.mute(member)).id for member in ("bob", "carl")]
    theirs = await world.mute("mia", staff=BEN, confirmed=True)
    offered = [view.id for view in await world.services.cases.reversible_by(GUILD, ANNA.id)]
    assert offered == mine[::-1]
    assert old.id not in offered
    assert theirs.id not in offered
    assert await world.services.cases.reversible_by(GUILD + 1, ANNA.id) == []


async def test_undo_is_suggested_by_member_or_number(world: World) -> None:
    first, second = await world.mute("bob"), await world.mute("carl")

    async def suggested(text: str) -> list[int]:
        return [view.id for view in await world.services.cases.suggest_undo(GUILD, ANNA.id, text)]

    assert await suggested("") == [second.id, first.id]
    assert await suggested(" BO") == [first.id]
    assert await suggested(f"#{second.id}") == [second.id]
    assert await suggested("nothing") == []


async def test_a_reason_is_cut_to_what_can_be_shown(world: World) -> None:
    assert len((await world.mute(reason="刷" * 5_000)).reason) == 500
