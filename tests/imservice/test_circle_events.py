"""What is told about communities, channels and categories (facts 7: a channel is a group or a chat room)."""

import pytest_asyncio

from tests.imservice.conftest import assert_refusal


def happened(api):
    """What was told since the last look: channel, operation and payload, in order."""
    events = [event.body for event in api.service.told]
    api.service.told.clear()
    for event in events:
        assert (event["event"], event["operator"]) == ("group_op_event", "@ppAdmin")
        assert event["type"] in {"GROUP", "CHATROOM"}
    return [(event["id"], event["operation"], event["payload"]) for event in events]


def people(api):
    """The same, with nothing but the members of the payload."""
    return [(channel, operation, *payload.get("member", ())) for channel, operation, payload in happened(api)]


@pytest_asyncio.fixture
async def default(api):
    default = (await api.get(f"/circle/server/{api.community}/by-id")).json["server"]["default_channel_id"]
    api.service.told.clear()
    return default


async def test_a_new_community_tells_of_its_default_channel(api, default):
    community = await api.new_community("ann", "Other", default_channel_name="Lobby")
    server = (await api.get(f"/circle/server/{community}/by-id")).json["server"]
    channel = (await api.get(f"/circle/channel/{server['default_channel_id']}", serverId=community)).json["channel"]
    payload = {key: channel[key] for key in ("name", "owner", "server_id", "channel_category_id")}
    assert happened(api) == [(server["default_channel_id"], "CREATE", payload)]


async def test_joining_tells_of_the_default_channel_once(api, default):
    for user in ("ben", "Ben"):
        assert (await api.post(f"/circle/server/{api.community}/join", userId=user)).status == 200
    await api.post(f"/circle/server/{api.community}/join", userId="ann", isJoinDefaultChannel="false")
    assert happened(api) == [(default, "JOIN", {"member": ["Ben"]})]


async def test_removal_from_the_community_tells_of_every_channel_that_is_left(api, default):
    text, voice = await api.new_channel("text"), await api.new_channel("voice", mode=1)
    await api.new_channel("without him")
    await api.join(text, "Ben")
    await api.join(voice, "Ben")
    api.service.told.clear()
    assert (await api.post(f"/circle/server/{api.community}/user/remove", userId="ben")).status == 200
    kinds = [event.body["type"] for event in api.service.told]
    assert people(api) == [(default, "KICK", "Ben"), (text, "KICK", "Ben"), (voice, "KICK", "Ben")]
    assert kinds == ["GROUP", "GROUP", "CHATROOM"]
    reply = await api.post(f"/circle/server/{api.community}/user/remove", userId="ben")
    assert_refusal(reply, 403, "forbidden_op")
    assert happened(api) == []


async def test_a_deleted_community_tells_of_every_channel(api, default):
    text, voice = await api.new_channel("text"), await api.new_channel("voice", mode=1)
    api.service.told.clear()
    assert (await api.delete(f"/circle/server/{api.community}")).status == 200
    kinds = [event.body["type"] for event in api.service.told]
    payload = {"server_id": api.community}
    assert happened(api) == [(channel, "DELETE", payload) for channel in (default, text, voice)]
    assert kinds == ["GROUP", "GROUP", "CHATROOM"]


async def test_a_channel_tells_of_its_life(api, default):
    channel = await api.new_channel("text")
    await api.put(f"/circle/channel/{channel}", {"name": "new"}, serverId=api.community)
    await api.delete(f"/circle/channel/{channel}", serverId=api.community)
    assert [(event[:2], event[2].get("name")) for event in happened(api)] == [
        ((channel, "CREATE"), "text"),
        ((channel, "UPDATE"), "new"),
        ((channel, "DELETE"), None),
    ]


async def test_batch_removal_tells_of_who_was_removed_and_of_nobody_else(api, default):
    channel = await api.new_channel()
    await api.join(channel, "ann", "Ben")
    api.service.told.clear()
    path, names = f"/circle/channel/{channel}/users/remove", ["ben", "nobody", "owner", "cleo", "ann"]
    assert (await api.post(path, {"server_id": api.community, "usernames": names})).status == 200
    assert people(api) == [(channel, "KICK", "Ben"), (channel, "KICK", "ann")]


async def test_a_channel_that_changes_its_category_is_told(api, default):
    base = "/circle/channel/category"
    created = await api.post(base, {"server_id": api.community, "name": "music"})
    music = created.json["channel_category_id"]
    await api.put(f"{base}/{music}", {"server_id": api.community, "name": "more music"})
    assert happened(api) == []
    channels = [await api.new_channel(f"c{n}", channel_category_id=music) for n in range(2)]
    api.service.told.clear()
    for target in (music, None, music, music):
        query = {} if target is None else {"channelCategoryId": target}
        await api.post(f"{base}/member/transfer", serverId=api.community, channelId=channels[0], **query)
    moves = [(channel, operation, payload["channel_category_id"]) for channel, operation, payload in happened(api)]
    default_category = moves[0][2]
    assert moves == [(channels[0], "UPDATE", default_category), (channels[0], "UPDATE", music)]
    assert default_category != music
    await api.delete(f"{base}/{music}", serverId=api.community)
    moves = [(channel, operation, payload["channel_category_id"]) for channel, operation, payload in happened(api)]
    assert moves == [(channel, "UPDATE", default_category) for channel in channels]


async def test_tags_roles_and_refusals_are_not_told(api, default):
    await api.join(None, "ann")
    api.service.told.clear()
    tags = f"/circle/server/{api.community}/tag/add"
    assert (await api.post(tags, {"tags": ["games"]})).status == 200
    assert (await api.put(f"/circle/server/{api.community}", {"name": "n"})).status == 200
    assert (await api.put(f"/circle/server/{api.community}/user/role", userId="ann", role=1)).status == 200
    assert_refusal(await api.delete(f"/circle/channel/{default}", serverId=api.community), 403, "forbidden_op")
    assert_refusal(await api.delete("/circle/server/unknown"), 404, "resource_not_found")
    assert happened(api) == []
