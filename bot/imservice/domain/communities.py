"""Communities (the API's servers) and their members (facts 6)."""

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.imservice.domain import tags, users
from bot.imservice.domain.tags import Tag
from bot.imservice.domain.users import User
from bot.imservice.errors import limit_exceeded, not_found, not_members, on_owner
from bot.imservice.events import Event, group_op
from bot.imservice.ids import Ids
from bot.imservice.paging import PageRequest

if TYPE_CHECKING:
    from bot.imservice.fields import JsonObject

OWNER, MODERATOR, MEMBER = 0, 1, 2
DEFAULT_CATEGORY_NAME = "文字频道"
DEFAULT_CHANNEL_NAME = "通用"
DEFAULT_CHANNEL_USERS = 2000


class Community(NamedTuple):
    """A community as stored; `owner` is a user name, `owner_seq` that user's row."""

    seq: int
    community_id: str
    owner: str
    owner_seq: int
    name: str
    type: int
    description: str
    custom: str
    icon_url: str
    background_url: str
    created: int
    default_channel_id: str
    tags: list[Tag]


class NewCommunity(NamedTuple):
    """A checked request for a community."""

    owner: str
    name: str
    type: int
    description: str
    custom: str
    icon_url: str
    background_url: str
    category_name: str
    channel_name: str


class Changes(NamedTuple):
    """What is to change about a community; None leaves a field as it is."""

    name: str | None
    type: int | None
    description: str | None
    custom: str | None
    icon_url: str | None
    background_url: str | None


class Member(NamedTuple):
    """A user's place in a list of members."""

    seq: int
    user: str
    role: int


_COLUMNS = """
SELECT c.seq, c.id, u.username, c.owner, c.name, c.type, c.description, c.custom, c.icon_url, c.background_url,
       c.created, (SELECT id FROM channels WHERE community = c.seq ORDER BY seq LIMIT 1)
"""
SELECT = _COLUMNS + "FROM communities c JOIN users u ON u.seq = c.owner "
"""What `built` makes a community of; conditions follow."""
SELECT_TAGGED = _COLUMNS + "FROM tags t JOIN communities c ON c.seq = t.community JOIN users u ON u.seq = c.owner "
"""The same by the tags."""


# CROSS JOIN keeps SQLite from starting at the community, which has many more rows than a member.
_CHANNELS_OF_MEMBER = """
SELECT ch.seq, ch.id, ch.mode FROM channel_members m CROSS JOIN channels ch ON ch.seq = m.channel
WHERE m.user = ? AND ch.community = ? ORDER BY m.seq
"""
_THREADS_OF_MEMBER = """
SELECT m.seq FROM thread_members m CROSS JOIN threads t ON t.seq = m.thread
     CROSS JOIN channels ch ON ch.seq = t.channel
WHERE m.user = ? AND ch.community = ?
"""


def built(connection: sqlite3.Connection, row: Sequence[Any]) -> Community:
    """Return the community of a row that was read by `SELECT`, with its tags."""
    return Community(*row, tags=tags.of(connection, row[0]))


def get(connection: sqlite3.Connection, community_id: str) -> Community:
    """Return a community; raise ApiError 404 if there is none of that id."""
    row = connection.execute(SELECT + "WHERE c.id = ?", (community_id,)).fetchone()
    if row is None:
        raise not_found("server does not exist")
    return built(connection, row)


def key(connection: sqlite3.Connection, community_id: str) -> tuple[int, int]:
    """Return the row numbers of a community and of its owner; raise ApiError 404 if there is none of that id."""
    row = connection.execute("SELECT seq, owner FROM communities WHERE id = ?", (community_id,)).fetchone()
    if row is None:
        raise not_found("server does not exist")
    return row


def page(connection: sqlite3.Connection, request: PageRequest) -> list[Community]:
    """Return communities of the app, oldest first."""
    rows = connection.execute(
        SELECT + "WHERE c.seq > ? ORDER BY c.seq LIMIT ?", (request.after, request.fetch)
    ).fetchall()
    return [built(connection, row) for row in rows]


class Joined(NamedTuple):
    """A community in the list of those a user has joined."""

    seq: int
    community: Community


