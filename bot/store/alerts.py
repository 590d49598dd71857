"""Queries on alerts: which are open, who has seen them, when somebody is to be called again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, or_, select, text, update

from bot.store.posts import add_row
from bot.store.rows import AlertRow, record
from bot.store.tables import alerts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_OPEN = text("healed_ms IS NULL")
# Written out, as SQLite takes a partial index only for a condition without parameters.
_CALLING = text("call_ms IS NOT NULL")
_OPEN_ALERT = select(alerts).where(
    alerts.c.guild_id == bindparam("of_guild"),
    alerts.c.kind == bindparam("of_kind"),
    alerts.c.subject == bindparam("of_subject"),
    _OPEN,
)


def open_alert(connection: Connection, guild_id: int, kind: str, subject: str = "") -> AlertRow | None:
    """Return the alert of this trouble that is not healed yet."""
    values = {"of_guild": guild_id, "of_kind": kind, "of_subject": subject}
    row = connection.execute(_OPEN_ALERT, values).first()
    return None if row is None else record(AlertRow, row)


def open_alerts(connection: Connection, guild_id: int, kind: str | None = None) -> list[AlertRow]:
    """Return a guild's alerts that are not healed yet, oldest first; `kind`: only those of this trouble."""
    query = select(alerts).where(alerts.c.guild_id == guild_id, _OPEN)
    if kind is not None:
        query = query.where(alerts.c.kind == kind)
    return [record(AlertRow, row) for row in connection.execute(query.order_by(alerts.c.id))]


def troubled(connection: Connection, kind: str) -> list[int]:
    """Return the guilds that have an open alert of this trouble."""
    return list(connection.execute(select(alerts.c.guild_id).where(alerts.c.kind == kind, _OPEN).distinct()).scalars())


def get_alert(connection: Connection, alert_id: int) -> AlertRow | None:
    """Return one alert."""
    row = connection.execute(select(alerts).where(alerts.c.id == alert_id)).first()
    return None if row is None else record(AlertRow, row)


def add_alert(
    connection: Connection,
    guild_id: int,
    kind: str,
    raised_ms: int,
    why: str,
    *,
    subject: str = "",
    call_ms: int | None = None,
) -> int | None:
    """Raise an alert and return its number; None if one of the same trouble is open, which another process raised."""
    values: dict[str, Any] = {"guild_id": guild_id, "kind": kind, "subject": subject, "raised_ms": raised_ms}
    return add_row(connection, alerts, values | {"why": why, "calls": 1, "call_ms": call_ms})


def change(connection: Connection, alert_id: int, **changes: Any) -> bool:
    """Change an alert that is not healed; False if it is."""
    query = update(alerts).where(alerts.c.id == alert_id, _OPEN).values(**changes)
    return connection.execute(query).rowcount == 1


def acknowledge(connection: Connection, alert_id: int, now_ms: int, staff_id: int, staff_name: str) -> bool:
    """Note who takes care of an alert, so that nobody is called any more; False if somebody already does."""
    result = connection.execute(
        update(alerts)
        .where(alerts.c.id == alert_id, alerts.c.acknowledged_ms.is_(None), _OPEN)
        .values(acknowledged_ms=now_ms, acknowledged_by=staff_id, acknowledged_name=staff_name, call_ms=None)
    )
    return result.rowcount == 1


def heal(connection: Connection, alert_id: int, now_ms: int) -> bool:
    """Note that an alert's trouble is over; False if it was noted before."""
    return change(connection, alert_id, healed_ms=now_ms, call_ms=None)


def to_call(connection: Connection, now_ms: int, latest_ms: int) -> Sequence[AlertRow]:
    """Return the alerts about which somebody is to be called now.

    No call but that of a snooze can be further away than `latest_ms`, unless the clock was set back.
    """
    overslept = and_(alerts.c.call_ms > latest_ms, alerts.c.snoozed_until_ms.is_(None))
    query = select(alerts).where(_CALLING, or_(alerts.c.call_ms <= now_ms, overslept)).order_by(alerts.c.call_ms)
    return [record(AlertRow, row) for row in connection.execute(query.limit(100))]


def set_call(connection: Connection, alert: AlertRow, call_ms: int | None, calls: int) -> bool:
    """Set when to call next and how often was called; False if another process or person was quicker."""
    result = connection.execute(
        update(alerts)
        .where(alerts.c.id == alert.id, alerts.c.call_ms == alert.call_ms)
        .values(call_ms=call_ms, calls=calls, snoozed_until_ms=None)
    )
    return result.rowcount == 1


def next_call(connection: Connection) -> int | None:
    """Return when somebody is to be called next."""
    return connection.execute(select(func.min(alerts.c.call_ms)).where(_CALLING)).scalar()
