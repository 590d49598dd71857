"""What the documentation shows of messages, reactions and threads: the requests are made, the answers are read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.im import MessageReactions, Reaction, Thread

FOLDER = Path(__file__).with_name("examples")
EXAMPLES = {
    (family, name): example
    for family in ("messages", "reactions", "threads")
    for name, example in json.loads((FOLDER / f"{family}.json").read_text(encoding="utf-8")).items()
}
SEEN = {"reactions": 3, "threads": 9}
"""How many examples the seeds have; sending a message has none of its own there."""
THREAD = Thread(
    thread_id="1895600",
    message_id="198008034121000",
    channel_id="156009089",
    owner="user1",
    created=1650856033420,
)
REACTION = Reaction(
    reaction_id="944330310986837168", reaction="message123456", count=2, by_me=None, users=("user1", "user2")
)

CALLS = {
    ("messages", "send_text"): (
        lambda im: im.messages.send_text(
            "156009089", "testmessages", sender="user1", ext={"em_ignore_notification": True}
        ),
        "1029544257947437432",
    ),
    ("messages", "send_text to a room"): (
        lambda im: im.messages.send_text("156009089", "testmessages", chat_room=True),
        "1029544257947437432",
    ),
    ("reactions", "add"): (lambda im: im.reactions.add("user1", "131345390", "message123456"), "15890012560"),
    ("reactions", "list"): (
        lambda im: im.reactions.list("user1", "156009089", "131345390"),
        [MessageReactions(message_id="131345390", reactions=(REACTION,))],
    ),
    ("reactions", "remove"): (lambda im: im.reactions.remove("user1", "131345390", "message123456"), None),
    ("threads", "create"): (
        lambda im: im.threads.create("156900086", "198008034121000", "user1", "thread-name"),
        "15890012560",
    ),
    ("threads", "rename"): (lambda im: im.threads.rename("1895600", "thread-name"), None),
    ("threads", "get"): (lambda im: im.threads.get("1895600"), THREAD),
    ("threads", "delete"): (lambda im: im.threads.delete("1895600"), None),
    ("threads", "add"): (lambda im: im.threads.add("1895600", "user1"), None),
    ("threads", "remove"): (lambda im: im.threads.remove("1895600", "user1"), None),
    ("threads", "created"): (lambda im: first(im.threads.created("156009089", "user1")), THREAD),
    ("threads", "list"): (lambda im: first(im.threads.list("156009089")), THREAD),
    ("threads", "joined"): (lambda im: first(im.threads.joined("156009089", "user1")), THREAD),
}


async def first(paged):
    page = await paged.page("XXX", 1)
    assert page.cursor is not None
    return page.items[0]


@pytest.mark.parametrize("key", EXAMPLES, ids=" ".join)
async def test_the_documented_request_is_made_and_its_answer_read(server, im, key):
    example = EXAMPLES[key]
    server.steps.append(example["answer"])
    call, expected = CALLS[key]
    assert await call(im) == expected
    (seen,) = server.seen
    request = example["request"]
    assert (seen.method, seen.target) == (request["method"], "/org/app" + request["target"])
    assert seen.body == request["body"]


def test_the_examples_are_all_that_the_seeds_have():
    families = [family for family, _ in EXAMPLES]
    assert {family: families.count(family) for family in SEEN} == SEEN
    assert set(CALLS) == set(EXAMPLES)


def test_times_are_utc():
    assert THREAD.created_at == datetime(2022, 4, 25, 3, 7, 13, 420_000, UTC)
