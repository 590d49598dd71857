"""Members of a channel."""

from __future__ import annotations

import pytest

from bot.im import BadResponse, ChannelMember, ChannelRole, CommunityRole, InvalidArgument
from tests.im.scripted import EXAMPLES, client


async def test_add_returns_the_channel(server, im):
    server.steps.append(EXAMPLES["join"])
    assert (await im.members.add("s", "7", "u1")).channel_id == "2059xxxxxx1542"
    seen = server.seen[0]
    assert (seen.method, seen.target) == ("POST", "/org/app/circle/channel/7/join?userId=u1&serverId=s")
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.body is None


async def test_remove(server, im):
    server.steps.append(EXAMPLES["remove"])
    assert await im.members.remove("s", "7", "u1") is None
    assert server.seen[0].target == "/org/app/circle/channel/7/user/remove?userId=u1&serverId=s"


async def test_contains(server, im):
    server.steps.extend([EXAMPLES["contains"], {"code": 200, "result": False}])
    assert await im.members.contains("s", "7", "u1") is True
    assert await im.members.contains("s", "7", "u1") is False
    assert server.seen[0].target == "/org/app/circle/channel/7/user/u1?serverId=s"


async def test_role_is_the_one_in_the_community(server, im):
    server.steps.append(EXAMPLES["role"])
    assert await im.members.role("s", "7", "u1") is CommunityRole.MEMBER
    assert server.seen[0].target == "/org/app/circle/channel/7/user/role?userId=u1&serverId=s"


async def test_a_missing_role_is_a_bad_response(server):
    async with client(server.url, breaker_threshold=1) as im:
        with pytest.raises(BadResponse):
            await im.members.role("s", "7", "u1")


async def test_list_reads_the_seed_example(server, im):
    server.steps.append(EXAMPLES["members"])
    page = await im.members.list("s", "7").page(limit=1)
    assert page.items == (ChannelMember(user_id="user1", role=ChannelRole.OWNER),)
    assert server.seen[0].target == "/org/app/circle/channel/7/users?serverId=s&limit=1"


@pytest.mark.parametrize("user_id", ["", "a" * 65, "a b", "a@b", "名", "a\n", None])
@pytest.mark.parametrize("operation", ["add", "remove", "contains", "role"])
async def test_a_name_that_cannot_be_a_user_is_refused_before_the_wire(server, im, operation, user_id):
    with pytest.raises(InvalidArgument) as caught:
        await getattr(im.members, operation)("s", "7", user_id)
    assert caught.value.field == "user_id"
    assert server.seen == []


@pytest.mark.parametrize("user_id", ["a" * 64, "A.b_c-9", "..."])
async def test_a_name_at_the_limits_is_sent_as_it_is(server, im, user_id):
    server.steps.append(EXAMPLES["contains"])
    assert await im.members.contains("s", "7", user_id)
    assert server.seen[0].path.endswith(f"/user/{user_id}")