def joined(connection: sqlite3.Connection, user: str, request: PageRequest) -> list[Joined]:
    """Return the communities of a user in the order of joining; raise ApiError 404 for an unknown user."""
    member = users.get(connection, user)
    places = connection.execute(
        "SELECT seq, community FROM community_members WHERE user = ? AND seq > ? ORDER BY seq LIMIT ?",
        (member.seq, request.after, request.fetch),
    ).fetchall()
    found: list[Joined] = []
    for place, community in places:
        row = connection.execute(SELECT + "WHERE c.seq = ?", (community,)).fetchone()
        if row is not None:  # deleted between the two statements
            found.append(Joined(place, built(connection, row)))
    return found


def create(connection: sqlite3.Connection, new: NewCommunity, *, ids: Ids, now: int, per_user: int) -> str:
    """Create a community with its default category and channel and return its id.

    Raises ApiError 404 for an unknown owner, 403 when the owner has `per_user` communities already.
    """
    owner = users.get(connection, new.owner)
    (owned,) = connection.execute("SELECT count(*) FROM communities WHERE owner = ?", (owner.seq,)).fetchone()
    if owned >= per_user:
        raise limit_exceeded(f"user server count exceed limit {per_user}")
    community_id, category_id, channel_id = ids.community(), ids.category(), unused_channel_id(connection, ids)
    community = connection.execute(
        "INSERT INTO communities (id, owner, name, type, description, custom, icon_url, background_url, created) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            community_id, owner.seq, new.name, new.type, new.description, new.custom, new.icon_url,
            new.background_url, now,
        ),
    ).lastrowid  # fmt: skip
    category = connection.execute(
        "INSERT INTO categories (id, community, name, is_default, created) VALUES (?, ?, ?, 1, ?)",
        (category_id, community, new.category_name, now),
    ).lastrowid
    channel = connection.execute(
        "INSERT INTO channels (id, community, category, name, type, mode, max_users, description, custom, rtc_name, "
        "is_default, created) VALUES (?, ?, ?, ?, 0, 0, ?, '', '', NULL, 1, ?)",
        (channel_id, community, category, new.channel_name, DEFAULT_CHANNEL_USERS, now),
    ).lastrowid
    connection.execute(
        "INSERT INTO community_members (community, user, role) VALUES (?, ?, ?)", (community, owner.seq, OWNER)
    )
    connection.execute("INSERT INTO channel_members (channel, user) VALUES (?, ?)", (channel, owner.seq))
    return community_id


def unused_channel_id(connection: sqlite3.Connection, ids: Ids) -> str:
    """Return an id that neither a channel nor a thread has: messages are sent to both alike."""
    taken = "SELECT 1 FROM channels WHERE id = ? UNION ALL SELECT 1 FROM threads WHERE id = ?"
    while True:
        channel_id = ids.channel()
        if connection.execute(taken, (channel_id, channel_id)).fetchone() is None:
            return channel_id


def update(connection: sqlite3.Connection, community_id: str, changes: Changes) -> Community:
    """Change a community and return it; raise ApiError 404 if there is none of that id."""
    seq, _ = key(connection, community_id)
    connection.execute(
        "UPDATE communities SET name = coalesce(?, name), type = coalesce(?, type), "
        "description = coalesce(?, description), custom = coalesce(?, custom), icon_url = coalesce(?, icon_url), "
        "background_url = coalesce(?, background_url) WHERE seq = ?",
        (*changes, seq),
    )
    return get(connection, community_id)


def delete(connection: sqlite3.Connection, community_id: str) -> list[Event]:
    """Delete a community with all that belongs to it, and tell of each channel; ApiError 404 if there is none."""
    seq, _ = key(connection, community_id)
    gone = connection.execute("SELECT id, mode FROM channels WHERE community = ? ORDER BY seq", (seq,)).fetchall()
    connection.execute("DELETE FROM communities WHERE seq = ?", (seq,))
    return [group_op(channel, "DELETE", {"server_id": community_id}, chat_room=bool(mode)) for channel, mode in gone]


def role_of(connection: sqlite3.Connection, community: int, user: int) -> int | None:
    """Return a user's role in a community by their row numbers, or None for somebody else."""
    row = connection.execute(
        "SELECT role FROM community_members WHERE community = ? AND user = ?", (community, user)
    ).fetchone()
    return None if row is None else row[0]


def role(connection: sqlite3.Connection, community_id: str, user: str) -> int:
    """Return a member's role; raise ApiError 404 for an unknown community or user, 403 for somebody else."""
    _, _, current = _member(connection, community_id, user)
    return current


