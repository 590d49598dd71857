import pytest

from tests.imservice.conftest import START_MS, assert_refusal


async def test_text_channel_gets_the_documented_defaults(api):
    status, body = await api.post("/circle/channel", {"server_id": api.community, "name": "tavern"})
    channel = body["channel"]
    assert status == 200
    assert body["channel_id"] == channel["channel_id"]
    assert channel["channel_id"].isdigit()
    assert channel == {
        "owner": "owner",
        "name": "tavern",
        "type": 0,
        "mode": 0,
        "description": "",
        "custom": "",
        "created": START_MS,
        "server_id": api.community,
        "channel_category_id": channel["channel_category_id"],
        "channel_id": channel["channel_id"],
        "max_users": 2000,
        "default_channel": 0,
    }
    default = (await api.get("/circle/channel/public", serverId=api.community)).json["channels"][0]
    assert channel["channel_category_id"] == default["channel_category_id"]


async def test_the_owner_is_in_a_text_channel_and_not_in_a_voice_channel(api):
    text, voice = await api.new_channel(), await api.new_channel("lounge", mode=1)
    for channel, inside in ((text, True), (voice, False)):
        reply = await api.get(f"/circle/channel/{channel}/user/owner", serverId=api.community)
        assert reply.json == {"code": 200, "result": inside}
        users = (await api.get(f"/circle/channel/{channel}/users", serverId=api.community)).json
        assert users["users"] == ([{"user_id": "owner", "role": 0}] if inside else [])


async def test_voice_channel_shows_rtc_name_and_who_is_in_it(api):
    created = (await api.post("/circle/channel", {"server_id": api.community, "name": "v", "mode": 1})).json["channel"]
    assert (created["max_users"], created["rtc_name"]) == (8, created["channel_id"])
    assert "current_users_count" not in created
    await api.join(created["channel_id"], "ann", "owner")
    detail = (await api.get(f"/circle/channel/{created['channel_id']}", serverId=api.community)).json["channel"]
    assert detail == created | {"current_users_count": 2}
    named = await api.new_channel("w", mode=1, rtc_name="150986")
    path = f"/circle/channel/{named}"
    assert (await api.get(path, serverId=api.community)).json["channel"]["rtc_name"] == "150986"
    changed = await api.put(path, {"rtc_name": "r2", "max_users": 20}, serverId=api.community)
    assert (changed.json["channel"]["rtc_name"], changed.json["channel"]["max_users"]) == ("r2", 20)


async def test_a_text_channel_has_no_rtc_name(api):
    channel = await api.new_channel(rtc_name="ignored")
    path = f"/circle/channel/{channel}"
    changed = await api.put(path, {"rtc_name": "still ignored", "custom": "c"}, serverId=api.community)
    assert changed.json["channel"]["custom"] == "c"
    assert "rtc_name" not in changed.json["channel"]
    assert "current_users_count" not in (await api.get(path, serverId=api.community)).json["channel"]


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"name": None}, 400, "illegal_argument"),
        ({"name": ""}, 400, "illegal_argument"),
        ({"name": "n" * 51}, 400, "illegal_argument"),
        ({"name": 5}, 400, "illegal_argument"),
        ({"type": 2}, 400, "illegal_argument"),
        ({"mode": 2}, 400, "illegal_argument"),
        ({"mode": 0.0}, 400, "illegal_argument"),
        ({"max_users": 0}, 400, "illegal_argument"),
        ({"max_users": 2001}, 400, "illegal_argument"),
        ({"max_users": "20"}, 400, "illegal_argument"),
        ({"max_users": 10**30}, 400, "illegal_argument"),
        ({"max_users": 21, "mode": 1}, 400, "illegal_argument"),
        ({"max_users": 5, "maxUsers": 6}, 400, "illegal_argument"),
        ({"description": "d" * 501}, 400, "illegal_argument"),
        ({"custom": "c" * 501}, 400, "illegal_argument"),
        ({"rtc_name": "r" * 51, "mode": 1}, 400, "illegal_argument"),
        ({"owner": "ann"}, 400, "illegal_argument"),
        ({"owner": "nobody"}, 404, "service_resource_not_found"),
        ({"server_id": None}, 400, "illegal_argument"),
        ({"server_id": "unknown"}, 404, "resource_not_found"),
        ({"channel_category_id": "unknown"}, 404, "resource_not_found"),
    ],
)
async def test_illegal_channels_are_refused(api, change, status, error):
    reply = await api.post("/circle/channel", {"server_id": api.community, "name": "n"} | change)
    assert_refusal(reply, status, error)
    assert (await api.get("/circle/channel/public", serverId=api.community)).json["count"] == 1


@pytest.mark.parametrize("spelling", ["max_users", "maxUsers", "maxusers"])
async def test_every_spelling_of_max_users_is_read(api, spelling):
    channel = await api.new_channel(**{spelling: 77})
    path = f"/circle/channel/{channel}"
    assert (await api.get(path, serverId=api.community)).json["channel"]["max_users"] == 77
    changed = await api.put(path, {spelling: 78}, serverId=api.community)
    assert changed.json["channel"]["max_users"] == 78


