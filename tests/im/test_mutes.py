"""Mutes of a channel: milliseconds, permanence, and what the list says."""

from __future__ import annotations

import pytest

from bot.im import InvalidArgument
from tests.im.scripted import EXAMPLES


async def test_a_mute_is_sent_in_milliseconds(server, im):
    server.steps.append(EXAMPLES["mute"])
    assert await im.mutes.add("s", "7", "u1", duration_ms=600_000) is None
    seen = server.seen[0]
    assert (seen.method, seen.target) == ("POST", "/org/app/circle/channel/7/user/mute")
    assert seen.body == {"server_id": "s", "user_id": "u1", "duration": 600_000}
    assert isinstance(seen.body["duration"], int)


async def test_a_permanent_mute_sends_no_duration(server, im):
    await im.mutes.add("s", "7", "u1", duration_ms=None)
    assert server.seen[0].body == {"server_id": "s", "user_id": "u1"}


@pytest.mark.parametrize("duration", [0, -1, 1, 999, 1000.0, "1000", True, 2**63])
async def test_less_than_a_second_or_no_integer_never_reaches_the_wire(server, im, duration):
    with pytest.raises(InvalidArgument) as caught:
        await im.mutes.add("s", "7", "u1", duration_ms=duration)
    assert caught.value.field == "duration_ms"
    assert server.seen == []


async def test_one_second_is_allowed(server, im):
    await im.mutes.add("s", "7", "u1", duration_ms=1000)
    assert server.seen[0].body["duration"] == 1000


async def test_an_unmute_names_community_and_user_in_the_query(server, im):
    server.steps.append(EXAMPLES["unmute"])
    assert await im.mutes.remove("s", "7", "u1") is None
    assert (server.seen[0].method, server.seen[0].target) == (
        "DELETE",
        "/org/app/circle/channel/7/user/mute?serverId=s&userId=u1",
    )


async def test_the_seed_example_of_the_list_shows_raw_values(server, im):
    server.steps.append(EXAMPLES["mute list"])
    mutes = [mute async for mute in im.mutes.list("s", "7")]
    assert [(mute.user_id, mute.expire, mute.ends_at) for mute in mutes] == [
        ("u1", 86_400_000, None),
        ("u2", 86_400_000, None),
    ]
    assert server.seen[0].target == "/org/app/circle/channel/7/user/mute/list?serverId=s&limit=20"


@pytest.mark.parametrize("answer", [{"code": 200}, {"code": 200, "mute_users": None}, {"code": 200, "mute_users": []}])
async def test_a_list_without_count_or_cursor_or_rows_is_empty(server, im, answer):
    server.steps.append(answer)
    assert [mute async for mute in im.mutes.list("s", "7")] == []
