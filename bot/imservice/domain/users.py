"""Users: registration and look-up; names are compared without regard to case (facts 3)."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from bot.imservice.errors import ApiError, shown, user_not_found
from bot.imservice.ids import Ids


class User(NamedTuple):
    """A registered user; `username` keeps the spelling of the registration."""

    seq: int
    username: str
    uuid: str
    nickname: str | None
    created: int
    modified: int


class NewUser(NamedTuple):
    """A checked registration."""

    username: str
    nickname: str | None


_BY_KEY = "SELECT seq, username, uuid, nickname, created, modified FROM users WHERE key = ?"


def find(connection: sqlite3.Connection, name: str) -> User | None:
    """Return the user of that name in any case of letters, or None."""
    row = connection.execute(_BY_KEY, (name.lower(),)).fetchone()
    return None if row is None else User(*row)


def get(connection: sqlite3.Connection, name: str) -> User:
    """Return the user of that name; raise ApiError 404 if there is none (facts 2.1)."""
    user = find(connection, name)
    if user is None:
        raise user_not_found()
    return user


def register(
    connection: sqlite3.Connection, new: Sequence[NewUser], *, ids: Ids, now: int, application: str
) -> list[User]:
    """Register all of the users or, if a name is taken or given twice, none (ApiError 400)."""
    created: list[User] = []
    for entry in new:
        uuid = ids.uuid()
        cursor = connection.execute(
            "INSERT INTO users (key, username, uuid, nickname, created, modified) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (key) DO NOTHING",
            (entry.username.lower(), entry.username, uuid, entry.nickname, now, now),
        )
        if cursor.rowcount != 1 or cursor.lastrowid is None:
            raise ApiError(
                400,
                "duplicate_unique_property_exists",
                f"Application {application} Entity user requires that property named username be unique, "
                f"value of {shown(entry.username)} exists",
                exception="DuplicateUniquePropertyExistsException",
            )
        created.append(User(cursor.lastrowid, entry.username, uuid, entry.nickname, now, now))
    return created
