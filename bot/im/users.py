"""IM users, as far as communities need them (facts 3 and 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.im import arguments
from bot.im.answers import Answer
from bot.im.endpoint import Endpoint
from bot.im.errors import InvalidArgument, NotFound
from bot.im.models import NewUser, User

if TYPE_CHECKING:
    from bot.im.transport import Transport

CREATE = Endpoint("POST", "/users")
EXISTS = Endpoint("GET", "/circle/user/{user_id}")

BATCH = 60
PASSWORD_LENGTH = 64
NICKNAME_LENGTH = 100


class Users:
    """`im.users`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def create(self, *users: NewUser) -> list[User]:
        """Register users, 60 with a request, and return them (fact 3).

        Names have 1..64 of A-Z a-z 0-9 `_` `-` `.`, nicknames at most 100 characters, passwords 64; Easemob wants a
        password. All are checked before the first request. A request is all or nothing; if a later one fails, the
        users of the earlier ones are registered. Raises Conflict if a name is taken, IMError, InvalidArgument.
        """
        rows = [_row(user) for user in users]
        if not rows:
            raise InvalidArgument("users", "must not be empty")
        created: list[User] = []
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            passwords = tuple(row["password"] for row in batch if "password" in row)
            created += await self._transport.call(CREATE, _users, body=batch, hide=passwords)
        return created

    async def exists(self, user_id: str) -> bool:
        """Say whether a user is registered (fact 6). Raises IMError."""
        try:
            return await self._transport.call(EXISTS, Answer.flag, {"user_id": arguments.username("user_id", user_id)})
        except NotFound as error:
            # What the general rule for an unknown user in a path says (fact 2.1); a wrong app is something else.
            if error.error == "service_resource_not_found":
                return False
            raise


def _users(answer: Answer) -> list[User]:
    entities: object = answer.data.get("entities")
    if not isinstance(entities, list):
        raise answer.bad("no entities in the answer")
    return [answer.model(entity, User) for entity in cast("list[object]", entities)]


def _row(user: NewUser) -> dict[str, str]:
    row = {"username": arguments.username("username", user.username)}
    if user.nickname is not None:
        row["nickname"] = arguments.text("nickname", user.nickname, longest=NICKNAME_LENGTH)
    if user.password is not None:
        row["password"] = arguments.text("password", user.password, shortest=1, longest=PASSWORD_LENGTH)
    return row
