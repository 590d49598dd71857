"""Threads: started, renamed, deleted, entered and left; found by id or name; taken back while nothing has changed."""

from __future__ import annotations

import asyncio

import pytest

from bot.im.errors import IMError
from bot.imservice import FaultAction, RequestInfo
from bot.services.model import Action, CaseView, Failure, Outcome
from bot.services.refusals import NeedsConfirmation, Refusal, Unsettled
from tests.services.conftest import ANNA, BEN, GUILD, World
from tests.services.test_mirrors import note

WHO = {"staff": ANNA, "guild_id": GUILD}


async def said(world: World, text: str = "hello", sender: str = "bob", channel: str = "") -> str:
    return await world.im.messages.send_text(channel or world.channel, text, sender=sender)


async def create(world: World, message_id: str = "", **more: str) -> CaseView:
    options = {"channel": "general", "name": "Raid", "owner": "bob"} | more
    return await world.services.threads.create(**WHO, message_id=message_id or await said(world), **options)  # pyright: ignore


async def thread_of(world: World, name: str = "Raid", owner: str = "bob") -> str:
    return await world.im.threads.create(world.channel, await said(world), owner, name)


async def names(world: World) -> list[str]:
    return [thread.name async for thread in world.im.threads.list(world.channel)]


async def undo(world: World, case: CaseView) -> CaseView:
    return await world.services.undo.undo(**WHO, case_id=case.id)  # pyright: ignore


async def refused(work, key: str) -> dict[str, str | int]:
    with pytest.raises(Refusal, match=f"^{key}$") as caught:
        await work
    return caught.value.values


def lose_answers(world: World, *, carried_out: bool) -> None:
    def fault(request: RequestInfo) -> FaultAction | None:
        return None if request.method == "GET" else FaultAction.reset(carried_out=carried_out)

    world.service.fault = fault


async def test_a_thread_is_started_for_its_owner_and_cannot_be_taken_back(world: World) -> None:
    message = await said(world)
    await note(world, 11, message, "Anyone?", place=(await world.services.directory.channel(GUILD, "general")).place)
    case = await create(world, "11", name="  Raid \n plans ", owner="@Bob")
    assert (case.action, case.member_id, case.outcome) == (Action.THREAD_CREATE, "bob", Outcome.APPLIED)
    assert case.details["said"] == "Anyone?"
    thread = await world.im.threads.get(case.details["thread_id"])
    assert (thread.name, thread.owner, thread.message_id) == ("Raid plans", "bob", message)
    await refused(undo(world, case), "refusal-case-over")


async def test_what_cannot_carry_a_thread_is_refused_in_words(world: World) -> None:
    voice = await world.im.channels.create(world.community, "voice", mode=1)
    other = await world.im.channels.create(world.community, "other")
    await world.im.members.add(world.community, other.channel_id, "bob")
    message = await said(world)
    await create(world, message)
    await refused(create(world, message), "refusal-thread-exists")
    await refused(create(world, "12345"), "refusal-unknown-message")
    await refused(create(world, "x"), "refusal-message-id")
    await refused(create(world, name=" "), "refusal-thread-name")
    await refused(create(world, name="n" * 51), "refusal-thread-name")
    await refused(create(world, owner="nobody"), "refusal-unknown-member")
    await refused(create(world, channel=voice.channel_id), "refusal-thread-voice")
    await note(world, 11, message, place=(await world.services.directory.channel(GUILD, "general")).place)
    assert await refused(create(world, message, channel="other"), "refusal-message-elsewhere") == {
        "channel": "other",
        "other": "general",
    }
    # Without a mirror nobody knows where a message is but the IM, and it says so itself.
    with pytest.raises(IMError, match="not belong"):
        await create(world, await said(world), channel="other")
    # Known of a minute ago, and gone since.
    await world.im.members.remove(world.community, world.channel, "bob")
    await refused(create(world, await said(world, sender="carl")), "refusal-unknown-member")
    assert await names(world) == ["Raid"]


async def test_two_who_start_a_thread_at_one_message_get_one_thread_and_two_true_answers(world: World) -> None:
    message = await said(world)
    outcomes = await asyncio.gather(create(world, message), create(world, message), return_exceptions=True)
    assert sorted(type(outcome) for outcome in outcomes if isinstance(outcome, Refusal)) == [Refusal]
    assert await names(world) == ["Raid"]


