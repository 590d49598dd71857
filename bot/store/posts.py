"""Queries on posts: what should be visible in Discord, and what already is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.rows import PostRow, record
from bot.store.tables import posts

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


URGENT: Final = "alert"
"""The kind of post that waits for no other: a log that is set anew may have thousands to show."""
PARKED_MS: Final = 2**62
"""When a post wakes that waits for nothing but a change: never."""

_REFRESH = (
    update(posts)
    .where(posts.c.kind == bindparam("of_kind"), posts.c.subject_id == bindparam("of_subject"))
    .values(wanted=posts.c.wanted + 1, wake_ms=bindparam("to_wake_ms"), attempts=0)
)


_PLACE = (
    update(posts)
    .where(posts.c.kind == bindparam("of_kind"), posts.c.subject_id == bindparam("of_subject"))
    .values(shown=posts.c.wanted, channel_id=bindparam("to_channel_id"), message_id=bindparam("to_message_id"))
)


def want(connection: Connection, guild_id: int, kind: str, subject_id: int, now_ms: int) -> None:
    """Ask for a subject to be shown anew; the post is made with the first wish."""
    if not refresh(connection, kind, subject_id, now_ms):
        values = {"guild_id": guild_id, "kind": kind, "subject_id": subject_id, "wake_ms": now_ms}
        if add_row(connection, posts, values) is None:
            refresh(connection, kind, subject_id, now_ms)


def refresh(connection: Connection, kind: str, subject_id: int, now_ms: int) -> bool:
    """Ask for a subject to be shown anew if there is a post of it at all; return whether there is."""
    values = {"of_kind": kind, "of_subject": subject_id, "to_wake_ms": now_ms}
    return connection.execute(_REFRESH, values).rowcount > 0


def leave_behind(connection: Connection, kind: str, old_kind: str, subject_id: int, now_ms: int) -> None:
    """Make a subject's post one of another kind, to be shown as such once more; an earlier such one is forgotten."""
    of_it = posts.c.subject_id == subject_id
    connection.execute(delete(posts).where(of_it, posts.c.kind == old_kind))
    connection.execute(
        update(posts)
        .where(of_it, posts.c.kind == kind)
        .values(kind=old_kind, wanted=posts.c.wanted + 1, wake_ms=now_ms, attempts=0)
    )


def renew(connection: Connection, guild_id: int, kind: str, subject_id: int, *, old_kind: str, now_ms: int) -> None:
    """Ask for a subject's message to be sent anew; one that is there becomes one of the other kind, shown once more."""
    there = select(posts.c.message_id).where(posts.c.kind == kind, posts.c.subject_id == subject_id)
    if connection.execute(there).scalar() is not None:
        leave_behind(connection, kind, old_kind, subject_id, now_ms)
    want(connection, guild_id, kind, subject_id, now_ms)


def place_of(connection: Connection, kind: str, subject_id: int) -> int | None:
    """Return the channel in which a subject's message is, None if there is none."""
    there = select(posts.c.channel_id).where(posts.c.kind == kind, posts.c.subject_id == subject_id)
    return connection.execute(there.where(posts.c.message_id.is_not(None))).scalar()


def due(connection: Connection, now_ms: int, limit: int, longest_wait_ms: int) -> list[PostRow]:
    """Return the posts that are to be shown now, alerts before all others, oldest wish first.

    One that waits for longer than any retry does was put off by a clock that has been set back since: it is due too.
    """
    overslept = and_(posts.c.wake_ms > now_ms + longest_wait_ms, posts.c.wake_ms < PARKED_MS)
    rows = connection.execute(
        select(posts)
        .where(posts.c.wanted > posts.c.shown, or_(posts.c.wake_ms <= now_ms, overslept))
        .order_by(posts.c.kind != URGENT, posts.c.wake_ms, posts.c.id)
        .limit(limit)
    )
    return [record(PostRow, row) for row in rows]


def next_wake(connection: Connection) -> int | None:
    """Return when the next post is to be shown."""
    waiting = select(func.min(posts.c.wake_ms)).where(posts.c.wanted > posts.c.shown, posts.c.wake_ms < PARKED_MS)
    return connection.execute(waiting).scalar()


def set_shown(
    connection: Connection, post_id: int, revision: int, channel_id: int | None, message_id: int | None
) -> None:
    """Note that a revision is visible, and where."""
    connection.execute(
        update(posts)
        .where(posts.c.id == post_id)
        .values(shown=revision, channel_id=channel_id, message_id=message_id, attempts=0)
    )


def postpone(connection: Connection, post_id: int, wake_ms: int) -> None:
    """Try a post again later."""
    connection.execute(
        update(posts).where(posts.c.id == post_id).values(wake_ms=wake_ms, attempts=posts.c.attempts + 1)
    )


def park(connection: Connection, post_id: int, *, forget: bool) -> None:
    """Let a post wait until it changes or `unpark` wakes it; `forget` that it had a message."""
    changes: dict[str, Any] = {"wake_ms": PARKED_MS, "attempts": 0}
    if forget:
        changes |= {"channel_id": None, "message_id": None}
    connection.execute(update(posts).where(posts.c.id == post_id).values(**changes))


def unpark(connection: Connection, guild_id: int, wake_ms: int) -> int:
    """Wake a guild's posts that are parked; return how many."""
    parked = (posts.c.guild_id == guild_id, posts.c.wanted > posts.c.shown, posts.c.wake_ms >= PARKED_MS)
    return connection.execute(update(posts).where(*parked).values(wake_ms=wake_ms)).rowcount


def move(connection: Connection, post_id: int, wake_ms: int) -> None:
    """Forget a post's message and show it anew."""
    changes = {"wake_ms": wake_ms, "attempts": 0, "channel_id": None, "message_id": None}
    connection.execute(update(posts).where(posts.c.id == post_id).values(**changes))


def place_post(
    connection: Connection,
    guild_id: int,
    kind: str,
    subject_id: int,
    *,
    channel_id: int,
    message_id: int,
    now_ms: int,
) -> None:
    """Note that a subject is already visible in a message, to be edited when it changes."""
    place = {"channel_id": channel_id, "message_id": message_id}
    of_it = {"of_kind": kind, "of_subject": subject_id} | {f"to_{name}": value for name, value in place.items()}
    if connection.execute(_PLACE, of_it).rowcount == 0:
        values = {"guild_id": guild_id, "kind": kind, "subject_id": subject_id, "wake_ms": now_ms, "shown": 1}
        if add_row(connection, posts, values | place) is None:
            connection.execute(_PLACE, of_it)


def add_row(connection: Connection, table: Table, values: dict[str, Any]) -> int | None:
    """Add a row and return its number; None if another process has added the same a moment ago."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    query = make(table).values(values).on_conflict_do_nothing().returning(table.c.id)
    return connection.execute(query).scalar_one_or_none()
