"""Channels: public and private, text and voice, one default channel a community (002 创建和管理频道)."""

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from bot.imservice.domain import categories, communities, users
from bot.imservice.errors import ApiError, forbidden, illegal_argument, limit_exceeded, not_found
from bot.imservice.events import Event, group_op
from bot.imservice.ids import Ids
from bot.imservice.paging import PageRequest

if TYPE_CHECKING:
    from bot.imservice.fields import JsonObject

PUBLIC, PRIVATE = 0, 1
TEXT, VOICE = 0, 1
_MAX_USERS = {TEXT: 2000, VOICE: 20}
_DEFAULT_USERS = {TEXT: 2000, VOICE: 8}


class Channel(NamedTuple):
    """A channel as stored; `owner` is the user name of the community's owner, who owns every channel (A10)."""

    seq: int
    channel_id: str
    community: int
    community_id: str
    category_id: str
    owner: str
    owner_seq: int
    name: str
    type: int
    mode: int
    max_users: int
    description: str
    custom: str
    rtc_name: str | None
    is_default: int
    created: int


class Listed(NamedTuple):
    """A channel in a list that has an order of its own."""

    seq: int
    channel: Channel


class NewChannel(NamedTuple):
    """A checked request for a channel; None means the documented default."""

    community_id: str
    name: str
    type: int
    mode: int
    max_users: int | None
    description: str
    custom: str
    rtc_name: str | None
    category_id: str | None
    owner: str | None


class Changes(NamedTuple):
    """What is to change about a channel; None leaves a field as it is."""

    name: str | None
    type: int | None
    mode: int | None
    max_users: int | None
    description: str | None
    custom: str | None
    rtc_name: str | None


_COLUMNS = """
ch.seq, ch.id, ch.community, co.id, ca.id, u.username, co.owner, ch.name, ch.type, ch.mode, ch.max_users,
       ch.description, ch.custom, ch.rtc_name, ch.is_default, ch.created
"""
_TABLES = """
channels ch JOIN communities co ON co.seq = ch.community JOIN categories ca ON ca.seq = ch.category
     JOIN users u ON u.seq = co.owner
"""
_SELECT = f"SELECT {_COLUMNS} FROM {_TABLES} "  # noqa: S608 (constants only)
_SELECT_JOINED = f"SELECT m.seq, {_COLUMNS} FROM {_TABLES} JOIN channel_members m ON m.channel = ch.seq "  # noqa: S608


def channel_not_found() -> ApiError:
    """Return the 404 of a channel that does not exist in this community."""
    return not_found("channel does not exist")


def get(connection: sqlite3.Connection, community_id: str, channel_id: str) -> Channel:
    """Return a channel; raise ApiError 404 if there is none of that id in that community (A7)."""
    row = connection.execute(_SELECT + "WHERE ch.id = ? AND co.id = ?", (channel_id, community_id)).fetchone()
    if row is None:
        communities.key(connection, community_id)
        raise channel_not_found()
    return Channel(*row)


class Place(NamedTuple):
    """What membership and mutes need to know about a channel: row numbers, whether it is the default, its mode."""

    seq: int
    community: int
    owner_seq: int
    is_default: int
    mode: int


def place(connection: sqlite3.Connection, community_id: str, channel_id: str) -> Place:
    """Return the row numbers of a channel; raise ApiError 404 if there is none of that id in that community."""
    row = connection.execute(
        "SELECT ch.seq, ch.community, co.owner, ch.is_default, ch.mode FROM channels ch JOIN communities co "
        "ON co.seq = ch.community WHERE ch.id = ? AND co.id = ?",
        (channel_id, community_id),
    ).fetchone()
    if row is None:
        communities.key(connection, community_id)
        raise channel_not_found()
    return Place(*row)


def told(operation: str, channel: Channel) -> Event:
    """Return what is to be told about a channel that was created or changed."""
    payload: JsonObject = {
        "name": channel.name,
        "owner": channel.owner,
        "server_id": channel.community_id,
        "channel_category_id": channel.category_id,
    }
    return group_op(channel.channel_id, operation, payload, chat_room=channel.mode == VOICE)


