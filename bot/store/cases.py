"""Queries on cases and their events; both tables are only ever added to."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, tuple_, union

from bot.store.rows import CaseRow, record
from bot.store.tables import case_events, case_subjects, cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

OUTCOME_KINDS = ("applied", "verified", "failed", "undone")
REASON = "reason"
"""An event that gives a case another reason: {"text", "staff_id", "staff_name"}."""
ERASED = "erased"
"""An event that says that a case has lost what it told about a person."""

_INSERT_CASE = insert(cases).returning(cases.c.id)
_INSERT_EVENT = insert(case_events)
_INSERT_SUBJECT = insert(case_subjects)
_SELECT_SUBJECTS = (
    select(case_subjects.c.case_id, case_subjects.c.member_id)
    .where(case_subjects.c.case_id.in_(bindparam("ids", expanding=True)))
    .order_by(case_subjects.c.case_id, case_subjects.c.member_id)
)
_SELECT_CASE = select(cases).where(cases.c.id == bindparam("case_id"))
_SELECT_CASES = select(cases).where(cases.c.id.in_(bindparam("ids", expanding=True)))
_SELECT_EVENTS = (
    select(case_events.c.case_id, case_events.c.at_ms, case_events.c.kind, case_events.c.detail)
    .where(case_events.c.case_id.in_(bindparam("ids", expanding=True)))
    .order_by(case_events.c.id)
)


def add_case(connection: Connection, **values: Any) -> int:
    """Add a case and return its number."""
    return connection.execute(_INSERT_CASE, values).scalar_one()


def add_subjects(connection: Connection, case_id: int, member_ids: Iterable[str]) -> None:
    """Note whom else a case concerns."""
    rows = [{"case_id": case_id, "member_id": member_id} for member_id in member_ids]
    if rows:
        connection.execute(_INSERT_SUBJECT, rows)


def subjects_of(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return whom else each case concerns, by name."""
    found: dict[int, tuple[str, ...]] = {}
    for case_id, member_id in connection.execute(_SELECT_SUBJECTS, {"ids": list(ids)}):
        found[case_id] = (*found.get(case_id, ()), member_id)
    return found


def add_event(connection: Connection, case_id: int, at_ms: int, kind: str, detail: str = "") -> None:
    """Note something about a case; an outcome that the case has already raises IntegrityError."""
    connection.execute(_INSERT_EVENT, {"case_id": case_id, "at_ms": at_ms, "kind": kind, "detail": detail})


def is_undone(connection: Connection, case_id: int) -> bool:
    """Tell whether a case has been taken back."""
    return any(kind == "undone" for _at, kind, _detail in events_of(connection, [case_id]).get(case_id, ()))


def get_case(connection: Connection, case_id: int) -> CaseRow | None:
    """Return one case."""
    row = connection.execute(_SELECT_CASE, {"case_id": case_id}).first()
    return None if row is None else record(CaseRow, row)


def get_cases(connection: Connection, ids: Iterable[int]) -> dict[int, CaseRow]:
    """Return the cases of these numbers, by number."""
    wanted = list(ids)
    rows = connection.execute(_SELECT_CASES, {"ids": wanted}) if wanted else ()
    return {row.id: row for row in (record(CaseRow, r) for r in rows)}


def events_of(connection: Connection, ids: Iterable[int]) -> dict[int, list[tuple[int, str, str]]]:
    """Return what was noted about each case, oldest first, as (at_ms, kind, detail)."""
    found: dict[int, list[tuple[int, str, str]]] = {}
    for case_id, at_ms, kind, detail in connection.execute(_SELECT_EVENTS, {"ids": list(ids)}):
        found.setdefault(case_id, []).append((at_ms, kind, detail))
    return found


def of_member(
    connection: Connection, guild_id: int, member_id: str, *, before: int | None, limit: int
) -> list[CaseRow]:
    """Return a member's cases in a guild, newest first, those with a number below `before`."""
    query = select(cases).where(_concerns(guild_id, member_id))
    if before is not None:
        query = query.where(cases.c.id < before)
    rows = connection.execute(query.order_by(cases.c.id.desc()).limit(limit))
    return [record(CaseRow, row) for row in rows]


