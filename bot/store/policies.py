"""Queries on standing cleanup rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from bot.store.cleanup_rows import PolicyRow
from bot.store.cleanup_tables import policies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


def add_policy(connection: Connection, **values: Any) -> int:
    """Add a policy and return its number."""
    return connection.execute(insert(policies).returning(policies.c.id), values).scalar_one()


def get_policy(connection: Connection, policy_id: int, *, lock: bool = False) -> PolicyRow | None:
    """Return one policy; `lock`: nobody else may lock it before the transaction ends (SQLite has one writer anyway)."""
    query = select(policies).where(policies.c.id == policy_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else PolicyRow(*row)


def policies_of(connection: Connection, guild_id: int) -> list[PolicyRow]:
    """Return a guild's policies that were not removed, oldest first."""
    query = select(policies).where(policies.c.guild_id == guild_id, policies.c.state != "removed")
    return [PolicyRow(*row) for row in connection.execute(query.order_by(policies.c.id))]


def due(connection: Connection, now_ms: int) -> list[PolicyRow]:
    """Return the policies that are due, the longest overdue first."""
    query = select(policies).where(policies.c.next_ms.is_not(None), policies.c.next_ms <= now_ms)
    if connection.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    return [PolicyRow(*row) for row in connection.execute(query.order_by(policies.c.next_ms, policies.c.id))]


def next_wake(connection: Connection) -> int | None:
    """Return when the next policy is due."""
    query = select(func.min(policies.c.next_ms)).where(policies.c.next_ms.is_not(None))
    return connection.execute(query).scalar()


def set_next(connection: Connection, policy_id: int, before_ms: int | None, next_ms: int | None) -> bool:
    """Note when a policy is due next; False if somebody else did so in the meantime."""
    same = policies.c.next_ms.is_(None) if before_ms is None else policies.c.next_ms == before_ms
    query = update(policies).where(policies.c.id == policy_id, same).values(next_ms=next_ms)
    return connection.execute(query).rowcount == 1


def set_state(
    connection: Connection, policy_id: int, before: Iterable[str], state: str, *, next_ms: int | None
) -> bool:
    """Bring a policy from one of some states into another; False if it is in none of them."""
    query = update(policies).where(policies.c.id == policy_id, policies.c.state.in_(list(before)))
    return connection.execute(query.values(state=state, next_ms=next_ms)).rowcount == 1
