"""IM users."""

from __future__ import annotations

import pytest
from aiohttp import web

from bot.im import Conflict, InvalidArgument, NewUser, NotFound


async def register(request: web.Request) -> web.StreamResponse:
    entities = [{"uuid": "x", "type": "user", "created": 1, "activated": True, **user} for user in await request.json()]
    return web.json_response({"action": "post", "entities": entities, "timestamp": 1, "duration": 1})


async def test_users_are_registered_sixty_with_a_request(server, im):
    server.default = register
    created = await im.users.create(*(NewUser(f"u{n}", nickname=f"N{n}") for n in range(130)))
    assert [user.username for user in created] == [f"u{n}" for n in range(130)]
    assert created[0].nickname == "N0"
    assert [len(seen.body) for seen in server.seen] == [60, 60, 10]
    assert server.seen[0].target == "/org/app/users"


async def test_only_what_is_given_is_sent(server, im):
    server.default = register
    await im.users.create(NewUser("a"), NewUser("b", password="pw"))
    assert server.seen[0].body == [{"username": "a"}, {"username": "b", "password": "pw"}]


async def test_all_names_are_checked_before_the_first_request(server, im):
    with pytest.raises(InvalidArgument) as caught:
        await im.users.create(*(NewUser(f"u{n}") for n in range(60)), NewUser("not legal"))
    assert caught.value.field == "username"
    assert server.seen == []


@pytest.mark.parametrize(
    ("field", "user"),
    [("nickname", NewUser("a", nickname="x" * 101)), ("password", NewUser("a", password="x" * 65))],
)
async def test_long_texts_are_refused(im, field, user):
    with pytest.raises(InvalidArgument) as caught:
        await im.users.create(user)
    assert caught.value.field == field
    assert "xxx" not in str(caught.value)


async def test_a_taken_name_is_a_conflict(server, im):
    server.default = (400, {"error": "duplicate_unique_property_exists", "error_description": "Application X"})
    with pytest.raises(Conflict):
        await im.users.create(NewUser("a"))


async def test_exists(server, im):
    unknown = (404, {"error": "service_resource_not_found", "error_description": "Service resource not found"})
    server.steps.extend([{"code": 200, "result": True}, {"code": 200, "result": False}, unknown])
    assert [await im.users.exists("u") for _ in range(3)] == [True, False, False]
    assert server.seen[0].target == "/org/app/circle/user/u"


async def test_a_wrong_app_is_not_a_missing_user(server, im):
    server.default = (404, {"error": "organization_application_not_found"})
    with pytest.raises(NotFound):
        await im.users.exists("u")