def set_role(connection: sqlite3.Connection, community_id: str, user: str, role: int) -> None:
    """Make a member moderator or plain member; raise ApiError like `role`, and 403 for the owner."""
    community, member, current = _member(connection, community_id, user)
    if current == OWNER:
        raise on_owner()
    connection.execute(
        "UPDATE community_members SET role = ? WHERE community = ? AND user = ?", (role, community, member.seq)
    )


def _member(connection: sqlite3.Connection, community_id: str, user: str) -> tuple[int, User, int]:
    community, _ = key(connection, community_id)
    member = users.get(connection, user)
    current = role_of(connection, community, member.seq)
    if current is None:
        raise not_members(user)
    return community, member, current


def contains(connection: sqlite3.Connection, community_id: str, user: str) -> bool:
    """Whether a user is a member; raise ApiError 404 for an unknown community or user."""
    community, _ = key(connection, community_id)
    return role_of(connection, community, users.get(connection, user).seq) is not None


def members(connection: sqlite3.Connection, community_id: str, request: PageRequest) -> list[Member]:
    """Return members in the order of joining; raise ApiError 404 for an unknown community."""
    community, _ = key(connection, community_id)
    rows = connection.execute(
        "SELECT m.seq, u.username, m.role FROM community_members m JOIN users u ON u.seq = m.user "
        "WHERE m.community = ? AND m.seq > ? ORDER BY m.seq LIMIT ?",
        (community, request.after, request.fetch),
    ).fetchall()
    return [Member(*row) for row in rows]


def member_count(connection: sqlite3.Connection, community_id: str) -> int:
    """Return how many members a community has; raise ApiError 404 if there is none of that id."""
    community, _ = key(connection, community_id)
    (count,) = connection.execute("SELECT count(*) FROM community_members WHERE community = ?", (community,)).fetchone()
    return count


def join(
    connection: sqlite3.Connection, community_id: str, user: str, *, join_default_channel: bool, per_user: int
) -> tuple[Community, list[Event]]:
    """Make a user a member, of the default channel too unless told otherwise; a member stays one, nobody is told.

    Raises ApiError 404 for an unknown community or user, 403 when the user has joined `per_user` communities or the
    default channel is full (facts 6).
    """
    community = get(connection, community_id)
    member = users.get(connection, user)
    if role_of(connection, community.seq, member.seq) is not None:
        return community, []
    (joined_count,) = connection.execute(
        "SELECT count(*) FROM community_members WHERE user = ? AND role <> ?", (member.seq, OWNER)
    ).fetchone()
    if joined_count >= per_user:
        raise limit_exceeded(f"user join server count exceed limit {per_user}")
    connection.execute(
        "INSERT INTO community_members (community, user, role) VALUES (?, ?, ?)",
        (community.seq, member.seq, MEMBER),
    )
    if not join_default_channel:
        return community, []
    _join_default_channel(connection, community, member.seq)
    return community, [group_op(community.default_channel_id, "JOIN", {"member": [member.username]})]


def _join_default_channel(connection: sqlite3.Connection, community: Community, user: int) -> None:
    channel, max_users = connection.execute(
        "SELECT seq, max_users FROM channels WHERE id = ?", (community.default_channel_id,)
    ).fetchone()
    (present,) = connection.execute("SELECT count(*) FROM channel_members WHERE channel = ?", (channel,)).fetchone()
    if present >= max_users:
        raise limit_exceeded("the default channel is full")
    connection.execute("INSERT INTO channel_members (channel, user) VALUES (?, ?)", (channel, user))


def remove(connection: sqlite3.Connection, community_id: str, user: str) -> list[Event]:
    """Remove a member, from all channels and threads too, and tell of each channel he was in.

    Raises ApiError like `role`, and 403 for the owner.
    """
    community, member, current = _member(connection, community_id, user)
    if current == OWNER:
        raise on_owner()
    left = connection.execute(_CHANNELS_OF_MEMBER, (member.seq, community)).fetchall()
    places = [(channel, member.seq) for channel, _, _ in left]
    connection.executemany("DELETE FROM mutes WHERE channel = ? AND user = ?", places)
    connection.executemany("DELETE FROM channel_members WHERE channel = ? AND user = ?", places)
    threads = connection.execute(_THREADS_OF_MEMBER, (member.seq, community)).fetchall()
    connection.executemany("DELETE FROM thread_members WHERE seq = ?", threads)
    connection.execute("DELETE FROM community_members WHERE community = ? AND user = ?", (community, member.seq))
    payload: JsonObject = {"member": [member.username]}
    return [group_op(channel_id, "KICK", payload, chat_room=bool(mode)) for _, channel_id, mode in left]
