import pytest
import pytest_asyncio

from bot.imservice.routes import ALL
from tests.imservice.conftest import START_MS, assert_refusal

TOO_MANY = "getContacts | page size more than max limit : 50"


class Friends:
    """The contact calls of one service; `user` is how the two singular paths are spelled."""

    def __init__(self, api):
        self.api = api
        self.user = "user"

    async def add(self, owner, friend):
        return await self.api.post(f"/users/{owner}/contacts/users/{friend}")

    async def remove(self, owner, friend):
        return await self.api.delete(f"/users/{owner}/contacts/users/{friend}")

    async def remark(self, owner, friend, body):
        return await self.api.put(f"/{self.user}/{owner}/contacts/users/{friend}", body)

    async def page(self, owner, **query):
        return await self.api.get(f"/{self.user}/{owner}/contacts", **query)

    async def names(self, owner):
        reply = await self.api.get(f"/users/{owner}/contacts/users")
        assert reply.json["count"] == len(reply.json["data"])
        return reply.json["data"]

    async def remarks(self, owner):
        rows = (await self.page(owner, limit=50, needReturnRemark="true")).json["data"]["contacts"]
        return {row["username"]: row["remark"] for row in rows}

    def told(self):
        """What was told since the last time: from, to, and the payload."""
        events = [event.body for event in self.api.service.told]
        self.api.service.told.clear()
        assert {(event["chat_type"], event["eventType"]) for event in events} <= {("roster", "chat")}
        return [(event["from"], event["to"], event["payload"]) for event in events]


@pytest_asyncio.fixture
async def friends(api):
    api.service.told.clear()
    return Friends(api)


async def test_adding_answers_the_friend_in_an_envelope(api, friends, clock):
    await api.post("/users", {"username": "dora", "nickname": "Dora"})
    clock.ms += 5
    reply = await friends.add("ann", "DORA")
    assert reply.status == 200
    (entity,) = reply.json.pop("entities")
    assert len(entity.pop("uuid")) == 36
    assert entity == {
        "type": "user",
        "created": START_MS,
        "modified": START_MS,
        "username": "dora",
        "activated": True,
        "nickname": "Dora",
    }
    assert len(reply.json.pop("application")) == 36
    assert reply.json == {
        "action": "post",
        "path": "/users/ann/contacts/users/DORA",
        "uri": f"{api.url}{api.prefix}/users/ann/contacts/users/DORA",
        "timestamp": START_MS + 5,
        "duration": 0,
        "organization": "demo-org",
        "applicationName": "demo-app",
    }


async def test_the_other_dialect_has_no_organisation_in_its_envelope(api, friends):
    api.prefix = f"/app-id/{api.service.credentials.app_id}"
    reply = await friends.add("ann", "Ben")
    assert not {"application", "organization", "applicationName"} & set(reply.json)
    assert reply.json["path"] == "/users/ann/contacts/users/Ben"


async def test_a_friendship_is_mutual_and_told_once(friends):
    assert (await friends.add("Ann", "ben")).status == 200
    assert (await friends.add("ben", "ann")).json["entities"][0]["username"] == "ann"
    assert (await friends.names("ann"), await friends.names("Ben")) == (["Ben"], ["ann"])
    assert friends.told() == [("ann", "Ben", {"operation": "add"})]


async def test_nobody_is_a_friend_of_himself(friends):
    assert_refusal(await friends.add("ann", "Ann"), 400, "illegal_argument", "himself", circle=False)
    assert await friends.names("ann") == []


@pytest.mark.parametrize("pair", [("nobody", "ann"), ("ann", "nobody"), ("not legal", "ann"), ("ann", "a" * 65)])
@pytest.mark.parametrize("call", ["add", "remove", "remark"])
async def test_who_does_not_exist_or_cannot_is_404(friends, pair, call):
    more = [{"remark": "x"}] if call == "remark" else []
    reply = await getattr(friends, call)(*pair, *more)
    assert_refusal(reply, 404, "service_resource_not_found", "Service resource not found", circle=False)


@pytest.mark.parametrize("owner", ["nobody", "not legal"])
async def test_nobody_has_no_lists(api, friends, owner):
    for reply in (await friends.page(owner), await api.get(f"/users/{owner}/contacts/users")):
        assert_refusal(reply, 404, "service_resource_not_found", circle=False)


