"""Members of channels (002 管理频道成员)."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from bot.imservice.domain import channels, communities, users
from bot.imservice.domain.channels import Channel
from bot.imservice.errors import forbidden, illegal_argument, limit_exceeded, not_members, on_owner
from bot.imservice.events import Event, group_op
from bot.imservice.paging import PageRequest

CHANNEL_OWNER, CHANNEL_MEMBER = 0, 1


class ChannelMember(NamedTuple):
    """A member in a channel's list; `role` is 0 for the owner, else 1 (A9)."""

    seq: int
    user: str
    role: int


class Standing(NamedTuple):
    """How a user stands to a channel, in row numbers; `name` is spelled as registered, `member` None for outsiders."""

    channel: int
    community: int
    owner: int
    is_default: int
    mode: int
    user: int
    name: str
    member: int | None


_STANDING = """
SELECT ch.seq, ch.community, co.owner, ch.is_default, ch.mode, u.seq, u.username, m.seq
FROM channels ch JOIN communities co ON co.seq = ch.community JOIN users u ON u.key = ?
     LEFT JOIN channel_members m ON m.channel = ch.seq AND m.user = u.seq
WHERE ch.id = ? AND co.id = ?
"""


def standing(connection: sqlite3.Connection, community_id: str, channel_id: str, user: str) -> Standing:
    """Return how a user stands to a channel in one look-up, for the calls that are made most.

    Raises ApiError 404 for an unknown community, channel or user, in this order.
    """
    row = connection.execute(_STANDING, (user.lower(), channel_id, community_id)).fetchone()
    if row is None:
        channels.place(connection, community_id, channel_id)
        users.get(connection, user)
        raise channels.channel_not_found()
    return Standing(*row)


def is_member(connection: sqlite3.Connection, channel: int, user: int) -> bool:
    """Whether a user is in a channel, both given as row numbers."""
    row = connection.execute("SELECT 1 FROM channel_members WHERE channel = ? AND user = ?", (channel, user)).fetchone()
    return row is not None


def join(connection: sqlite3.Connection, community_id: str, channel_id: str, user: str) -> tuple[Channel, list[Event]]:
    """Make a user a member of a channel (002 将用户加入频道); a member stays one, and nobody is told.

    Raises ApiError 404 for an unknown community, channel or user, 403 for somebody who is not in the community and
    for a full channel.
    """
    channel = channels.get(connection, community_id, channel_id)
    member = users.get(connection, user)
    if communities.role_of(connection, channel.community, member.seq) is None:
        raise not_members(user)
    if is_member(connection, channel.seq, member.seq):
        return channel, []
    if channels.present(connection, channel.seq) >= channel.max_users:
        raise limit_exceeded("the channel is full")
    connection.execute("INSERT INTO channel_members (channel, user) VALUES (?, ?)", (channel.seq, member.seq))
    return channel, [_told("JOIN", channel_id, channel.mode, member.username)]


def _told(operation: str, channel_id: str, mode: int, name: str) -> Event:
    return group_op(channel_id, operation, {"member": [name]}, chat_room=bool(mode))


def remove(connection: sqlite3.Connection, community_id: str, channel_id: str, user: str) -> Event:
    """Remove a member from a channel (002 将成员移出频道); the mute goes with the membership, and the threads.

    Raises ApiError 404 for an unknown community, channel or user, 403 for the default channel, the owner and somebody
    who is not a member (A14).
    """
    found = standing(connection, community_id, channel_id, user)
    if found.is_default:
        raise forbidden("members cannot be removed from the default channel")
    if found.user == found.owner:
        raise on_owner()
    if not _leave(connection, found.channel, found.user):
        raise not_members(user)
    return _told("KICK", channel_id, found.mode, found.name)


def remove_batch(
    connection: sqlite3.Connection, community_id: str, channel_id: str, names: Sequence[str]
) -> tuple[list[tuple[str, bool]], list[Event]]:
    """Remove several members (002 批量移除频道成员) and return for each distinct name whether it was removed.

    Raises ApiError 404 for an unknown community or channel, 400 when none of them is a member (A15).
    """
    channel = channels.place(connection, community_id, channel_id)
    found_any = False
    results: list[tuple[str, bool]] = []
    events: list[Event] = []
    for name in {name.lower(): name for name in reversed(names)}.values():
        user = users.find(connection, name)
        if user is None:
            results.append((name, False))
            continue
        fixed = user.seq == channel.owner_seq or bool(channel.is_default)
        found_any = found_any or user.seq == channel.owner_seq or is_member(connection, channel.seq, user.seq)
        removed = not fixed and _leave(connection, channel.seq, user.seq)
        results.append((name, removed))
        if removed:
            events.append(_told("KICK", channel_id, channel.mode, user.username))
    if not found_any:
        raise illegal_argument("none of the users is a member of this channel")
    results.reverse()
    events.reverse()
    return results, events


def _leave(connection: sqlite3.Connection, channel: int, user: int) -> bool:
    cursor = connection.execute("DELETE FROM channel_members WHERE channel = ? AND user = ?", (channel, user))
    if cursor.rowcount == 0:
        return False
    connection.execute("DELETE FROM mutes WHERE channel = ? AND user = ?", (channel, user))
    connection.execute(
        "DELETE FROM thread_members WHERE user = ? AND thread IN (SELECT seq FROM threads WHERE channel = ?)",
        (user, channel),
    )
    return True


def contains(connection: sqlite3.Connection, community_id: str, channel_id: str, user: str) -> bool:
    """Whether a user is in a channel (002 查询用户是否在频道); raise ApiError 404 for anything unknown."""
    return standing(connection, community_id, channel_id, user).member is not None


def role(connection: sqlite3.Connection, community_id: str, channel_id: str, user: str) -> int:
    """Return the community role of a user (002 查询频道中指定成员的社区角色): 0, 1 or 2.

    Raises ApiError 404 for an unknown community, channel or user, 403 for somebody who is not in the community.
    """
    found = standing(connection, community_id, channel_id, user)
    role_there = communities.role_of(connection, found.community, found.user)
    if role_there is None:
        raise not_members(user)
    return role_there


_PAGE = f"""
SELECT m.seq, u.username, CASE m.user WHEN co.owner THEN {CHANNEL_OWNER} ELSE {CHANNEL_MEMBER} END
FROM channels ch JOIN communities co ON co.seq = ch.community JOIN channel_members m ON m.channel = ch.seq
     JOIN users u ON u.seq = m.user
WHERE ch.id = ? AND co.id = ? AND m.seq > ? ORDER BY m.seq LIMIT ?
"""  # noqa: S608 (constants only)


def page(
    connection: sqlite3.Connection, community_id: str, channel_id: str, request: PageRequest
) -> list[ChannelMember]:
    """Return members of a channel in the order of joining (002 获取频道的成员列表); 404 if it does not exist."""
    rows = connection.execute(_PAGE, (channel_id, community_id, request.after, request.fetch)).fetchall()
    if not rows:
        channels.place(connection, community_id, channel_id)
    return list(map(ChannelMember._make, rows))