def counts_of_member(connection: Connection, guild_id: int, member_id: str) -> dict[str, int]:
    """Return how many cases of each action a member has in a guild."""
    rows = connection.execute(
        select(cases.c.action, func.count()).where(_concerns(guild_id, member_id)).group_by(cases.c.action)
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases of a guild are wanted; None and empty: all."""

    guild_id: int
    member_id: str | None = None
    staff_id: int | None = None
    actions: tuple[str, ...] = ()
    since_ms: int | None = None


def search(connection: Connection, wanted: CaseFilter, *, offset: int, limit: int) -> list[int]:
    """Return the numbers of the cases that are wanted, newest first."""
    newest_first = (cases.c.at_ms.desc(), cases.c.id.desc())
    query = select(cases.c.id).where(*_wanted(wanted)).order_by(*newest_first).limit(limit).offset(offset)
    return list(connection.execute(query).scalars())


def count(connection: Connection, wanted: CaseFilter) -> int:
    """Return how many cases are wanted."""
    return connection.execute(select(func.count()).select_from(cases).where(*_wanted(wanted))).scalar_one()


def _wanted(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.member_id is None:
        conditions.append(cases.c.guild_id == wanted.guild_id)
    else:
        conditions.append(_concerns(wanted.guild_id, wanted.member_id))
    if wanted.staff_id is not None:
        conditions.append(cases.c.staff_id == wanted.staff_id)
    if wanted.actions:
        conditions.append(cases.c.action.in_(wanted.actions))
    if wanted.since_ms is not None:
        conditions.append(cases.c.at_ms >= wanted.since_ms)
    return conditions


def _concerns(guild_id: int, member_id: str) -> ColumnElement[bool]:
    # One set of numbers from two indexes: with an OR in its place the database would walk through all of the guild's.
    as_member = select(cases.c.id).where(cases.c.guild_id == guild_id, cases.c.member_id == member_id)
    case = cases.alias()
    guild_of_it = select(case.c.guild_id).where(case.c.id == case_subjects.c.case_id).scalar_subquery()
    as_subject = select(case_subjects.c.case_id).where(case_subjects.c.member_id == member_id, guild_of_it == guild_id)
    return cases.c.id.in_(union(as_member, as_subject))


def of_staff_since(connection: Connection, guild_id: int, staff_id: int, since_ms: int, limit: int) -> list[CaseRow]:
    """Return what one of the staff did in a guild since then, newest first."""
    rows = connection.execute(
        select(cases)
        .where(cases.c.guild_id == guild_id, cases.c.staff_id == staff_id, cases.c.at_ms >= since_ms)
        .order_by(cases.c.at_ms.desc(), cases.c.id.desc())
        .limit(limit)
    )
    return [record(CaseRow, row) for row in rows]


def undoing(connection: Connection, case_id: int) -> list[CaseRow]:
    """Return the cases that undo (or tried to undo) this one."""
    rows = connection.execute(select(cases).where(cases.c.undo_of == case_id).order_by(cases.c.id))
    return [record(CaseRow, row) for row in rows]


def page_after(connection: Connection, last: int, since_ms: int | None, limit: int) -> list[tuple[CaseRow, str]]:
    """Return the next cases after the one numbered `last`, each with its outcome and newest reason, oldest first."""
    query = select(cases).where(cases.c.id > last).order_by(cases.c.id).limit(limit)
    if since_ms is not None:
        query = query.where(cases.c.at_ms >= since_ms)
    return _told(connection, query)


def page_of_guild(
    connection: Connection, guild_id: int, after: tuple[int, int], limit: int
) -> list[tuple[CaseRow, str]]:
    """Return the next cases of a guild after that moment and number, as `page_after` does."""
    query = (
        select(cases)
        .where(cases.c.guild_id == guild_id, tuple_(cases.c.at_ms, cases.c.id) > after)
        .order_by(cases.c.at_ms, cases.c.id)
        .limit(limit)
    )
    return _told(connection, query)


def _told(connection: Connection, query: Select[Any]) -> list[tuple[CaseRow, str]]:
    page = [record(CaseRow, row) for row in connection.execute(query)]
    noted = events_of(connection, [case.id for case in page]) if page else {}
    return [
        (replace(case, reason=reason_of(case, noted.get(case.id, []))[0]), outcome_of(noted.get(case.id, [])))
        for case in page
    ]


def reason_of(case: CaseRow, events: Sequence[tuple[int, str, str]]) -> tuple[str, int | None, str]:
    """Return a case's newest reason, and the id and name of who changed it; None and empty: nobody."""
    for _at, kind, detail in reversed(events):
        if kind == REASON:
            told = json.loads(detail)
            return told["text"], told["staff_id"], told["staff_name"]
    return case.reason, None, ""


def outcome_of(events: Sequence[tuple[int, str, str]]) -> str:
    """Return how far a case has come: the last outcome noted, `intended` without one."""
    for _at, kind, _detail in reversed(events):
        if kind in OUTCOME_KINDS:
            return kind
    return "intended"
