"""Users: `POST /users` (T2) and whether one exists."""

import sqlite3
from typing import Any, NotRequired, cast

from typing_extensions import TypedDict

from bot.imservice.call import Call, Envelope
from bot.imservice.domain import users
from bot.imservice.domain.users import NewUser, User
from bot.imservice.errors import ApiError, illegal_argument, shown
from bot.imservice.fields import Body, JsonObject, is_username
from bot.imservice.parameters import USERNAME_SCHEMA, whole_body
from bot.imservice.routes.members import Result
from bot.imservice.routing import BodyKind, Route, Work

_MAX_BATCH = 60
_MAX_NAME = 64
_MAX_NICKNAME = 100
_MAX_PASSWORD = 64


class UserView(TypedDict):
    """A user in an envelope's `entities`; times in Unix milliseconds."""

    uuid: str
    type: str
    created: int
    modified: int
    username: str
    activated: bool
    nickname: NotRequired[str]


class UserEntities(Envelope):
    """Users in an envelope."""

    entities: list[UserView]


def register(call: Call) -> Work[UserEntities]:
    """Register one user or a list of up to 60 (facts 3); all of them or none."""
    new = call[_REGISTRATIONS]

    def work(connection: sqlite3.Connection) -> UserEntities:
        application = call.shared.credentials.application
        created = users.register(connection, new, ids=call.shared.ids, now=call.now, application=application)
        return {**call.envelope("post"), "entities": [entity(user) for user in created]}

    return work


def _registrations(payload: object) -> list[NewUser]:
    entries = cast("list[object]", payload) if isinstance(payload, list) else [payload]
    if not 1 <= len(entries) <= _MAX_BATCH:
        raise illegal_argument(f"1 to {_MAX_BATCH} users can be registered at once")
    return [_new_user(entry) for entry in entries]


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


def entity(user: User) -> UserView:
    """Return a user as the envelope's `entities` show it."""
    shown_user: UserView = {
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


def exists(call: Call) -> Result:
    """Answer whether a user exists; a text that cannot be a name is nobody's."""
    name = call.params["user_id"]
    return {"code": 200, "result": is_username(name) and users.find(call.reader, name) is not None}


_REGISTRATION: JsonObject = {
    "type": "object",
    "properties": {
        "username": USERNAME_SCHEMA,
        "password": {"type": ["string", "null"], "maxLength": _MAX_PASSWORD},
        "nickname": {"type": ["string", "null"], "maxLength": _MAX_NICKNAME},
    },
    "required": ["username"],
}
_REGISTRATIONS = whole_body(
    {"anyOf": [_REGISTRATION, {"type": "array", "items": _REGISTRATION, "minItems": 1, "maxItems": _MAX_BATCH}]},
    _registrations,
)

ROUTES = (
    Route(
        method="POST",
        template="/users",
        write=register,
        takes=(_REGISTRATIONS,),
        body=BodyKind.JSON,
        family="users",
    ),
    Route(method="GET", template="/circle/user/{user_id}", read=exists),
)
