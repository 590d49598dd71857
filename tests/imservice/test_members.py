import pytest

from tests.imservice.conftest import assert_refusal
from tests.imservice.test_communities import follow, followers


@pytest.fixture
def members(api):
    """Paths of the member calls of one channel."""

    class Paths:
        async def channel(self, **more):
            self.id = await api.new_channel(**more)
            self.base = f"/circle/channel/{self.id}"
            return self

        async def add(self, user):
            return await api.post(f"{self.base}/join", userId=user, serverId=api.community)

        async def remove(self, user):
            return await api.post(f"{self.base}/user/remove", userId=user, serverId=api.community)

        async def remove_batch(self, names):
            return await api.post(f"{self.base}/users/remove", {"server_id": api.community, "usernames": names})

        async def names(self):
            users = (await api.get(f"{self.base}/users", serverId=api.community)).json["users"]
            return [user["user_id"] for user in users]

    return Paths()


async def test_adding_answers_the_channel_and_twice_changes_nothing(api, members):
    await members.channel()
    await api.join(None, "ann")
    for _ in range(2):
        status, body = await members.add("Ann")
        assert (status, body["code"], body["channel"]["channel_id"]) == (200, 200, members.id)
    assert await members.names() == ["owner", "ann"]
    listed = (await api.get(f"{members.base}/users", serverId=api.community)).json
    assert listed["users"] == [{"user_id": "owner", "role": 0}, {"user_id": "ann", "role": 1}]
    assert listed["count"] == 2
    assert "cursor" not in listed


async def test_only_members_of_the_community_come_in(api, members):
    await members.channel()
    assert_refusal(await members.add("ann"), 403, "forbidden_op", "users [ann] are not members")
    assert_refusal(await members.add("nobody"), 404, "service_resource_not_found")
    assert_refusal(await members.add("not legal"), 400, "illegal_argument")


async def test_a_full_channel_takes_nobody_in(api, members):
    await members.channel(max_users=2)
    await api.join(None, "ann", "Ben")
    assert (await members.add("ann")).status == 200
    assert_refusal(await members.add("Ben"), 403, "exceed_limit")
    assert (await members.add("ann")).status == 200
    await members.remove("ann")
    assert (await members.add("Ben")).status == 200


async def test_removing_a_member_lifts_his_mute(api, members):
    await members.channel()
    await api.join(members.id, "ann")
    await api.mute(members.id, "ann")
    assert (await members.remove("ann")).json == {"code": 200}
    assert await api.muted(members.id) == {}
    assert_refusal(await members.remove("ann"), 403, "forbidden_op", "are not members")
    assert_refusal(await members.remove("owner"), 403, "forbidden_op", "owner")
    assert_refusal(await members.remove("nobody"), 404, "service_resource_not_found")


async def test_nobody_leaves_the_default_channel(api):
    await api.join(None, "ann")
    default = (await api.get(f"/circle/server/{api.community}/by-id")).json["server"]["default_channel_id"]
    base = f"/circle/channel/{default}"
    reply = await api.post(f"{base}/user/remove", userId="ann", serverId=api.community)
    assert_refusal(reply, 403, "forbidden_op", "default channel")
    reply = await api.post(f"{base}/users/remove", {"server_id": api.community, "usernames": ["ann"]})
    assert reply.json == {"code": 200, "data": [{"user": "ann", "result": False}]}
    assert (await api.get(f"{base}/user/ann", serverId=api.community)).json["result"]


async def test_batch_removal_reports_each_name_once(api, members):
    await members.channel()
    await api.join(members.id, "ann", "Ben")
    reply = await members.remove_batch(["ann", "nobody", "owner", "cleo", "not legal", "ben", "Ann"])
    assert {row["user"]: row["result"] for row in reply.json["data"]} == {
        "ann": True,
        "nobody": False,
        "owner": False,
        "cleo": False,
        "not legal": False,
        "ben": True,
    }
    assert await members.names() == ["owner"]


