"""Deeds: intent first, one outcome each, taken back only while the world has not moved on."""

from __future__ import annotations

import asyncio

import pytest

from bot.im.errors import IMError
from bot.imservice import FaultAction, RequestInfo
from bot.services.access import Level
from bot.services.model import Action, Failure, Outcome
from bot.services.refusals import Refusal, Unsettled
from tests.services.conftest import ANNA, BEN, GUILD, World

ADD = "POST /circle/channel/{channel_id}/join"


async def add(world: World, member: str = "olga2", staff=ANNA):
    return await world.services.memberships.add(
        staff=staff, guild_id=GUILD, channel="general", member=member, reason="new here"
    )


async def remove(world: World, member: str = "bob", staff=ANNA):
    return await world.services.memberships.remove(
        staff=staff, guild_id=GUILD, channel="general", member=member, reason=""
    )


async def is_in(world: World, member: str) -> bool:
    return await world.im.members.contains(world.community, world.channel, member)


async def undo(world: World, case_id: int | None = None, **more):
    return await world.services.undo.undo(**({"staff": ANNA, "guild_id": GUILD, "case_id": case_id} | more))


def lose_answers(world: World, *, carried_out: bool) -> None:
    """Let the IM carry out what changes something, or not, and never answer."""

    def fault(request: RequestInfo) -> FaultAction | None:
        if request.method == "GET" or "/token" in request.path:
            return None
        return FaultAction.reset(carried_out=carried_out)

    world.service.fault = fault


async def test_a_deed_is_a_case_with_its_reason_and_can_be_taken_back(world: World) -> None:
    case = await remove(world)
    assert (case.action, case.outcome, case.member_id) == (Action.MEMBER_REMOVE, Outcome.APPLIED, "bob")
    assert not await is_in(world, "bob")
    undone = await undo(world)
    assert (undone.action, undone.undo_of) == (Action.MEMBER_ADD, case.id)
    assert await is_in(world, "bob")
    assert (await world.case(case.id)).outcome is Outcome.UNDONE
    with pytest.raises(Refusal, match="refusal-already-undone"):
        await undo(world, case.id)


async def test_undo_refuses_when_the_world_has_moved_on(world: World) -> None:
    case = await remove(world)
    await world.im.members.add(world.community, world.channel, "bob")
    with pytest.raises(Refusal, match="refusal-moved-on"):
        await undo(world, case.id)
    assert (await world.case(case.id)).outcome is Outcome.APPLIED


async def test_two_at_once_have_one_effect_and_two_true_answers(world: World) -> None:
    outcomes = await asyncio.gather(remove(world), remove(world, staff=BEN), return_exceptions=True)
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
    assert (await world.services.cases.history(GUILD, "bob")).total == 1
    case = next(outcome for outcome in outcomes if not isinstance(outcome, BaseException))
    outcomes = await asyncio.gather(undo(world, case.id), undo(world, case.id, staff=BEN), return_exceptions=True)
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1


@pytest.mark.parametrize(("carried_out", "outcome"), [(True, Outcome.APPLIED), (False, Outcome.FAILED)])
async def test_an_answer_that_never_came_is_settled_by_what_the_im_shows(
    world: World, carried_out: bool, outcome: Outcome
) -> None:
    lose_answers(world, carried_out=carried_out)
    with pytest.raises(Unsettled) as unsettled:
        await remove(world)
    case_id = unsettled.value.case_id
    assert (await world.case(case_id)).outcome is Outcome.INTENDED
    world.service.fault = lambda _request: FaultAction.reset()
    assert await world.services.deeds.settle() == 0
    world.service.fault = None
    assert await world.services.deeds.settle() == 1
    assert await world.services.deeds.settle() == 0
    case = await world.case(case_id)
    assert (case.outcome, case.failure) == (outcome, None if carried_out else Failure.INTERRUPTED)
    assert await is_in(world, "bob") != carried_out


async def test_a_crash_between_intent_and_answer_is_settled_at_the_next_start(world: World) -> None:
    case = await remove(world)
    lose_answers(world, carried_out=True)
    with pytest.raises(Unsettled) as unsettled:
        await undo(world, case.id)
    world.service.fault = None
    await world.restart()
    assert await world.services.deeds.settle() == 1
    assert (await world.case(unsettled.value.case_id)).outcome is Outcome.APPLIED
    # The crash does not make us forget what the case takes back.
    assert (await world.case(case.id)).outcome is Outcome.UNDONE


async def test_an_unsettled_deed_keeps_others_from_the_same_subject(world: World) -> None:
    lose_answers(world, carried_out=False)
    with pytest.raises(Unsettled):
        await remove(world)
    world.service.fault = None
    with pytest.raises(Refusal, match="refusal-busy-deed"):
        await remove(world)
    await world.services.deeds.settle()
    assert (await remove(world)).outcome is Outcome.APPLIED


async def test_a_refusal_of_the_im_fails_the_case_and_frees_the_subject(world: World) -> None:
    world.service.fault = lambda request: FaultAction.answer(400) if request.method != "GET" else None
    with pytest.raises(IMError):
        await remove(world)
    world.service.fault = None
    failed = await world.case(1)
    assert (failed.outcome, failed.failure) == (Outcome.FAILED, Failure.REFUSED)
    assert (await remove(world)).outcome is Outcome.APPLIED


async def test_moderators_may_not_take_back_what_only_admins_may_do(world: World) -> None:
    case = await remove(world)
    with pytest.raises(Refusal, match="refusal-needs-admin"):
        await undo(world, case.id, level=Level.NONE)