async def test_owner_in_the_request_is_checked_and_ignored(api):
    await api.join(None, "ann")
    await api.put(f"/circle/server/{api.community}/user/role", userId="ann", role=1)
    channel = await api.new_channel(owner="ann")
    detail = await api.get(f"/circle/channel/{channel}", serverId=api.community)
    assert detail.json["channel"]["owner"] == "owner"


async def test_names_are_counted_in_characters(api):
    assert (await api.new_channel("频" * 50)).isdigit()
    assert (await api.new_channel("🎲" * 50)).isdigit()


async def test_channels_of_a_community_are_limited_besides_the_default_one(launch):
    api = await launch(channels_per_community=2)
    await api.users("owner")
    api.community = await api.new_community()
    await api.new_channel()
    last = await api.new_channel()
    reply = await api.post("/circle/channel", {"server_id": api.community, "name": "third"})
    assert_refusal(reply, 403, "exceed_limit")
    await api.delete(f"/circle/channel/{last}", serverId=api.community)
    await api.new_channel()


async def test_update_changes_what_is_given_and_nothing_else(api):
    channel = await api.new_channel(description="old", custom="keep")
    path = f"/circle/channel/{channel}"
    before = (await api.get(path, serverId=api.community)).json["channel"]
    changed = await api.put(path, {"description": "", "type": 1, "name": None}, server_id=api.community)
    assert changed.json == {"code": 200, "channel": before | {"description": "", "type": 1}}
    assert (await api.get(path, serverId=api.community)).json == changed.json
    assert (await api.put(path, {}, serverId=api.community)).json == changed.json


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"name": "n" * 51}, {"mode": 1}, {"max_users": 2001}, {"type": 5}, {"custom": []}]
)
async def test_illegal_changes_are_refused(api, changes):
    path = f"/circle/channel/{await api.new_channel()}"
    assert_refusal(await api.put(path, changes, serverId=api.community), 400, "illegal_argument")


async def test_the_default_channel_stays_public_and_stays(api):
    default = (await api.get(f"/circle/server/{api.community}/by-id")).json["server"]["default_channel_id"]
    path = f"/circle/channel/{default}"
    assert_refusal(await api.put(path, {"type": 1}, serverId=api.community), 403, "forbidden_op")
    assert_refusal(await api.delete(path, serverId=api.community), 403, "forbidden_op")
    assert (await api.put(path, {"name": "Square"}, serverId=api.community)).json["channel"]["name"] == "Square"


async def test_deleting_a_channel(api):
    channel = await api.new_channel()
    await api.join(channel, "ann")
    path = f"/circle/channel/{channel}"
    assert (await api.delete(path, serverId=api.community)).json == {"code": 200}
    assert_refusal(await api.get(path, serverId=api.community), 404, "resource_not_found")
    assert_refusal(await api.delete(path, serverId=api.community), 404, "resource_not_found")


async def test_public_private_created_and_joined_lists(api):
    hidden = await api.new_channel("hidden", type=1)
    open_ = await api.new_channel("open")
    await api.join(hidden, "ann")
    default = (await api.get(f"/circle/server/{api.community}/by-id")).json["server"]["default_channel_id"]

    async def ids(path, **query):
        reply = await api.get(f"/circle/channel/{path}", serverId=api.community, **query)
        assert reply.json["count"] == len(reply.json["channels"])
        return [channel["channel_id"] for channel in reply.json["channels"]]

    assert await ids("public") == [default, open_]
    assert await ids("private") == [hidden]
    assert await ids("user/OWNER/created/channels") == [default, hidden, open_]
    assert await ids("user/ann/created/channels") == []
    assert await ids("user/joined/list", userId="ann") == [default, hidden]
    assert await ids("user/joined/list", user_Id="ann") == [default, hidden]
    assert await ids("user/joined/list", userId="Ben") == []
    for path, query in (("user/nobody/created/channels", {}), ("user/joined/list", {"userId": "nobody"})):
        reply = await api.get(f"/circle/channel/{path}", serverId=api.community, **query)
        assert_refusal(reply, 404, "service_resource_not_found")


@pytest.mark.parametrize("path", ["public", "private", "user/ann/created/channels", "user/joined/list?userId=ann"])
async def test_lists_need_a_community_that_exists(api, path):
    assert_refusal(await api.get(f"/circle/channel/{path}"), 400, "illegal_argument", "serverId")
    joint = "&" if "?" in path else "?"
    reply = await api.call("GET", f"/circle/channel/{path}{joint}serverId=unknown")
    assert_refusal(reply, 404, "resource_not_found")


async def test_a_channel_is_found_in_its_own_community_only(api):
    channel = await api.new_channel()
    other = await api.new_community("ann", "Other")
    path = f"/circle/channel/{channel}"
    assert_refusal(await api.get(path), 400, "illegal_argument", "serverId")
    assert_refusal(await api.get(path, serverId=other), 404, "resource_not_found", "channel")
    assert_refusal(await api.get(path, serverId="unknown"), 404, "resource_not_found", "server")
    assert (await api.get(path, server_id=api.community)).status == 200
    assert (await api.get(path, server_id=api.community, serverId=api.community)).status == 200
    assert_refusal(await api.get(path, server_id=other, serverId=api.community), 400, "illegal_argument")
