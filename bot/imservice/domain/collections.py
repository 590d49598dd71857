"""What users saved (000, 001 用户收藏); times in Unix milliseconds, ids belong to their user (A55)."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from bot.imservice.domain import users
from bot.imservice.errors import ApiError, illegal_argument, shown


class Collection(NamedTuple):
    """A saved item; `seq` tells apart what its user saved at one time, `ext` is None if there is none."""

    seq: int
    id: str
    type: int
    data: str
    ext: str | None
    created: int
    updated: int


class NewCollection(NamedTuple):
    """A checked item to save; an empty `ext` counts as none (facts 11)."""

    id: str
    data: str
    type: int
    ext: str | None
    created: int


class Reading(NamedTuple):
    """How a list is read: only one type or all (None), in which direction, how many rows at most."""

    type: int | None
    newest_first: bool
    limit: int


def add(connection: sqlite3.Connection, user: str, new: Sequence[NewCollection]) -> list[Collection]:
    """Save items, all or none (000 添加一条收藏, 批量添加用户收藏), and return them in the order given.

    What was saved before with the same content is returned as it is (A55). Raises ApiError 404 for an unknown user,
    400 for an id that has other content.
    """
    owner = users.get(connection, user).seq
    return [_saved(connection, owner, item) for item in new]


def _saved(connection: sqlite3.Connection, owner: int, new: NewCollection) -> Collection:
    ext = new.ext or None
    (last,) = connection.execute(
        "SELECT max(seq) FROM collections WHERE user = ? AND created = ?", (owner, new.created)
    ).fetchone()
    saved = Collection((last or 0) + 1, new.id, new.type, new.data, ext, new.created, new.created)
    done = connection.execute(
        "INSERT INTO collections (user, seq, id, type, data, ext, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (user, id) DO NOTHING",
        (owner, *saved),
    )
    if done.rowcount:
        return saved
    found = _get(connection, owner, new.id)
    if (found.data, found.type, found.ext) != (new.data, new.type, ext):
        raise illegal_argument(f"collection {shown(new.id)} exists already with other content")
    return found


def update(connection: sqlite3.Connection, user: str, collection_id: str, ext: str | None, *, now: int) -> Collection:
    """Change an item's `ext`, or clear it with None or the empty text (000 修改用户收藏的扩展信息, A54).

    Raises ApiError 404 for an unknown user, 400 for an unknown item (A50).
    """
    owner = users.get(connection, user).seq
    connection.execute(
        "UPDATE collections SET ext = ?, updated = ? WHERE user = ? AND id = ?",
        (ext or None, now, owner, collection_id),
    )
    return _get(connection, owner, collection_id)


def delete(connection: sqlite3.Connection, user: str, collection_ids: Sequence[str]) -> None:
    """Delete items, all or none (000 删除用户收藏).

    Raises ApiError 404 for an unknown user, 400 if one of the items does not exist (A49).
    """
    owner, wanted = users.get(connection, user).seq, set(collection_ids)
    these = (owner, json.dumps(list(wanted), ensure_ascii=False))
    (found,) = connection.execute(
        "SELECT count(*) FROM collections WHERE user = ? AND id IN (SELECT value FROM json_each(?))", these
    ).fetchone()
    if found != len(wanted):
        raise _not_found()
    connection.execute("DELETE FROM collections WHERE user = ? AND id IN (SELECT value FROM json_each(?))", these)


def within(connection: sqlite3.Connection, user: str, begin: int, end: int, reading: Reading) -> list[Collection]:
    """Return the items of a time, both ends included, in the order of (time, insertion) or exactly its reverse (A52).

    000 分页获取用户收藏. Raises ApiError 404 for an unknown user.
    """
    owner = users.get(connection, user).seq
    return _read(connection, "created BETWEEN :begin AND :end", reading, user=owner, begin=begin, end=end)


def onwards(connection: sqlite3.Connection, user: str, collection_id: str, reading: Reading) -> list[Collection]:
    """Return an item and those behind it, in the order of `within` (000 分页获取用户收藏, A53).

    Raises ApiError 404 for an unknown user, 400 for an unknown item.
    """
    owner = users.get(connection, user).seq
    start = _get(connection, owner, collection_id)
    down = reading.newest_first
    place: dict[str, Any] = {"user": owner, "created": start.created, "seq": start.seq}
    # Two searches of the index: for one by (created, seq) SQLite reads all rows of the same time before the start.
    ties = f"created = :created AND seq {'<=' if down else '>='} :seq"
    rows = _read(connection, ties, reading, **place)
    rest = reading._replace(limit=reading.limit - len(rows))
    if rest.limit:
        rows += _read(connection, f"created {'<' if down else '>'} :created", rest, **place)
    return rows


def _read(connection: sqlite3.Connection, where: str, reading: Reading, **values: Any) -> list[Collection]:
    order = "DESC" if reading.newest_first else "ASC"
    of_type = "" if reading.type is None else "AND type = :type"
    statement = (
        f"SELECT seq, id, type, data, ext, created, updated FROM collections "  # noqa: S608 - pieces of this file
        f"WHERE user = :user {of_type} AND {where} ORDER BY created {order}, seq {order} LIMIT :limit"
    )
    rows = connection.execute(statement, {**values, "type": reading.type, "limit": reading.limit}).fetchall()
    return [Collection(*row) for row in rows]


def _get(connection: sqlite3.Connection, owner: int, collection_id: str) -> Collection:
    row = connection.execute(
        "SELECT seq, id, type, data, ext, created, updated FROM collections WHERE user = ? AND id = ?",
        (owner, collection_id),
    ).fetchone()
    if row is None:
        raise _not_found()
    return Collection(*row)


def _not_found() -> ApiError:
    return illegal_argument("user collection not found")
