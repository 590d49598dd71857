"""Threads: small groups that start at a message of a text channel (002 管理子区)."""

import sqlite3
from typing import NamedTuple

from bot.imservice.domain import channels, members, messages, users
from bot.imservice.domain.users import User
from bot.imservice.errors import ApiError, group_error, on_owner
from bot.imservice.events import Event, notify
from bot.imservice.ids import Ids
from bot.imservice.paging import PageRequest


class NewThread(NamedTuple):
    """A checked request for a thread."""

    channel_id: str
    owner: str
    name: str
    message_id: str


class Thread(NamedTuple):
    """A thread as stored; `seq` orders the list it was read for."""

    seq: int
    thread_id: str
    message_id: str
    channel_id: str
    channel: int
    owner: str
    name: str
    created: int


_COLUMNS = "t.id, t.message_id, c.id, t.channel, u.username, t.name, t.created"
_TABLES = "threads t JOIN channels c ON c.seq = t.channel JOIN users u ON u.seq = t.owner"
_SELECT = f"SELECT t.seq, {_COLUMNS} FROM {_TABLES} "  # noqa: S608 (constants only)
_SELECT_JOINED = f"SELECT m.seq, {_COLUMNS} FROM {_TABLES} JOIN thread_members m ON m.thread = t.seq "  # noqa: S608


def create(connection: sqlite3.Connection, new: NewThread, *, ids: Ids, now: int) -> tuple[str, Event]:
    """Start a thread at a message (002 创建子区) and return its id; its owner is its first member.

    Raises ApiError 404 for an unknown user, channel or message and for an owner who is not in the channel, 400 for a
    voice channel and for a message of another channel or of a thread, 403 for a message that has a thread (A21).
    """
    owner = users.get(connection, new.owner)
    channel = _channel(connection, new.channel_id)
    if not members.is_member(connection, channel, owner.seq):
        raise _not_in_group()
    _check_message(connection, new.message_id, channel)
    thread_id = _unused_id(connection, ids)
    seq = connection.execute(
        "INSERT INTO threads (id, channel, message_id, owner, name, created) VALUES (?, ?, ?, ?, ?, ?)",
        (thread_id, channel, new.message_id, owner.seq, new.name, now),
    ).lastrowid
    connection.execute("INSERT INTO thread_members (thread, user) VALUES (?, ?)", (seq, owner.seq))
    return thread_id, _told("create", get(connection, thread_id), owner.username, now)


def get(connection: sqlite3.Connection, thread_id: str) -> Thread:
    """Return a thread (002 查询子区的详情); raise ApiError 404 if there is none of that id."""
    row = connection.execute(_SELECT + "WHERE t.id = ?", (thread_id,)).fetchone()
    if row is None:
        raise _not_found("thread")
    return Thread(*row)


def rename(connection: sqlite3.Connection, thread_id: str, name: str, *, now: int) -> Event:
    """Give a thread another name (002 修改子区信息); raise ApiError 404 if it does not exist."""
    thread = get(connection, thread_id)
    connection.execute("UPDATE threads SET name = ? WHERE seq = ?", (name, thread.seq))
    return _told("update", thread._replace(name=name), None, now)


def delete(connection: sqlite3.Connection, thread_id: str, *, now: int) -> Event:
    """Delete a thread with what was written in it (002 删除子区); raise ApiError 404 if it does not exist."""
    thread = get(connection, thread_id)
    connection.execute("DELETE FROM threads WHERE seq = ?", (thread.seq,))
    return _told("delete", thread, None, now)


def join(connection: sqlite3.Connection, thread_id: str, user: str, *, now: int) -> list[Event]:
    """Make a user a member of a thread (002 加入子区); a member stays one, and nobody is told.

    Raises ApiError 404 for an unknown thread or user and for somebody who is not in the thread's channel.
    """
    thread, member = _standing(connection, thread_id, user)
    if not members.is_member(connection, thread.channel, member.seq):
        raise _not_in_group()
    joined = connection.execute(
        "INSERT INTO thread_members (thread, user) VALUES (?, ?) ON CONFLICT (thread, user) DO NOTHING",
        (thread.seq, member.seq),
    )
    return [_told("join", thread, member.username, now)] if joined.rowcount else []


