"""Walking lists: where they end, how they page, what the server's clock says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.im import BadResponse, InvalidArgument, Page, Paged
from tests.im.scripted import client
from tests.im.virtual import run


def listing(items: list[int], last: str | None) -> tuple[Paged[int], list[tuple[str | None, int]]]:
    asked: list[tuple[str | None, int]] = []

    async def fetch(cursor: str | None, limit: int) -> Page[int]:
        asked.append((cursor, limit))
        start = int(cursor or 0)
        end = start + limit
        return Page(tuple(items[start:end]), str(end) if end < len(items) else last)

    return Paged("GET /x", fetch), asked


@given(count=st.integers(0, 90), limit=st.integers(1, 20))
def test_a_walk_gives_every_item_once_and_asks_no_more_than_needed(count, limit):
    async def main() -> None:
        paged, asked = listing(list(range(count)), None)
        assert [item async for page in paged.pages(limit) for item in page.items] == list(range(count))
        assert len(asked) == max(1, -(-count // limit))

    run(main())


async def test_a_walk_ends_at_an_empty_page_that_still_has_a_cursor():
    paged, asked = listing([1, 2], "99")
    assert [item async for item in paged] == [1, 2]
    assert asked == [(None, 20), ("99", 20)]


async def test_a_cursor_that_does_not_advance_is_an_error_not_a_loop():
    async def fetch(_cursor: str | None, _limit: int) -> Page[int]:
        return Page((1,), "same")

    with pytest.raises(BadResponse):
        [item async for item in Paged("GET /x", fetch)]


@pytest.mark.parametrize("length", [1, 2, 3, 7])
async def test_cursors_that_go_round_in_a_circle_are_an_error_soon(length):
    asked = 0

    async def fetch(cursor: str | None, _limit: int) -> Page[int]:
        nonlocal asked
        asked += 1
        return Page((asked,), str((int(cursor or -1) + 1) % length))

    with pytest.raises(BadResponse, match="does not advance"):
        [item async for item in Paged("GET /x", fetch)]
    assert asked <= 4 * length + 2


async def test_every_walk_begins_anew():
    paged, _ = listing([1, 2, 3], None)
    assert [i async for i in paged] == [i async for i in paged] == [1, 2, 3]


@pytest.mark.parametrize("limit", [0, 21, -1, True, "5", 2.0])
async def test_a_page_has_1_to_20_items(limit):
    paged, asked = listing([1], None)
    with pytest.raises(InvalidArgument) as caught:
        await paged.page(limit=limit)
    assert caught.value.field == "limit"
    assert asked == []


@pytest.mark.parametrize("last", [{}, {"cursor": None}, {"cursor": ""}])
async def test_on_the_wire_a_missing_null_or_empty_cursor_is_the_end(server, im, last):
    channel = {"channel_id": "1"}
    server.steps.extend(
        [
            {"code": 200, "count": 1, "channels": [channel], "cursor": "a=b&c"},
            {"code": 200, "channels": [channel], **last},
        ]
    )
    assert len([c async for c in im.channels.private("c")]) == 2
    assert [seen.query for seen in server.seen] == [
        {"serverId": "c", "limit": "20"},
        {"serverId": "c", "limit": "20", "cursor": "a=b&c"},
    ]


async def test_a_page_carries_the_servers_clock(server, im):
    server.default = (200, {"code": 200, "mute_users": []}, {"Date": "Fri, 20 Nov 2026 13:00:00 GMT"})
    page = await im.mutes.list("c", "1").page()
    assert page == Page((), None, datetime(2026, 11, 20, 13, tzinfo=UTC))


@pytest.mark.parametrize("answer", [{"channels": {}}, {"channels": [1]}, {"channels": [], "cursor": 5}])
async def test_a_list_of_the_wrong_shape_is_a_bad_response(server, answer):
    server.default = {"code": 200, **answer}
    async with client(server.url, deadline_seconds=0.1, breaker_threshold=3) as im:
        with pytest.raises(BadResponse):
            await im.channels.public("c").page()
