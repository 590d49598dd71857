import pytest
import pytest_asyncio

from tests.imservice.conftest import START_MS, assert_refusal

USER = "/circle/reaction/user/"


@pytest_asyncio.fixture
async def channel(api):
    channel = await api.new_channel()
    await api.join(channel, "ann", "Ben")
    return channel


@pytest_asyncio.fixture
async def message(api, channel):
    return await send(api, channel)


async def send(api, channel):
    reply = await api.post("/messages/chatgroups", {"to": [channel], "type": "txt", "body": {"msg": "x"}})
    return reply.json["data"][channel]


async def add(api, user, message, reaction="+1", **more):
    return await api.post(USER + user, {"message_id": message, "message": reaction, **more})


async def remove(api, user, message, reaction="+1"):
    return await api.delete(USER + user, messageId=message, message=reaction)


async def reactions(api, user, channel, *messages):
    reply = await api.get(USER + user, msgIdList=",".join(messages), channelId=channel)
    assert reply.status == 200, reply
    assert reply.json["count"] == len(reply.json["reactions"])
    return {
        row["msgId"]: {one["message"]: (one["count"], one["state"], one["userList"]) for one in row["reactionList"]}
        for row in reply.json["reactions"]
    }


async def test_a_reaction_is_listed_with_who_added_it_as_seen_by_who_asks(api, channel, message):
    await add(api, "Ann", message)
    await add(api, "ben", message)
    await add(api, "ben", message, "🎉")
    assert await reactions(api, "ann", channel, message) == {
        message: {"+1": (2, True, ["ann", "Ben"]), "🎉": (1, False, ["Ben"])}
    }
    assert await reactions(api, "cleo", channel, message) == {
        message: {"+1": (2, False, ["ann", "Ben"]), "🎉": (1, False, ["Ben"])}
    }


async def test_the_answer_names_the_reaction_which_all_share_who_add_it(api, channel, message):
    first = (await add(api, "ann", message)).json
    assert first.keys() == {"code", "reaction_id"}
    assert (await add(api, "Ben", message)).json == first
    assert (await add(api, "Ben", message, "other")).json["reaction_id"] != first["reaction_id"]
    listed = (await api.get(USER + "ann", msgIdList=message, channelId=channel)).json["reactions"][0]["reactionList"]
    assert listed[0]["reactionId"] == first["reaction_id"]


async def test_the_body_may_repeat_the_user_and_not_contradict_the_path(api, channel, message):
    assert (await add(api, "ann", message, user_id="ANN")).status == 200
    reply = await add(api, "ann", message, "x", user_id="Ben")
    assert_refusal(reply, 400, "illegal_argument", "user_id")
    assert set((await reactions(api, "ann", channel, message))[message]) == {"+1"}


async def test_without_a_user_in_the_path_there_is_nothing(api, message):
    reply = await api.post("/circle/reaction", {"user_id": "ann", "message_id": message, "message": "+1"})
    assert_refusal(reply, 404, "resource_not_found")


async def test_the_same_reaction_twice_is_refused_and_changes_nothing(api, channel, message):
    await add(api, "ann", message)
    reply = await add(api, "ANN", message)
    assert_refusal(reply, 400, "Bad Request", "the user is already operation this message")
    assert await reactions(api, "ann", channel, message) == {message: {"+1": (1, True, ["ann"])}}


async def test_a_message_has_at_most_20_different_reactions(api, channel, message):
    for number in range(20):
        assert (await add(api, "ann", message, f"r{number}")).status == 200
    assert_refusal(await add(api, "ann", message, "one more"), 400, "Bad Request", "The quantity has exceeded")
    assert (await add(api, "Ben", message, "r7")).status == 200, "no different one"
    await remove(api, "ann", message, "r3")
    assert (await add(api, "ann", message, "one more")).status == 200
    assert len((await reactions(api, "ann", channel, message))[message]) == 20