async def test_a_thread_is_found_by_id_or_name_in_its_own_community_alone(world: World) -> None:
    first = await thread_of(world, "Raid")
    digits = await thread_of(world, "2024")
    book = world.services.thread_book
    assert [(await book.find(GUILD, text)).thread_id for text in (first, "raid", "#RAID", "2024")] == [
        *[first] * 3,
        digits,
    ]
    twin = await thread_of(world, "Raid")
    world.pass_time(seconds=61)
    values = await refused(book.find(GUILD, "raid"), "refusal-ambiguous-thread")
    assert first in str(values["candidates"])
    assert twin in str(values["candidates"])
    other = await world.im.communities.create("dora", "Borealis")
    far = (await world.im.channels.create(other, "far")).channel_id
    await world.im.members.add(other, far, "dora")
    elsewhere = await world.im.threads.create(far, await said(world, sender="dora", channel=far), "dora", "Far")
    await world.services.settings.set_community(GUILD, world.community)
    for text in (elsewhere, "Far", "#", "created", "1" * 40):
        await refused(book.find(GUILD, text), "refusal-unknown-thread")


async def test_names_are_known_at_once_after_our_own_changes_and_kept_for_a_minute(world: World) -> None:
    threads, book = world.services.threads, world.services.thread_book
    voice = await world.im.channels.create(world.community, "voice", mode=1)
    assert await book.suggest(GUILD, "") == []
    thread_id = (await create(world)).details["thread_id"]
    asked = world.calls("GET /circle/thread/list")
    assert [found.label for found in await book.suggest(GUILD, "ai")] == ["Raid · #general"]
    assert [found.value for found in await book.suggest(GUILD, "raid")] == [thread_id]
    # Of two text channels the changed one alone is read again; a voice channel never.
    assert world.calls("GET /circle/thread/list") == asked + 1
    assert voice.channel_id
    renamed = await threads.rename(**WHO, thread="Raid", name="Party")  # pyright: ignore
    assert [found.label for found in await book.suggest(GUILD, "")] == ["Party · #general"]
    await undo(world, renamed)
    assert [found.label for found in await book.suggest(GUILD, "")] == ["Raid · #general"]
    await threads.delete(**WHO, thread="Raid", confirmed=True)  # pyright: ignore
    assert await book.suggest(GUILD, "") == []


async def test_lists_are_newest_first_by_scope_and_need_their_member(world: World) -> None:
    book = world.services.thread_book
    for number, owner in enumerate(["bob", "carl", "bob"]):
        await thread_of(world, f"t{number}", owner)
        world.pass_time(seconds=1)
    joined = await thread_of(world, "t3", "dora")
    await world.im.threads.add(joined, "bob")

    async def listed(scope: str, member: str = "") -> list[str]:
        return [one.name for one in (await book.of_channel(GUILD, "general", scope, member)).threads]  # pyright: ignore

    assert await listed("all") == ["t3", "t2", "t1", "t0"]
    assert await listed("created", "Bob") == ["t2", "t0"]
    assert await listed("joined", "bob") == ["t3", "t2", "t0"]
    await refused(book.of_channel(GUILD, "general", "created", ""), "refusal-thread-scope-member")
    await refused(book.of_channel(GUILD, "general", "all", "bob"), "refusal-thread-scope-all")
    await refused(book.of_channel(GUILD, "general", "joined", "nobody"), "refusal-unknown-user")


async def test_a_rename_is_taken_back_unless_somebody_has_renamed_it_since(world: World) -> None:
    threads = world.services.threads
    thread_id = await thread_of(world)
    await refused(threads.rename(**WHO, thread="Raid", name="Raid"), "refusal-thread-name-same")  # pyright: ignore
    case = await threads.rename(**WHO, thread="Raid", name="Party")  # pyright: ignore
    assert (case.member_id, case.details["before"], await names(world)) == ("bob", "Raid", ["Party"])
    back = await undo(world, case)
    assert (back.details["name"], await names(world)) == ("Raid", ["Raid"])
    case = await threads.rename(**WHO, thread=thread_id, name="Party")  # pyright: ignore
    await world.im.threads.rename(thread_id, "Feast")
    await refused(undo(world, case), "refusal-moved-on")
    await world.im.threads.delete(thread_id)
    await refused(undo(world, case), "refusal-moved-on")