async def test_batch_removal_leaves_the_threads_of_the_channel_and_no_others(api, members):
    other = await api.new_channel("other")
    await members.channel()
    await api.join(members.id, "ann", "Ben", "cleo")
    await api.join(other, "ann")
    await api.mute(members.id, "ann")
    await api.service.write(lambda connection: follow(connection, members.id, "t1", "ann", "Ben", "cleo"))
    await api.service.write(lambda connection: follow(connection, other, "t2", "ann"))
    reply = await members.remove_batch(["ANN", "cleo"])
    assert reply.json == {"code": 200, "data": [{"user": "ANN", "result": True}, {"user": "cleo", "result": True}]}
    assert followers(api) == [("t1", "Ben"), ("t2", "ann")]
    assert await api.muted(members.id) == {}


async def test_batch_removal_of_nobody_who_is_a_member_is_an_error(api, members):
    await members.channel()
    await api.join(None, "ann")
    assert_refusal(await members.remove_batch(["ann", "nobody"]), 400, "illegal_argument")
    assert (await members.remove_batch(["owner"])).json["data"] == [{"user": "owner", "result": False}]


@pytest.mark.parametrize("names", [None, [], "ann", ["ann", 7], [""], [f"u{n}" for n in range(21)], {"a": 1}, ["\0"]])
async def test_batch_removal_takes_one_to_twenty_texts(api, members, names):
    await members.channel()
    assert_refusal(await members.remove_batch(names), 400, "illegal_argument")


async def test_role_is_the_role_in_the_community(api, members):
    await members.channel()
    await api.join(members.id, "ann", "Ben")
    await api.put(f"/circle/server/{api.community}/user/role", userId="ann", role=1)

    async def role(user, **query):
        return await api.get(f"{members.base}/user/role", userId=user, **({"serverId": api.community} | query))

    assert [(await role(user)).json for user in ("owner", "ann", "ben")] == [
        {"code": 200, "role": 0},
        {"code": 200, "role": 1},
        {"code": 200, "role": 2},
    ]
    assert_refusal(await role("cleo"), 403, "forbidden_op", "are not members")
    assert_refusal(await role("nobody"), 404, "service_resource_not_found")
    assert_refusal(await role("ann", serverId="unknown"), 404, "resource_not_found")
    assert_refusal(await role(""), 400, "illegal_argument", "userId")


async def test_contains_knows_members_from_others(api, members):
    await members.channel()
    await api.join(members.id, "ann")
    for user, inside in (("ANN", True), ("Ben", False)):
        reply = await api.get(f"{members.base}/user/{user}", serverId=api.community)
        assert reply.json == {"code": 200, "result": inside}
    reply = await api.get(f"{members.base}/user/nobody", serverId=api.community)
    assert_refusal(reply, 404, "service_resource_not_found")
    assert_refusal(await api.get(f"{members.base}/user/ann"), 400, "illegal_argument", "serverId")


async def test_users_named_like_path_words(api, members):
    await api.users("mute", "role", "public")
    await members.channel()
    await api.join(members.id, "mute", "role", "public")
    for user in ("mute", "public"):
        reply = await api.get(f"{members.base}/user/{user}", serverId=api.community)
        assert reply.json == {"code": 200, "result": True}
    # Row 30 wins over row 29: the word `role` in that place is the call, not the user.
    reply = await api.get(f"{members.base}/user/role", serverId=api.community)
    assert_refusal(reply, 400, "illegal_argument", "userId")
    reply = await api.get(f"{members.base}/user/role", serverId=api.community, userId="role")
    assert reply.json == {"code": 200, "role": 2}
    assert (await api.mute(members.id, "mute")).status == 200
    assert list(await api.muted(members.id)) == ["mute"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/join?userId=ann&"),
        ("POST", "/user/remove?userId=ann&"),
        ("GET", "/user/ann?"),
        ("GET", "/user/role?userId=ann&"),
        ("GET", "/users?"),
        ("GET", "/user/mute/list?"),
        ("DELETE", "/user/mute?userId=ann&"),
    ],
)
async def test_unknown_channel_or_community(api, method, path):
    reply = await api.call(method, f"/circle/channel/123{path}serverId={api.community}")
    assert_refusal(reply, 404, "resource_not_found", "channel does not exist")
    reply = await api.call(method, f"/circle/channel/123{path}serverId=unknown")
    assert_refusal(reply, 404, "resource_not_found", "server does not exist")
    assert_refusal(await api.call(method, f"/circle/channel/123{path}"), 400, "illegal_argument", "serverId")
