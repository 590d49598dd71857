"""Messages: what each type looks like on the wire, what is refused before, and how many go at a time."""

from __future__ import annotations

import asyncio

import pytest

from bot.im import (
    Audio,
    BadResponse,
    Command,
    Custom,
    File,
    Forbidden,
    IllegalArgument,
    Image,
    InvalidArgument,
    Location,
    RateLimited,
    SendResult,
    Text,
    Unavailable,
    Video,
)
from tests.im.scripted import client, reset


def sent(**ids):
    return {"path": "/messages/chatgroups", "data": ids, "duration": 0}


CONTENTS = [
    (Text("hello"), "txt", {"msg": "hello"}),
    (Image("u"), "img", {"url": "u"}),
    (
        Image("u", "f", "s", 480, 720),
        "img",
        {"url": "u", "filename": "f", "secret": "s", "size": {"width": 480, "height": 720}},
    ),
    (Image("u", width=0), "img", {"url": "u", "size": {"width": 0}}),
    (Audio("u", "f", "s", 10), "audio", {"url": "u", "filename": "f", "secret": "s", "Length": 10, "length": 10}),
    (Audio("u"), "audio", {"url": "u"}),
    (
        Video("u", "f", "s", 3, 58103, "t", "ts"),
        "video",
        {
            "url": "u",
            "filename": "f",
            "secret": "s",
            "length": 3,
            "file_length": 58103,
            "thumb": "t",
            "thumb_secret": "ts",
        },
    ),
    (File("u", "f"), "file", {"url": "u", "filename": "f"}),
    (Location(39.966, -116, "中关村"), "loc", {"lat": "39.966", "lng": "-116", "addr": "中关村"}),
    (Location(0.000000001, 180.0, "x"), "loc", {"lat": "0.000000001", "lng": "180", "addr": "x"}),
    (Command("refresh"), "cmd", {"action": "refresh"}),
    (Custom("a-Z_/.9", {"k": "v"}), "custom", {"customEvent": "a-Z_/.9", "customExts": {"k": "v"}}),
    (Custom(extras={"k": ""}), "custom", {"customExts": {"k": ""}}),
    (Custom("e"), "custom", {"customEvent": "e"}),
]


@pytest.mark.parametrize(("content", "kind", "body"), CONTENTS)
async def test_every_type_is_sent_as_documented(server, im, content, kind, body):
    server.steps.append(sent(c="1"))
    assert await im.messages.send(["c"], content) == [SendResult("c", done=True, message_id="1")]
    assert server.seen[0].target == "/org/app/messages/chatgroups"
    assert server.seen[0].body == {"to": ["c"], "type": kind, "body": body}


async def test_a_sender_and_an_extension_go_along(server, im):
    server.steps.append(sent(c="1"))
    assert await im.messages.send_text("c", "hi", sender="ann", ext={"n": None}) == "1"
    assert server.seen[0].body == {
        "to": ["c"], "type": "txt", "body": {"msg": "hi"}, "from": "ann", "ext": {"n": None},
    }  # fmt: skip


async def test_an_id_that_comes_as_a_number_is_text(server, im):
    server.steps.append(sent(c=1029544257947437432))
    assert await im.messages.send_text("c", "hi") == "1029544257947437432"


async def test_each_channel_gets_a_call_of_its_own_so_that_the_pace_of_calls_is_that_of_messages(server, im):
    server.steps.extend([sent(a="1"), sent(b="2"), sent(c="3")])
    results = await im.messages.send(["a", "b", "a", "c"], Text("hi"))
    assert [(result.item, result.message_id) for result in results] == [("a", "1"), ("b", "2"), ("c", "3")]
    assert [seen.body["to"] for seen in server.seen] == [["a"], ["b"], ["c"]]


async def test_rooms_go_five_at_a_time(server, im):
    names = [f"r{n}" for n in range(11)]
    server.steps.extend([sent(**dict.fromkeys(names[at : at + 5], "1")) for at in (0, 5, 10)])
    results = await im.messages.send(names, Text("hi"), chat_room=True)
    assert [result.item for result in results] == names
    assert {seen.target for seen in server.seen} == {"/org/app/messages/chatrooms"}
    assert [len(seen.body["to"]) for seen in server.seen] == [5, 5, 1]


async def test_a_failed_call_is_told_with_its_channels_and_does_not_stop_the_next(server, im):
    refusal = (400, {"error": "message_send_error", "error_description": "param from can't be empty"})
    server.steps.extend([sent(a="1"), refusal, sent(c="3")])
    results = await im.messages.send(["a", "b", "c"], Text("hi"))
    assert [(result.item, result.done, result.message_id) for result in results] == [
        ("a", True, "1"),
        ("b", False, ""),
        ("c", True, "3"),
    ]
    assert isinstance(results[1].error, IllegalArgument)
    assert results[1].error.sent is False


async def test_a_channel_that_the_answer_leaves_out_may_have_got_the_message(server, im):
    server.steps.append(sent(a="1", b=""))
    first, second, third = await im.messages.send(["a", "b", "c"], Text("hi"), chat_room=True)
    assert (first.done, first.error) == (True, None)
    for result in (second, third):
        assert result.done is False
        assert isinstance(result.error, BadResponse)
        assert result.error.sent is True


