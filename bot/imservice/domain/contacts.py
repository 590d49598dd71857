"""Friends and remarks (003 管理用户关系, 004); a friendship is mutual, a remark belongs to who made it (A37)."""

import sqlite3
from typing import NamedTuple

from bot.imservice.domain import users
from bot.imservice.domain.users import User
from bot.imservice.errors import illegal_argument, limit_exceeded
from bot.imservice.events import Event, roster
from bot.imservice.paging import PageRequest

MOST_AT_ONCE = 3000
"""How many friends the list without pages has (facts 2.2)."""
_BEFORE_ALL = (1 << 63) - 1


class Contact(NamedTuple):
    """A friend in a user's list; `remark` is None if there is none."""

    seq: int
    user: str
    remark: str | None


def add(connection: sqlite3.Connection, owner: str, friend: str, *, most: int) -> tuple[User, list[Event]]:
    """Make two users friends (003 添加好友) and return the friend; friends stay friends, and nobody is told (A36).

    Raises ApiError 404 for an unknown user, 400 for a user and himself, 403 when one of the two has `most` friends
    (A35).
    """
    one, other = users.get(connection, owner), users.get(connection, friend)
    if one.seq == other.seq:
        raise illegal_argument("a user cannot be a friend of himself")
    if _are_friends(connection, one.seq, other.seq):
        return other, []
    if max(_count(connection, one.seq), _count(connection, other.seq)) >= most:
        raise limit_exceeded("user contact number exceed limit")
    connection.executemany(
        "INSERT INTO contacts (owner, friend) VALUES (?, ?)", ((one.seq, other.seq), (other.seq, one.seq))
    )
    return other, [roster(one.username, other.username, "add")]


def remove(connection: sqlite3.Connection, owner: str, friend: str) -> tuple[User, list[Event]]:
    """End a friendship on both sides with both remarks (003 移除好友) and return who was removed.

    Users who are no friends stay so, and nobody is told (A38). Raises ApiError 404 for an unknown user.
    """
    one, other = users.get(connection, owner), users.get(connection, friend)
    gone = connection.execute("DELETE FROM contacts WHERE owner = ? AND friend = ?", (one.seq, other.seq)).rowcount
    connection.execute("DELETE FROM contacts WHERE owner = ? AND friend = ?", (other.seq, one.seq))
    return other, [roster(one.username, other.username, "remove")] if gone else []


def set_remark(connection: sqlite3.Connection, owner: str, friend: str, remark: str) -> list[Event]:
    """Set what a user calls a friend, or clear it with the empty text (004 设置好友备注, A43).

    Returns what is to be told, nothing for the remark that it was. Raises ApiError 404 for an unknown user, 400 for
    users who are no friends.
    """
    one, other = users.get(connection, owner), users.get(connection, friend)
    if not _are_friends(connection, one.seq, other.seq):
        raise illegal_argument("updateRemark they are not friends, please add as a friend first.")
    changed = connection.execute(
        "UPDATE contacts SET remark = ?1 WHERE owner = ?2 AND friend = ?3 AND remark IS NOT ?1",
        (remark or None, one.seq, other.seq),
    ).rowcount
    return [roster(one.username, other.username, "remark", remark=remark)] if changed else []


def page(connection: sqlite3.Connection, owner: str, request: PageRequest) -> list[Contact]:
    """Return friends, newest first (003 分页获取好友列表); raise ApiError 404 for an unknown user."""
    return _newest(connection, users.get(connection, owner).seq, request.after or _BEFORE_ALL, request.fetch)


def newest(connection: sqlite3.Connection, owner: str) -> list[Contact]:
    """Return the newest 3000 friends, newest first (003 一次性获取好友列表); raise ApiError 404 for an unknown user."""
    return _newest(connection, users.get(connection, owner).seq, _BEFORE_ALL, MOST_AT_ONCE)


def _newest(connection: sqlite3.Connection, owner: int, before: int, count: int) -> list[Contact]:
    rows = connection.execute(
        "SELECT c.seq, u.username, c.remark FROM contacts c JOIN users u ON u.seq = c.friend "
        "WHERE c.owner = ? AND c.seq < ? ORDER BY c.seq DESC LIMIT ?",
        (owner, before, count),
    ).fetchall()
    return [Contact(*row) for row in rows]


def _are_friends(connection: sqlite3.Connection, owner: int, friend: int) -> bool:
    row = connection.execute("SELECT 1 FROM contacts WHERE owner = ? AND friend = ?", (owner, friend)).fetchone()
    return row is not None


def _count(connection: sqlite3.Connection, owner: int) -> int:
    (count,) = connection.execute("SELECT count(*) FROM contacts WHERE owner = ?", (owner,)).fetchone()
    return count
