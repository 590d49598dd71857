"""Who does not want to hear from whom (003 管理用户关系: 黑名单); friends stay friends."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from bot.imservice.domain import users
from bot.imservice.domain.users import User
from bot.imservice.errors import illegal_argument, limit_exceeded
from bot.imservice.events import Event, roster
from bot.imservice.paging import PageRequest

_BEFORE_ALL = (1 << 63) - 1


class Block(NamedTuple):
    """A blocked user in somebody's list."""

    seq: int
    user: str


def add(
    connection: sqlite3.Connection, owner: str, names: Sequence[str], *, most: int
) -> tuple[list[str], list[Event]]:
    """Block users, all or none (003 添加用户至黑名单), and return the distinct names, spelled as registered.

    Who is blocked already keeps his place in the list, and nobody is told. Raises ApiError 404 for an unknown user,
    400 for the owner himself, 403 when `most` would be exceeded (A40).
    """
    blocker = users.get(connection, owner)
    distinct = list(dict.fromkeys(name.lower() for name in names))
    if len(distinct) > most:
        raise limit_exceeded("user block number exceed limit")
    wanted = [users.get(connection, name) for name in distinct]
    if any(user.seq == blocker.seq for user in wanted):
        raise illegal_argument("a user cannot block himself")
    fresh = [user for user in wanted if not _is_blocked(connection, blocker.seq, user.seq)]
    if fresh and _count(connection, blocker.seq) + len(fresh) > most:
        raise limit_exceeded("user block number exceed limit")
    connection.executemany(
        "INSERT INTO blocks (owner, blocked) VALUES (?, ?)", [(blocker.seq, user.seq) for user in fresh]
    )
    events = [_told(blocker, user, "ban") for user in fresh]
    return [user.username for user in wanted], events


def remove(connection: sqlite3.Connection, owner: str, blocked: str) -> tuple[User, list[Event]]:
    """Unblock a user (003 从黑名单中移除用户) and return him; who is not blocked stays so, and nobody is told (A38).

    Raises ApiError 404 for an unknown user.
    """
    blocker, user = users.get(connection, owner), users.get(connection, blocked)
    done = connection.execute("DELETE FROM blocks WHERE owner = ? AND blocked = ?", (blocker.seq, user.seq))
    return user, [_told(blocker, user, "allow")] if done.rowcount else []


def page(connection: sqlite3.Connection, owner: str, request: PageRequest) -> list[Block]:
    """Return blocked users, latest first (003 获取黑名单列表); raise ApiError 404 for an unknown user."""
    rows = connection.execute(
        "SELECT b.seq, u.username FROM blocks b JOIN users u ON u.seq = b.blocked "
        "WHERE b.owner = ? AND b.seq < ? ORDER BY b.seq DESC LIMIT ?",
        (users.get(connection, owner).seq, request.after or _BEFORE_ALL, request.fetch),
    ).fetchall()
    return [Block(*row) for row in rows]


def _told(blocker: User, user: User, operation: str) -> Event:
    return roster(blocker.username, user.username, operation, status={"error_code": "ok"})


def _is_blocked(connection: sqlite3.Connection, owner: int, user: int) -> bool:
    row = connection.execute("SELECT 1 FROM blocks WHERE owner = ? AND blocked = ?", (owner, user)).fetchone()
    return row is not None


def _count(connection: sqlite3.Connection, owner: int) -> int:
    (count,) = connection.execute("SELECT count(*) FROM blocks WHERE owner = ?", (owner,)).fetchone()
    return count
