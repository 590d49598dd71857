import asyncio
import json

import pytest
import pytest_asyncio

from bot.imservice.contents import TYPES
from bot.imservice.domain import messages
from tests.imservice.conftest import START_MS, assert_refusal

PATHS = {False: "/messages/chatgroups", True: "/messages/chatrooms"}
CONTENTS = {
    "txt": {"msg": "hello"},
    "img": {"url": "u", "filename": "f", "secret": "s", "size": {"width": 3, "height": 4}},
    "audio": {"url": "u", "Length": 3, "length": 3},
    "video": {"url": "u", "thumb": "t", "thumb_secret": "s", "length": 3, "file_length": 4},
    "file": {"url": "u"},
    "loc": {"lat": "39.9", "lng": 116.3, "addr": "中关村"},
    "cmd": {"action": "refresh"},
    "custom": {"customEvent": "a-Z_/.9", "customExts": {"k": "v"}},
}
TOLD_AS = {
    "txt": "text", "img": "image", "audio": "voice", "video": "video", "file": "file", "loc": "location",
    "cmd": "command", "custom": "custom",
}  # fmt: skip


@pytest_asyncio.fixture
async def channel(api):
    channel = await api.new_channel()
    await api.join(channel, "ann", "Ben")
    return channel


async def send(api, *targets, rooms=False, **more):
    message = {"to": list(targets), "type": "txt", "body": {"msg": "hello"}} | more
    return await api.post(PATHS[rooms], {key: value for key, value in message.items() if value != "absent"})


def stored(api):
    rows = api.service.database.reader.execute("SELECT id, sender, type, body, ext, created FROM messages").fetchall()
    return [
        (message_id, sender, kind, json.loads(body), ext and json.loads(ext), created)
        for message_id, sender, kind, body, ext, created in rows
    ]


async def test_the_answer_is_the_envelope_with_an_id_for_every_target(api, channel):
    other = await api.new_channel("other")
    reply = await send(api, channel, other, channel)
    mine = api.service.credentials
    assert reply.json.pop("data").keys() == {channel, other}
    assert reply.json == {
        "action": "post",
        "path": "/messages/chatgroups",
        "uri": f"{api.url}{api.prefix}/messages/chatgroups",
        "timestamp": START_MS,
        "duration": 0,
        "application": mine.application,
        "organization": mine.org,
        "applicationName": mine.app,
    }
    assert len(stored(api)) == 2, "a target that is given twice gets one message"


async def test_the_other_dialect_has_no_names_in_its_envelope(api, channel):
    api.prefix = f"/app-id/{api.service.credentials.app_id}"
    reply = await send(api, channel)
    assert reply.json.keys() == {"action", "path", "uri", "timestamp", "duration", "data"}


async def test_ids_are_19_digits_and_texts(api, channel):
    (message_id,) = (await send(api, channel)).json["data"].values()
    assert isinstance(message_id, str)
    assert len(message_id) == 19
    assert message_id.isdecimal()


async def test_a_message_is_stored_as_it_was_sent(api, channel):
    reply = await send(api, channel, ext={"keep": True}, **{"from": "ben"})
    expected = (reply.json["data"][channel], "Ben", "txt", {"msg": "hello"}, {"keep": True}, START_MS)
    assert stored(api) == [expected], "the sender is spelled as registered"


async def test_the_sender_is_admin_unless_given_and_need_not_exist(api, channel):
    for sender in ("absent", None, "nobody"):
        assert (await send(api, channel, **{"from": sender})).status == 200
    assert [row[1] for row in stored(api)] == ["admin", "admin", "nobody"]


async def test_targets_that_do_not_exist_get_an_id_and_nothing_else(api):
    reply = await send(api, "1", "2")
    assert reply.status == 200
    assert len(set(reply.json["data"].values())) == 2
    assert stored(api) == []
    assert [event for event in api.service.told if "msg_id" in event.body] == []


