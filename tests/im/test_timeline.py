"""Walks over saved items: each is given once, whatever the order of contemporaries and whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.im import BadResponse, InvalidArgument, NewCollection, timeline
from tests.effort import tries
from tests.im.shelves import NOW, ROW, Item, Servers, Shuffling


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with asyncio.Runner() as runner:
        servers = Servers(runner)
        yield servers
        runner.run(servers.stack.aclose())


def stock(most: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Times, of which there are few so that many are the same, and types."""
    return st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1)), max_size=most)


WALK = settings(max_examples=tries(60), deadline=None, suppress_health_check=list(HealthCheck))
changes = st.lists(st.tuples(st.lists(st.integers(0, 60), max_size=6), stock(3)), max_size=12)
bounds = st.none() | st.integers(0, 6)


def items_of(pairs: list[tuple[int, int]], word: str) -> list[Item]:
    return [Item(f"{word}{number}", NOW - 10 + time, kind) for number, (time, kind) in enumerate(pairs)]


@pytest.mark.parametrize(("kind", "largest"), [("real", 200), ("real", 5), ("shuffling", 200)])
@WALK
@given(
    pairs=stock(60),
    changes=changes,
    limits=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    newest_first=st.booleans(),
    of_type=st.none() | st.integers(0, 1),
    begin=bounds,
    end=bounds,
    seed=st.integers(0, 2**32),
)
def test_what_stays_is_given_once_and_in_order(
    servers, kind, largest, pairs, changes, limits, newest_first, of_type, begin, end, seed
):
    """With requests of 5 rows many contemporaries fill more than one, as 200 would; only a stable order helps then."""
    if begin is not None and end is not None and begin > end:
        begin, end = end, begin
    shelf, im, user = servers.shelf(kind, items_of(pairs, "i"), seed)
    at_first = dict(shelf.items)
    ever = dict(shelf.items)
    listed = im.collections.list(
        user,
        type=of_type,
        begin=None if begin is None else NOW - 10 + begin,
        end=None if end is None else NOW - 10 + end,
        newest_first=newest_first,
    )
    given_names: list[str] = []
    cursor: str | None = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "LARGEST_PAGE", largest)
        for turn in range(500):
            limit = min(limits[turn % len(limits)], largest)
            page = servers.run(listed.page(cursor, limit))
            assert len(page.items) <= limit
            given_names += [row.collection_id for row in page.items]
            cursor = page.cursor
            if cursor is None:
                break
            if turn < len(changes):
                gone, arrived = changes[turn]
                names = sorted(shelf.items)
                shelf.forget([names[number] for number in dict.fromkeys(gone) if number < len(names)])
                more = items_of(arrived, f"n{turn}-")
                shelf.put(more)
                ever |= {item.name: item for item in more}
    assert cursor is None
    assert len(set(given_names)) == len(given_names)

    def wanted(item: Item) -> bool:
        since = item.time - NOW + 10
        inside = (begin is None or since >= begin) and (end is None or since <= end)
        return inside and of_type in {None, item.type}

    assert all(wanted(ever[name]) for name in given_names)
    assert {name for name, item in at_first.items() if name in shelf.items and wanted(item)} <= set(given_names)
    times = [ever[name].time for name in given_names]
    assert times == sorted(times, reverse=newest_first)


@pytest.mark.parametrize("largest", [200, 3])
@WALK
@given(pairs=stock(40), limit=st.integers(1, 9), newest_first=st.booleans())
def test_where_nothing_changes_the_walk_is_the_whole_in_the_services_order(
    servers, largest, pairs, limit, newest_first
):
    items = items_of(pairs, "i")
    _, im, user = servers.shelf("real", items, 0)
    order = sorted(items, key=lambda item: item.time)
    expected = [item.name for item in (order[::-1] if newest_first else order)]
    if newest_first:
        insertion = {item.name: number for number, item in enumerate(items)}
        expected = sorted(insertion, key=lambda name: (items[insertion[name]].time, insertion[name]), reverse=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "LARGEST_PAGE", largest)

        async def walk() -> list[str]:
            listed = im.collections.list(user, newest_first=newest_first)
            return [row.collection_id async for page in listed.pages(min(limit, largest)) for row in page.items]

        assert servers.run(walk()) == expected


