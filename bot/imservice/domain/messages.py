"""Messages that the app sends to channels and threads (002 发送消息, facts 5)."""

import json
import sqlite3
from typing import NamedTuple

from bot.imservice.domain import channels, users
from bot.imservice.errors import ApiError, group_error
from bot.imservice.events import Event, message
from bot.imservice.fields import JsonObject
from bot.imservice.ids import Ids

_TOLD_AS = {
    "txt": "text",
    "img": "image",
    "audio": "voice",
    "video": "video",
    "file": "file",
    "loc": "location",
    "cmd": "command",
    "custom": "custom",
}
"""The types of messages, and what callbacks call them (facts 7)."""


class NewMessage(NamedTuple):
    """A checked request: the same content for every target, each target once."""

    sender: str
    targets: tuple[str, ...]
    type: str
    body: JsonObject
    ext: JsonObject | None
    chat_room: bool


class Message(NamedTuple):
    """What reactions and threads need to know of a message, in row numbers; `thread` None outside of threads."""

    seq: int
    channel: int
    thread: int | None


def send(connection: sqlite3.Connection, new: NewMessage, *, ids: Ids, now: int) -> tuple[dict[str, str], list[Event]]:
    """Send a message and return its id for every target, and what is to be told.

    Neither the sender nor the targets need to exist (facts 5). Stored and told is what goes to a text channel or a
    thread, or, with `chat_room`, to a voice channel; whatever else a target may be gets an id and no more.
    """
    user = users.find(connection, new.sender)
    sender = new.sender if user is None else user.username
    body, ext = json.dumps(new.body), None if new.ext is None else json.dumps(new.ext)
    sent: dict[str, str] = {}
    events: list[Event] = []
    for target in new.targets:
        message_id = sent[target] = _unused_id(connection, ids)
        place = _room(connection, target) if new.chat_room else _group(connection, target)
        if place is None:
            continue
        channel, thread = place
        connection.execute(
            "INSERT INTO messages (id, channel, thread, sender, type, body, ext, created) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (message_id, channel, thread, sender, new.type, body, ext, now),
        )
        events.append(_told(new, sender, target, message_id))
    return sent, events


def get(connection: sqlite3.Connection, message_id: str) -> Message:
    """Return a stored message; raise ApiError 404 if there is none of that id (facts 11)."""
    row = connection.execute("SELECT seq, channel, thread FROM messages WHERE id = ?", (message_id,)).fetchone()
    if row is None:
        raise message_not_found()
    return Message(*row)


def message_not_found() -> ApiError:
    """Return the 404 of a message that was never stored, or was swept away."""
    return group_error(404, "msg not exist.")


def sweep(connection: sqlite3.Connection, before_ms: int, at_once: int) -> int:
    """Delete messages older than an instant with their reactions, `at_once` at most, and return how many there were.

    Threads on them stay.
    """
    return connection.execute(
        "DELETE FROM messages WHERE seq IN (SELECT seq FROM messages WHERE created < ? LIMIT ?)", (before_ms, at_once)
    ).rowcount


def _group(connection: sqlite3.Connection, target: str) -> tuple[int, int | None] | None:
    """Return the rows of the channel and of the thread that a group id stands for."""
    row = connection.execute(
        "SELECT seq, NULL FROM channels WHERE id = ? AND mode = ?", (target, channels.TEXT)
    ).fetchone()
    return row or connection.execute("SELECT channel, seq FROM threads WHERE id = ?", (target,)).fetchone()


def _room(connection: sqlite3.Connection, target: str) -> tuple[int, int | None] | None:
    return connection.execute(
        "SELECT seq, NULL FROM channels WHERE id = ? AND mode = ?", (target, channels.VOICE)
    ).fetchone()


def _unused_id(connection: sqlite3.Connection, ids: Ids) -> str:
    while True:
        message_id = ids.message()
        if connection.execute("SELECT 1 FROM messages WHERE id = ?", (message_id,)).fetchone() is None:
            return message_id


def _told(new: NewMessage, sender: str, target: str, message_id: str) -> Event:
    return message(
        message_id=message_id,
        sender=sender,
        group_id=target,
        bodies=[{**new.body, "type": new.type}],
        ext=new.ext,
        kind=_TOLD_AS[new.type],
        chat_room=new.chat_room,
    )
