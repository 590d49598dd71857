import pytest
import pytest_asyncio

from bot.imservice.domain import threads
from tests.imservice.conftest import START_MS, assert_refusal

ALL = "/circle/thread"


@pytest_asyncio.fixture
async def channel(api):
    channel = await api.new_channel()
    await api.join(channel, "ann", "Ben")
    await api.join(None, "cleo")
    return channel


@pytest_asyncio.fixture
async def message(api, channel):
    return await send(api, channel)


@pytest_asyncio.fixture
async def thread(api, channel, message):
    return (await create(api, channel, message)).json["thread_id"]


async def send(api, target, path="/messages/chatgroups"):
    reply = await api.post(path, {"to": [target], "type": "txt", "body": {"msg": "x"}})
    return reply.json["data"][target]


async def create(api, channel, message, user="ann", name="Tactics", **more):
    body = {"channel_id": channel, "user_id": user, "name": name, "message_id": message} | more
    return await api.post(ALL, {key: value for key, value in body.items() if value != "absent"})


async def join(api, thread, user):
    return await api.post(f"{ALL}/{thread}/user/join", userId=user)


async def remove(api, thread, user):
    return await api.post(f"{ALL}/{thread}/user/remove", userId=user)


async def listed(api, which, channel, **query):
    reply = await api.get(f"{ALL}/{which}", channelId=channel, **query)
    assert reply.status == 200, reply
    assert reply.json["count"] == len(reply.json["threads"])
    return [row["id"] for row in reply.json["threads"]]


async def test_a_thread_starts_at_a_message_and_is_shown_with_its_name(api, channel, message, clock):
    clock.ms += 5
    reply = await create(api, channel, message, user="ANN")
    assert reply.json.keys() == {"code", "thread_id"}
    clock.ms += 5
    thread = reply.json["thread_id"]
    row = {
        "id": thread,
        "msgId": message,
        "channelId": channel,
        "owner": "ann",
        "created": START_MS + 5,
        "name": "Tactics",
    }
    assert (await api.get(f"{ALL}/{thread}")).json == {"code": 200, **row}
    assert (await api.get(f"{ALL}/list", channelId=channel)).json == {"code": 200, "count": 1, "threads": [row]}


async def test_the_owner_is_in_his_thread(api, channel, thread):
    assert await listed(api, "joined", channel, userId="ann") == [thread]
    assert await listed(api, "joined", channel, userId="Ben") == []


async def test_the_message_may_be_given_as_a_number(api, channel, message):
    reply = await create(api, channel, int(message))
    assert (await api.get(f"{ALL}/{reply.json['thread_id']}")).json["msgId"] == message


async def test_one_thread_a_message(api, channel, message, thread):
    reply = await create(api, channel, message, user="Ben")
    assert_refusal(reply, 403, "group_error", "msg already create thread.not allow to create.")
    await api.delete(f"{ALL}/{thread}")
    assert (await create(api, channel, message, user="Ben")).status == 200


async def test_a_thread_belongs_to_a_message_of_its_own_text_channel(api, channel, message, thread):
    other = await api.new_channel("other")
    await api.join(other, "ann")
    assert_refusal(await create(api, other, message), 400, "group_error", "msg not belong to group .")
    assert_refusal(await create(api, channel, await send(api, thread)), 400, "group_error", "thread not nested.")
    voice = await api.new_channel("voice", mode=1)
    await api.join(voice, "ann")
    spoken = await send(api, voice, "/messages/chatrooms")
    reply = await create(api, voice, spoken)
    assert_refusal(reply, 400, "group_error", "thread must on group message to create.")


