import pytest

from tests.imservice.conftest import START_MS, assert_refusal


async def test_new_community_has_its_default_channel_with_the_owner_in_it(api):
    status, body = await api.get(f"/circle/server/{api.community}/by-id")
    server = body["server"]
    assert status == 200
    assert server == {
        "name": "Harbour",
        "owner": "owner",
        "type": 0,
        "description": "",
        "custom": "",
        "tags": [],
        "tag_count": 0,
        "created": START_MS,
        "server_id": api.community,
        "icon_url": "",
        "background_url": "",
        "default_channel_id": server["default_channel_id"],
    }
    public = (await api.get("/circle/channel/public", serverId=api.community)).json
    (channel,) = public["channels"]
    assert (channel["name"], channel["default_channel"], channel["max_users"]) == ("通用", 1, 2000)
    assert channel["channel_id"] == server["default_channel_id"]
    users = (await api.get(f"/circle/channel/{channel['channel_id']}/users", serverId=api.community)).json
    assert users["users"] == [{"user_id": "owner", "role": 0}]


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"name": None}, 400, "illegal_argument"),
        ({"name": "n" * 51}, 400, "illegal_argument"),
        ({"name": "   "}, 400, "illegal_argument"),
        ({"name": "a\0b"}, 400, "illegal_argument"),
        ({"name": "\udc00"}, 400, "illegal_argument"),
        ({"owner": None}, 400, "illegal_argument"),
        ({"owner": "not legal"}, 400, "illegal_argument"),
        ({"owner": "nobody"}, 404, "service_resource_not_found"),
        ({"type": 2}, 400, "illegal_argument"),
        ({"type": True}, 400, "illegal_argument"),
        ({"type": "0"}, 400, "illegal_argument"),
        ({"description": "d" * 501}, 400, "illegal_argument"),
        ({"default_channel_name": "c" * 51}, 400, "illegal_argument"),
    ],
)
async def test_illegal_communities_are_refused(api, change, status, error):
    assert_refusal(await api.post("/circle/server", {"owner": "owner", "name": "n"} | change), status, error)
    assert (await api.get("/circle/server/list/by-app")).json["count"] == 1


async def test_a_user_owns_a_limited_number_of_communities(launch):
    api = await launch(communities_per_user=2)
    await api.users("owner")
    await api.new_community()
    await api.new_community()
    reply = await api.post("/circle/server", {"owner": "owner", "name": "third"})
    assert_refusal(reply, 403, "exceed_limit")


async def test_joining_makes_a_member_of_the_default_channel_too(api):
    for _ in range(2):
        status, body = await api.post(f"/circle/server/{api.community}/join", userId="ann")
        assert (status, body["server"]["server_id"]) == (200, api.community)
    default = body["server"]["default_channel_id"]
    inside = await api.get(f"/circle/channel/{default}/user/ann", serverId=api.community)
    assert inside.json == {"code": 200, "result": True}
    assert (await api.get(f"/circle/server/{api.community}/users/count")).json == {"code": 200, "users_count": 2}


async def test_joining_without_the_default_channel(api):
    reply = await api.post(f"/circle/server/{api.community}/join", userId="ann", isJoinDefaultChannel="FALSE")
    default = reply.json["server"]["default_channel_id"]
    assert not (await api.get(f"/circle/channel/{default}/user/ann", serverId=api.community)).json["result"]
    assert (await api.get(f"/circle/server/{api.community}/user/ann")).json == {"code": 200, "result": True}


async def test_a_full_default_channel_keeps_people_out_of_the_community(api):
    default = (await api.get(f"/circle/server/{api.community}/by-id")).json["server"]["default_channel_id"]
    assert (await api.put(f"/circle/channel/{default}", {"max_users": 1}, serverId=api.community)).status == 200
    reply = await api.post(f"/circle/server/{api.community}/join", userId="ann")
    assert_refusal(reply, 403, "exceed_limit")
    assert not (await api.get(f"/circle/server/{api.community}/user/ann")).json["result"]


