"""Messages, reactions and threads with the client on one side and the embedded service on the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.im import (
    Audio,
    ChannelMode,
    Command,
    Conflict,
    Custom,
    File,
    Forbidden,
    IllegalArgument,
    Image,
    IMClient,
    LimitReached,
    Location,
    NewUser,
    NotFound,
    Text,
    Thread,
    Video,
)
from bot.imservice import IMService, IMServiceOptions
from bot.imservice.faults import FaultAction
from tests.im.dialects import DIALECTS
from tests.im.scripted import client

NOW = 1_700_000_000_000


@dataclass(frozen=True)
class Stage:
    """A community of `owner` with a text and a voice channel; `ann` and `Ben` are in both, `cleo` in neither."""

    im: IMClient
    service: IMService
    text: str
    voice: str


@pytest.fixture(params=DIALECTS)
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    service = IMService(options=IMServiceOptions(rate_limit=None), now_ms=lambda: NOW)
    await service.start()
    async with client(service.url, auth=DIALECTS[request.param], rate_per_second=None) as im:
        await im.users.create(*map(NewUser, ("owner", "ann", "Ben", "cleo")))
        community = await im.communities.create("owner", "Harbour")
        text = (await im.channels.create(community, "tavern")).channel_id
        voice = (await im.channels.create(community, "stage", mode=ChannelMode.VOICE)).channel_id
        for user in ("ann", "Ben"):
            await im.communities.join(community, user)
            await im.members.add(community, text, user)
            await im.members.add(community, voice, user)
        yield Stage(im, service, text, voice)
    await service.stop()


@pytest.mark.parametrize(
    "content",
    [
        Text("频道 😀"),
        Image("u", "f", "s", 480, 720),
        Audio("u", "f", "s", 3),
        Video("u", "f", "s", 3, 4, "t", "ts"),
        File("u", "f", "s"),
        Location(39.966, -116.322, "中关村"),
        Command("refresh"),
        Custom("event", {"k": "v"}),
        Custom(extras={"k": "v"}),
        Text("x" * 5108),
    ],
)
@pytest.mark.parametrize("chat_room", [False, True])
async def test_what_the_client_sends_the_service_takes(stage, content, chat_room):
    target = stage.voice if chat_room else stage.text
    (result,) = await stage.im.messages.send([target], content, sender="ben", ext={}, chat_room=chat_room)
    assert (result.done, result.error) == (True, None)
    told = stage.service.told[-1].body
    assert (told["msg_id"], told["from"], told["group_id"]) == (result.message_id, "Ben", target)


async def test_reactions(stage):
    im = stage.im
    first, second = [await im.messages.send_text(stage.text, text) for text in ("one", "two")]
    shared = await im.reactions.add("ann", first, "+1")
    assert shared
    assert await im.reactions.add("ben", first, "+1") == shared
    assert await im.reactions.add("ann", first, "+1") == ""
    await im.reactions.add("Ben", first, "a&b=+%😀")
    top, rest = await im.reactions.list("ann", stage.text, first, second)
    assert [(one.reaction, one.count, one.by_me, one.users) for one in top.reactions] == [
        ("+1", 2, True, ("ann", "Ben")),
        ("a&b=+%😀", 1, False, ("Ben",)),
    ]
    assert (rest.message_id, rest.reactions) == (second, ())
    await im.reactions.remove("ben", first, "a&b=+%😀")
    await im.reactions.remove("ann", first, "+1")
    (top,) = await im.reactions.list("ann", stage.text, first)
    assert [(one.reaction, one.by_me, one.users) for one in top.reactions] == [("+1", False, ("Ben",))]


async def test_refusals_of_reactions_are_the_exceptions_that_are_promised(stage):
    im = stage.im
    message = await im.messages.send_text(stage.text, "one")
    spoken = await im.messages.send_text(stage.voice, "two", chat_room=True)
    lost = await im.messages.send_text("1", "to nowhere")
    for number in range(20):
        await im.reactions.add("ann", message, str(number))
    for call, kind in (
        (im.reactions.add("Ben", message, "one more"), LimitReached),
        (im.reactions.add("cleo", message, "1"), IllegalArgument),
        (im.reactions.add("nobody", message, "1"), NotFound),
        (im.reactions.add("ann", lost, "1"), NotFound),
        (im.reactions.remove("Ben", message, "1"), IllegalArgument),
        (im.reactions.list("ann", stage.text, spoken), NotFound),
        (im.reactions.list("ann", "1", message), NotFound),
    ):
        with pytest.raises(kind) as caught:
            await call
        assert type(caught.value) is kind


async def test_threads(stage):
    im = stage.im
    message = await im.messages.send_text(stage.text, "one")
    thread = await im.threads.create(stage.text, message, "ann", "Tactics")
    await im.threads.rename(thread, "频" * 50)
    assert await im.threads.get(thread) == Thread(
        thread_id=thread, message_id=message, channel_id=stage.text, owner="ann", name="频" * 50, created=NOW
    )
    for _ in range(2):
        await im.threads.add(thread, "ben")
    inside = await im.messages.send_text(thread, "in the thread")
    assert await im.reactions.add("ann", inside, "+1")
    others = [
        await im.threads.create(stage.text, await im.messages.send_text(stage.text, "x"), "Ben", f"t{number}")
        for number in range(21)
    ]
    assert [one.thread_id async for one in im.threads.list(stage.text)] == [thread, *others]
    assert [one.thread_id async for one in im.threads.created(stage.text, "ben")] == others
    assert [one.thread_id async for one in im.threads.joined(stage.text, "ben")] == [thread, *others]
    await im.threads.remove(thread, "ben")
    assert [one.thread_id async for one in im.threads.joined(stage.text, "ben")] == others
    await im.threads.delete(thread)
    assert [one.thread_id async for one in im.threads.joined(stage.text, "ann")] == []


async def test_refusals_of_threads_are_the_exceptions_that_are_promised(stage):
    im = stage.im
    first, second = [await im.messages.send_text(stage.text, text) for text in ("one", "two")]
    spoken = await im.messages.send_text(stage.voice, "three", chat_room=True)
    thread = await im.threads.create(stage.text, first, "ann", "Tactics")
    inside = await im.messages.send_text(thread, "in the thread")
    for call, kind in (
        (im.threads.create(stage.text, first, "Ben", "again"), Conflict),
        (im.threads.create(stage.text, inside, "Ben", "nested"), IllegalArgument),
        (im.threads.create(stage.voice, spoken, "ann", "spoken"), IllegalArgument),
        (im.threads.create(stage.text, "1", "ann", "lost"), NotFound),
        (im.threads.create("1", second, "ann", "nowhere"), NotFound),
        (im.threads.create(stage.text, second, "cleo", "outside"), NotFound),
        (im.threads.get("1"), NotFound),
        (im.threads.add(thread, "cleo"), NotFound),
        (im.threads.remove(thread, "Ben"), NotFound),
        (im.threads.remove(thread, "ann"), Forbidden),
        (im.threads.list("1").page(), NotFound),
    ):
        with pytest.raises(kind) as caught:
            await call
        assert type(caught.value) is kind


async def test_a_lost_answer_neither_doubles_a_message_nor_fails_a_reaction(stage):
    im, service = stage.im, stage.service
    service.fault = lambda info: FaultAction.reset(carried_out=True) if info.number == 1 else None
    (result,) = await im.messages.send([stage.text], Text("once"))
    assert result.error is not None
    assert result.error.sent is True
    assert service.database.reader.execute("SELECT count(*) FROM messages").fetchone() == (1,)
    (message,) = service.database.reader.execute("SELECT id FROM messages").fetchone()
    assert await im.reactions.add("ann", message, "+1") == ""
    await im.reactions.list("ann", stage.text, message)


@pytest.mark.parametrize("chat_room", [False, True])
async def test_a_long_list_of_channels_is_sent_at_a_pace_that_the_service_never_refuses(chat_room):
    service = IMService()
    await service.start()
    try:
        async with client(service.url, auth=DIALECTS["easemob"]) as im:
            results = await im.messages.send(
                [str(n) for n in range(110 if chat_room else 25)], Text("x"), chat_room=chat_room
            )
            assert all(result.done for result in results)
        assert {record.status for record in service.requests} == {200}
    finally:
        await service.stop()
