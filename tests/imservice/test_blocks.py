import pytest
import pytest_asyncio

from tests.imservice.conftest import assert_refusal
from tests.imservice.test_contacts import Friends

OK = {"error_code": "ok"}


class Blocks(Friends):
    async def block(self, owner, *names):
        return await self.api.post(f"/users/{owner}/blocks/users", {"usernames": list(names)})

    async def unblock(self, owner, name):
        return await self.api.delete(f"/users/{owner}/blocks/users/{name}")

    async def page(self, owner, **query):
        return await self.api.get(f"/users/{owner}/blocks/users", **query)

    async def blocked(self, owner):
        return (await self.page(owner)).json["data"]


@pytest_asyncio.fixture
async def blocks(api):
    api.service.told.clear()
    return Blocks(api)


async def test_blocking_answers_the_registered_names_and_tells_of_each(blocks):
    reply = await blocks.block("Ann", "ben", "OWNER", "Ben")
    assert (reply.status, reply.json["action"], reply.json["entities"]) == (200, "post", [])
    assert reply.json["data"] == ["Ben", "owner"]
    assert await blocks.blocked("ann") == ["owner", "Ben"]
    assert await blocks.blocked("Ben") == []
    assert blocks.told() == [
        ("ann", "Ben", {"operation": "ban", "status": OK}),
        ("ann", "owner", {"operation": "ban", "status": OK}),
    ]


async def test_who_is_blocked_already_is_answered_keeps_his_place_and_is_not_told(blocks):
    await blocks.block("ann", "Ben")
    await blocks.block("ann", "cleo")
    blocks.told()
    assert (await blocks.block("ann", "ben", "owner")).json["data"] == ["Ben", "owner"]
    assert await blocks.blocked("ann") == ["owner", "cleo", "Ben"]
    assert [to for _, to, _ in blocks.told()] == ["owner"]


@pytest.mark.parametrize("wrong", ["nobody", "not legal", "a" * 65])
async def test_one_unknown_name_keeps_all_from_being_blocked(blocks, wrong):
    reply = await blocks.block("ann", "Ben", wrong)
    assert_refusal(reply, 404, "service_resource_not_found", circle=False)
    assert await blocks.blocked("ann") == []
    assert blocks.told() == []


async def test_nobody_blocks_himself(blocks):
    assert_refusal(await blocks.block("ann", "Ben", "ANN"), 400, "illegal_argument", "himself", circle=False)
    assert await blocks.blocked("ann") == []


@pytest.mark.parametrize(
    "body", [{}, [], *({"usernames": names} for names in (None, [], "Ben", [5], [""], {"Ben": 1}))]
)
async def test_names_are_a_list_of_texts(api, body):
    assert_refusal(await api.post("/users/ann/blocks/users", body), 400, "illegal_argument", circle=False)


@pytest.mark.parametrize("owner", ["nobody", "not legal"])
async def test_nobody_blocks_nobody(blocks, owner):
    for reply in (await blocks.block(owner, "Ben"), await blocks.page(owner), await blocks.unblock(owner, "Ben")):
        assert_refusal(reply, 404, "service_resource_not_found", circle=False)


async def test_a_full_list_takes_nobody_in(launch):
    api = await launch(blocks_per_user=2)
    blocks = Blocks(api)
    await api.users("ann", "Ben", "cleo", "dora")
    await blocks.block("ann", "Ben")
    for names in (("cleo", "dora"), ("Ben", "cleo", "dora")):
        assert_refusal(await blocks.block("ann", *names), 403, "exceed_limit", circle=False)
        assert await blocks.blocked("ann") == ["Ben"]
    assert (await blocks.block("ann", "Ben", "cleo")).status == 200
    assert (await blocks.block("ann", "cleo", "BEN", "ben")).status == 200
    assert_refusal(await blocks.block("ann", "dora"), 403, "exceed_limit", circle=False)