@pytest.mark.parametrize(
    ("change", "status", "error", "text"),
    [
        ({"user_id": "nobody"}, 404, "service_resource_not_found", ""),
        ({"channel_id": "123"}, 404, "group_error", "group not found."),
        ({"message_id": "123"}, 404, "group_error", "msg not exist."),
        ({"message_id": 0}, 404, "group_error", "msg not exist."),
        ({"user_id": "cleo"}, 404, "group_error", "user not in group."),
        ({"user_id": "no name"}, 400, "illegal_argument", "no name"),
        ({"user_id": "absent"}, 400, "illegal_argument", "user_id"),
        ({"channel_id": "absent"}, 400, "illegal_argument", "channel_id"),
        ({"message_id": "absent"}, 400, "illegal_argument", "message_id"),
        ({"message_id": True}, 400, "illegal_argument", "message_id"),
        ({"message_id": -1}, 400, "illegal_argument", "message_id"),
        ({"message_id": 2**63}, 400, "illegal_argument", "message_id"),
        ({"message_id": 1.5}, 400, "illegal_argument", "message_id"),
        ({"name": "absent"}, 400, "illegal_argument", "name"),
        ({"name": ""}, 400, "illegal_argument", "name"),
        ({"name": "  "}, 400, "illegal_argument", "name"),
        ({"name": 5}, 400, "illegal_argument", "name"),
        ({"name": "x" * 65}, 400, "group_error", "thread name limit reached."),
    ],
)
async def test_what_cannot_become_a_thread(api, channel, message, change, status, error, text):
    assert_refusal(await create(api, channel, message, **change), status, error, text)
    assert await listed(api, "list", channel) == []


async def test_a_name_has_up_to_64_characters_also_when_it_changes(api, channel, message):
    thread = (await create(api, channel, message, name="频" * 64)).json["thread_id"]
    for name, reply in (
        ("道" * 64, {"code": 200}),
        ("x" * 65, None),
    ):
        answer = await api.put(f"{ALL}/{thread}", {"name": name})
        if reply is None:
            assert_refusal(answer, 400, "group_error", "thread name limit reached.")
        else:
            assert answer.json == reply
    assert (await api.get(f"{ALL}/{thread}")).json["name"] == "道" * 64
    assert_refusal(await api.put(f"{ALL}/{thread}", {}), 400, "illegal_argument", "name")


async def test_a_thread_that_is_not_there_is_404_throughout(api, thread):
    assert (await api.delete(f"{ALL}/{thread}")).json == {"code": 200}
    for one in (thread, "123"):
        for reply in (
            await api.get(f"{ALL}/{one}"),
            await api.put(f"{ALL}/{one}", {"name": "x"}),
            await api.delete(f"{ALL}/{one}"),
            await join(api, one, "Ben"),
            await remove(api, one, "Ben"),
        ):
            assert_refusal(reply, 404, "group_error", "thread not found.")


async def test_joining_twice_is_joining_once(api, channel, thread):
    for user in ("Ben", "ben", "ann"):
        assert (await join(api, thread, user)).json == {"code": 200}
    assert await listed(api, "joined", channel, userId="BEN") == [thread]
    assert await listed(api, "joined", channel, userId="ann") == [thread]


async def test_only_who_is_in_the_channel_can_join(api, channel, thread):
    assert_refusal(await join(api, thread, "cleo"), 404, "group_error", "user not in group.")
    assert_refusal(await join(api, thread, "nobody"), 404, "service_resource_not_found")
    assert_refusal(await api.post(f"{ALL}/{thread}/user/join"), 400, "illegal_argument", "userId")
    assert await listed(api, "joined", channel, userId="cleo") == []


async def test_removing_from_a_thread_leaves_the_channel_alone(api, channel, thread):
    await join(api, thread, "Ben")
    assert (await remove(api, thread, "ben")).json == {"code": 200}
    assert await listed(api, "joined", channel, userId="Ben") == []
    reply = await api.get(f"/circle/channel/{channel}/user/Ben", serverId=api.community)
    assert reply.json["result"] is True
    assert_refusal(await remove(api, thread, "Ben"), 404, "group_error", "user not in group.")
    assert_refusal(await remove(api, thread, "nobody"), 404, "service_resource_not_found")
    assert_refusal(await api.post(f"{ALL}/{thread}/user/remove"), 400, "illegal_argument", "userId")


