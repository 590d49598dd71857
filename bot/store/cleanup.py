"""Queries on cleanup runs, their owners, and what they deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, delete, func, insert, or_, select, text, update

from bot.store.cleanup_rows import BatchRow, KeptItem, OwnerRow, RunRow, Tally, pack, unpack
from bot.store.cleanup_tables import GOING, OPEN_BATCH, WAITING
from bot.store.cleanup_tables import cleanup_kept as kept
from bot.store.cleanup_tables import cleanup_owners as owners
from bot.store.cleanup_tables import cleanup_runs as runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection


_ADD_BATCH = insert(kept)
_SET_OWNER = (
    update(owners)
    .where(owners.c.run_id == bindparam("of_run_id"), owners.c.number == bindparam("of_number"))
    .values(
        position=bindparam("to_position"),
        done=owners.c.done + bindparam("more_done"),
        kept=owners.c.kept + bindparam("more_kept"),
        refused=owners.c.refused + bindparam("more_refused"),
        attempts=0,
        state=bindparam("to_state"),
    )
)
# Written out, as SQLite takes a partial index only for a condition without parameters.
_GOING, _OVER, _WAITING, _OPEN = text(GOING), text(f"NOT ({GOING})"), text(WAITING), text(OPEN_BATCH)


# Runs


def add_run(connection: Connection, **values: Any) -> int:
    """Add a run and return its number."""
    return connection.execute(insert(runs).returning(runs.c.id), values).scalar_one()


def get_run(connection: Connection, run_id: int, *, lock: bool = False) -> RunRow | None:
    """Return one run; `lock`: nobody else may lock it before the transaction ends (SQLite has one writer anyway)."""
    query = select(runs).where(runs.c.id == run_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else RunRow(*row)


def runs_of(connection: Connection, guild_id: int, *, going: bool | None = None, limit: int = 100) -> list[RunRow]:
    """Return a guild's runs, newest first; `going`: only those that are being worked on, or only the others."""
    query = select(runs).where(runs.c.guild_id == guild_id)
    if going is not None:
        query = query.where(_GOING if going else _OVER)
    return [RunRow(*row) for row in connection.execute(query.order_by(runs.c.id.desc()).limit(limit))]


def restores_of(connection: Connection, run_id: int) -> list[RunRow]:
    """Return the restores of a run, newest first."""
    rows = connection.execute(select(runs).where(runs.c.of_run == run_id).order_by(runs.c.id.desc()))
    return [RunRow(*row) for row in rows]


def going_of_policy(connection: Connection, policy_id: int) -> RunRow | None:
    """Return the run of a policy that is being worked on."""
    query = select(runs).where(runs.c.policy_id == policy_id, _GOING)
    row = connection.execute(query.limit(1)).first()
    return None if row is None else RunRow(*row)


def claim(
    connection: Connection,
    holder: str,
    *,
    now_ms: int,
    latest_ms: int,
    lease_until_ms: int,
    limit: int,
    besides: Iterable[int],
) -> list[RunRow]:
    """Take up to `limit` runs that are due and that nobody else holds, `besides` those that are in work already.

    One that is to wait beyond `latest_ms`, longer than any run is put off, is due as well: the clock was set back.
    """
    free = or_(runs.c.holder.is_(None), runs.c.holder == holder)
    ripe = or_(runs.c.wake_ms <= now_ms, runs.c.wake_ms > latest_ms)
    due = select(runs.c.id).where(_GOING, ripe, runs.c.id.not_in(list(besides)), free)
    if connection.dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    ids = [row[0] for row in connection.execute(due.order_by(runs.c.wake_ms, runs.c.id).limit(limit))]
    if not ids:
        return []
    taken = update(runs).where(runs.c.id.in_(ids)).values(holder=holder, lease_until_ms=lease_until_ms)
    connection.execute(taken)
    return [RunRow(*row) for row in connection.execute(select(runs).where(runs.c.id.in_(ids)).order_by(runs.c.id))]


def renew(connection: Connection, holder: str, lease_until_ms: int) -> None:
    """Prolong the leases of a holder."""
    mine = and_(_GOING, runs.c.holder == holder)
    connection.execute(update(runs).where(mine).values(lease_until_ms=lease_until_ms))


def release(connection: Connection, run: RunRow) -> bool:
    """Take a run away from who holds it, so that whoever comes first takes it; False if somebody else did so."""
    same = and_(runs.c.id == run.id, runs.c.holder == run.holder, runs.c.lease_until_ms == run.lease_until_ms)
    return connection.execute(update(runs).where(same).values(holder=None, lease_until_ms=None)).rowcount == 1


