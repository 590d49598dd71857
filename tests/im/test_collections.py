"""Saved items: ids that make retries harmless, batches, and deletions that an unknown id cannot hold up."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone
from random import Random

import pytest
from aiohttp import web

from bot.im import BadResponse, Collection, IllegalArgument, InvalidArgument, ItemResult, NewCollection, Unavailable
from tests.im.scripted import client, reset

UNKNOWN = (400, {"error": "", "error_description": "user collection not found"})
ROW = {"id": "one", "type": 3, "data": "d", "ext": "e", "createdAt": 1_700_000_000_000, "updatedAt": 1_700_000_000_500}
MADE = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


class Store:
    """A server that deletes all of a request or nothing, as the API does."""

    def __init__(self, *ids: str) -> None:
        self.ids = set(ids)
        self.asked: list[list[str]] = []
        self.lose: set[int] = set()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        ids = (await request.json())["collection_ids"]
        self.asked.append(ids)
        known = self.ids.issuperset(ids)
        if known:
            self.ids -= set(ids)
        if len(self.asked) in self.lose:
            return await reset(request)
        return web.json_response({"result": True} if known else UNKNOWN[1], status=200 if known else 400)


async def test_a_new_item_gets_a_random_id_that_a_retry_keeps(server, im):
    server.steps.extend([reset, {"collection": ROW}, {"collection": ROW}])
    await im.collections.add("ann", "d", 3)
    await im.collections.add("ann", "d", 3)
    first, again, second = [seen.body["id"] for seen in server.seen]
    assert first == again != second
    assert uuid.UUID(first).version == 4


async def test_ids_come_from_the_clients_own_randomness(server):
    server.default = {"collection": ROW}
    for _ in range(2):
        async with client(server.url, rng=Random(5)) as im:
            await im.collections.add("ann", "d", 3)
    assert len({seen.body["id"] for seen in server.seen}) == 1


@pytest.mark.parametrize(("ext", "sent"), [(None, {}), ("", {"ext": ""}), ("e", {"ext": "e"})])
async def test_one_item_is_sent_with_the_ext_that_was_given(server, im, ext, sent):
    server.steps.append({"collection": ROW})
    await im.collections.add("ann", "数据", -1, collection_id="a/b", ext=ext)
    assert server.seen[0].target == "/org/app/users/ann/collections"
    assert server.seen[0].body == {"id": "a/b", "data": "数据", "type": -1} | sent


@pytest.mark.parametrize(
    "answer",
    [
        {"collection": ROW},
        ROW,
        {"data": {"collection": ROW}},
        {"action": "post", "uri": "x", "data": ROW, "duration": 5},
    ],
)
async def test_an_item_is_read_wrapped_or_flat_with_or_without_envelope(server, im, answer):
    server.steps.append(answer)
    found = await im.collections.add("ann", "d", 3)
    assert found == Collection(
        collection_id="one", type=3, data="d", ext="e", created=1_700_000_000_000, updated=1_700_000_000_500
    )
    assert (found.created_at, found.updated_at) == (MADE, MADE + timedelta(milliseconds=500))


@pytest.mark.parametrize("ext", [{"ext": None}, {"ext": ""}, {}])
async def test_no_ext_reads_as_none_however_it_is_written(server, im, ext):
    row = {key: value for key, value in ROW.items() if key != "ext"} | ext
    server.steps.append({"collection": row})
    assert (await im.collections.update("ann", "one", None)).ext is None


@pytest.mark.parametrize("missing", ["id", "type", "createdAt"])
async def test_an_item_without_id_type_or_time_is_none(server, missing):
    server.default = {"collection": {key: value for key, value in ROW.items() if key != missing}}
    async with client(server.url, deadline_seconds=0.1) as im:
        with pytest.raises(BadResponse):
            await im.collections.add("ann", "d", 3)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("user_id", {"user_id": "a b"}),
        ("data", {"data": None}),
        ("data", {"data": "\ud800"}),
        ("type", {"type": "3"}),
        ("type", {"type": True}),
        ("type", {"type": 2**31}),
        ("ext", {"ext": 5}),
        ("collection_id", {"collection_id": ""}),
        ("collection_id", {"collection_id": "x" * 513}),
    ],
)
async def test_what_cannot_be_saved_never_reaches_the_wire(server, im, field, change):
    given = {"user_id": "ann", "data": "d", "type": 3} | change
    with pytest.raises(InvalidArgument) as caught:
        await im.collections.add(given.pop("user_id"), given.pop("data"), given.pop("type"), **given)
    assert caught.value.field == field
    assert server.seen == []


def new(name: str, created: int | datetime = 5, **more) -> NewCollection:
    return NewCollection(**({"collection_id": name, "data": "d", "type": 0, "created": created} | more))


async def test_many_are_sent_twenty_at_a_time_with_every_field(server, im):
    items = [new(f"i{number}", ext="x" if number else None) for number in range(45)]
    for start in (0, 20, 40):
        server.steps.append({"collections": [{"id": item.collection_id} for item in items[start : start + 20]]})
    results = await im.collections.add_many("ann", items)
    assert results == [ItemResult(item.collection_id, done=True) for item in items]
    assert [len(seen.body["collections"]) for seen in server.seen] == [20, 20, 5]
    assert server.seen[0].path == "/org/app/collections"
    assert server.seen[0].body["username"] == "ann"
    assert server.seen[0].body["collections"][:2] == [
        {"id": "i0", "data": "d", "type": 0, "ext": "", "createdAt": 5},
        {"id": "i1", "data": "d", "type": 0, "ext": "x", "createdAt": 5},
    ]


@pytest.mark.parametrize(
    ("created", "sent"),
    [
        (MADE, 1_700_000_000_000),
        (MADE + timedelta(microseconds=1999), 1_700_000_000_001),
        (MADE.astimezone(timezone(timedelta(hours=8))), 1_700_000_000_000),
        (0, 0),
    ],
)
async def test_a_time_is_sent_in_whole_milliseconds(server, im, created, sent):
    server.steps.append({"collections": [{"id": "i"}]})
    await im.collections.add_many("ann", [new("i", created)])
    assert server.seen[0].body["collections"][0]["createdAt"] == sent


@pytest.mark.parametrize(
    ("field", "items"),
    [
        ("items", []),
        ("items", [new("a"), new("b"), new("a")]),
        ("created", [new("a"), new("b", -1)]),
        ("created", [new("a", datetime(2026, 1, 1))]),  # noqa: DTZ001 - that is the point
        ("created", [new("a", datetime(1960, 1, 1, tzinfo=UTC))]),
        ("created", [new("a", 1.5)]),
        ("data", [*[new(str(number)) for number in range(30)], new("a", data=None)]),
        ("type", [new("a", type=None)]),
        ("collection_id", [new("")]),
    ],
)
async def test_all_items_are_checked_before_the_first_request(server, im, field, items):
    with pytest.raises(InvalidArgument) as caught:
        await im.collections.add_many("ann", items)
    assert caught.value.field == field
    assert server.seen == []


async def test_what_a_batch_does_not_answer_was_not_saved_unless_it_answers_nothing(server, im):
    server.steps.extend([{"collections": [{"id": "b"}, None, {"x": 1}]}, {}])
    results = await im.collections.add_many("ann", [new("a"), new("b")])
    assert results == [ItemResult("a", done=False), ItemResult("b", done=True)]
    assert await im.collections.add_many("ann", [new("a")]) == [ItemResult("a", done=True)]


async def test_a_refused_batch_is_told_with_its_items_and_does_not_stop_the_next(server, im):
    server.steps.extend([(400, {"error": "illegal_argument", "error_description": "other content"}), {}])
    results = await im.collections.add_many("ann", [new(f"i{number}") for number in range(21)])
    assert [result.done for result in results] == [False] * 20 + [True]
    assert isinstance(results[0].error, IllegalArgument)


@pytest.mark.parametrize(("ext", "sent"), [("new", "new"), ("", ""), (None, "")])
async def test_an_update_always_says_what_the_ext_is_to_be(server, im, ext, sent):
    server.steps.append({"collection": ROW})
    await im.collections.update("ann", "a b/c", ext)
    assert (server.seen[0].method, server.seen[0].target) == ("PUT", "/org/app/users/ann/collections/a%20b%2Fc")
    assert server.seen[0].body == {"ext": sent}


async def test_updating_what_is_not_there_is_an_illegal_argument(server, im):
    server.steps.append(UNKNOWN)
    with pytest.raises(IllegalArgument, match="user collection not found"):
        await im.collections.update("ann", "one", "x")


async def test_deletions_are_sent_twenty_at_a_time_in_the_body(server, im):
    ids = [f"i{number}" for number in range(45)]
    server.default = store = Store(*ids)
    assert await im.collections.delete("ann", *ids) == [ItemResult(one, done=True) for one in ids]
    assert [len(asked) for asked in store.asked] == [20, 20, 5]
    assert server.seen[0].method == "DELETE"
    assert server.seen[0].headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("result", [True, "true", False, "false"])
async def test_the_result_counts_as_boolean_or_text(server, im, result):
    server.steps.append({"result": result})
    assert await im.collections.delete("ann", "one") == [ItemResult("one", done=result in {True, "true"})]


@pytest.mark.parametrize("unknown", [{0}, {19}, {7}, {0, 19}, {3, 4, 11}, set(range(20)), set(range(1, 20))])
async def test_unknown_ids_are_found_and_keep_nothing_else_alive(server, im, unknown):
    ids = [f"i{number}" for number in range(20)]
    server.default = store = Store(*(one for number, one in enumerate(ids) if number not in unknown))
    results = await im.collections.delete("ann", *ids)
    assert store.ids == set()
    assert [result.item for result in results] == ids
    assert {number for number, result in enumerate(results) if not result.done} == unknown
    for number in unknown:
        assert isinstance(results[number].error, IllegalArgument)
        assert (results[number].error.description, results[number].error.sent) == ("user collection not found", False)
    assert len(store.asked) <= (11 if len(unknown) == 1 else 39)


async def test_one_id_given_twice_is_deleted_once_and_reported_twice(server, im):
    server.default = store = Store("a", "b")
    results = await im.collections.delete("ann", "a", "b", "a")
    assert [(result.item, result.done) for result in results] == [("a", True), ("b", True), ("a", True)]
    assert store.asked == [["a", "b"]]


async def test_another_failure_while_halving_is_told_exactly(server, im):
    """One half is deleted, the other cannot be: the report must not say that of both."""
    store = Store("a", "b", "c")
    server.steps.extend([store, store])
    server.default = (500, {"error": "internal_server_error"})
    async with client(server.url, deadline_seconds=0.1) as im:
        results = await im.collections.delete("ann", "a", "b", "c", "gone")
    assert [result.done for result in results] == [True, True, False, False]
    assert {type(result.error) for result in results[2:]} == {Unavailable}
    assert results[2].error.sent


async def test_another_refusal_is_not_halved(server, im):
    server.default = (400, {"error": "illegal_argument", "error_description": "username x is not legal"})
    results = await im.collections.delete("ann", "a", "b")
    assert [result.done for result in results] == [False, False]
    assert len(server.seen) == 1


async def test_a_repeated_deletion_that_finds_nothing_says_that_it_may_have_been_itself(server, im):
    server.default = store = Store("a", "b", "c")
    store.lose = {1}
    results = await im.collections.delete("ann", "a", "b", "c")
    assert store.ids == set()
    assert [(result.done, result.error.sent) for result in results] == [(False, True)] * 3


async def test_a_repeated_deletion_that_finds_something_was_not_carried_out_at_first(server, im):
    server.default = store = Store("a", "b")
    store.lose = {1}
    results = await im.collections.delete("ann", "a", "b", "unknown")
    assert [result.done for result in results] == [True, True, False]
    assert results[2].error is not None
    assert not results[2].error.sent


@pytest.mark.parametrize("ids", [[], [""], ["a", None], ["a", "x" * 513], [5]])
async def test_ids_are_checked_before_the_first_request(server, im, ids):
    with pytest.raises(InvalidArgument) as caught:
        await im.collections.delete("ann", *ids)
    assert caught.value.field == "collection_ids"
    assert server.seen == []


async def test_one_item_is_read_by_its_id_and_an_unknown_one_is_none(server, im):
    server.steps.extend([{"collections": [ROW]}, {"collections": [ROW]}, UNKNOWN, (400, {"error": "other"})])
    found = await im.collections.get("ann", "one")
    assert found is not None
    assert (found.collection_id, found.data, found.ext) == ("one", "d", "e")
    assert server.seen[0].query == {"collection_id": "one", "limit": "1"}
    # A server that goes on behind the item gives another one, which is not what was asked for.
    assert await im.collections.get("ann", "two") is None
    assert await im.collections.get("ann", "one") is None
    with pytest.raises(IllegalArgument):
        await im.collections.get("ann", "one")