async def test_the_owner_of_a_thread_cannot_be_removed_from_it(api, channel, thread):
    assert_refusal(await remove(api, thread, "ANN"), 403, "forbidden_op", "owner")
    assert await listed(api, "joined", channel, userId="ann") == [thread]


async def test_leaving_the_channel_leaves_its_threads_and_no_others(api, channel, message, thread):
    other = await api.new_channel("other")
    await api.join(other, "Ben")
    elsewhere = (await create(api, other, await send(api, other), user="Ben")).json["thread_id"]
    await join(api, thread, "Ben")
    await api.post(f"/circle/channel/{channel}/user/remove", userId="Ben", serverId=api.community)
    assert await listed(api, "joined", channel, userId="Ben") == []
    assert await listed(api, "joined", other, userId="Ben") == [elsewhere]


async def test_an_owner_who_left_still_has_created_the_thread(api, channel, thread):
    await api.post(f"/circle/channel/{channel}/user/remove", userId="ann", serverId=api.community)
    assert await listed(api, "created", channel, userId="ann") == [thread]
    assert await listed(api, "joined", channel, userId="ann") == []


async def test_threads_go_with_their_channel(api, channel, thread):
    await api.delete(f"/circle/channel/{channel}", serverId=api.community)
    assert_refusal(await api.get(f"{ALL}/{thread}"), 404, "group_error", "thread not found.")
    assert api.service.database.reader.execute("SELECT count(*) FROM thread_members").fetchone() == (0,)


async def test_the_three_lists_tell_apart_who_created_and_who_joined(api, channel):
    by_ann = [(await create(api, channel, await send(api, channel))).json["thread_id"] for _ in range(2)]
    by_ben = [(await create(api, channel, await send(api, channel), user="Ben")).json["thread_id"] for _ in range(2)]
    other = await api.new_channel("other")
    await api.join(other, "ann")
    elsewhere = (await create(api, other, await send(api, other))).json["thread_id"]
    await join(api, by_ben[1], "ann")
    await join(api, by_ben[0], "ann")
    assert await listed(api, "list", channel) == by_ann + by_ben
    assert await listed(api, "created", channel, userId="ANN") == by_ann
    assert await listed(api, "created", channel, userId="Ben") == by_ben
    assert await listed(api, "joined", channel, userId="ann") == [*by_ann, by_ben[1], by_ben[0]], "as joined"
    assert await listed(api, "joined", other, userId="ann") == [elsewhere]
    assert await listed(api, "joined", channel, userId="cleo") == []


@pytest.mark.parametrize("which", ["list", "created", "joined"])
async def test_the_lists_go_on_by_their_cursor_while_threads_come_and_go(api, channel, which):
    query = {} if which == "list" else {"userId": "ann"}
    threads = [(await create(api, channel, await send(api, channel))).json["thread_id"] for _ in range(7)]
    first = (await api.get(f"{ALL}/{which}", channelId=channel, limit=3, cursor="", **query)).json
    assert [row["id"] for row in first["threads"]] == threads[:3]
    await api.delete(f"{ALL}/{threads[0]}")
    await api.delete(f"{ALL}/{threads[4]}")
    threads.append((await create(api, channel, await send(api, channel))).json["thread_id"])
    rest = (await api.get(f"{ALL}/{which}", channelId=channel, cursor=first["cursor"], **query)).json
    assert [row["id"] for row in rest["threads"]] == [threads[3], *threads[5:]]
    assert "cursor" not in rest


async def test_a_cursor_fits_its_own_list_only(api, channel):
    for _ in range(2):
        await create(api, channel, await send(api, channel))
    cursor = (await api.get(f"{ALL}/list", channelId=channel, limit=1)).json["cursor"]
    for which in ("created", "joined"):
        reply = await api.get(f"{ALL}/{which}", channelId=channel, userId="ann", cursor=cursor)
        assert_refusal(reply, 400, "illegal_argument", "cursor")


