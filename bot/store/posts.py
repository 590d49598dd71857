"""Queries on posts and alerts: what should be visible in Discord, and what already is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.rows import AlertRow, PostRow, record
from bot.store.tables import alerts, posts

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


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
_OPEN_ALERT = select(alerts).where(
    alerts.c.guild_id == bindparam("of_guild"), alerts.c.kind == bindparam("of_kind"), alerts.c.healed_ms.is_(None)
)


def want(connection: Connection, guild_id: int, kind: str, subject_id: int, now_ms: int) -> None:
    """Ask for a subject to be shown anew; the post is made with the first wish."""
    if not refresh(connection, kind, subject_id, now_ms):
        values = {"guild_id": guild_id, "kind": kind, "subject_id": subject_id, "wake_ms": now_ms}
        if _add(connection, posts, values) is None:
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


def due(connection: Connection, now_ms: int, limit: int) -> list[PostRow]:
    """Return the posts that are to be shown now, oldest wish first."""
    rows = connection.execute(
        select(posts)
        .where(posts.c.wanted > posts.c.shown, posts.c.wake_ms <= now_ms)
        .order_by(posts.c.wake_ms, posts.c.id)
        .limit(limit)
    )
    return [record(PostRow, row) for row in rows]


def next_wake(connection: Connection) -> int | None:
    """Return when the next post is to be shown."""
    return (connection.execute(select(func.min(posts.c.wake_ms)).where(posts.c.wanted > posts.c.shown))).scalar()


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
        if _add(connection, posts, values | place) is None:
            connection.execute(_PLACE, of_it)


def open_alert(connection: Connection, guild_id: int, kind: str) -> AlertRow | None:
    """Return the alert of this trouble that is not healed yet."""
    row = connection.execute(_OPEN_ALERT, {"of_guild": guild_id, "of_kind": kind}).first()
    return None if row is None else record(AlertRow, row)


def get_alert(connection: Connection, alert_id: int) -> AlertRow | None:
    """Return one alert."""
    row = connection.execute(select(alerts).where(alerts.c.id == alert_id)).first()
    return None if row is None else record(AlertRow, row)


def add_alert(connection: Connection, guild_id: int, kind: str, raised_ms: int, why: str) -> int | None:
    """Raise an alert and return its number; None if one of the same trouble is open, which another process raised."""
    return _add(connection, alerts, {"guild_id": guild_id, "kind": kind, "raised_ms": raised_ms, "why": why})


def acknowledge(connection: Connection, alert_id: int, now_ms: int, staff_id: int, staff_name: str) -> bool:
    """Note who takes care of an alert; False if somebody already does."""
    result = connection.execute(
        update(alerts)
        .where(alerts.c.id == alert_id, alerts.c.acknowledged_ms.is_(None), alerts.c.healed_ms.is_(None))
        .values(acknowledged_ms=now_ms, acknowledged_by=staff_id, acknowledged_name=staff_name)
    )
    return result.rowcount == 1


def heal(connection: Connection, alert_id: int, now_ms: int) -> bool:
    """Note that an alert's trouble is over; False if it was noted before."""
    result = connection.execute(
        update(alerts).where(alerts.c.id == alert_id, alerts.c.healed_ms.is_(None)).values(healed_ms=now_ms)
    )
    return result.rowcount == 1


def _add(connection: Connection, table: Table, values: dict[str, Any]) -> int | None:
    """Add a row and return its number; None if another process has added the same a moment ago."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    query = make(table).values(values).on_conflict_do_nothing().returning(table.c.id)
    return connection.execute(query).scalar_one_or_none()