async def test_text_channels_are_groups_and_voice_channels_are_rooms(api, channel):
    voice = await api.new_channel("voice", mode=1)
    for rooms, wrong in ((False, voice), (True, channel)):
        assert (await send(api, wrong, rooms=rooms)).status == 200
    assert stored(api) == []
    assert (await send(api, voice, rooms=True)).status == 200
    assert len(stored(api)) == 1
    told = api.service.told[-1].body
    assert (told["content_type"], told["chat_type"], told["payload"]["type"]) == (
        "chat:room:text",
        "groupchat",
        "chatroom",
    )


async def test_a_message_to_a_thread_is_stored_with_its_channel_and_goes_with_the_thread(api, channel):
    parent = (await send(api, channel)).json["data"][channel]
    thread = (
        await api.post("/circle/thread", {"channel_id": channel, "user_id": "ann", "name": "t", "message_id": parent})
    ).json["thread_id"]
    await send(api, thread)
    assert api.service.told[-1].body["group_id"] == thread
    reader = api.service.database.reader
    rows = reader.execute("SELECT c.id, t.id FROM messages m JOIN channels c ON c.seq = m.channel "
                          "LEFT JOIN threads t ON t.seq = m.thread ORDER BY m.seq").fetchall()  # fmt: skip
    assert rows == [(channel, None), (channel, thread)]
    await api.delete(f"/circle/thread/{thread}")
    assert [row[0] for row in stored(api)] == [parent]


@pytest.mark.parametrize("kind", CONTENTS)
async def test_every_type_is_taken_and_told_by_its_name(api, channel, kind):
    reply = await send(api, channel, type=kind, body=CONTENTS[kind], **{"from": "ann"})
    assert reply.status == 200
    assert api.service.told[-1].body == {
        "eventType": "chat",
        "chat_type": "groupchat",
        "group_id": channel,
        "from": "ann",
        "to": channel,
        "msg_id": reply.json["data"][channel],
        "content_type": f"chat:group:{TOLD_AS[kind]}",
        "payload": {
            "ext": {},
            "bodies": [{**CONTENTS[kind], "type": kind}],
            "from": "ann",
            "to": channel,
            "type": "groupchat",
        },
    }


def test_the_types_are_those_of_the_documents():
    assert set(TYPES) == set(CONTENTS)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"from": ""}, "param from can't be empty"),
        ({"to": []}, "param to can't be empty"),
        ({"to": "absent"}, "param to can't be empty"),
        ({"to": ["1", "2", "3", "4"]}, "params to's size can't exceed limit 3"),
        ({"type": ""}, "param type can't be empty"),
        ({"type": "absent"}, "param type can't be empty"),
        ({"body": {}}, "param body can't be empty"),
        ({"body": "absent"}, "param body can't be empty"),
        ({"ext": None}, "param ext must be JSONObject"),
        ({"ext": "text"}, "param ext must be JSONObject"),
        ({"ext": []}, "param ext must be JSONObject"),
        ({"body": {"msg": "x" * 5111}}, "message is too large"),
        ({"ext": {"a": "x" * 5100}}, "message is too large"),
        ({"body": {"msg": "频" * 1704}}, "message is too large"),
    ],
)
async def test_documented_refusals_have_their_documented_text(api, channel, change, text):
    reply = await send(api, channel, **change)
    assert_refusal(reply, 400, "message_send_error", circle=False)
    assert reply.json["error_description"] == text
    assert stored(api) == []


async def test_up_to_5_kb_of_body_and_ext_together_are_taken(api, channel):
    body, ext = {"msg": "频" * 1000}, {"a": ""}
    size = sum(len(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode()) for part in (body, ext))
    ext["a"] = "x" * (5 * 1024 - size)
    assert (await send(api, channel, body=body, ext=ext)).status == 200
    ext["a"] += "x"
    assert (await send(api, channel, body=body, ext=ext)).status == 400