def create(
    connection: sqlite3.Connection,
    new: NewChannel,
    *,
    ids: Ids,
    now: int,
    per_community: int,
    per_category: int = categories.CHANNELS,
) -> Channel:
    """Create a channel (002 创建频道); its owner is a member of it unless it is a voice channel (A13).

    Raises ApiError 404 for an unknown community or category, 400 for an owner without a role, 403 when the community
    has `per_community` channels besides the default one (A12) or the category, unless it is the default one, has
    `per_category`.
    """
    community, owner_seq = communities.key(connection, new.community_id)
    if new.owner is not None:
        _check_owner(connection, community, new.owner)
    (present,) = connection.execute(
        "SELECT count(*) FROM channels WHERE community = ? AND is_default = 0", (community,)
    ).fetchone()
    if present >= per_community:
        raise limit_exceeded(f"server channel count exceed limit {per_community}")
    category = categories.shelf(connection, community, new.category_id)
    categories.check_room(connection, category, most=per_category)
    channel_id = communities.unused_channel_id(connection, ids)
    rtc_name = (new.rtc_name or channel_id) if new.mode == VOICE else None
    seq = connection.execute(
        "INSERT INTO channels (id, community, category, name, type, mode, max_users, description, custom, rtc_name, "
        "is_default, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
        (
            channel_id, community, category.seq, new.name, new.type, new.mode,
            _DEFAULT_USERS[new.mode] if new.max_users is None else check_max_users(new.mode, new.max_users),
            new.description, new.custom, rtc_name, now,
        ),
    ).lastrowid  # fmt: skip
    if new.mode == TEXT:
        connection.execute("INSERT INTO channel_members (channel, user) VALUES (?, ?)", (seq, owner_seq))
    return get(connection, new.community_id, channel_id)


def _check_owner(connection: sqlite3.Connection, community: int, name: str) -> None:
    user = users.get(connection, name)
    if communities.role_of(connection, community, user.seq) not in (communities.OWNER, communities.MODERATOR):
        raise illegal_argument("owner must be the owner or a moderator of the server")


def check_max_users(mode: int, value: int) -> int:
    """Return the cap of members if it fits the mode, else raise ApiError 400."""
    if not 1 <= value <= _MAX_USERS[mode]:
        raise illegal_argument(f"max_users must be a whole number from 1 to {_MAX_USERS[mode]}")
    return value


def update(connection: sqlite3.Connection, community_id: str, channel_id: str, changes: Changes) -> Channel:
    """Change a channel (002 修改频道信息) and return it.

    Raises ApiError 404 if it does not exist, 400 for another mode or a cap that does not fit the mode, 403 for
    making the default channel private. `rtc_name` of a text channel is ignored, as documented.
    """
    channel = get(connection, community_id, channel_id)
    if changes.mode is not None and changes.mode != channel.mode:
        raise illegal_argument("mode cannot be changed")
    if changes.max_users is not None:
        check_max_users(channel.mode, changes.max_users)
    if channel.is_default and changes.type == PRIVATE:
        raise forbidden("the default channel cannot be private")
    rtc_name = (changes.rtc_name or None) if channel.mode == VOICE else None
    connection.execute(
        "UPDATE channels SET name = coalesce(?, name), type = coalesce(?, type), max_users = coalesce(?, max_users), "
        "description = coalesce(?, description), custom = coalesce(?, custom), rtc_name = coalesce(?, rtc_name) "
        "WHERE seq = ?",
        (
            changes.name, changes.type, changes.max_users, changes.description, changes.custom, rtc_name, channel.seq,
        ),
    )  # fmt: skip
    return get(connection, community_id, channel_id)


def move(
    connection: sqlite3.Connection, community_id: str, channel_id: str, category_id: str | None, *, per_category: int
) -> list[Event]:
    """Move a channel to another category, the default one for None, and tell of it if it was not there already.

    Raises ApiError 404 if the community, the channel or the category does not exist, 403 for a full category.
    """
    channel = get(connection, community_id, channel_id)
    category = categories.shelf(connection, channel.community, category_id)
    (current,) = connection.execute("SELECT category FROM channels WHERE seq = ?", (channel.seq,)).fetchone()
    if category.seq == current:
        return []
    categories.check_room(connection, category, most=per_category)
    connection.execute("UPDATE channels SET category = ? WHERE seq = ?", (category.seq, channel.seq))
    return [told("UPDATE", get(connection, community_id, channel_id))]