@pytest.mark.parametrize("answer", [{"code": 200}, {"data": None}, {"data": []}, {"data": "x"}])
async def test_an_answer_without_ids_is_a_bad_response(server, im, answer):
    server.steps.append(answer)
    with pytest.raises(BadResponse) as caught:
        await im.messages.send_text("c", "hi")
    assert caught.value.sent is True
    assert len(server.seen) == 1


@pytest.mark.parametrize("step", [reset, (500, {}), (504, {"error": "x"}), (200, b"garbage")])
async def test_a_message_is_not_sent_again_when_it_may_have_been_sent(server, im, step):
    server.steps.extend([step, sent(c="1")])
    with pytest.raises((Unavailable, BadResponse)) as caught:
        await im.messages.send_text("c", "hi")
    assert caught.value.sent is True
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [(429, "reach_limit"), (403, "message_send_error")])
async def test_one_that_came_too_soon_is_sent_again(server, im, status):
    refusal = (status[0], {"error": status[1], "error_description": "message send reach limit"})
    server.steps.extend([refusal, sent(c="1")])
    assert await im.messages.send_text("c", "hi") == "1"
    assert len(server.seen) == 2


async def test_too_many_for_too_long_is_rate_limited(server):
    server.default = (403, {"error": "message_send_error", "error_description": "message send reach limit"})
    async with client(server.url, deadline_seconds=0.2) as im:
        with pytest.raises(RateLimited):
            await im.messages.send_text("c", "hi")


async def test_another_403_is_no_matter_of_pace(server, im):
    server.steps.append((403, {"error": "forbidden_op", "error_description": "no"}))
    with pytest.raises(Forbidden):
        await im.messages.send_text("c", "hi")


@pytest.mark.parametrize(
    ("field", "content"),
    [
        ("text", Text("")),
        ("text", Text("\ud800")),
        ("text", Text(5)),
        ("url", Image("")),
        ("filename", File("u", "")),
        ("secret", Audio("u", secret="")),
        ("width", Image("u", width=-1)),
        ("height", Image("u", height=1.5)),
        ("seconds", Audio("u", seconds="3")),
        ("seconds", Video("u", seconds=-1)),
        ("size_bytes", Video("u", size_bytes=True)),
        ("thumbnail_url", Video("u", thumbnail_url="")),
        ("thumbnail_secret", Video("u", thumbnail_secret=5)),
        ("latitude", Location(90.1, 0, "x")),
        ("latitude", Location(float("nan"), 0, "x")),
        ("latitude", Location("1", 0, "x")),
        ("longitude", Location(0, -180.1, "x")),
        ("longitude", Location(0, True, "x")),
        ("address", Location(0, 0, "")),
        ("action", Command("")),
        ("content", Custom()),
        ("event", Custom("")),
        ("event", Custom("名")),
        ("event", Custom("x" * 33)),
        ("extras", Custom(extras={str(n): "" for n in range(17)})),
        ("extras", Custom(extras={"k": 1})),
        ("content", "just text"),
        ("content", Text("x" * 5111)),
        ("content", Text("频" * 1704)),
    ],
)
async def test_content_that_the_api_would_refuse_never_reaches_the_wire(server, im, field, content):
    with pytest.raises(InvalidArgument) as caught:
        await im.messages.send(["c"], content)
    assert caught.value.field == field
    assert server.seen == []


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("channel_ids", {"channel_ids": []}),
        ("channel_ids", {"channel_ids": "c"}),
        ("channel_ids", {"channel_ids": [""]}),
        ("channel_ids", {"channel_ids": [5]}),
        ("sender", {"sender": ""}),
        ("sender", {"sender": "no name"}),
        ("ext", {"ext": []}),
        ("ext", {"ext": {"a": object()}}),
        ("ext", {"ext": {"a": float("nan")}}),
        ("ext", {"ext": {"a": "\ud800"}}),
        ("content", {"ext": {"a": "x" * 5101}}),
    ],
)
async def test_arguments_are_checked_before_the_wire(server, im, field, arguments):
    with pytest.raises(InvalidArgument) as caught:
        await im.messages.send(**{"channel_ids": ["c"], "content": Text("hi"), **arguments})
    assert caught.value.field == field
    assert server.seen == []


async def test_five_kilobytes_are_allowed(server, im):
    server.steps.append(sent(c="1"))
    assert await im.messages.send_text("c", "hi", ext={"a": "x" * 5100}) == "1"


async def test_secrets_of_uploads_stay_out_of_errors_and_of_what_is_printed(server, im):
    content = Video("u", secret="upload-secret-1", thumbnail_secret="upload-secret-2")
    server.steps.append((400, {"error": "x", "error_description": "bad upload-secret-1 and upload-secret-2"}))
    (result,) = await im.messages.send(["c"], content)
    for text in (str(result.error), repr(result), repr(content)):
        assert "upload-secret" not in text


async def test_messages_have_a_budget_of_their_own(server):
    async with client(server.url, rate_per_second=100) as im:
        server.default = sent(c="1")
        calls = asyncio.gather(*(im.messages.send_text("c", str(n)) for n in range(6)))
        await im.channels.delete("s", "7")
        assert await calls == ["1"] * 6
        families = {family.value: pacer for family, pacer in im._transport._pacers.items()}
        assert families["messages"]._rate == 20
        assert families["messages"]._held == 6