async def test_removing_ends_both_sides_with_both_remarks_and_is_told(friends):
    await friends.add("ann", "Ben")
    await friends.remark("ann", "Ben", {"remark": "the baker"})
    await friends.remark("Ben", "ann", {"remark": "the smith"})
    friends.told()
    reply = await friends.remove("BEN", "Ann")
    assert (reply.status, reply.json["action"], reply.json["entities"][0]["username"]) == (200, "delete", "ann")
    assert friends.told() == [("Ben", "ann", {"operation": "remove"})]
    assert (await friends.names("ann"), await friends.names("Ben")) == ([], [])
    await friends.add("ann", "Ben")
    assert (await friends.remarks("ann"), await friends.remarks("Ben")) == ({"Ben": None}, {"ann": None})


async def test_removing_who_is_no_friend_is_fine_and_told_to_nobody(friends):
    for friend in ("Ben", "ann"):
        reply = await friends.remove("ann", friend)
        assert (reply.status, reply.json["entities"][0]["username"]) == (200, friend)
    assert friends.told() == []


async def test_either_side_can_be_full(launch):
    api = await launch(friends_per_user=2)
    friends = Friends(api)
    await api.users("ann", "ben", "cleo", "dora")
    await friends.add("ann", "ben")
    await friends.add("ann", "cleo")
    for owner, friend in (("ann", "dora"), ("dora", "ann")):
        reply = await friends.add(owner, friend)
        assert_refusal(reply, 403, "exceed_limit", "user contact number exceed limit", circle=False)
    assert (await friends.add("ann", "ben")).status == 200
    assert await friends.names("dora") == []
    await friends.remove("ben", "ann")
    assert (await friends.add("dora", "ann")).status == 200


async def test_a_user_may_have_a_thousand_friends(api):
    assert api.service.options.friends_per_user == 1000


@pytest.mark.parametrize("user", ["user", "users"])
async def test_a_remark_is_one_directional_and_answered_without_envelope(api, friends, user):
    friends.user = user
    await friends.add("ann", "Ben")
    friends.told()
    reply = await friends.remark("ANN", "ben", {"remark": " ben the baker ✨"})
    assert reply.json == {
        "action": "put",
        "status": "ok",
        "timestamp": START_MS,
        "duration": 0,
        "uri": f"{api.url}{api.prefix}/{user}/ANN/contacts/users/ben",
    }
    assert (await friends.remarks("ann"), await friends.remarks("Ben")) == ({"Ben": " ben the baker ✨"}, {"ann": None})
    assert friends.told() == [("ann", "Ben", {"operation": "remark", "remark": " ben the baker ✨"})]


async def test_a_remark_that_changes_nothing_is_told_to_nobody(friends):
    await friends.add("ann", "Ben")
    friends.told()
    for remark, told in (("", 0), ("x", 1), ("x", 0), ("", 1), ("", 0)):
        assert (await friends.remark("ann", "Ben", {"remark": remark})).status == 200
        assert [payload["remark"] for *_, payload in friends.told()] == [remark] * told
        assert await friends.remarks("ann") == {"Ben": remark or None}


@pytest.mark.parametrize("length", [100, 101])
async def test_a_remark_has_at_most_100_characters_whatever_their_bytes(friends, length):
    await friends.add("ann", "Ben")
    reply = await friends.remark("ann", "Ben", {"remark": "😀" * length})
    if length == 100:
        assert await friends.remarks("ann") == {"Ben": "😀" * 100}
    else:
        assert_refusal(reply, 400, "illegal_argument", "0 to 100 characters", circle=False)


@pytest.mark.parametrize("body", [{}, {"remark": None}, {"remark": 5}, {"remark": ["x"]}, [], "x", {"remark": "\0"}])
async def test_what_is_no_remark_is_refused(friends, body):
    await friends.add("ann", "Ben")
    assert_refusal(await friends.remark("ann", "Ben", body), 400, "illegal_argument", circle=False)


async def test_only_friends_have_remarks(friends):
    reply = await friends.remark("ann", "Ben", {"remark": "x"})
    text = "updateRemark they are not friends, please add as a friend first."
    assert_refusal(reply, 400, "illegal_argument", text, circle=False)
    assert reply.json["error_description"] == text


@pytest.mark.parametrize("user", ["user", "users"])
async def test_the_newest_friend_comes_first_on_pages_that_go_on(api, friends, user):
    friends.user = user
    names = [f"f{number:02}" for number in range(23)]
    await api.users(*names)
    for name in names:
        await friends.add("ann", name)
    seen, query = [], {}
    sizes = []
    while True:
        reply = (await friends.page("ANN", **query)).json
        assert (reply["action"], reply["entities"]) == ("get", [])
        sizes.append(reply["count"])
        seen += [row["username"] for row in reply["data"]["contacts"]]
        assert reply["data"].get("cursor") == reply.get("cursor")
        if "cursor" not in reply:
            break
        query = {"cursor": reply["cursor"]}
    assert seen == names[::-1]
    assert sizes == [10, 10, 3]
    assert await friends.names("ann") == names[::-1]