def rows(*pairs: tuple[str, int]) -> dict[str, Any]:
    return {"collections": [{**ROW, "id": name, "createdAt": time} for name, time in pairs]}


async def test_the_first_page_sends_no_times_and_the_next_both(server, im):
    server.steps.extend([rows(("c", 9), ("b", 7)), rows(("b", 7), ("a", 7)), rows(("b", 7), ("a", 7))])
    assert [row.collection_id async for page in im.collections.list("ann").pages(2) for row in page.items] == [
        "c",
        "b",
        "a",
    ]
    assert [seen.query for seen in server.seen] == [
        {"direction": "desc", "limit": "2"},
        {"direction": "desc", "limit": "3", "begin_time": "0", "end_time": "7"},
    ]


async def test_a_walk_asks_for_no_more_pages_than_the_overlap_of_one_costs(server, im):
    server.default = Shuffling([Item(f"i{n}", NOW - n, 0) for n in range(1000)], 0)
    assert len([row async for row in im.collections.list("ann")]) == 1000
    assert [seen.query["limit"] for seen in server.seen] == ["200"] * 6


async def test_a_list_that_is_shorter_than_a_page_costs_one_request(server, im):
    server.default = Shuffling([Item("a", 5, 0)], 0)
    assert len([row async for row in im.collections.list("ann")]) == 1
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        ({"begin": 5}, {"begin_time": "5", "end_time": "253402300799999"}),
        ({"end": 5}, {"begin_time": "0", "end_time": "5"}),
        ({"begin": 5, "end": 5, "type": -3}, {"begin_time": "5", "end_time": "5", "type": "-3"}),
        ({"newest_first": False, "type": 0}, {"direction": "asc", "type": "0"}),
        (
            {"begin": datetime(1970, 1, 1, 0, 0, 1, 1, UTC), "end": datetime(1970, 1, 1, 0, 0, 2, 999, UTC)},
            {"begin_time": "1001", "end_time": "2000"},
        ),
    ],
)
async def test_times_are_sent_both_or_not_at_all_and_never_widened(server, im, asked, query):
    server.steps.append(rows())
    await im.collections.list("ann", **asked).page()
    assert server.seen[0].query == {"direction": "desc", "limit": "200"} | query


async def test_going_on_oldest_first_keeps_to_the_end_that_was_asked_for(server, im):
    server.steps.extend([rows(("a", 3)), rows(("a", 3))])
    listed = im.collections.list("ann", end=8, newest_first=False)
    assert len([row async for page in listed.pages(1) for row in page.items]) == 1
    assert {key: server.seen[1].query[key] for key in ("begin_time", "end_time", "direction")} == {
        "begin_time": "3",
        "end_time": "8",
        "direction": "asc",
    }


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("begin", {"begin": -1}),
        ("begin", {"begin": 6, "end": 5}),
        ("begin", {"begin": "5"}),
        ("begin", {"begin": datetime(2026, 1, 1)}),  # noqa: DTZ001 - that is the point
        ("end", {"end": datetime(1969, 12, 31, tzinfo=UTC)}),
        ("end", {"end": 2**63}),
        ("type", {"type": 2**31}),
        ("type", {"type": "1"}),
    ],
)
def test_what_cannot_be_asked_for_is_refused_before_the_wire(servers, field, asked):
    with pytest.raises(InvalidArgument) as caught:
        servers.other.collections.list("ann", **asked)
    assert caught.value.field == field


@pytest.mark.parametrize("limit", [0, 201])
async def test_a_page_has_1_to_200(server, im, limit):
    with pytest.raises(InvalidArgument):
        await im.collections.list("ann").page(limit=limit)


