"""Every request of seed 002 that concerns channels, their members and mutes, replayed as one story.

The pages behind facts 6 (communities, tags, categories) have no examples among the seeds: there the lists of fields
are held.
"""

import json
from pathlib import Path

import pytest

from tests.imservice.likeness import filled, matches

EXAMPLES = json.loads((Path(__file__).parent / "examples" / "circle.json").read_text(encoding="utf-8"))
SEED = [example for example in EXAMPLES if example["seed"].startswith("002 ")]

COMMUNITY = {
    "name", "owner", "type", "description", "custom", "tags", "tag_count", "created", "server_id", "icon_url",
    "background_url", "default_channel_id",
}  # fmt: skip
CATEGORY = {"name", "created", "server_id", "channel_category_id"}
CHANNEL = {
    "owner", "name", "type", "mode", "description", "custom", "created", "server_id", "channel_category_id",
    "channel_id", "max_users", "default_channel",
}  # fmt: skip


async def test_every_request_of_the_seed_gets_its_answer(launch):
    api = await launch()
    await api.users("user1", "u1", "u2", "u3", "u5")
    api.community = await api.new_community("user1")
    await api.join(None, "u1", "u2", "u3", "u5")
    values = {"community": api.community}
    for example in EXAMPLES:
        body = filled(example.get("body"), values)
        path = example["path"].format(**values)
        reply = await api.call(example["method"], path, **({} if body is None else {"json": body}))
        assert reply.status == 200, (example["seed"], reply)
        if "keep" in example:
            values[example["keep"]] = reply.json["channel_id"]
        if example["answer"] is not None:
            assert matches(reply.json, filled(example["answer"], values)), (example["seed"], reply.json)


def test_the_examples_are_all_there():
    # 002 has 17 calls here; creating is requested twice, asking for the details answered twice.
    assert len(SEED) == 19
    assert len({example["seed"].split(":")[0] for example in SEED}) == 17


@pytest.fixture
async def filled_community(api):
    """A community with a tag, a category with a channel, and a member."""
    await api.post(f"/circle/server/{api.community}/tag/add", {"tags": ["games"]})
    created = await api.post("/circle/channel/category", {"server_id": api.community, "name": "music"})
    category = created.json["channel_category_id"]
    channel = await api.new_channel(channel_category_id=category)
    await api.join(channel, "ann")
    return {"s": api.community, "category": category, "channel": channel}


@pytest.mark.parametrize(
    ("method", "path", "keys", "inner", "fields"),
    [
        ("GET", "/circle/user/ann", {"result"}, None, None),
        ("GET", "/circle/server/list/by-app", {"count", "servers"}, "servers", COMMUNITY),
        ("POST", "/circle/server", {"server_id"}, None, None),
        ("PUT", "/circle/server/{s}", {"server"}, "server", COMMUNITY),
        ("GET", "/circle/server/{s}/by-id", {"server"}, "server", COMMUNITY),
        ("GET", "/circle/server/list?userId=ann", {"count", "servers"}, "servers", COMMUNITY),
        ("GET", "/circle/server/recommend/list", {"count", "servers"}, "servers", COMMUNITY),
        ("GET", "/circle/server/search/Harb?type=0", {"count", "servers"}, "servers", COMMUNITY),
        ("GET", "/circle/server/search/games?type=1", {"count", "servers"}, "servers", COMMUNITY),
        ("POST", "/circle/server/{s}/tag/add", {"tags"}, "tags", {"server_tag_id", "tag_name"}),
        ("GET", "/circle/server/{s}/tag", {"count", "tags"}, "tags", {"server_tag_id", "tag_name"}),
        ("GET", "/circle/server/{s}/users", {"count", "users"}, "users", {"user_id", "role"}),
        ("GET", "/circle/server/{s}/users/count", {"users_count"}, None, None),
        ("POST", "/circle/server/{s}/join?userId=Ben", {"server"}, "server", COMMUNITY),
        ("GET", "/circle/server/{s}/user/ann", {"result"}, None, None),
        ("GET", "/circle/server/{s}/user/role?userId=ann", {"role"}, None, None),
        ("PUT", "/circle/server/{s}/user/role?userId=ann&role=1", set(), None, None),
        ("POST", "/circle/server/{s}/user/remove?userId=ann", set(), None, None),
        ("DELETE", "/circle/server/{s}", set(), None, None),
        ("POST", "/circle/channel/category", {"channel_category_id"}, None, None),
        ("PUT", "/circle/channel/category/{category}", {"channelCategory"}, "channelCategory", CATEGORY),
        ("DELETE", "/circle/channel/category/{category}?serverId={s}", set(), None, None),
        ("POST", "/circle/channel/category/member/transfer?serverId={s}&channelId={channel}", set(), None, None),
        (
            "GET", "/circle/channel/category/list?serverId={s}", {"count", "channelCategoryList"},
            "channelCategoryList", CATEGORY,
        ),
        (
            "GET", "/circle/channel/category/{category}/member/list?serverId={s}", {"count", "channels"},
            "channels", CHANNEL,
        ),
        (
            "GET", "/circle/channel/category/{category}/public/member/list?serverId={s}", {"count", "channels"},
            "channels", CHANNEL,
        ),
        (
            "GET", "/circle/channel/category/{category}/private/member/list?serverId={s}", {"count", "channels"},
            None, None,
        ),
        (
            "GET", "/circle/channel/category/{category}/user/joined/member/list?serverId={s}&userId=ann",
            {"count", "channelIds"}, None, None,
        ),
    ],
)  # fmt: skip
async def test_answers_have_the_documented_fields(api, filled_community, method, path, keys, inner, fields):
    body = {"server_id": api.community, "owner": "ann", "name": "n", "tags": ["a"]}
    reply = await api.call(method, path.format(**filled_community), **({} if method == "GET" else {"json": body}))
    assert (reply.status, reply.json["code"]) == (200, 200), reply
    assert set(reply.json) == {"code"} | keys
    if inner is not None:
        shown = reply.json[inner]
        row = shown[0] if isinstance(shown, list) else shown
        extra = {"default_channel_category"} if fields is CATEGORY else set()
        assert set(row) == fields | extra


def test_matching_notices_what_differs():
    assert matches({"a": 1, "created": 5}, {"a": 1, "created": 9})
    assert not matches({"a": 1, "b": 2}, {"a": 1})
    assert not matches({"a": "1"}, {"a": 1})
    assert not matches({"a": True}, {"a": 1})
    assert not matches({"a": [1]}, {"a": [1, 2]})