@pytest.mark.parametrize(
    "change",
    [
        {"from": 5},
        {"from": "x" * 129},
        {"to": "1"},
        {"to": [5]},
        {"to": [""]},
        {"to": ["x" * 129]},
        {"to": ["\ud800"]},
        {"type": 5},
        {"type": "sticker"},
        {"body": "hello"},
        {"body": []},
        {"body": {"msg": 5}},
        {"body": {"text": "hello"}},
        {"body": {"msg": "\ud800"}},
        {"type": "img", "body": {"filename": "no url"}},
        {"type": "img", "body": {"url": "u", "size": []}},
        {"type": "img", "body": {"url": "u", "size": {"width": -1}}},
        {"type": "audio", "body": {"url": "u", "Length": "3"}},
        {"type": "video", "body": {"url": "u", "file_length": True}},
        {"type": "loc", "body": {"lat": "1", "lng": "2"}},
        {"type": "loc", "body": {"lat": True, "lng": "2", "addr": ""}},
        {"type": "cmd", "body": {"msg": "x"}},
        {"type": "custom", "body": {"customEvent": "名"}},
        {"type": "custom", "body": {"customEvent": "x" * 33}},
        {"type": "custom", "body": {"customExts": {"k": 1}}},
        {"type": "custom", "body": {"customExts": {str(n): "" for n in range(17)}}},
        {"need_group_ack": "yes"},
        {"routetype": "ROUTE_OFFLINE"},
        {"roam_ignore_users": ["x"] * 21},
        {"roam_ignore_users": "x"},
    ],
)
async def test_what_is_of_the_wrong_shape_is_an_invalid_body(api, channel, change):
    assert_refusal(await send(api, channel, **change), 400, "invalid_request_body", "Request body", circle=False)
    assert stored(api) == []


async def test_fields_without_an_effect_here_and_unknown_ones_are_taken(api, channel):
    more = {"need_group_ack": True, "routetype": "ROUTE_ONLINE", "roam_ignore_users": ["ann"] * 20, "sync_device": 1}
    assert (await send(api, channel, body={"msg": "x", "other": [1]}, **more)).status == 200
    assert stored(api)[0][3] == {"msg": "x", "other": [1]}
    voice = await api.new_channel("voice", mode=1)
    assert (await send(api, voice, rooms=True, chatroom_msg_level="high")).status == 200
    reply = await send(api, voice, rooms=True, chatroom_msg_level="urgent")
    assert_refusal(reply, 400, "invalid_request_body", circle=False)


@pytest.mark.parametrize("body", [b"5", b"[]", b'"x"', b"null"])
async def test_json_that_is_no_object_is_an_invalid_body(api, body):
    reply = await api.call("POST", PATHS[False], data=body, headers={"Content-Type": "application/json"})
    assert_refusal(reply, 400, "invalid_request_body", circle=False)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff"])
async def test_what_is_no_json_says_so(api, body):
    reply = await api.call("POST", PATHS[False], data=body, headers={"Content-Type": "application/json"})
    assert_refusal(reply, 400, "json_parse", circle=False)


async def test_a_number_beyond_all_numbers_is_refused(api, channel):
    body = json.dumps({"to": [channel], "type": "txt", "body": {"msg": "x"}, "ext": {"n": 0}}).replace(" 0}", " 1e999}")
    reply = await api.call("POST", PATHS[False], data=body, headers={"Content-Type": "application/json"})
    assert_refusal(reply, 400, "invalid_request_body", circle=False)


async def test_ten_rooms_go_at_once_and_three_groups(api):
    assert (await send(api, *map(str, range(10)), rooms=True)).status == 200
    reply = await send(api, *map(str, range(11)), rooms=True)
    assert_refusal(reply, 400, "message_send_error", "params to's size can't exceed limit 10", circle=False)
    assert (await send(api, "1", "2", "3")).status == 200


@pytest.mark.parametrize(("rooms", "other"), [(False, True), (True, False)])
async def test_the_21st_call_of_a_second_is_429(launch, rooms, other):
    now = [0.0]
    api = await launch(rate_limit=100, monotonic=lambda: now[0])
    replies = [await send(api, "1", rooms=rooms) for _ in range(21)]
    assert [reply.status for reply in replies[:20]] == [200] * 20
    assert_refusal(replies[20], 429, "reach_limit", "This request has reached api limit", circle=False)
    assert (await send(api, "1", rooms=other)).status == 200, "groups and rooms are counted apart"
    assert (await api.get("/circle/user/ann")).status == 200
    now[0] = 1.0
    assert (await send(api, "1", rooms=rooms)).status == 200


