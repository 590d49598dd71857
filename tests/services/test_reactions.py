"""Reactions: added and taken back for a member, with and without knowing where the message is."""

from __future__ import annotations

import pytest

from bot.imservice import FaultAction, RequestInfo
from bot.services.model import NOWHERE, Action, CaseView, Failure, Outcome
from bot.services.refusals import Refusal, Unsettled
from tests.services.conftest import ANNA, GUILD, World
from tests.services.test_mirrors import note
from tests.services.test_threads import refused, said

WHO = {"staff": ANNA, "guild_id": GUILD}


async def add(world: World, message: str, emoji: str = "👍", member: str = "bob") -> CaseView:
    return await world.services.reactions.add(**WHO, message_id=message, emoji=emoji, member=member)  # pyright: ignore


async def remove(world: World, message: str, emoji: str = "👍", member: str = "bob") -> CaseView:
    return await world.services.reactions.remove(**WHO, message_id=message, emoji=emoji, member=member)  # pyright: ignore


async def undo(world: World, case: CaseView) -> CaseView:
    return await world.services.undo.undo(**WHO, case_id=case.id)  # pyright: ignore


async def shown(world: World, message: str) -> dict[str, list[str]]:
    (found,) = await world.im.reactions.list("bob", world.channel, message)
    return {one.reaction: list(one.users) for one in found.reactions}


async def mirrored(world: World) -> str:
    message = await said(world)
    await note(world, 11, message, "hello", place=(await world.services.directory.channel(GUILD, "general")).place)
    return message


@pytest.mark.parametrize("known", [True, False])
async def test_a_reaction_is_added_and_removed_once_and_both_are_taken_back(world: World, known: bool) -> None:
    message = await (mirrored(world) if known else said(world))
    case = await add(world, message, " 👍 ", "@Bob")
    assert (case.action, case.member_id, case.details["emoji"]) == (Action.REACTION_ADD, "bob", "👍")
    assert (case.place == NOWHERE) is not known
    await refused(add(world, message), "refusal-already-reacted")
    await undo(world, case)
    assert await shown(world, message) == {}
    await refused(remove(world, message), "refusal-not-reacted")
    await world.im.reactions.add("bob", message, "👍")
    case = await remove(world, message)
    assert await shown(world, message) == {}
    await undo(world, case)
    assert await shown(world, message) == {"👍": ["bob"]}


async def test_undo_refuses_when_the_member_has_changed_it_since(world: World) -> None:
    message = await mirrored(world)
    added = await add(world, message)
    await world.im.reactions.remove("bob", message, "👍")
    await refused(undo(world, added), "refusal-moved-on")
    await world.im.reactions.add("bob", message, "👍")
    removed = await remove(world, message)
    await world.im.reactions.add("bob", message, "👍")
    await refused(undo(world, removed), "refusal-moved-on")


async def test_an_undo_never_takes_back_a_reaction_that_was_there_before(world: World) -> None:
    message = await said(world)
    await world.im.reactions.add("bob", message, "👍")
    await refused(add(world, message), "refusal-already-reacted")
    assert (await world.case(1)).outcome is Outcome.FAILED
    await refused(world.services.undo.undo(**WHO, case_id=1), "refusal-case-over")  # pyright: ignore
    assert await shown(world, message) == {"👍": ["bob"]}


async def test_what_cannot_be_is_refused_in_words(world: World) -> None:
    message = await said(world)
    for emoji in ("<:blob:123456789012345678>", "<a:blob:1>"):
        await refused(add(world, message, emoji), "refusal-custom-emoji")
    for emoji in (" ", "x" * 129, "a\nb", "\ud83d"):
        await refused(add(world, message, emoji), "refusal-emoji")
    await refused(add(world, "abc"), "refusal-message-id")
    await refused(add(world, "123"), "refusal-unknown-message-anywhere")
    await refused(remove(world, "123"), "refusal-unknown-message-anywhere")
    await refused(add(world, message, member="nobody"), "refusal-unknown-user")
    await world.im.members.remove(world.community, world.channel, "dora")
    await refused(add(world, message, member="dora"), "refusal-reaction-not-allowed")
    known = await mirrored(world)
    await refused(add(world, known, member="dora"), "refusal-unknown-member")
    for number in range(20):
        await world.im.reactions.add("carl", message, f"r{number}")
    await refused(add(world, message), "refusal-reactions-full")


async def test_reactions_are_shown_as_a_member_sees_them(world: World) -> None:
    message = await said(world)
    for member, emoji in (("bob", "👍"), ("carl", "👍"), ("carl", "👨‍👩‍👧")):
        await world.im.reactions.add(member, message, emoji)
    ask = world.services.reactions.of_message
    found = await ask(guild_id=GUILD, channel="general", message_id=message, member="Carl")
    assert [(one.emoji, one.count, one.users, one.by_member) for one in found.reactions] == [
        ("👍", 2, ("bob", "carl"), True),
        ("👨‍👩‍👧", 1, ("carl",), True),
    ]
    found = await ask(guild_id=GUILD, channel="general", message_id=message, member="dora")
    assert [one.by_member for one in found.reactions] == [False, False]
    with pytest.raises(Refusal, match="refusal-unknown-message"):
        await ask(guild_id=GUILD, channel="general", message_id="123", member="dora")


@pytest.mark.parametrize("carried_out", [True, False])
async def test_an_answer_that_never_came_is_settled_by_what_the_im_shows(world: World, carried_out: bool) -> None:
    known, unknown = await mirrored(world), await said(world)
    await world.im.reactions.add("bob", known, "🎉")
    # Known already, so that nothing needs to be looked up once answers get lost.
    await world.services.directory.user_id("bob")

    def fault(request: RequestInfo) -> FaultAction | None:
        return None if request.method == "GET" else FaultAction.reset(carried_out=carried_out)

    works = [add(world, known), remove(world, known, "🎉"), add(world, unknown)]
    world.service.fault = fault
    cases: list[int] = []
    for work in works:
        with pytest.raises(Unsettled) as unsettled:
            await work
        cases.append(unsettled.value.case_id)
    world.service.fault = None
    assert await world.services.deeds.settle() == 3
    found = [await world.case(case_id) for case_id in cases]
    expected = Outcome.APPLIED if carried_out else Outcome.FAILED
    assert [case.outcome for case in found] == [expected, expected, Outcome.FAILED]
    # Without its channel a message cannot be looked at.
    assert found[2].failure is Failure.UNKNOWN
