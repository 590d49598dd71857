"""Mutes in channels (002 管理频道成员: 禁言); times in milliseconds (A1)."""

import sqlite3
from typing import NamedTuple

from bot.imservice.domain import channels, members
from bot.imservice.errors import not_members, on_owner
from bot.imservice.events import Event, group_op
from bot.imservice.fields import JsonObject
from bot.imservice.paging import PageRequest

PERMANENT = 4_638_873_600_000
"""The end that the list shows for a mute without end (A3)."""


class Mute(NamedTuple):
    """A mute in a channel's list; `expire` is its end, Unix milliseconds."""

    seq: int
    user: str
    expire: int


def add(
    connection: sqlite3.Connection, community_id: str, channel_id: str, user: str, *, duration: int | None, now: int
) -> Event:
    """Mute a member (002 将成员加入频道禁言列表) for milliseconds from now, or without end; the last mute holds.

    Raises ApiError 404 for an unknown community, channel or user, 403 for the owner and for somebody who is not a
    member of the channel (A29).
    """
    found = members.standing(connection, community_id, channel_id, user)
    if found.user == found.owner:
        raise on_owner()
    if found.member is None:
        raise not_members(user)
    expire = PERMANENT if duration is None else min(now + duration, PERMANENT)
    # A mute that is renewed while in force keeps its place, so a reader in the middle of the list sees it once.
    connection.execute(
        "INSERT INTO mutes (channel, user, expire) VALUES (?, ?, ?) "
        "ON CONFLICT (channel, user) DO UPDATE SET expire = excluded.expire",
        (found.channel, found.user, expire),
    )
    return _told(channel_id, found, {"member": [found.name], "type": "ADD", "expire_timestamp": expire})


def lift(connection: sqlite3.Connection, community_id: str, channel_id: str, user: str) -> list[Event]:
    """Unmute a user (002 将成员移出频道禁言列表), also one who is not muted (A28), of which there is nothing to tell.

    Raises ApiError 404 for anything unknown.
    """
    found = members.standing(connection, community_id, channel_id, user)
    done = connection.execute("DELETE FROM mutes WHERE channel = ? AND user = ?", (found.channel, found.user))
    return [_told(channel_id, found, {"member": [found.name], "type": "REMOVE"})] if done.rowcount else []


def _told(channel_id: str, found: members.Standing, payload: JsonObject) -> Event:
    return group_op(channel_id, "MUTE", payload, chat_room=bool(found.mode))


_PAGE = """
SELECT m.seq, u.username, m.expire
FROM channels ch JOIN communities co ON co.seq = ch.community JOIN mutes m ON m.channel = ch.seq
     JOIN users u ON u.seq = m.user
WHERE ch.id = ? AND co.id = ? AND m.seq > ? AND m.expire > ? ORDER BY m.seq LIMIT ?
"""


def page(
    connection: sqlite3.Connection, community_id: str, channel_id: str, request: PageRequest, *, in_force_after: int
) -> list[Mute]:
    """Return the mutes of a channel that end after an instant, oldest first (002 获取频道的禁言列表)."""
    rows = connection.execute(
        _PAGE, (channel_id, community_id, request.after, in_force_after, request.fetch)
    ).fetchall()
    if not rows:
        channels.place(connection, community_id, channel_id)
    return list(map(Mute._make, rows))


def in_force(connection: sqlite3.Connection, channel: int, user: int, *, in_force_after: int) -> bool:
    """Whether a user is muted in a channel, both given as row numbers."""
    row = connection.execute(
        "SELECT 1 FROM mutes WHERE channel = ? AND user = ? AND expire > ?", (channel, user, in_force_after)
    ).fetchone()
    return row is not None


def sweep(connection: sqlite3.Connection, now: int, at_once: int = 1000) -> int:
    """Delete lapsed mutes, `at_once` at most, and return how many there were."""
    return connection.execute(
        "DELETE FROM mutes WHERE seq IN (SELECT seq FROM mutes WHERE expire <= ? LIMIT ?)", (now, at_once)
    ).rowcount