async def test_a_user_joins_a_limited_number_of_communities(launch):
    api = await launch(communities_per_user=1)
    await api.users("one", "two", "ann")
    first, second = await api.new_community("one"), await api.new_community("two")
    assert (await api.post(f"/circle/server/{first}/join", userId="ann")).status == 200
    assert_refusal(await api.post(f"/circle/server/{second}/join", userId="ann"), 403, "exceed_limit")


async def test_roles_are_read_and_set(api):
    await api.join(None, "ann")
    role = f"/circle/server/{api.community}/user/role"
    assert (await api.get(role, userId="owner")).json == {"code": 200, "role": 0}
    assert (await api.put(role, userId="ann", role=1)).json == {"code": 200}
    assert (await api.get(role, userId="ann")).json == {"code": 200, "role": 1}
    assert (await api.put(role, user_id="ann", role=2)).status == 200
    assert (await api.get(role, userId="ann")).json["role"] == 2
    for wrong in ("0", "3", "", "x", "-1"):
        assert_refusal(await api.put(role, userId="ann", role=wrong), 400, "illegal_argument")
    assert_refusal(await api.put(role, userId="owner", role=2), 403, "forbidden_op", "owner")
    assert_refusal(await api.put(role, userId="Ben", role=1), 403, "forbidden_op", "are not members")
    assert_refusal(await api.get(role, userId="Ben"), 403, "forbidden_op", "are not members")


async def test_removing_a_member_empties_his_channels_and_mutes(api):
    channel = await api.new_channel()
    await api.join(channel, "ann")
    assert (await api.mute(channel, "ann")).status == 200
    assert (await api.post(f"/circle/server/{api.community}/user/remove", userId="ann")).json == {"code": 200}
    assert not (await api.get(f"/circle/server/{api.community}/user/ann")).json["result"]
    assert not (await api.get(f"/circle/channel/{channel}/user/ann", serverId=api.community)).json["result"]
    assert await api.muted(channel) == {}
    reply = await api.post(f"/circle/server/{api.community}/user/remove", userId="ann")
    assert_refusal(reply, 403, "forbidden_op", "are not members")
    reply = await api.post(f"/circle/server/{api.community}/user/remove", userId="owner")
    assert_refusal(reply, 403, "forbidden_op", "owner")


async def test_removing_a_member_leaves_his_threads_of_this_community_only(api):
    await api.users("dora")
    channel = await api.new_channel()
    await api.join(channel, "ann", "dora")
    own = api.community
    api.community = await api.new_community("Ben", "Other")
    elsewhere = await api.new_channel()
    await api.join(elsewhere, "ann")
    await api.service.write(lambda connection: follow(connection, channel, "t1", "ann", "dora"))
    await api.service.write(lambda connection: follow(connection, elsewhere, "t2", "ann"))
    assert (await api.post(f"/circle/server/{own}/user/remove", userId="ANN")).status == 200
    assert followers(api) == [("t1", "dora"), ("t2", "ann")]


def follow(connection, channel, thread, *names):
    """Make a thread in a channel with people in it, past the API."""
    connection.execute(
        "INSERT INTO threads (id, channel, message_id, owner, name, created) "
        "SELECT ?, c.seq, ?, u.seq, 'n', 1 FROM channels c, users u WHERE c.id = ? AND u.username = ?",
        (thread, thread, channel, names[0]),
    )
    for name in names:
        connection.execute(
            "INSERT INTO thread_members (thread, user) SELECT t.seq, u.seq FROM threads t, users u "
            "WHERE t.id = ? AND u.username = ?",
            (thread, name),
        )


def followers(api):
    return api.service.database.reader.execute(
        "SELECT t.id, u.username FROM thread_members m JOIN threads t ON t.seq = m.thread "
        "JOIN users u ON u.seq = m.user ORDER BY m.seq"
    ).fetchall()