async def test_deleting_asks_first_and_says_what_goes(world: World) -> None:
    threads = world.services.threads
    thread_id = await thread_of(world)
    with pytest.raises(NeedsConfirmation, match="confirm-thread-delete") as asked:
        await threads.delete(**WHO, thread="Raid")  # pyright: ignore
    assert asked.value.values == {"thread": "Raid", "channel": "general", "owner": "bob"}
    assert await names(world) == ["Raid"]
    twice = [threads.delete(staff=who, guild_id=GUILD, thread=thread_id, confirmed=True) for who in (ANNA, BEN)]
    outcomes = await asyncio.gather(*twice, return_exceptions=True)
    assert sum(isinstance(outcome, CaseView) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
    assert await names(world) == []
    case = next(outcome for outcome in outcomes if isinstance(outcome, CaseView))
    await refused(undo(world, case), "refusal-case-over")


async def test_members_come_and_go_and_both_can_be_taken_back(world: World) -> None:
    threads = world.services.threads
    thread_id = await thread_of(world)

    async def inside() -> bool:
        return bool([one async for one in world.im.threads.joined(world.channel, "carl")])

    added = await threads.add(**WHO, thread="Raid", member="Carl")  # pyright: ignore
    assert await inside()
    await refused(threads.add(**WHO, thread="Raid", member="carl"), "refusal-thread-already-in")  # pyright: ignore
    await undo(world, added)
    assert not await inside()
    await refused(threads.remove(**WHO, thread="Raid", member="carl"), "refusal-thread-not-in")  # pyright: ignore
    await refused(threads.remove(**WHO, thread="Raid", member="nobody"), "refusal-thread-not-in")  # pyright: ignore
    await refused(threads.remove(**WHO, thread="Raid", member="bob"), "refusal-thread-owner")  # pyright: ignore
    await refused(threads.add(**WHO, thread="Raid", member="olga2"), "refusal-unknown-member")  # pyright: ignore
    await world.im.threads.add(thread_id, "carl")
    removed = await threads.remove(**WHO, thread="Raid", member="carl")  # pyright: ignore
    assert (removed.member_id, removed.place.channel_name) == ("carl", "general")
    await world.im.threads.add(thread_id, "carl")
    await refused(undo(world, removed), "refusal-moved-on")
    await world.im.threads.remove(thread_id, "carl")
    await undo(world, removed)
    assert await inside()
    await world.im.threads.remove(thread_id, "carl")
    again = await threads.add(**WHO, thread="Raid", member="carl")  # pyright: ignore
    await world.im.threads.delete(thread_id)
    await refused(undo(world, again), "refusal-moved-on")


@pytest.mark.parametrize("carried_out", [True, False])
async def test_answers_that_never_came_are_settled_by_what_the_im_shows(world: World, carried_out: bool) -> None:
    threads = world.services.threads
    thread_id, message = await thread_of(world), await said(world)
    doomed = await thread_of(world, "Doomed", "dora")
    await world.im.threads.add(doomed, "bob")
    await world.services.directory.channel(GUILD, "general")
    works = [
        create(world, message, name="New"),
        threads.rename(**WHO, thread=thread_id, name="Party"),  # pyright: ignore
        threads.add(**WHO, thread=thread_id, member="carl"),  # pyright: ignore
        threads.remove(**WHO, thread=doomed, member="bob"),  # pyright: ignore
        threads.delete(**WHO, thread=doomed, confirmed=True),  # pyright: ignore
    ]
    lose_answers(world, carried_out=carried_out)
    cases: list[int] = []
    for work in works:
        with pytest.raises(Unsettled) as unsettled:
            await work
        cases.append(unsettled.value.case_id)
    world.service.fault = None
    assert await world.services.deeds.settle() == 5
    found = [await world.case(case_id) for case_id in cases]
    expected = (Outcome.APPLIED, None) if carried_out else (Outcome.FAILED, Failure.INTERRUPTED)
    assert [(case.outcome, case.failure) for case in found] == [expected] * 5


async def test_where_the_im_tells_no_names_an_undo_says_so_and_lists_show_ids(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread_id = await thread_of(world)
    original = world.im.threads.get

    async def nameless(thread_id: str):
        return (await original(thread_id)).model_copy(update={"name": ""})

    monkeypatch.setattr(world.im.threads, "get", nameless)
    case = await world.services.threads.rename(**WHO, thread=thread_id, name="Party")  # pyright: ignore
    assert (await world.services.thread_book.find(GUILD, thread_id)).label == thread_id
    await refused(undo(world, case), "refusal-thread-name-unknown")
    assert await names(world) == ["Party"]
