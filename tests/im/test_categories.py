"""Categories, by the tables of fact 6."""

from __future__ import annotations

import pytest

from bot.im import BadResponse, Category, ChannelType, InvalidArgument
from tests.im.scripted import EXAMPLES

CATEGORY = {"name": "n", "created": 1667471759201, "server_id": "s", "channel_category_id": "c"}
PREFIX = "/org/app/circle/channel/category"


async def test_create_returns_the_category_as_far_as_the_api_tells(server, im):
    server.steps.append({"code": 200, "channel_category_id": "c1"})
    created = await im.categories.create("s", "频" * 50)
    assert created == Category(category_id="c1", community_id="s", name="频" * 50)
    assert (created.created_at, created.is_default) == (None, False)
    assert (server.seen[0].method, server.seen[0].target) == ("POST", PREFIX)
    assert server.seen[0].body == {"server_id": "s", "name": "频" * 50}


async def test_create_is_not_repeated_and_needs_an_id_in_the_answer(server, im):
    with pytest.raises(BadResponse) as caught:
        await im.categories.create("s", "n")
    assert caught.value.sent is True
    assert len(server.seen) == 1


async def test_rename_returns_the_category(server, im):
    server.steps.append({"code": 200, "channelCategory": CATEGORY})
    assert await im.categories.rename("s", "c", "new") == Category.read(CATEGORY)
    seen = server.seen[0]
    assert (seen.method, seen.target, seen.body) == ("PUT", f"{PREFIX}/c", {"server_id": "s", "name": "new"})


async def test_delete(server, im):
    assert await im.categories.delete("s", "c/1") is None
    assert (server.seen[0].method, server.seen[0].target) == ("DELETE", f"{PREFIX}/c%2F1?serverId=s")


@pytest.mark.parametrize(
    ("category", "query"),
    [
        ("c", "serverId=s&channelCategoryId=c&channelId=7"),
        (None, "serverId=s&channelId=7"),
    ],
)
async def test_a_channel_is_moved_to_a_category_or_to_the_default_one(server, im, category, query):
    assert await im.categories.move_channel("s", "7", category) is None
    assert (server.seen[0].method, server.seen[0].target) == ("POST", f"{PREFIX}/member/transfer?{query}")
    assert server.seen[0].body is None


async def test_moving_is_repeated_as_it_can_only_lead_to_the_same_place(server, im):
    server.steps.extend([(503, {"error": "busy"}), {"code": 200}])
    assert await im.categories.move_channel("s", "7", "c") is None
    assert len(server.seen) == 2


async def test_list_walks_all_pages(server, im):
    row = CATEGORY | {"default_channel_category": 1}
    server.steps.append({"code": 200, "count": 1, "channelCategoryList": [row], "cursor": "x"})
    server.steps.append({"code": 200, "count": 1, "channelCategoryList": [CATEGORY]})
    found = [category async for category in im.categories.list("s")]
    assert [category.is_default for category in found] == [True, False]
    assert found[1] == Category.read(CATEGORY)
    assert [seen.target for seen in server.seen] == [
        f"{PREFIX}/list?serverId=s&limit=20",
        f"{PREFIX}/list?serverId=s&limit=20&cursor=x",
    ]


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({}, ""),
        ({"type": None}, ""),
        ({"type": ChannelType.PUBLIC}, "/public"),
        ({"type": ChannelType.PRIVATE}, "/private"),
    ],
)
async def test_channels_of_a_category(server, im, options, kind):
    server.steps.append(EXAMPLES["public"])
    page = await im.categories.channels("s", "c", **options).page(limit=1)
    assert server.seen[0].target == f"{PREFIX}/c{kind}/member/list?serverId=s&limit=1"
    assert [channel.channel_id for channel in page.items] == ["2059xxxxxx1542"]
    assert page.cursor == EXAMPLES["public"]["cursor"]


async def test_joined_channels_are_ids(server, im):
    server.steps.append({"code": 200, "count": 2, "channelIds": ["2090xxxxxx2369", 7], "cursor": "x"})
    server.steps.append({"code": 200, "count": 0, "channelIds": None, "cursor": ""})
    assert [channel_id async for channel_id in im.categories.joined("s", "c", "u")] == ["2090xxxxxx2369", "7"]
    assert [seen.target for seen in server.seen] == [
        f"{PREFIX}/c/user/joined/member/list?serverId=s&userId=u&limit=20",
        f"{PREFIX}/c/user/joined/member/list?serverId=s&userId=u&limit=20&cursor=x",
    ]


@pytest.mark.parametrize(
    "answer",
    [
        {"channelIds": {}},
        {"channelIds": [None]},
        {"channelIds": [""]},
        {"channelIds": [True]},
        {"channelIds": ["1"], "cursor": 5},
    ],
)
async def test_ids_that_are_none_are_a_bad_response(server, im, answer):
    server.default = {"code": 200, **answer}
    with pytest.raises(BadResponse):
        await im.categories.joined("s", "c", "u").page()


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("name", lambda im: im.categories.create("s", "")),
        ("name", lambda im: im.categories.create("s", "x" * 51)),
        ("name", lambda im: im.categories.rename("s", "c", "x" * 51)),
        ("community_id", lambda im: im.categories.create("", "n")),
        ("category_id", lambda im: im.categories.rename("s", "", "n")),
        ("community_id", lambda im: im.categories.delete("", "c")),
        ("category_id", lambda im: im.categories.move_channel("s", "7", "")),
        ("channel_id", lambda im: im.categories.move_channel("s", "", "c")),
        ("user_id", lambda im: im.categories.joined("s", "c", "not legal").page()),
        ("type", lambda im: im.categories.channels("s", "c", type=ChannelType.UNKNOWN).page()),
        ("community_id", lambda im: im.categories.list("").page()),
    ],
)
async def test_what_cannot_be_meant_is_refused_before_the_wire(server, im, field, call):
    with pytest.raises(InvalidArgument) as caught:
        await call(im)
    assert caught.value.field == field
    assert server.seen == []
