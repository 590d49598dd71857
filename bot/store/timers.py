"""Queries on timers: what is due, who works on it, until when.

A timer is owned by nobody (it waits for its time) or by one process (it works on it) whose lease runs out.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, text, update

from bot.store.rows import TimerRow, record
from bot.store.tables import mutes, timers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Update

_INSERT = insert(timers)
_NEXT_WAKE = select(func.min(timers.c.wake_ms)).where(timers.c.owner.is_(None))
_DROP = delete(timers).where(timers.c.mute_id == bindparam("of_mute"))
_OF_MUTES = select(timers).where(timers.c.mute_id.in_(bindparam("ids", expanding=True)))


def add_timer(
    connection: Connection,
    mute_id: int,
    guild_id: int,
    wake_ms: int,
    *,
    owner: str | None = None,
    lease_until_ms: int | None = None,
) -> None:
    """Add the timer of a mute."""
    values = {"mute_id": mute_id, "guild_id": guild_id, "wake_ms": wake_ms}
    connection.execute(_INSERT, values | {"owner": owner, "lease_until_ms": lease_until_ms})


def timers_of(connection: Connection, mute_ids: Sequence[int]) -> dict[int, TimerRow]:
    """Return the timers of these mutes, by mute."""
    rows = connection.execute(_OF_MUTES, {"ids": mute_ids}) if mute_ids else ()
    return {row.mute_id: row for row in (record(TimerRow, r) for r in rows)}


def set_timer(connection: Connection, mute_id: int, wake_ms: int, **changes: Any) -> None:
    """Let the timer of a mute wait for another time, owned by nobody."""
    values = {"of_mute": mute_id, "to_wake_ms": wake_ms} | {f"to_{name}": value for name, value in changes.items()}
    connection.execute(_setting(tuple(changes)), values)


@cache
def _setting(names: tuple[str, ...]) -> Update:
    """Build the statement once; building costs more than running it."""
    return (
        update(timers)
        .where(timers.c.mute_id == bindparam("of_mute"))
        .values(owner=None, lease_until_ms=None, **{name: bindparam(f"to_{name}") for name in ("wake_ms", *names)})
    )


def try_again(connection: Connection, mute_id: int, wake_ms: int, why: str) -> None:
    """Count a try in vain, and let the timer wait for the next."""
    changes = {"wake_ms": wake_ms, "attempts": timers.c.attempts + 1, "last_error": why}
    free = {"owner": None, "lease_until_ms": None}
    connection.execute(update(timers).where(timers.c.mute_id == mute_id).values(**changes, **free))


def drop_timer(connection: Connection, mute_id: int) -> None:
    """Remove the timer of a mute that is over or permanent."""
    connection.execute(_DROP, {"of_mute": mute_id})


def next_wake(connection: Connection) -> int | None:
    """Return when the earliest waiting timer wants to be woken."""
    return connection.execute(_NEXT_WAKE).scalar()


def claim_due(connection: Connection, owner: str, now_ms: int, lease_until_ms: int, limit: int) -> list[TimerRow]:
    """Take the earliest due timers that nobody works on; each is given to one process only."""
    due = (
        select(timers.c.id)
        .where(timers.c.owner.is_(None), timers.c.wake_ms <= now_ms)
        .order_by(timers.c.wake_ms)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(
        update(timers)
        .where(timers.c.id.in_(due.scalar_subquery()))
        .values(owner=owner, lease_until_ms=lease_until_ms)
        .returning(timers)
    )
    return [record(TimerRow, row) for row in rows]


def take(connection: Connection, mute_id: int, owner: str, lease_until_ms: int) -> bool:
    """Take the timer of one mute, whatever its time, unless another process works on it."""
    result = connection.execute(
        update(timers)
        .where(timers.c.mute_id == mute_id, or_(timers.c.owner.is_(None), timers.c.owner == owner))
        .values(owner=owner, lease_until_ms=lease_until_ms)
    )
    return result.rowcount == 1


def renew(connection: Connection, owner: str, mute_ids: Sequence[int], lease_until_ms: int) -> None:
    """Prolong the leases of what this process works on."""
    for start in range(0, len(mute_ids), 500):
        connection.execute(
            update(timers)
            .where(timers.c.owner == owner, timers.c.mute_id.in_(mute_ids[start : start + 500]))
            .values(lease_until_ms=lease_until_ms)
        )


def release_expired(connection: Connection, now_ms: int, longest_lease_ms: int) -> int:
    """Free what is held past its lease, due at once; return how many.

    A lease further ahead than any lease can be was given by a clock that has jumped since: it is over too.
    """
    result = connection.execute(
        update(timers)
        .where(
            timers.c.owner.is_not(None),
            or_(timers.c.lease_until_ms < now_ms, timers.c.lease_until_ms > now_ms + longest_lease_ms),
        )
        .values(owner=None, lease_until_ms=None, wake_ms=now_ms)
    )
    return result.rowcount


def release_all_others(connection: Connection, owner: str, now_ms: int) -> int:
    """Free whatever a former process held, due at once: for a database that only one process uses."""
    result = connection.execute(
        update(timers)
        .where(timers.c.owner.is_not(None), timers.c.owner != owner)
        .values(owner=None, lease_until_ms=None, wake_ms=now_ms)
    )
    return result.rowcount


def wake_overslept(connection: Connection, now_ms: int, longest_wait_ms: int) -> int:
    """Wake due mutes whose timer waits longer than any retry does: the clock has been set back meanwhile."""
    due = select(mutes.c.id).where(
        or_(mutes.c.due_ms <= now_ms, mutes.c.state != "active"), mutes.c.id == timers.c.mute_id
    )
    result = connection.execute(
        update(timers)
        .where(and_(timers.c.owner.is_(None), timers.c.wake_ms > now_ms + longest_wait_ms, due.exists()))
        .values(wake_ms=now_ms)
    )
    return result.rowcount


def wake_stuck(connection: Connection, guild_id: int, min_attempts: int, now_ms: int) -> int:
    """Let the timers of a guild that were tried so often in vain be tried now; return how many."""
    result = connection.execute(
        update(timers)
        .where(timers.c.guild_id == guild_id, timers.c.attempts >= min_attempts, timers.c.owner.is_(None))
        .values(wake_ms=now_ms)
    )
    return result.rowcount


def oldest_due(connection: Connection, now_ms: int) -> int | None:
    """Return the end of the mute that is overdue longest, None if nothing is overdue."""
    query = (
        select(func.min(mutes.c.due_ms))
        .join(timers, timers.c.mute_id == mutes.c.id)
        .where(timers.c.wake_ms <= now_ms + 60_000, mutes.c.due_ms <= now_ms)
    )
    return connection.execute(query).scalar()


def count_stuck(connection: Connection, guild_id: int, min_attempts: int) -> int:
    """Return how many timers of a guild were tried at least so often in vain."""
    query = (
        select(func.count())
        .select_from(timers)
        .where(timers.c.guild_id == guild_id, timers.c.attempts >= min_attempts, text("attempts > 0"))
    )
    return connection.execute(query).scalar_one()
