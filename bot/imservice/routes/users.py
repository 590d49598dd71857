"""Users: `POST /users` (T2) and whether one exists."""

import sqlite3
from collections.abc import Callable
from typing import Any, cast

from bot.imservice.call import Call
from bot.imservice.domain import users
from bot.imservice.domain.users import NewUser, User
from bot.imservice.errors import ApiError, illegal_argument, shown
from bot.imservice.fields import Body, JsonObject, is_username
from bot.imservice.routing import Answer, BodyKind, Route

_MAX_BATCH = 60
_MAX_NAME = 64
_MAX_NICKNAME = 100
_MAX_PASSWORD = 64


def register(call: Call) -> Callable[[sqlite3.Connection], Answer]:
    """Check one registration or a list of up to 60 (facts 3); all of them are carried out or none."""
    payload = cast("object", call.json)
    entries = cast("list[object]", payload) if isinstance(payload, list) else [payload]
    if not 1 <= len(entries) <= _MAX_BATCH:
        raise illegal_argument(f"1 to {_MAX_BATCH} users can be registered at once")
    new = [_new_user(entry) for entry in entries]

    def work(connection: sqlite3.Connection) -> Answer:
        application = call.shared.credentials.application
        created = users.register(connection, new, ids=call.shared.ids, now=call.now, application=application)
        return call.envelope("post", entities=[entity(user) for user in created])

    return work


def _new_user(entry: object) -> NewUser:
    if not isinstance(entry, dict):
        raise illegal_argument("a user must be a JSON object")
    body = Body(cast("JsonObject", entry))
    name: Any = body.value("username")
    if name is None:
        raise ApiError(
            400,
            "required_property_not_found",
            "Entity user requires a property named username",
            exception="RequiredPropertyNotFoundException",
        )
    if isinstance(name, str) and len(name) > _MAX_NAME:
        raise illegal_argument("USERNAME_TOO_LONG")
    if not is_username(name):
        raise illegal_argument(f"username [{shown(name)}] is not legal")
    # Checked for its length like the real service does, and not kept: no user ever logs in here.
    body.optional("password", max_length=_MAX_PASSWORD)
    return NewUser(name, body.optional("nickname", max_length=_MAX_NICKNAME))


def entity(user: User) -> JsonObject:
    """Return a user as the envelope's `entities` show it."""
    shown_user: JsonObject = {
        "uuid": user.uuid,
        "type": "user",
        "created": user.created,
        "modified": user.modified,
        "username": user.username,
        "activated": True,
    }
    if user.nickname is not None:
        shown_user["nickname"] = user.nickname
    return shown_user


def exists(call: Call) -> Answer:
    """Answer whether a user exists; a text that cannot be a name is nobody's."""
    name = call.params["user_id"]
    return {"code": 200, "result": is_username(name) and users.find(call.reader, name) is not None}


ROUTES = (
    Route(method="POST", template="/users", write=register, body=BodyKind.JSON, family="users"),
    Route(method="GET", template="/circle/user/{user_id}", read=exists),
)
