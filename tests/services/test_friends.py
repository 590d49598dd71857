"""Friends: both directions are looked at, remarks come back, and undo takes back only what is still ours."""

from __future__ import annotations

import pytest

from bot.imservice import FaultAction, RequestInfo
from bot.services.friends import Friend
from bot.services.model import Action, CaseView, Outcome
from bot.services.refusals import Refusal, Unsettled
from tests.services.conftest import ANNA, GUILD, World

LIST = "GET /user/{user_id}/contacts"
BOB_CARL = {"owner": "bob", "friend": "carl"}


async def give(world: World, operation: str, **options: str) -> CaseView:
    return await getattr(world.services.friends, operation)(staff=ANNA, guild_id=GUILD, **(BOB_CARL | options))


async def undo(world: World, case: CaseView) -> CaseView:
    return await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=case.id)


async def friends_of(world: World, owner: str) -> dict[str, str]:
    return {c.username: c.remark or "" async for c in world.im.contacts.list(owner, with_remarks=True)}


async def test_a_friendship_is_made_both_ways_and_taken_back(world: World) -> None:
    case = await give(world, "add", owner="Bob", friend=" CARL ")
    assert (case.action, case.member_id, case.subjects) == (Action.FRIEND_ADD, "bob", ("carl",))
    assert case.details["mutual"] is True
    assert await friends_of(world, "bob") == {"carl": ""}
    with pytest.raises(Refusal, match="refusal-already-friends"):
        await give(world, "add")
    undone = await undo(world, case)
    assert (undone.action, undone.outcome) == (Action.FRIEND_REMOVE, Outcome.APPLIED)
    assert await friends_of(world, "bob") == await friends_of(world, "carl") == {}
    # It concerns both of them.
    assert (await world.services.cases.history(GUILD, "carl")).total == 2


async def test_nobody_is_a_friend_of_his_own_or_of_a_stranger(world: World) -> None:
    with pytest.raises(Refusal, match="refusal-own-friend"):
        await give(world, "add", friend="BOB")
    with pytest.raises(Refusal, match="refusal-unknown-user"):
        await give(world, "add", friend="stranger")
    with pytest.raises(Refusal, match="refusal-not-a-friend"):
        await give(world, "remove")
    with pytest.raises(Refusal, match="refusal-no-friends"):
        await give(world, "remark", remark="Captain")
    assert (await world.services.cases.history(GUILD, "bob")).total == 0


async def test_undoing_a_removal_brings_the_remarks_of_both_back(world: World) -> None:
    await world.im.contacts.add("bob", "carl")
    await world.im.contacts.set_remark("bob", "carl", "Captain")
    await world.im.contacts.set_remark("carl", "bob", "Cook")
    case = await give(world, "remove", friend="carl · Captain")  # a label that an app sent for its value
    assert case.details["mutual"] is True
    assert await friends_of(world, "carl") == {}
    again = await undo(world, case)
    assert await friends_of(world, "bob") == {"carl": "Captain"}
    assert await friends_of(world, "carl") == {"bob": "Cook"}
    # Who undoes the undo loses nothing either.
    gone = await undo(world, again)
    assert await friends_of(world, "bob") == {}
    assert gone.details["remark"] == "Captain"


async def test_undo_of_a_friendship_refuses_once_somebody_else_changed_it(world: World) -> None:
    case = await give(world, "add")
    await world.im.contacts.remove("bob", "carl")
    with pytest.raises(Refusal, match="refusal-moved-on"):
        await undo(world, case)
    await world.im.contacts.add("bob", "carl")
    removal = await give(world, "remove")
    await world.im.contacts.add("bob", "carl")
    with pytest.raises(Refusal, match="refusal-moved-on"):
        await undo(world, removal)


async def test_a_remark_is_one_line_set_cleared_and_set_back_while_it_is_still_ours(world: World) -> None:
    await world.im.contacts.add("bob", "carl")
    first = await give(world, "remark", remark="  Captain\n of   all ")
    assert await friends_of(world, "bob") == {"carl": "Captain of all"}
    with pytest.raises(Refusal, match="refusal-same-remark"):
        await give(world, "remark", remark="Captain of all")
    with pytest.raises(Refusal, match="refusal-remark-long"):
        await give(world, "remark", remark="x" * 101)
    cleared = await give(world, "remark", remark=" ")
    assert await friends_of(world, "bob") == {"carl": ""}
    await undo(world, cleared)
    assert await friends_of(world, "bob") == {"carl": "Captain of all"}
    await world.im.contacts.set_remark("bob", "carl", "Mate")
    with pytest.raises(Refusal, match="refusal-moved-on"):
        await undo(world, first)
    assert await friends_of(world, "bob") == {"carl": "Mate"}


@pytest.mark.parametrize("carried_out", [True, False])
async def test_what_was_never_answered_is_settled_by_the_list(world: World, carried_out: bool) -> None:
    def lose(request: RequestInfo) -> FaultAction | None:
        return None if request.method == "GET" else FaultAction.reset(carried_out=carried_out)

    world.service.fault = lose
    with pytest.raises(Unsettled) as unsettled:
        await give(world, "add")
    world.service.fault = None
    assert await world.services.deeds.settle() == 1
    case = await world.case(unsettled.value.case_id)
    assert case.outcome is (Outcome.APPLIED if carried_out else Outcome.FAILED)
    if carried_out:
        await undo(world, case)
        assert await friends_of(world, "bob") == {}


async def test_a_friendship_that_came_back_without_its_remark_is_done_and_says_so(world: World) -> None:
    await world.im.contacts.add("bob", "carl")
    await world.im.contacts.set_remark("bob", "carl", "Captain")
    case = await give(world, "remove")
    world.service.fault = lambda request: FaultAction.answer(400) if request.method == "PUT" else None
    again = await undo(world, case)
    assert again.outcome is Outcome.APPLIED
    assert "mutual" not in again.details
    assert await friends_of(world, "bob") == {"carl": ""}


async def test_suggestions_know_remarks_and_follow_what_was_changed(world: World) -> None:
    assert await world.services.friends.suggest("bob", "") == []
    await give(world, "add")
    await give(world, "add", friend="dora")
    await give(world, "remark", remark="Captain")
    found = await world.services.friends.suggest("bob", "capt")
    assert [(s.value, s.label) for s in found] == [("carl", "carl · Captain")]
    before = world.calls(LIST)
    assert len(await world.services.friends.suggest("bob", "")) == 2
    assert world.calls(LIST) == before
    owner, friends = await world.services.friends.list("BOB")
    assert (owner, friends) == ("bob", (Friend("dora", ""), Friend("carl", "Captain")))