async def test_five_hundred_fit_and_are_listed_at_once(api, blocks):
    names = [f"b{number:03}" for number in range(501)]
    for start in range(0, 501, 60):
        await api.users(*names[start : start + 60])
    assert_refusal(await blocks.block("ann", *names), 403, "exceed_limit", circle=False)
    assert (await blocks.block("ann", *names[:500])).json["data"] == names[:500]
    reply = (await blocks.page("ann")).json
    assert (reply["data"], reply["count"], "cursor" in reply) == (names[499::-1], 500, False)
    assert_refusal(await blocks.block("ann", names[500]), 403, "exceed_limit", circle=False)


async def test_a_friend_who_is_blocked_stays_a_friend(blocks):
    await blocks.add("ann", "Ben")
    await blocks.block("ann", "Ben")
    assert await blocks.names("ann") == ["Ben"]
    await blocks.unblock("ann", "Ben")
    assert await blocks.names("ann") == ["Ben"]


async def test_unblocking_answers_the_user_and_is_told_once(blocks):
    await blocks.block("ann", "Ben")
    blocks.told()
    for _ in range(2):
        reply = await blocks.unblock("ANN", "ben")
        assert (reply.status, reply.json["action"]) == (200, "delete")
        assert reply.json["entities"][0]["username"] == "Ben"
        assert reply.json["path"] == "/users/ANN/blocks/users/ben"
    assert blocks.told() == [("ann", "Ben", {"operation": "allow", "status": OK})]
    assert await blocks.blocked("ann") == []
    for name in ("nobody", "not legal"):
        assert_refusal(await blocks.unblock("ann", name), 404, "service_resource_not_found", circle=False)


async def test_pages_go_on_from_the_latest(api, blocks):
    names = [f"b{number:03}" for number in range(120)]
    for start in range(0, 120, 60):
        await api.users(*names[start : start + 60])
    await blocks.block("ann", *names)
    first = (await blocks.page("ann", pageSize=2)).json
    assert (first["data"], first["count"], first["entities"]) == (["b119", "b118"], 2, [])
    await blocks.unblock("ann", "b117")
    await blocks.block("ann", "owner")
    second = (await blocks.page("ann", cursor=first["cursor"])).json
    assert (second["data"], second["count"]) == (names[116:66:-1], 50)
    third = (await blocks.page("ann", pageSize=50, cursor=second["cursor"])).json
    last = (await blocks.page("ann", pageSize=50, cursor=third["cursor"])).json
    assert third["data"] + last["data"] == names[66::-1]
    assert "cursor" not in last


@pytest.mark.parametrize("size", ["0", "51", "-1", "1.5", "x", "", " 5", "٥", "9" * 5000])
async def test_a_page_has_one_to_fifty(blocks, size):
    assert_refusal(await blocks.page("ann", pageSize=size), 400, "illegal_argument", "pageSize", circle=False)


async def test_an_empty_cursor_is_none(api, blocks):
    names = [f"b{number:03}" for number in range(60)]
    await api.users(*names)
    await blocks.block("ann", *names)
    assert (await blocks.page("ann", cursor="")).json["count"] == 60
    assert (await blocks.page("ann", pageSize=50, cursor="")).json["count"] == 50


@pytest.mark.parametrize("cursor", ["x", "AAAA"])
async def test_an_unknown_cursor_is_refused(blocks, cursor):
    assert_refusal(await blocks.page("ann", cursor=cursor), 400, "illegal_argument", "cursor", circle=False)


async def test_the_cursor_of_another_list_is_refused(blocks):
    for name in ("Ben", "cleo"):
        await blocks.add("ann", name)
        await blocks.block("ann", name)
        await blocks.block("owner", name)
    cursor = (await blocks.page("ann", pageSize=1)).json["cursor"]
    foreign = (await Friends(blocks.api).page("ann", limit=1)).json["cursor"]
    assert (await blocks.page("ann", cursor=cursor)).json["data"] == ["Ben"]
    assert_refusal(await blocks.page("owner", cursor=cursor), 400, "illegal_argument", circle=False)
    assert_refusal(await blocks.page("ann", cursor=foreign), 400, "illegal_argument", circle=False)