@pytest.mark.parametrize("which", ["list", "created", "joined"])
async def test_the_lists_check_their_arguments(api, channel, which):
    query = {} if which == "list" else {"user_id": "ann"}
    path = f"{ALL}/{which}"
    assert (await api.get(path, channel_id=channel, **query)).status == 200, "the other spelling"
    assert_refusal(await api.get(path, **query), 400, "illegal_argument", "channelId")
    assert_refusal(await api.get(path, channelId="123", **query), 404, "group_error", "group not found.")
    assert_refusal(await api.get(path, channelId=channel, limit=21, **query), 400, "illegal_argument", "limit")
    assert_refusal(await api.get(path, channelId=channel, limit=0, **query), 400, "illegal_argument", "limit")
    if query:
        assert_refusal(await api.get(path, channelId=channel), 400, "illegal_argument", "userId")
        reply = await api.get(path, channelId=channel, userId="nobody")
        assert_refusal(reply, 404, "service_resource_not_found")


@pytest.mark.parametrize("word", ["created", "list", "joined"])
async def test_the_names_of_the_lists_are_no_threads(api, thread, word):
    for reply in (await api.put(f"{ALL}/{word}", {"name": "x"}), await api.delete(f"{ALL}/{word}")):
        assert_refusal(reply, 405, "unsupported_service_operation")
        assert reply.headers["Allow"] == "GET"
    assert_refusal(await join(api, word, "Ben"), 404, "resource_not_found", "URL")
    assert (await api.get(f"{ALL}/{word}s")).json["error_description"] == "thread not found."


async def test_ids_of_threads_are_like_those_of_channels_and_none_is_both(api, channel, message):
    ids = api.service.ids
    ids._random.seed(3)
    taken = (await api.new_channel("same"), await api.new_channel("seed"))
    ids._random.seed(3)
    thread = (await create(api, channel, message)).json["thread_id"]
    assert thread not in taken
    assert len(thread) == 15
    assert thread.isdecimal()


async def test_what_happens_is_told(api, channel, message):
    thread = (await create(api, channel, message, user="ANN")).json["thread_id"]
    for user in ("ben", "ben"):
        await join(api, thread, user)
    await api.put(f"{ALL}/{thread}", {"name": "New"})
    await remove(api, thread, "BEN")
    await api.delete(f"{ALL}/{thread}")
    told = [event.body for event in api.service.told if event.body.get("chat_type") == "notify"]
    assert told[0] == {
        "eventType": "chat",
        "chat_type": "notify",
        "group_id": channel,
        "payload": {
            "type": "thread",
            "data": [
                {
                    "id": thread,
                    "name": "Tactics",
                    "operation": "create",
                    "from": "ann",
                    "muc_parent_id": channel,
                    "msg_parent_id": message,
                    "timestamp": START_MS,
                }
            ],
        },
    }
    rows = [body["payload"]["data"][0] for body in told]
    assert [(row["operation"], row["from"], row["name"]) for row in rows] == [
        ("create", "ann", "Tactics"),
        ("join", "Ben", "Tactics"),
        ("update", "admin", "New"),
        ("remove", "Ben", "New"),
        ("delete", "admin", "New"),
    ]


async def test_deleting_a_thread_costs_the_same_however_many_messages_there_are(api, channel, message):
    """Counted in steps of SQLite's machine, which include those of the foreign keys."""

    def fill(connection):
        (seq,) = connection.execute("SELECT seq FROM channels WHERE id = ?", (channel,)).fetchone()
        connection.executemany(
            "INSERT INTO messages (id, channel, sender, type, body, created) VALUES (?, ?, 'a', 'txt', '{}', 0)",
            ((f"m{number}", seq) for number in range(5000)),
        )

    async def steps_of_a_deletion():
        thread = (await create(api, channel, message)).json["thread_id"]
        await send(api, thread)
        steps = [0]

        def step():
            steps[0] += 1

        def work(connection):
            connection.set_progress_handler(step, 1)
            try:
                threads.delete(connection, thread, now=0)
            finally:
                connection.set_progress_handler(None, 1)

        await api.service.write(work)
        return steps[0]

    few = await steps_of_a_deletion()
    await api.service.write(fill)
    assert await steps_of_a_deletion() < 2 * few
