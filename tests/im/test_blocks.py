"""Blocked users: batches with a result for each, pages, and the budget of their own."""

from __future__ import annotations

import pytest

from bot.im import BadResponse, Family, InvalidArgument, ItemResult, NotFound
from bot.im import blocks as module
from tests.im.scripted import client, reset


async def test_fifty_names_go_with_a_request_and_each_has_a_result_in_its_order(server, im):
    names = [f"u{number}" for number in range(120)]
    for start in (0, 50, 100):
        server.steps.append({"data": names[start : start + 50][::-1]})
    results = await im.blocks.add("ann", *names)
    assert results == [ItemResult(name, done=True) for name in names]
    assert [seen.body["usernames"] for seen in server.seen] == [names[:50], names[50:100], names[100:]]
    assert {(seen.method, seen.path) for seen in server.seen} == {("POST", "/org/app/users/ann/blocks/users")}


async def test_who_is_not_in_the_answer_is_not_blocked_and_case_does_not_matter(server, im):
    server.steps.append({"data": ["Ben", "OWNER"]})
    results = await im.blocks.add("ann", "ben", "cleo", "owner")
    assert [(result.item, result.done, result.error) for result in results] == [
        ("ben", True, None),
        ("cleo", False, None),
        ("owner", True, None),
    ]


async def test_a_success_that_names_nobody_at_all_is_believed(server, im):
    server.steps.append({"action": "post"})
    assert await im.blocks.add("ann", "ben") == [ItemResult("ben", done=True)]


async def test_a_refused_request_is_told_with_its_names_and_does_not_stop_the_next(server, im):
    names = [f"u{number}" for number in range(51)]
    server.steps.extend([(404, {"error": "service_resource_not_found"}), {"data": names[50:]}])
    results = await im.blocks.add("ann", *names)
    assert [result.done for result in results] == [False] * 50 + [True]
    assert {type(result.error) for result in results[:50]} == {NotFound}
    assert not results[0].error.sent


async def test_blocking_is_repeated_after_a_lost_answer_since_who_is_blocked_stays_so(server, im):
    server.steps.extend([reset, {"data": ["ben"]}])
    assert (await im.blocks.add("ann", "ben"))[0].done
    assert len(server.seen) == 2


@pytest.mark.parametrize("users", [[], ["a b"], ["ben", ""], ["ben", None], ["ben", "ANN"], ["ben"] * 60 + ["a" * 65]])
async def test_all_names_are_checked_before_the_first_request(server, im, users):
    with pytest.raises(InvalidArgument) as caught:
        await im.blocks.add("ann", *users)
    assert caught.value.field == "users"
    assert server.seen == []


@pytest.mark.parametrize("call", ["add", "remove", "latest", "list"])
async def test_the_owner_is_checked_too(server, im, call):
    with pytest.raises(InvalidArgument) as caught:
        await getattr(im.blocks, call)("a b", *(["ben"] if call in {"add", "remove"} else []))
    assert caught.value.field == "owner"


async def test_a_walk_follows_the_cursor(server, im):
    server.steps.extend([{"data": ["a", "b"], "cursor": "x=1&"}, {"data": ["c"], "cursor": ""}])
    assert [name async for name in im.blocks.list("ann")] == ["a", "b", "c"]
    assert [seen.query for seen in server.seen] == [{"pageSize": "50"}, {"pageSize": "50", "cursor": "x=1&"}]


async def test_the_latest_are_asked_for_without_size_and_cursor(server, im):
    server.steps.append({"data": ["b", "a"], "count": 2})
    assert await im.blocks.latest("ann") == ("b", "a")
    assert server.seen[0].target == "/org/app/users/ann/blocks/users"


async def test_a_page_carries_the_servers_clock_and_has_at_most_fifty(server, im):
    server.default = (200, {"data": []}, {"Date": "Fri, 20 Nov 2026 13:00:00 GMT"})
    page = await im.blocks.list("ann").page()
    assert page.server_time is not None
    assert page.server_time.year == 2026
    with pytest.raises(InvalidArgument):
        await im.blocks.list("ann").page(limit=51)


@pytest.mark.parametrize("answer", [{"data": {}}, {"data": [1]}, {"data": [], "cursor": 5}])
async def test_a_page_of_the_wrong_shape_is_a_bad_response(server, answer):
    server.default = answer
    async with client(server.url, deadline_seconds=0.1) as im:
        with pytest.raises(BadResponse):
            await im.blocks.list("ann").page()


def test_blocks_have_a_budget_of_their_own():
    assert {endpoint.family for endpoint in (module.ADD, module.LIST, module.REMOVE)} == {Family.BLOCKS}