def delete(connection: sqlite3.Connection, community_id: str, channel_id: str) -> Event:
    """Delete a channel with members and mutes; raise ApiError 404 if there is none, 403 for the default channel."""
    channel = place(connection, community_id, channel_id)
    if channel.is_default:
        raise forbidden("the default channel cannot be deleted")
    connection.execute("DELETE FROM channels WHERE seq = ?", (channel.seq,))
    return group_op(channel_id, "DELETE", {"server_id": community_id}, chat_room=channel.mode == VOICE)


def page(connection: sqlite3.Connection, community_id: str, kind: int, request: PageRequest) -> list[Channel]:
    """Return the public or the private channels of a community, oldest first."""
    community, _ = communities.key(connection, community_id)
    rows = connection.execute(
        _SELECT + "WHERE ch.community = ? AND ch.type = ? AND ch.seq > ? ORDER BY ch.seq LIMIT ?",
        (community, kind, request.after, request.fetch),
    ).fetchall()
    return [Channel(*row) for row in rows]


def in_category(
    connection: sqlite3.Connection, community_id: str, category_id: str, kind: int | None, request: PageRequest
) -> list[Channel]:
    """Return the channels of a category, oldest first; with a `kind` only the public or the private ones.

    Raises ApiError 404 if the community or the category does not exist.
    """
    category = categories.get(connection, community_id, category_id)
    rows = connection.execute(
        _SELECT + "WHERE ch.category = ? AND ch.type = coalesce(?, ch.type) AND ch.seq > ? ORDER BY ch.seq LIMIT ?",
        (category.seq, kind, request.after, request.fetch),
    ).fetchall()
    return [Channel(*row) for row in rows]


def created_by(connection: sqlite3.Connection, community_id: str, user: str, request: PageRequest) -> list[Channel]:
    """Return the channels a user owns: all for the community's owner, none for anybody else (facts 11)."""
    community, owner = communities.key(connection, community_id)
    if users.get(connection, user).seq != owner:
        return []
    rows = connection.execute(
        _SELECT + "WHERE ch.community = ? AND ch.seq > ? ORDER BY ch.seq LIMIT ?",
        (community, request.after, request.fetch),
    ).fetchall()
    return [Channel(*row) for row in rows]


def joined_by(connection: sqlite3.Connection, community_id: str, user: str, request: PageRequest) -> list[Listed]:
    """Return the channels of a community that a user is in, in the order of joining."""
    community, _ = communities.key(connection, community_id)
    rows = connection.execute(
        _SELECT_JOINED + "WHERE m.user = ? AND m.seq > ? AND ch.community = ? ORDER BY m.seq LIMIT ?",
        (users.get(connection, user).seq, request.after, community, request.fetch),
    ).fetchall()
    return [Listed(row[0], Channel(*row[1:])) for row in rows]


class JoinedId(NamedTuple):
    """The id of a channel in the list of those a user has joined."""

    seq: int
    channel_id: str


def joined_in_category(
    connection: sqlite3.Connection, community_id: str, category_id: str, user: str, request: PageRequest
) -> list[JoinedId]:
    """Return the channels of a category that a user is in, in the order of joining; ApiError 404 for any unknown."""
    category = categories.get(connection, community_id, category_id)
    rows = connection.execute(
        "SELECT m.seq, ch.id FROM channel_members m CROSS JOIN channels ch ON ch.seq = m.channel "
        "WHERE m.user = ? AND m.seq > ? AND ch.category = ? ORDER BY m.seq LIMIT ?",
        (users.get(connection, user).seq, request.after, category.seq, request.fetch),
    ).fetchall()
    return [JoinedId(*row) for row in rows]


def present(connection: sqlite3.Connection, channel: int) -> int:
    """Return how many members a channel has, by its row number."""
    (count,) = connection.execute("SELECT count(*) FROM channel_members WHERE channel = ?", (channel,)).fetchone()
    return count