async def test_only_who_is_in_the_channel_may_react(api, channel, message):
    assert_refusal(await add(api, "cleo", message), 400, "Bad Request", "the user operation is illegal!")
    assert await reactions(api, "ann", channel, message) == {}


async def test_who_has_left_keeps_his_reactions_until_they_are_removed(api, channel, message):
    await add(api, "ann", message)
    await api.post(f"/circle/channel/{channel}/user/remove", userId="ann", serverId=api.community)
    assert await reactions(api, "Ben", channel, message) == {message: {"+1": (1, False, ["ann"])}}
    assert (await remove(api, "ann", message)).json == {"code": 200}
    assert await reactions(api, "Ben", channel, message) == {}


@pytest.mark.parametrize("spelling", ["messageId", "message_id", "msgId"])
async def test_removing_takes_back_one_users_reaction(api, channel, message, spelling):
    await add(api, "ann", message)
    await add(api, "Ben", message)
    reply = await api.delete(USER + "Ann", **{spelling: message, "message": "+1"})
    assert reply.json == {"code": 200}
    assert await reactions(api, "ann", channel, message) == {message: {"+1": (1, False, ["Ben"])}}


async def test_removing_what_is_not_there_is_refused(api, channel, message):
    await add(api, "ann", message)
    for user, reaction in (("Ben", "+1"), ("ann", "-1"), ("cleo", "+1")):
        assert_refusal(await remove(api, user, message, reaction), 400, "Bad Request", "the user operation is illegal!")
    await remove(api, "ann", message)
    assert_refusal(await remove(api, "ann", message), 400, "Bad Request", "the user operation is illegal!")


async def test_a_delete_is_never_a_read(api, channel, message):
    await add(api, "ann", message)
    reply = await api.delete(USER + "ann", msgIdList=message, channelId=channel)
    assert_refusal(reply, 400, "illegal_argument", "messageId")
    assert await reactions(api, "ann", channel, message) == {message: {"+1": (1, True, ["ann"])}}


async def test_several_messages_are_asked_for_with_commas_or_one_by_one(api, channel, message):
    second, third = await send(api, channel), await send(api, channel)
    await add(api, "ann", third)
    await add(api, "ann", message)
    expected = [message, third]
    for query in (
        [("msgIdList", f"{message},{second},{third}")],
        [("msgIdList", message), ("msgIdList", second), ("msgIdList", third)],
        [("msgIdList", f"{message},{message}"), ("msg_id_list", f"{second},{third}")],
    ):
        reply = await api.call("GET", USER + "ann", params=[*query, ("channelId", channel)])
        assert reply.json["count"] == 2
        assert [row["msgId"] for row in reply.json["reactions"]] == expected


async def test_at_most_20_messages_are_asked_for_at_once(api, channel):
    ids = [await send(api, channel) for _ in range(21)]
    assert await reactions(api, "ann", channel, *ids[:20]) == {}
    reply = await api.get(USER + "ann", msgIdList=",".join(ids), channelId=channel)
    assert_refusal(reply, 400, "Bad Request", "msgIdList exceeds the maximum number limit")


async def test_special_characters_come_back_as_they_were(api, channel, message):
    for reaction in ("a&b=c d", "%2B+", "表情/😀", "x" * 128, "'"):
        assert (await add(api, "ann", message, reaction)).status == 200
    assert set((await reactions(api, "ann", channel, message))[message]) == {
        "a&b=c d", "%2B+", "表情/😀", "x" * 128, "'",
    }  # fmt: skip
    assert (await remove(api, "ann", message, "a&b=c d")).status == 200
    assert (await remove(api, "ann", message, "%2B+")).status == 200


