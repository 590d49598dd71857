import pytest
from yarl import URL

from tests.imservice.conftest import START_MS, assert_refusal


async def test_registering_one_user_answers_the_envelope(api):
    status, body = await api.post("/users", {"username": "Dora.X", "nickname": "朵拉", "password": "secret"})
    assert status == 200
    assert (body["action"], body["path"], body["organization"]) == ("post", "/users", "demo-org")
    assert body["uri"].endswith("/demo-org/demo-app/users")
    (entity,) = body["entities"]
    assert entity | {"uuid": ""} == {
        "uuid": "",
        "type": "user",
        "created": START_MS,
        "modified": START_MS,
        "username": "Dora.X",
        "activated": True,
        "nickname": "朵拉",
    }
    assert "secret" not in str(body)


async def test_app_id_dialect_leaves_the_easemob_keys_out(api):
    api.prefix = f"/app-id/{api.service.credentials.app_id}"
    body = (await api.post("/users", {"username": "dora"})).json
    assert {"application", "organization", "applicationName"}.isdisjoint(body)


async def test_sixty_users_at_once_and_not_more(api):
    assert len((await api.post("/users", [{"username": f"u{n}"} for n in range(60)])).json["entities"]) == 60
    reply = await api.post("/users", [{"username": f"v{n}"} for n in range(61)])
    assert_refusal(reply, 400, "illegal_argument", circle=False)
    assert not (await api.get("/circle/user/v0")).json["result"]


async def test_names_are_the_same_in_any_case_and_keep_their_spelling(api):
    reply = await api.post("/users", {"username": "BEN"})
    assert_refusal(reply, 400, "duplicate_unique_property_exists", "value of BEN exists", circle=False)
    assert (await api.get("/circle/user/bEn")).json == {"code": 200, "result": True}
    await api.join(None, "bEN")
    users = (await api.get(f"/circle/server/{api.community}/users")).json["users"]
    assert {"user_id": "Ben", "role": 2} in users


async def test_a_taken_name_in_a_list_registers_nobody(api):
    reply = await api.post("/users", [{"username": "new1"}, {"username": "Ann"}])
    assert_refusal(reply, 400, "duplicate_unique_property_exists", circle=False)
    assert not (await api.get("/circle/user/new1")).json["result"]


@pytest.mark.parametrize(
    ("entry", "error", "text"),
    [
        ({}, "required_property_not_found", "username"),
        ({"username": ""}, "illegal_argument", "username [] is not legal"),
        ({"username": "a b"}, "illegal_argument", "username [a b] is not legal"),
        ({"username": "名"}, "illegal_argument", "is not legal"),
        ({"username": "a/../b"}, "illegal_argument", "is not legal"),
        ({"username": "a\0"}, "illegal_argument", "is not legal"),
        ({"username": "\ud800"}, "illegal_argument", "is not legal"),
        ({"username": 7}, "illegal_argument", "is not legal"),
        ({"username": "x" * 65}, "illegal_argument", "USERNAME_TOO_LONG"),
        ({"username": "ok", "nickname": "n" * 101}, "illegal_argument", "nickname"),
        ({"username": "ok", "nickname": 5}, "illegal_argument", "nickname"),
        ({"username": "ok", "password": "p" * 65}, "illegal_argument", "password"),
        ([], "illegal_argument", "1 to 60"),
        ([[]], "illegal_argument", "object"),
        ("ann", "illegal_argument", "object"),
    ],
)
async def test_illegal_registrations_are_refused(api, entry, error, text):
    assert_refusal(await api.post("/users", entry), 400, error, text, circle=False)


@pytest.mark.parametrize("name", ["nobody", "a%20b", "%00", "x" * 65, "%E5%90%8D"])
async def test_nobody_does_not_exist(api, name):
    url = URL(f"{api.url}{api.prefix}/circle/user/{name}", encoded=True)
    async with api.session.get(url, headers={"Authorization": f"Bearer {api.token}"}) as response:
        assert await response.json() == {"code": 200, "result": False}
