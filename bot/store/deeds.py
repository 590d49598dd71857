"""Queries on deeds that were begun and have no outcome yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, or_, select

from bot.store.tables import open_deeds

if TYPE_CHECKING:
    from sqlalchemy import Connection


def add_open(connection: Connection, case_id: int, subject: str, owner: str, now_ms: int) -> None:
    """Note that a deed was begun; a second one on the same subject raises IntegrityError."""
    values = {"case_id": case_id, "subject": subject, "owner": owner, "begun_ms": now_ms}
    connection.execute(insert(open_deeds), values)


def close_open(connection: Connection, case_id: int) -> bool:
    """Note that a deed has an outcome now; False if somebody else was first."""
    return connection.execute(delete(open_deeds).where(open_deeds.c.case_id == case_id)).rowcount == 1


def lost(connection: Connection, owner: str, *, begun_before_ms: int | None) -> list[int]:
    """Return the cases of deeds without an outcome, oldest first.

    With a moment, those of other owners only if they were begun before it; None: all.
    """
    query = select(open_deeds.c.case_id).order_by(open_deeds.c.case_id)
    if begun_before_ms is not None:
        query = query.where(or_(open_deeds.c.owner == owner, open_deeds.c.begun_ms < begun_before_ms))
    return [row[0] for row in connection.execute(query)]
