"""Reactions to messages (002 管理消息 Reaction)."""

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from bot.imservice.domain import members, messages, users
from bot.imservice.domain.users import User
from bot.imservice.errors import bad_request, group_error
from bot.imservice.events import Event, notify
from bot.imservice.ids import Ids

if TYPE_CHECKING:
    from bot.imservice.fields import JsonObject

MOST_REACTIONS = 20
"""How many different reactions a message may have (facts 8)."""


class Reaction(NamedTuple):
    """A reaction to a message with everybody who added it, the first one first."""

    reaction_id: str
    reaction: str
    users: list[str]
    mine: bool


class MessageReactions(NamedTuple):
    """A message that has reactions, the oldest one first."""

    message_id: str
    reactions: list[Reaction]


def add(
    connection: sqlite3.Connection, user: str, message_id: str, reaction: str, *, ids: Ids, now: int
) -> tuple[str, Event]:
    """Add a user's reaction to a message (002 添加消息 Reaction) and return the reaction's id.

    Raises ApiError 404 for an unknown user or message, 400 for somebody who is not in the message's channel, for a
    reaction that the user has added already (A20), and for the 21st different one.
    """
    member = users.get(connection, user)
    message = messages.get(connection, message_id)
    if not members.is_member(connection, message.channel, member.seq):
        raise bad_request("the user operation is illegal!")
    found = _find(connection, message.seq, reaction)
    seq, reaction_id = _create(connection, message.seq, reaction, ids) if found is None else found
    added = connection.execute(
        "INSERT INTO reaction_users (reaction, user) VALUES (?, ?) ON CONFLICT (reaction, user) DO NOTHING",
        (seq, member.seq),
    )
    if added.rowcount != 1:
        raise bad_request("the user is already operation this message")
    return reaction_id, _told(
        connection, message_id, (seq, reaction), "create", channel=message.channel, operator=member, now=now
    )


def remove(connection: sqlite3.Connection, user: str, message_id: str, reaction: str, *, now: int) -> Event:
    """Take a user's reaction back (002 删除指定消息的 Reaction); with its last user a reaction is gone.

    Raises ApiError 404 for an unknown user or message, 400 for a reaction that the user has not added (A18).
    """
    member = users.get(connection, user)
    message = messages.get(connection, message_id)
    seq = _take_back(connection, _find(connection, message.seq, reaction), member.seq)
    told = _told(connection, message_id, (seq, reaction), "delete", channel=message.channel, operator=member, now=now)
    connection.execute(
        "DELETE FROM reactions WHERE seq = ? AND NOT EXISTS (SELECT 1 FROM reaction_users WHERE reaction = ?)",
        (seq, seq),
    )
    return told


def of_messages(
    connection: sqlite3.Connection, user: str, channel_id: str, message_ids: Sequence[str]
) -> list[MessageReactions]:
    """Return those of the messages that have reactions (002 获取指定消息的 Reaction), seen by a user.

    Raises ApiError 404 for an unknown user or channel and for a message that is not in this channel.
    """
    viewer = users.get(connection, user)
    row = connection.execute("SELECT seq FROM channels WHERE id = ?", (channel_id,)).fetchone()
    if row is None:
        raise group_error(404, "group not found.")
    found: list[MessageReactions] = []
    for message_id in message_ids:
        message = messages.get(connection, message_id)
        if message.channel != row[0]:
            raise messages.message_not_found()
        reactions = _of_message(connection, message.seq, viewer.seq)
        if reactions:
            found.append(MessageReactions(message_id, reactions))
    return found


def _find(connection: sqlite3.Connection, message: int, reaction: str) -> tuple[int, str] | None:
    return connection.execute(
        "SELECT seq, id FROM reactions WHERE message = ? AND reaction = ?", (message, reaction)
    ).fetchone()


def _create(connection: sqlite3.Connection, message: int, reaction: str, ids: Ids) -> tuple[int, str]:
    (present,) = connection.execute("SELECT count(*) FROM reactions WHERE message = ?", (message,)).fetchone()
    if present >= MOST_REACTIONS:
        raise bad_request("The quantity has exceeded the limit!")
    while True:
        reaction_id = ids.reaction()
        row = connection.execute(
            "INSERT INTO reactions (id, message, reaction) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING seq",
            (reaction_id, message, reaction),
        ).fetchone()
        if row is not None:
            return row[0], reaction_id


def _take_back(connection: sqlite3.Connection, found: tuple[int, str] | None, user: int) -> int:
    if found is not None:
        seq, _ = found
        if connection.execute("DELETE FROM reaction_users WHERE reaction = ? AND user = ?", (seq, user)).rowcount:
            return seq
    raise bad_request("the user operation is illegal!")


def _of_message(connection: sqlite3.Connection, message: int, viewer: int) -> list[Reaction]:
    rows = connection.execute(
        "SELECT seq, id, reaction FROM reactions WHERE message = ? ORDER BY seq", (message,)
    ).fetchall()
    reactions: list[Reaction] = []
    for seq, reaction_id, reaction in rows:
        people = _people(connection, seq)
        if people:  # the last one may have left between the two statements
            mine = any(user == viewer for user, _ in people)
            reactions.append(Reaction(reaction_id, reaction, [name for _, name in people], mine))
    return reactions


def _people(connection: sqlite3.Connection, reaction: int) -> list[tuple[int, str]]:
    return connection.execute(
        "SELECT u.seq, u.username FROM reaction_users r JOIN users u ON u.seq = r.user WHERE r.reaction = ? "
        "ORDER BY r.seq",
        (reaction,),
    ).fetchall()


def _told(
    connection: sqlite3.Connection,
    message_id: str,
    changed: tuple[int, str],
    operation: str,
    *,
    channel: int,
    operator: User,
    now: int,
) -> Event:
    """Tell that somebody added or took back a reaction, given as row number and name (facts 7)."""
    (channel_id,) = connection.execute("SELECT id FROM channels WHERE seq = ?", (channel,)).fetchone()
    seq, reaction = changed
    people = [name for _, name in _people(connection, seq)]
    row: JsonObject = {
        "reaction": reaction,
        "userList": people,
        "count": len(people),
        "op": [{"reactionType": operation, "operator": operator.username}],
    }
    data: JsonObject = {
        "messageId": message_id,
        "from": operator.username,
        "to": channel_id,
        "channel_type": "groupchat",
        "ts": now,
        "reactions": [row],
    }
    return notify("reaction", channel_id, [data])