async def test_unknown_things_are_404(api, channel, message):
    other = await api.new_channel("other")
    assert_refusal(await add(api, "nobody", message), 404, "service_resource_not_found")
    assert_refusal(await add(api, "no name", message), 404, "service_resource_not_found")
    assert_refusal(await add(api, "ann", "123"), 404, "group_error", "msg not exist.")
    assert_refusal(await remove(api, "nobody", message), 404, "service_resource_not_found")
    assert_refusal(await remove(api, "ann", "123"), 404, "group_error", "msg not exist.")
    for user, ids, where, error, text in (
        ("nobody", message, channel, "service_resource_not_found", ""),
        ("ann", message, "123", "group_error", "group not found."),
        ("ann", "123", channel, "group_error", "msg not exist."),
        ("ann", f"{message},123", channel, "group_error", "msg not exist."),
        ("ann", message, other, "group_error", "msg not exist."),
    ):
        assert_refusal(await api.get(USER + user, msgIdList=ids, channelId=where), 404, error, text)


async def test_missing_and_malformed_arguments_are_400(api, channel, message):
    for body, text in (
        ({"message": "+1"}, "message_id"),
        ({"message_id": message}, "message"),
        ({"message_id": message, "message": ""}, "message"),
        ({"message_id": message, "message": "x" * 129}, "message"),
        ({"message_id": message, "message": 5}, "message"),
        ({"message_id": 5, "message": "+1"}, "message_id"),
    ):
        assert_refusal(await api.post(USER + "ann", body), 400, "illegal_argument", text)
    for query, text in (
        ({"channelId": channel}, "msgIdList"),
        ({"channelId": channel, "msgIdList": ""}, "msgIdList"),
        ({"channelId": channel, "msgIdList": f"{message},"}, "msgIdList"),
        ({"msgIdList": message}, "channelId"),
    ):
        assert_refusal(await api.get(USER + "ann", **query), 400, "illegal_argument", text)
    for query, text in (
        ({"messageId": message}, "message"),
        ({"messageId": message, "message": "x" * 129}, "message"),
        ({"message": "+1"}, "messageId"),
        ({"messageId": message, "msgId": "1", "message": "+1"}, "messageId"),
    ):
        assert_refusal(await api.delete(USER + "ann", **query), 400, "illegal_argument", text)


async def test_reactions_go_with_their_channel(api, channel, message):
    await add(api, "ann", message)
    await api.delete(f"/circle/channel/{channel}", serverId=api.community)
    for table in ("messages", "reactions", "reaction_users"):
        assert api.service.database.reader.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


async def test_in_a_voice_channel_one_may_react_too(api):
    voice = await api.new_channel("voice", mode=1)
    await api.join(voice, "ann")
    reply = await api.post("/messages/chatrooms", {"to": [voice], "type": "txt", "body": {"msg": "x"}})
    message = reply.json["data"][voice]
    assert (await add(api, "ann", message)).status == 200
    assert await reactions(api, "ann", voice, message) == {message: {"+1": (1, True, ["ann"])}}


async def test_what_happens_is_told(api, channel, message):
    await add(api, "ANN", message)
    await add(api, "ann", message)
    await add(api, "ben", message)
    await remove(api, "ann", message)
    await remove(api, "Ben", message)
    told = [event.body for event in api.service.told if event.body.get("chat_type") == "notify"]
    assert told[0] == {
        "eventType": "chat",
        "chat_type": "notify",
        "group_id": channel,
        "payload": {
            "type": "reaction",
            "data": [
                {
                    "messageId": message,
                    "from": "ann",
                    "to": channel,
                    "channel_type": "groupchat",
                    "ts": START_MS,
                    "reactions": [
                        {
                            "reaction": "+1",
                            "userList": ["ann"],
                            "count": 1,
                            "op": [{"reactionType": "create", "operator": "ann"}],
                        }
                    ],
                }
            ],
        },
    }
    rows = [body["payload"]["data"][0]["reactions"][0] for body in told]
    assert [(row["userList"], row["op"][0]["reactionType"], row["op"][0]["operator"]) for row in rows] == [
        (["ann"], "create", "ann"),
        (["ann", "Ben"], "create", "Ben"),
        (["Ben"], "delete", "ann"),
        ([], "delete", "Ben"),
    ]