async def test_pages_stand_still_while_friends_come_and_go(api, friends):
    names = [f"f{number}" for number in range(9)]
    await api.users(*names, "late")
    for name in names:
        await friends.add("ann", name)
    first = (await friends.page("ann", limit=3)).json
    await friends.add("ann", "late")
    for gone in ("f6", "f8", "f4"):
        await friends.remove("ann", gone)
    second = (await friends.page("ann", limit=3, cursor=first["data"]["cursor"])).json
    assert [row["username"] for row in second["data"]["contacts"]] == ["f5", "f3", "f2"]


async def test_the_last_page_has_no_cursor(api, friends):
    await friends.add("ann", "Ben")
    await friends.add("ann", "cleo")
    assert "cursor" not in (await friends.page("ann", limit=2)).json
    assert "cursor" in (await friends.page("ann", limit=1)).json
    assert "cursor" not in (await friends.page("ann", limit=50, cursor="")).json


@pytest.mark.parametrize("asked", ["true", "True", "TRUE"])
async def test_remarks_are_shown_only_when_asked_for(friends, asked):
    await friends.add("ann", "Ben")
    assert (await friends.page("ann")).json["data"] == {"contacts": [{"username": "Ben"}]}
    assert (await friends.page("ann", needReturnRemark="false")).json["data"] == {"contacts": [{"username": "Ben"}]}
    shown = (await friends.page("ann", needReturnRemark=asked)).json["data"]
    assert shown == {"contacts": [{"username": "Ben", "remark": None}]}


async def test_the_list_at_once_shows_remarks_to_who_asks(api, friends):
    await friends.add("ann", "Ben")
    await friends.remark("ann", "Ben", {"remark": "x"})
    path = "/users/ann/contacts/users"
    assert (await api.get(path)).json["entities"] == []
    reply = (await api.get(path, needReturnRemark="true")).json
    assert (reply["data"], reply["entities"]) == (["Ben"], [{"username": "Ben", "remark": "x"}])


async def test_the_list_at_once_ends_after_3000(launch):
    api = await launch(friends_per_user=5000)
    await api.users("ann")

    def crowd(connection):
        for number in range(3001):
            user = connection.execute(
                "INSERT INTO users (key, username, uuid, created, modified) VALUES (?1, ?1, '', 0, 0)", (f"f{number}",)
            ).lastrowid
            connection.execute("INSERT INTO contacts (owner, friend) VALUES (1, ?)", (user,))

    await api.service.write(crowd)
    names = await Friends(api).names("ann")
    assert (len(names), names[0], names[-1]) == (3000, "f3000", "f1")


@pytest.mark.parametrize(
    ("limit", "text"),
    [("51", TOO_MANY), ("1000", TOO_MANY), ("9" * 5000, TOO_MANY), ("0051", TOO_MANY)]
    + [(wrong, "limit must be") for wrong in ("0", "00", "-1", "1.5", "x", "", " 5", "٥", "+5")],
)
async def test_limit_is_one_to_fifty(friends, limit, text):
    reply = await friends.page("ann", limit=limit)
    assert_refusal(reply, 400, "illegal_argument", text, circle=False)
    assert text != TOO_MANY or reply.json["error_description"] == TOO_MANY


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"cursor": "AAAA"}, {"needReturnRemark": "yes"}])
async def test_unknown_cursors_and_flags_are_refused(friends, query):
    assert_refusal(await friends.page("ann", **query), 400, "illegal_argument", circle=False)


async def test_a_cursor_belongs_to_its_user(friends):
    for friend in ("Ben", "cleo"):
        await friends.add("ann", friend)
    cursor = (await friends.page("ann", limit=1)).json["cursor"]
    assert (await friends.page("Ann", cursor=cursor)).status == 200
    assert_refusal(await friends.page("Ben", cursor=cursor), 400, "illegal_argument", circle=False)


def test_contacts_share_one_limit_of_calls_and_blocks_have_their_own():
    families = {route.family for route in ALL if "/contacts" in route.template}
    assert families == {"contacts"}
    assert {route.family for route in ALL if "/blocks" in route.template} == {"blocks"}
    assert {route.family for route in ALL if "/collections" in route.template} == {"collections"}