def orphans(connection: Connection, holder: str, *, lapsed_by_ms: int | None) -> list[RunRow]:
    """Return runs that a former process worked on; with a moment, only those whose lease has run out by then."""
    query = select(runs).where(_GOING, runs.c.holder.is_not(None), runs.c.holder != holder)
    if lapsed_by_ms is not None:
        query = query.where(runs.c.lease_until_ms <= lapsed_by_ms)
    return [RunRow(*row) for row in connection.execute(query)]


def next_wake(connection: Connection, besides: Iterable[int]) -> int | None:
    """Return when the next run is to be worked on, `besides` those that are in work already."""
    query = select(func.min(runs.c.wake_ms)).where(_GOING, runs.c.id.not_in(list(besides)))
    return connection.execute(query).scalar()


def set_state(connection: Connection, run_id: int, before: Iterable[str], state: str, **values: Any) -> bool:
    """Bring a run from one of some states into another; False if it is in none of them."""
    query = update(runs).where(runs.c.id == run_id, runs.c.state.in_(list(before))).values(state=state, **values)
    return connection.execute(query).rowcount == 1


def postpone(connection: Connection, run_id: int, wake_ms: int) -> None:
    """Try a run again later."""
    values = {"wake_ms": wake_ms, "attempts": runs.c.attempts + 1}
    connection.execute(update(runs).where(runs.c.id == run_id).values(values))


def calm(connection: Connection, run_id: int) -> None:
    """Note that a run gets on."""
    connection.execute(update(runs).where(runs.c.id == run_id, runs.c.attempts > 0).values(attempts=0))


def purge(connection: Connection, before_ms: int, limit: int) -> int:
    """Forget what runs deleted that ended before a moment, up to `limit` batches; return how many were forgotten."""
    due = select(runs.c.id).where(runs.c.purged == 0, runs.c.ended_ms < before_ms, _OVER)
    # A restore reads what another run has kept.
    busy = select(runs.c.of_run).where(_GOING, runs.c.of_run.is_not(None))
    forgotten = 0
    for (run_id,) in connection.execute(due.where(runs.c.id.not_in(busy)).order_by(runs.c.ended_ms)).all():
        some = select(kept.c.id).where(kept.c.run_id == run_id).limit(limit - forgotten)
        forgotten += connection.execute(delete(kept).where(kept.c.id.in_(some))).rowcount
        if forgotten >= limit:
            break
        connection.execute(update(runs).where(runs.c.id == run_id).values(purged=1))
    return forgotten


# Owners


def list_owners(connection: Connection, run_id: int, names: Sequence[str]) -> None:
    """Write down whose items a run is about."""
    if names:
        rows = [{"run_id": run_id, "number": number, "owner": name} for number, name in enumerate(names)]
        connection.execute(insert(owners), rows)
    connection.execute(update(runs).where(runs.c.id == run_id).values(listed=1))


def waiting_owners(connection: Connection, run_id: int, limit: int, besides: Iterable[int] = ()) -> list[OwnerRow]:
    """Return owners still to do, those that gave no trouble yet first."""
    query = select(owners).where(owners.c.run_id == run_id, _WAITING, owners.c.number.not_in(list(besides)))
    rows = connection.execute(query.order_by(owners.c.attempts, owners.c.number).limit(limit))
    return [OwnerRow(*row) for row in rows]


def get_owner(connection: Connection, run_id: int, name: str) -> OwnerRow:
    """Return one of the owners of a run."""
    row = connection.execute(select(owners).where(owners.c.run_id == run_id, owners.c.owner == name)).one()
    return OwnerRow(*row)


def advance(
    connection: Connection, owner: OwnerRow, *, position: str | None, done: int, kept: int, refused: int, state: str
) -> None:
    """Note how far an owner has come; the counts are what is new."""
    connection.execute(
        _SET_OWNER,
        {
            "of_run_id": owner.run_id,
            "of_number": owner.number,
            "to_position": position,
            "more_done": done,
            "more_kept": kept,
            "more_refused": refused,
            "to_state": state,
        },
    )


def troubled(connection: Connection, owner: OwnerRow, why: str, *, failed: bool) -> None:
    """Note that an owner gave trouble; `failed`: nothing more is tried."""
    values = {"attempts": owners.c.attempts + 1, "why": why, "state": "failed" if failed else "waiting"}
    of_it = and_(owners.c.run_id == owner.run_id, owners.c.number == owner.number)
    connection.execute(update(owners).where(of_it).values(values))


def add_done(connection: Connection, run_id: int, owner: str, count: int) -> None:
    """Count what turns out to have been deleted for a run."""
    of_it = and_(owners.c.run_id == run_id, owners.c.owner == owner)
    connection.execute(update(owners).where(of_it).values(done=owners.c.done + count))


