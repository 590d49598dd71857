"""Threads of a channel: names, ids that are none, and which calls may be repeated."""

from __future__ import annotations

import pytest

from bot.im import BadResponse, Conflict, Forbidden, InvalidArgument, LimitReached, NotFound, Unavailable
from tests.im.scripted import reset

ROW = {"id": "1", "msgId": "2", "channelId": "3", "owner": "u1", "created": 1650856033420}


def refusal(status, text, error="group_error"):
    return status, {"error": error, "error_description": text, "code": status}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(403, "msg already create thread.not allow to create."), Conflict),
        (refusal(403, "users [u1] are not members of this group!", "forbidden_op"), Forbidden),
        (refusal(403, "user join thread reach limit."), LimitReached),
        (refusal(403, "thread number has reached limit."), LimitReached),
        (refusal(404, "msg not exist."), NotFound),
        (refusal(404, "group not found."), NotFound),
    ],
)
async def test_refusals_of_creating_keep_apart(server, im, answer, kind):
    server.steps.append(answer)
    with pytest.raises(kind) as caught:
        await im.threads.create("c", "5", "u1", "n")
    assert type(caught.value) is kind
    assert (caught.value.sent, len(server.seen)) == (False, 1)


async def test_creating_is_not_repeated_when_it_may_have_been_done(server, im):
    server.steps.append(reset)
    with pytest.raises(Unavailable) as caught:
        await im.threads.create("c", "5", "u1", "n")
    assert (caught.value.sent, len(server.seen)) == (True, 1)


@pytest.mark.parametrize(
    "call",
    [
        lambda im: im.threads.rename("1", "n"),
        lambda im: im.threads.delete("1"),
        lambda im: im.threads.add("1", "u1"),
        lambda im: im.threads.remove("1", "u1"),
    ],
)
async def test_what_changes_nothing_the_second_time_is_repeated(server, im, call):
    server.steps.append(reset)
    assert await call(im) is None
    assert len(server.seen) == 2
    assert server.seen[0].target == server.seen[1].target


async def test_the_id_may_come_as_a_number_and_must_come(server, im):
    server.steps.extend([{"code": 200, "thread_id": 5}, {"code": 200}])
    assert await im.threads.create("c", "5", "u1", "n") == "5"
    with pytest.raises(BadResponse):
        await im.threads.create("c", "5", "u1", "n")


@pytest.mark.parametrize(("more", "name"), [({}, ""), ({"name": None}, ""), ({"name": "N"}, "N"), ({"x": [1]}, "")])
async def test_the_name_is_there_if_the_server_sends_it(server, im, more, name):
    server.steps.append({"code": 200, **ROW, **more})
    assert (await im.threads.get("1")).name == name


async def test_numbers_as_ids_are_text(server, im):
    server.steps.append({"code": 200, "id": 1, "msgId": 2, "channelId": 3})
    thread = await im.threads.get("1")
    assert (thread.thread_id, thread.message_id, thread.channel_id, thread.created_at) == ("1", "2", "3", None)


async def test_details_without_an_id_are_a_bad_response(server, im):
    server.default = {"code": 200}
    with pytest.raises(BadResponse):
        await im.threads.get("1")


@pytest.mark.parametrize("which", ["list", "created", "joined"])
async def test_lists_are_walked_with_or_without_a_count(server, im, which):
    arguments = ("c",) if which == "list" else ("c", "u1")
    server.steps.extend(
        [
            {"code": 200, "threads": [ROW, ROW | {"id": "2"}], "cursor": "next"},
            {"code": 200, "count": 1, "threads": [ROW | {"id": "3", "name": "N"}], "cursor": ""},
        ]
    )
    threads = [thread async for thread in getattr(im.threads, which)(*arguments)]
    assert [thread.thread_id for thread in threads] == ["1", "2", "3"]
    assert [seen.query.get("cursor") for seen in server.seen] == [None, "next"]


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("channel_id", lambda im: im.threads.create("", "5", "u1", "n")),
        ("message_id", lambda im: im.threads.create("c", "", "u1", "n")),
        ("message_id", lambda im: im.threads.create("c", 0, "u1", "n")),
        ("owner", lambda im: im.threads.create("c", "5", "no name", "n")),
        ("name", lambda im: im.threads.create("c", "5", "u1", "")),
        ("name", lambda im: im.threads.create("c", "5", "u1", "x" * 51)),
        ("name", lambda im: im.threads.rename("1", "x" * 51)),
        ("thread_id", lambda im: im.threads.rename("", "n")),
        ("user_id", lambda im: im.threads.add("1", "")),
        ("user_id", lambda im: im.threads.remove("1", "")),
    ],
)
async def test_arguments_are_checked_before_the_wire(server, im, field, call):
    with pytest.raises(InvalidArgument) as caught:
        await call(im)
    assert caught.value.field == field
    assert server.seen == []


@pytest.mark.parametrize("call", ["list", "created", "joined"])
def test_lists_check_their_arguments_when_they_are_made(im, call):
    users = () if call == "list" else ("u1",)
    with pytest.raises(InvalidArgument):
        getattr(im.threads, call)("", *users)
    if users:
        with pytest.raises(InvalidArgument):
            getattr(im.threads, call)("c", "no name")


@pytest.mark.parametrize("word", ["created", "list", "joined"])
async def test_a_word_of_the_api_is_no_thread(server, im, word):
    for call in (
        im.threads.get(word),
        im.threads.delete(word),
        im.threads.rename(word, "n"),
        im.threads.add(word, "u1"),
        im.threads.remove(word, "u1"),
    ):
        with pytest.raises(InvalidArgument) as caught:
            await call
        assert caught.value.field == "thread_id"
    assert server.seen == []


async def test_50_characters_are_allowed(server, im):
    server.steps.extend([{"code": 200, "thread_id": "1"}, {"code": 200}])
    await im.threads.create("c", "5", "u1", "频" * 50)
    await im.threads.rename("1", "😀" * 50)
    assert len(server.seen) == 2