async def test_deleting_a_community_takes_everything_with_it(api):
    channel = await api.new_channel()
    await api.join(channel, "ann")
    await api.mute(channel, "ann")
    await api.post(f"/circle/server/{api.community}/tag/add", {"tags": ["games"]})
    await api.service.write(lambda connection: follow(connection, channel, "t1", "ann"))
    assert (await api.delete(f"/circle/server/{api.community}")).json == {"code": 200}
    assert_refusal(await api.get(f"/circle/server/{api.community}/by-id"), 404, "resource_not_found")
    reply = await api.get(f"/circle/channel/{channel}", serverId=api.community)
    assert_refusal(reply, 404, "resource_not_found")
    for table in (
        "communities", "categories", "channels", "community_members", "channel_members", "mutes", "tags", "threads",
        "thread_members",
    ):  # fmt: skip
        (count,) = api.service.database.reader.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert count == 0, table


async def test_update_changes_what_is_given_and_nothing_else(api):
    path = f"/circle/server/{api.community}"
    before = (await api.get(f"{path}/by-id")).json["server"]
    changes = {"name": "Port", "type": 1, "icon_url": "i" * 500, "background_url": "b", "custom": "c"}
    changed = await api.put(path, changes | {"description": None, "owner": "ann", "unknown": 1})
    assert changed.json == {"code": 200, "server": before | changes}
    assert (await api.get(f"{path}/by-id")).json == changed.json
    emptied = await api.put(path, {"custom": "", "backgroundUrl": ""})
    assert emptied.json["server"] == before | changes | {"custom": "", "background_url": ""}
    assert (await api.put(path, {})).json == emptied.json


@pytest.mark.parametrize(
    "changes",
    [{"name": ""}, {"name": " "}, {"name": "n" * 51}, {"type": 2}, {"description": "d" * 501}, {"icon_url": 5}, []],
)
async def test_illegal_changes_are_refused(api, changes):
    before = (await api.get(f"/circle/server/{api.community}/by-id")).json
    assert_refusal(await api.put(f"/circle/server/{api.community}", changes), 400, "illegal_argument")
    assert (await api.get(f"/circle/server/{api.community}/by-id")).json == before


async def test_lists_by_app_and_by_member(api):
    await api.users("zoe")
    other = await api.new_community("ann", "Second")
    await api.join(None, "ann")
    listed = (await api.get("/circle/server/list/by-app")).json
    assert [server["server_id"] for server in listed["servers"]] == [api.community, other]
    assert listed["count"] == 2
    mine = (await api.get("/circle/server/list", userId="Ann")).json
    assert [server["server_id"] for server in mine["servers"]] == [other, api.community]
    assert (await api.get("/circle/server/list", userId="zoe")).json == {"code": 200, "count": 0, "servers": []}
    assert_refusal(await api.get("/circle/server/list", userId="nobody"), 404, "service_resource_not_found")
    assert_refusal(await api.get("/circle/server/list"), 400, "illegal_argument", "userId")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/by-id"),
        ("DELETE", ""),
        ("PUT", ""),
        ("GET", "/users"),
        ("GET", "/users/count"),
        ("POST", "/join?userId=ann"),
        ("GET", "/user/role?userId=ann"),
        ("PUT", "/user/role?userId=ann&role=1"),
        ("POST", "/user/remove?userId=ann"),
        ("GET", "/user/ann"),
    ],
)
async def test_an_unknown_community_is_not_found(api, method, path):
    body = {"json": {}} if (method, path) == ("PUT", "") else {}
    assert_refusal(await api.call(method, f"/circle/server/unknown{path}", **body), 404, "resource_not_found")


async def test_an_unknown_user_is_not_found(api):
    reply = await api.post(f"/circle/server/{api.community}/join", userId="nobody")
    assert_refusal(reply, 404, "service_resource_not_found", "Service resource not found")
    assert_refusal(await api.get(f"/circle/server/{api.community}/user/nobody"), 404, "service_resource_not_found")