def tally(connection: Connection, run_id: int) -> Tally:
    """Count how far a run has come."""
    columns = owners.c
    found = connection.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((columns.state == "waiting", 1), else_=0)), 0),
            func.coalesce(func.sum(case((columns.state == "failed", 1), else_=0)), 0),
            func.coalesce(func.sum(columns.done), 0),
            func.coalesce(func.sum(columns.kept), 0),
            func.coalesce(func.sum(columns.refused), 0),
        ).where(columns.run_id == run_id)
    ).one()
    return Tally(*(int(value) for value in found))


def failures(connection: Connection, run_id: int, limit: int) -> list[tuple[str, str]]:
    """Return owners that could not be done, with the reasons."""
    query = select(owners.c.owner, owners.c.why).where(owners.c.run_id == run_id, owners.c.state == "failed")
    return [(row[0], row[1]) for row in connection.execute(query.order_by(owners.c.number).limit(limit))]


# What was deleted


def add_batches(
    connection: Connection, run_id: int, owner: str, batches: Sequence[tuple[KeptItem, ...]]
) -> list[BatchRow]:
    """Keep what is about to be deleted, a row a request."""
    made: list[BatchRow] = []
    for items in batches:
        values = _batch_values(items) | {"run_id": run_id, "owner": owner, "state": "intended"}
        batch_id = connection.execute(_ADD_BATCH.returning(kept.c.id), values).scalar_one()
        made.append(BatchRow(batch_id, run_id, owner, "intended", 0, items))
    return made


def set_batch(
    connection: Connection, batch: BatchRow, before: str, state: str, items: tuple[KeptItem, ...], *, skipped: int = 0
) -> bool:
    """Note what became of a batch; one that nothing is left of is forgotten.

    False, and nothing noted, if it is not in the state `before`: somebody else has noted, and counted, it.
    """
    of_it = and_(kept.c.id == batch.id, kept.c.state == before)
    if not items:
        return connection.execute(delete(kept).where(of_it)).rowcount == 1
    changed = {} if items == batch.items else _batch_values(items)
    return connection.execute(update(kept).where(of_it).values(state=state, skipped=skipped, **changed)).rowcount == 1


def open_batches(connection: Connection, owner: str) -> list[BatchRow]:
    """Return an owner's batches, of whichever run, of which nobody has noted yet whether they were deleted."""
    query = select(kept).where(kept.c.owner == owner, _OPEN, kept.c.state == "intended")
    return [_batch(row) for row in connection.execute(query.order_by(kept.c.id))]


def owners_with_open_batches(connection: Connection, run_id: int, state: str) -> list[str]:
    """Return whose batches of a cleanup have no outcome yet: `intended` to be deleted, or `restoring`."""
    query = select(kept.c.owner).where(kept.c.run_id == run_id, _OPEN, kept.c.state == state).distinct()
    return [row[0] for row in connection.execute(query.order_by(kept.c.owner))]


def batches_to_restore(connection: Connection, run_id: int, owner: str, limit: int) -> list[BatchRow]:
    """Return the next batches of an owner that a run deleted and nobody has put back."""
    query = select(kept).where(kept.c.run_id == run_id, kept.c.owner == owner, kept.c.state.in_(["gone", "restoring"]))
    return [_batch(row) for row in connection.execute(query.order_by(kept.c.id).limit(limit))]


def restoring_batches(connection: Connection, run_id: int, owner: str) -> list[BatchRow]:
    """Return an owner's batches that a restore of a run has begun to put back."""
    query = select(kept).where(kept.c.run_id == run_id, kept.c.owner == owner, _OPEN, kept.c.state == "restoring")
    return [_batch(row) for row in connection.execute(query.order_by(kept.c.id))]


def owners_to_restore(connection: Connection, run_id: int) -> list[str]:
    """Return from whom a run deleted something that nobody has put back."""
    query = select(kept.c.owner).where(kept.c.run_id == run_id, kept.c.state.in_(["gone", "restoring"]))
    return [row[0] for row in connection.execute(query.distinct().order_by(kept.c.owner))]


def count_to_restore(connection: Connection, run_id: int) -> int:
    """Count what a run deleted and nobody has put back."""
    query = select(func.coalesce(func.sum(kept.c.count), 0))
    return int(
        connection.execute(query.where(kept.c.run_id == run_id, kept.c.state.in_(["gone", "restoring"]))).scalar_one()
    )


def _batch_values(items: tuple[KeptItem, ...]) -> dict[str, Any]:
    times = [item.created for item in items]
    return {"count": len(items), "first_ms": min(times), "last_ms": max(times), "content": pack(items)}


def _batch(row: Any) -> BatchRow:
    return BatchRow(row.id, row.run_id, row.owner, row.state, row.skipped, unpack(row.content))