@pytest.mark.parametrize("cursor", ["x", "W10=", "WzVd", "WzUsNV0=", "WyI1IiwiYSJd", "eyJhIjoxfQ==", "频道", "////"])
async def test_a_foreign_cursor_is_refused_before_the_wire(server, im, cursor):
    with pytest.raises(InvalidArgument) as caught:
        await im.collections.list("ann").page(cursor)
    assert caught.value.field == "cursor"
    assert server.seen == []


CROWD = 450


def test_a_crowd_of_one_millisecond_is_walked_by_id(servers):
    shelf, im, user = servers.shelf("real", [Item(f"i{n:03}", NOW, 0) for n in range(CROWD)], 0)
    before = servers.service.count["GET /users/{user_id}/collections"]

    async def walk() -> list[str]:
        return [row.collection_id async for row in im.collections.list(user)]

    assert servers.run(walk()) == sorted(shelf.items, reverse=True)
    assert servers.service.count["GET /users/{user_id}/collections"] - before == 3


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_crowd_that_is_walked_by_id_still_ends_where_it_was_asked_to(servers, newest_first):
    crowd = [Item(f"i{n:03}", NOW - 5, 0) for n in range(CROWD)]
    around = [Item(f"o{n}", NOW - 6 + 2 * (n % 2), 0) for n in range(10)]
    shelf, im, user = servers.shelf("real", [*around, *crowd], 0)
    listed = im.collections.list(user, begin=NOW - 5, end=NOW - 5, newest_first=newest_first)

    async def walk() -> list[str]:
        return [row.collection_id async for row in listed]

    assert servers.run(walk()) == sorted(set(shelf.items) - {item.name for item in around}, reverse=newest_first)


@pytest.mark.parametrize("gone", ["last", "last page", "all that were given", "where one looks first"])
def test_in_a_crowd_the_items_to_go_on_from_may_be_deleted(servers, gone):
    shelf, im, user = servers.shelf("real", [Item(f"i{n:03}", NOW, 0) for n in range(CROWD)], 0)
    everything = sorted(shelf.items, reverse=True)
    listed = im.collections.list(user)
    first = servers.run(listed.page())
    second = servers.run(listed.page(first.cursor))
    given_names = [row.collection_id for row in (*first.items, *second.items)]
    chosen = {
        "last": given_names[-1:],
        "last page": given_names[200:],
        "all that were given": given_names,
        "where one looks first": [given_names[-1], *(given_names[-1 - 2**step] for step in range(9))],
    }[gone]
    for start in range(0, len(chosen), 20):
        shelf.forget(chosen[start : start + 20])
    before = sum(servers.service.count.values())
    third = servers.run(listed.page(second.cursor))
    assert sum(servers.service.count.values()) - before <= 14
    assert given_names + [row.collection_id for row in third.items] == everything
    assert third.cursor is None


async def test_a_server_with_no_way_past_a_crowd_is_a_bad_response_after_few_requests(server, im):
    server.default = rows(*((f"i{n}", NOW) for n in range(200)))
    with pytest.raises(BadResponse, match="200 items of the same time"):
        [row async for row in im.collections.list("ann")]
    assert len(server.seen) == 4


async def test_a_server_that_does_not_keep_to_the_time_it_is_asked_for_is_a_bad_response(server, im):
    server.default = rows(("c", 9), ("b", 8))
    with pytest.raises(BadResponse, match="order of time"):
        [row async for page in im.collections.list("ann").pages(2) for row in page.items]


def test_what_was_saved_can_be_saved_again_with_its_times(servers):
    _, im, user = servers.shelf("real", [], 0)
    made = datetime(2020, 2, 29, 12, 0, 0, 123_000, tzinfo=UTC)
    items = [NewCollection(f"i{n}", "d", n, made + timedelta(hours=n), "keep" if n else None) for n in range(30)]

    async def round_trip() -> None:
        assert all(result.done for result in await im.collections.add_many(user, items))
        found = [row async for row in im.collections.list(user, newest_first=False)]
        back = [NewCollection(row.collection_id, row.data, row.type, row.created_at or 0, row.ext) for row in found]
        assert back == items

    servers.run(round_trip())