def remove(connection: sqlite3.Connection, thread_id: str, user: str, *, now: int) -> Event:
    """Remove a member from a thread (002 将成员移出子区).

    Raises ApiError 404 for an unknown thread or user and for somebody who is not in it, 403 for the thread's owner.
    """
    thread, member = _standing(connection, thread_id, user)
    if member.username == thread.owner:
        raise on_owner()
    left = connection.execute("DELETE FROM thread_members WHERE thread = ? AND user = ?", (thread.seq, member.seq))
    if not left.rowcount:
        raise _not_in_group()
    return _told("remove", thread, member.username, now)


def page(connection: sqlite3.Connection, channel_id: str, request: PageRequest) -> list[Thread]:
    """Return the threads of a channel, oldest first (002 用户获取频道中的子区); 404 if the channel does not exist."""
    rows = connection.execute(
        _SELECT + "WHERE t.channel = ? AND t.seq > ? ORDER BY t.seq LIMIT ?",
        (_any_channel(connection, channel_id)[0], request.after, request.fetch),
    ).fetchall()
    return [Thread(*row) for row in rows]


def created_by(connection: sqlite3.Connection, channel_id: str, user: str, request: PageRequest) -> list[Thread]:
    """Return the threads a user has started in a channel (002 用户获取自己创建的子区), oldest first.

    Raises ApiError 404 for an unknown user or channel.
    """
    owner = users.get(connection, user)
    rows = connection.execute(
        _SELECT + "WHERE t.owner = ? AND t.channel = ? AND t.seq > ? ORDER BY t.seq LIMIT ?",
        (owner.seq, _any_channel(connection, channel_id)[0], request.after, request.fetch),
    ).fetchall()
    return [Thread(*row) for row in rows]


def joined_by(connection: sqlite3.Connection, channel_id: str, user: str, request: PageRequest) -> list[Thread]:
    """Return the threads of a channel that a user is in, in the order of joining (002 用户获取频道中加入的子区).

    Raises ApiError 404 for an unknown user or channel.
    """
    member = users.get(connection, user)
    rows = connection.execute(
        _SELECT_JOINED + "WHERE m.user = ? AND m.seq > ? AND t.channel = ? ORDER BY m.seq LIMIT ?",
        (member.seq, request.after, _any_channel(connection, channel_id)[0], request.fetch),
    ).fetchall()
    return [Thread(*row) for row in rows]


def _channel(connection: sqlite3.Connection, channel_id: str) -> int:
    """Return the row of a text channel; voice channels have no threads, as chat rooms have none (facts 2.3)."""
    seq, mode = _any_channel(connection, channel_id)
    if mode != channels.TEXT:
        raise group_error(400, "thread must on group message to create.")
    return seq


def _any_channel(connection: sqlite3.Connection, channel_id: str) -> tuple[int, int]:
    row = connection.execute("SELECT seq, mode FROM channels WHERE id = ?", (channel_id,)).fetchone()
    if row is None:
        raise _not_found("group")
    return row


def _check_message(connection: sqlite3.Connection, message_id: str, channel: int) -> None:
    """Refuse a message that cannot have a new thread."""
    message = messages.get(connection, message_id)
    if message.channel != channel:
        raise group_error(400, "msg not belong to group .")
    if message.thread is not None:
        raise group_error(400, "thread not nested.")
    if connection.execute("SELECT 1 FROM threads WHERE message_id = ?", (message_id,)).fetchone() is not None:
        raise group_error(403, "msg already create thread.not allow to create.")


def _not_found(what: str) -> ApiError:
    return group_error(404, f"{what} not found.")


def _not_in_group() -> ApiError:
    return group_error(404, "user not in group.")


def _standing(connection: sqlite3.Connection, thread_id: str, user: str) -> tuple[Thread, User]:
    thread = get(connection, thread_id)
    return thread, users.get(connection, user)


def _unused_id(connection: sqlite3.Connection, ids: Ids) -> str:
    """Return an id that neither a thread nor a channel has: messages are sent to both alike."""
    while True:
        thread_id = ids.thread()
        taken = "SELECT 1 FROM threads WHERE id = ? UNION ALL SELECT 1 FROM channels WHERE id = ?"
        if connection.execute(taken, (thread_id, thread_id)).fetchone() is None:
            return thread_id


def _told(operation: str, thread: Thread, user: str | None, now: int) -> Event:
    """Tell what happened to a thread; the operations besides the documented `update_msg` are ours (facts 7)."""
    return notify(
        "thread",
        thread.channel_id,
        [
            {
                "id": thread.thread_id,
                "name": thread.name,
                "operation": operation,
                "from": user or "admin",
                "muc_parent_id": thread.channel_id,
                "msg_parent_id": thread.message_id,
                "timestamp": now,
            }
        ],
    )
