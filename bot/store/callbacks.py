"""Queries on what the IM has told us by callback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, literal_column, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.tables import UNPROCESSED, callback_events

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

WAITING, DONE, UNKNOWN = "waiting", "done", "unknown"
"""To be processed yet; processed or of no use; not understood or not to be processed, and kept for a look."""

_c = callback_events.c
_OF_OWNER = (
    select(_c.id, _c.call_id, _c.kind, _c.body)
    .where(text(UNPROCESSED), _c.owner == bindparam("of_owner"))
    .order_by(_c.id)
    .limit(bindparam("at_most"))
)
_WAITING_OF = select(func.count()).where(text(UNPROCESSED), _c.owner == bindparam("of_owner"))
_FINISH = (
    update(callback_events)
    .where(_c.id.in_(bindparam("ids", expanding=True)), text(UNPROCESSED), _c.owner == bindparam("of_owner"))
    .values(state=DONE, body="")
    .returning(_c.id)
)
_SET_ASIDE = (
    update(callback_events)
    .where(_c.id == bindparam("this_id"), text(UNPROCESSED), _c.owner == bindparam("of_owner"))
    .values(state=UNKNOWN, kind=bindparam("to_kind"))
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A callback as it came in; `state` is WAITING, or what it is at once if there is nothing to do about it."""

    call_id: str
    at_ms: int
    kind: str
    state: str
    body: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """A callback that is to be processed."""

    id: int
    call_id: str
    kind: str
    body: str


def keep(connection: Connection, arrivals: Sequence[Arrival], owner: str) -> set[str]:
    """Keep callbacks, each call id once for all time; return the call ids of those that are new."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    query = make(callback_events).on_conflict_do_nothing(index_elements=[_c.call_id]).returning(_c.call_id)
    rows = {
        a.call_id: {
            "call_id": a.call_id,
            "at_ms": a.at_ms,
            "kind": a.kind,
            "state": a.state,
            "owner": owner,
            "body": a.body,
        }
        for a in reversed(arrivals)
    }
    return set(connection.execute(query, list(reversed(rows.values()))).scalars())


def waiting(connection: Connection, owner: str, limit: int) -> list[EventRow]:
    """Return what a process has to process, in the order of arrival."""
    rows = connection.execute(_OF_OWNER, {"of_owner": owner, "at_most": limit})
    return [EventRow(*row) for row in rows]


def count_waiting(connection: Connection, owner: str) -> int:
    """Return how much a process has to process."""
    return connection.execute(_WAITING_OF, {"of_owner": owner}).scalar_one()


def finish(connection: Connection, owner: str, ids: Collection[int]) -> set[int]:
    """Note callbacks as processed and empty them; return those that were still this process's to process."""
    if not ids:
        return set()
    return set(connection.execute(_FINISH, {"ids": list(ids), "of_owner": owner}).scalars())


def set_aside(connection: Connection, owner: str, kinds: Mapping[int, str]) -> None:
    """Keep callbacks with what they say, as of these kinds, and process them no more."""
    for event_id, kind in kinds.items():
        connection.execute(_SET_ASIDE, {"this_id": event_id, "of_owner": owner, "to_kind": kind})


def count_left(connection: Connection, owner: str, before_ms: int | None) -> int:
    """Return how much others have left unprocessed since before a moment (None: ever)."""
    return connection.execute(select(func.count()).where(*_left(owner, before_ms))).scalar_one()


def take_over(connection: Connection, owner: str, before_ms: int | None) -> int:
    """Make this process the owner of what others have left unprocessed since before a moment (None: ever)."""
    left = select(_c.id).where(*_left(owner, before_ms))
    if before_ms is not None:
        left = left.with_for_update(skip_locked=True)
    return connection.execute(update(callback_events).where(_c.id.in_(left)).values(owner=owner)).rowcount


def _left(owner: str, before_ms: int | None) -> list[ColumnElement[bool]]:
    old = [] if before_ms is None else [_c.at_ms < before_ms]
    return [text(UNPROCESSED), _c.owner != owner, *old]  # pyright: ignore[reportReturnType]


def forget_done(connection: Connection, before_ms: int, limit: int) -> int:
    """Forget at most so many processed callbacks from before a moment; return how many there were."""
    return _forget(connection, DONE, before_ms, limit)


def forget_unknown(connection: Connection, before_ms: int, most: int, limit: int) -> int:
    """Forget at most so many unknown callbacks: those from before a moment, and all but the `most` newest."""
    forgotten = _forget(connection, UNKNOWN, before_ms, limit)
    too_many = (
        select(_c.id).where(_c.state == UNKNOWN).order_by(_c.at_ms.desc(), _c.id.desc()).offset(most).limit(limit)
    )
    return forgotten + connection.execute(delete(callback_events).where(_c.id.in_(too_many))).rowcount


def _forget(connection: Connection, state: str, before_ms: int, limit: int) -> int:
    old = select(_c.id).where(_c.state == literal_column(f"'{state}'"), _c.at_ms < before_ms).limit(limit)
    return connection.execute(delete(callback_events).where(_c.id.in_(old))).rowcount
