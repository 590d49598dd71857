"""One look at how much is outstanding in our own state, over all guilds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select, text

from bot.store.cleanup_tables import GOING, cleanup_owners, cleanup_runs
from bot.store.tables import (
    UNPROCESSED,
    UNSHOWN,
    alerts,
    callback_events,
    mirrors,
    posts,
    timers,
)
from bot.store.timers import oldest_due

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause, TextClause

_REVISION = text("SELECT version_num FROM alembic_version")


@dataclass(frozen=True, slots=True)
class Standing:
    """What waits to be done, counted; `oldest_due_ms` is the end of the mute that is overdue longest."""

    schema_revision: int
    timers: int
    oldest_due_ms: int | None
    stuck: int
    alerts: int
    runs: dict[str, int]
    items_left: int
    posts: int
    feed: int
    callbacks: int


def standing(connection: Connection, *, now_ms: int, stuck_after: int) -> Standing:
    """Count what is outstanding; a mute is stuck once its unmute was tried `stuck_after` times in vain."""
    return Standing(
        schema_revision=int(connection.execute(_REVISION).scalar_one()),
        timers=_count(connection, timers),
        oldest_due_ms=oldest_due(connection, now_ms),
        # Written out, so that the partial index serves.
        stuck=_count(connection, timers, and_(text("attempts > 0"), timers.c.attempts >= stuck_after)),
        alerts=_count(connection, alerts, alerts.c.healed_ms.is_(None)),
        runs=_runs(connection),
        items_left=_items_left(connection),
        posts=_count(connection, posts, posts.c.wanted > posts.c.shown),
        feed=_count(connection, mirrors, text(UNSHOWN)),
        callbacks=_count(connection, callback_events, text(UNPROCESSED)),
    )


def _count(connection: Connection, table: FromClause, *which: ColumnElement[bool] | TextClause) -> int:
    return connection.execute(select(func.count()).select_from(table).where(*which)).scalar_one()


def _runs(connection: Connection) -> dict[str, int]:
    query = select(cleanup_runs.c.state, func.count()).group_by(cleanup_runs.c.state)
    return {str(state): int(count) for state, count in connection.execute(query)}


def _items_left(connection: Connection) -> int:
    """Return how many of the items that previews counted are left to runs under way."""
    handled = (
        select(func.coalesce(func.sum(cleanup_owners.c.done + cleanup_owners.c.refused), 0))
        .where(cleanup_owners.c.run_id == cleanup_runs.c.id)
        .scalar_subquery()
    )
    query = select(cleanup_runs.c.planned, handled).where(text(GOING), cleanup_runs.c.planned.is_not(None))
    return sum(max(0, int(planned) - int(done)) for planned, done in connection.execute(query))