@pytest.mark.parametrize(("rooms", "targets", "calls"), [(False, 3, 7), (False, 2, 10), (True, 10, 10)])
async def test_more_messages_than_a_second_allows_are_403(launch, rooms, targets, calls):
    now = [0.0]
    api = await launch(rate_limit=100, monotonic=lambda: now[0])
    names = [str(n) for n in range(targets)]
    assert {(await send(api, *names, rooms=rooms)).status for _ in range(calls)} == {200}
    reply = await send(api, *names, rooms=rooms)
    assert_refusal(reply, 403, "message_send_error", "message send reach limit", circle=False)
    assert (await send(api, "1", rooms=not rooms)).status == 200
    now[0] = 1.0
    assert (await send(api, *names, rooms=rooms)).status == 200


async def test_a_refused_call_counts_no_message(launch):
    api = await launch(rate_limit=100, monotonic=lambda: 0.0)
    for _ in range(6):
        await send(api, "1", "2", "3", ext=None)
    assert [(await send(api, "1", "2", "3")).status for _ in range(8)] == [200] * 7 + [403]


@pytest.mark.parametrize(
    "options",
    [{"rate_limit": None}, {"rate_limit": 100, "message_rate_limit": None, "messages_per_second": None}],
)
async def test_the_limits_of_messages_can_be_switched_off(launch, options):
    api = await launch(monotonic=lambda: 0.0, **options)
    assert {(await send(api, "1", "2", "3")).status for _ in range(40)} == {200}


@pytest.mark.parametrize("name", ["message_rate_limit", "messages_per_second", "room_messages_per_second"])
async def test_a_limit_of_zero_is_a_mistake(launch, name):
    with pytest.raises(ValueError, match=name):
        await launch(**{name: 0})


async def test_many_at_once_get_ids_of_their_own(api, channel):
    replies = await asyncio.gather(*(send(api, channel) for _ in range(200)))
    assert len({reply.json["data"][channel] for reply in replies}) == 200


async def test_ids_do_not_come_back_when_the_same_seed_starts_again(launch, tmp_path):
    seen = []
    for _ in range(2):
        api = await launch(data=tmp_path)
        if not seen:
            await api.users("owner")
            api.community = await api.new_community()
            channel = await api.new_channel()
            api.service.ids._random.seed(5)
        else:
            api.service.ids._random.seed(5)
        seen += [(await send(api, channel)).json["data"][channel] for _ in range(3)]
        await api.service.stop()
    assert len(set(seen)) == 6


async def test_the_sweep_takes_old_messages_with_their_reactions_a_batch_at_a_time(api, channel, clock):
    old = [(await send(api, channel)).json["data"][channel] for _ in range(3)]
    await api.post("/circle/reaction/user/ann", {"message_id": old[0], "message": "+1"})
    body = {"channel_id": channel, "user_id": "ann", "name": "t", "message_id": old[1]}
    thread = (await api.post("/circle/thread", body)).json["thread_id"]
    clock.ms += 1
    young = (await send(api, channel)).json["data"][channel]
    write = api.service.write
    assert await write(lambda connection: messages.sweep(connection, START_MS, 10)) == 0
    assert await write(lambda connection: messages.sweep(connection, START_MS + 1, 2)) == 2
    assert await write(lambda connection: messages.sweep(connection, START_MS + 1, 2)) == 1
    assert [row[0] for row in stored(api)] == [young]
    for table in ("reactions", "reaction_users"):
        assert api.service.database.reader.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert (await api.get(f"/circle/thread/{thread}")).json["msgId"] == old[1], "a thread outlives its message"


async def test_the_directed_variant_is_not_served(api):
    assert_refusal(await api.post("/messages/chatgroups/users", {}), 404, "resource_not_found", circle=False)
