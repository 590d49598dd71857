"""Queries that take one member out of our own state; nothing else here ever rewrites a case."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import delete, func, select, union, update

from bot.store.cases import ERASED
from bot.store.cleanup_tables import cleanup_kept, cleanup_owners, cleanup_runs, policies
from bot.store.tables import (
    alerts,
    callback_events,
    case_events,
    case_subjects,
    cases,
    feed_counts,
    feed_posts,
    mirrors,
    mutes,
    open_deeds,
    timers,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Column, ColumnElement, Connection, Select

    JsonValue = Any

_MANY = 500
# Columns that are a name as a whole, and those in which people, the IM or we may have written it.
_NAMES: Final = (
    cases.c.member_id,
    case_subjects.c.member_id,
    mutes.c.member_id,
    cleanup_owners.c.owner,
    feed_counts.c.author_id,
)
_TEXTS: Final = (
    cases.c.reason,
    cases.c.details,
    case_events.c.detail,
    mirrors.c.said,
    feed_posts.c.content,
    timers.c.last_error,
    alerts.c.why,
    cleanup_runs.c.why,
    cleanup_owners.c.why,
    cleanup_owners.c.position,
)
# A text that is emptied as a whole where it names the member.
_EMPTIED: Final = (callback_events.c.body,)


def concerned(member_id: str) -> Select[int]:
    """Return a query for the numbers of all cases that concern a member, in whatever guild."""
    as_member = select(cases.c.id).where(cases.c.member_id == member_id)
    as_subject = select(case_subjects.c.case_id).where(case_subjects.c.member_id == member_id)
    both = union(as_member, as_subject).subquery()
    return select(both.c.id)


def numbers(connection: Connection, member_id: str) -> list[int]:
    """Return the numbers of all cases that concern a member."""
    return [row[0] for row in connection.execute(concerned(member_id))]


def holdings(connection: Connection, member_id: str) -> dict[str, int]:
    """Count what is known of a member: cases, subjects (cases of others with them in it), mutes, mirrors, batches."""

    def count(column: Column[str]) -> int:
        return connection.execute(
            select(func.count()).select_from(column.table).where(column == member_id)
        ).scalar_one()

    return {
        "cases": count(cases.c.member_id),
        "subjects": count(case_subjects.c.member_id),
        "mutes": count(mutes.c.member_id),
        "mirrors": count(mirrors.c.author_id),
        "batches": count(cleanup_kept.c.owner),
    }


def is_under_way(connection: Connection, member_id: str) -> bool:
    """Tell whether a deed about a member is without an outcome, or a cleanup of theirs is at work."""
    deed = select(open_deeds.c.case_id).where(open_deeds.c.case_id.in_(concerned(member_id)))
    going = select(cleanup_runs.c.id).where(cleanup_runs.c.state.in_(("running", "cancelling")))
    run = select(cleanup_owners.c.run_id).where(cleanup_owners.c.owner == member_id, cleanup_owners.c.run_id.in_(going))
    return connection.execute(deed).first() is not None or connection.execute(run).first() is not None


def erase(connection: Connection, member_id: str, name: str, case_ids: Iterable[int], now_ms: int) -> None:
    """Take a member out of everything: another name in its place, and no word of what was said about them."""
    _empty_cases(connection, member_id, name, list(case_ids), now_ms)
    connection.execute(delete(mirrors).where(mirrors.c.author_id == member_id))
    connection.execute(delete(cleanup_kept).where(cleanup_kept.c.owner == member_id))
    # The name of a rule or run is a member's only where it is about one; else a channel may be called the same.
    own_rules = (policies.c.target == "owner", policies.c.name == member_id)
    connection.execute(update(policies).where(*own_rules).values(name=name, state="removed", next_ms=None))
    own_runs = (cleanup_runs.c.target == "owner", cleanup_runs.c.name == member_id)
    connection.execute(update(cleanup_runs).where(*own_runs).values(name=name))
    for column in _NAMES:
        connection.execute(update(column.table).where(column == member_id).values({column.name: name}))
    for column in _TEXTS:
        _rename_within(connection, column, member_id, name)
    _empty_callbacks(connection, member_id)


def _empty_cases(connection: Connection, member_id: str, name: str, case_ids: list[int], now_ms: int) -> None:
    """Empty what the cases of a member tell; of those that concern others too, only the name is taken out later."""
    for start in range(0, len(case_ids), _MANY):
        ids = case_ids[start : start + _MANY]
        rows = connection.execute(
            select(cases.c.id, cases.c.member_id, cases.c.details).where(cases.c.id.in_(ids))
        ).all()
        connection.execute(update(cases).where(cases.c.id.in_(ids)).values(reason=""))
        own = {row.id for row in rows if row.member_id == member_id}
        for row in rows:
            if row.id in own and row.details != "{}":
                emptied = _dumped(_emptied(json.loads(row.details), member_id, name))
                connection.execute(update(cases).where(cases.c.id == row.id).values(details=emptied))
        events = connection.execute(select(case_events).where(case_events.c.case_id.in_(ids))).all()
        for event in events:
            emptied = _emptied_event(event.kind, event.detail, member_id, name, own=event.case_id in own)
            if emptied != event.detail:
                connection.execute(update(case_events).where(case_events.c.id == event.id).values(detail=emptied))
        noted = [{"case_id": case_id, "at_ms": now_ms, "kind": ERASED, "detail": ""} for case_id in ids]
        connection.execute(case_events.insert(), noted)


def _empty_callbacks(connection: Connection, member_id: str) -> None:
    """Empty callbacks that name a member, also as `org#app_NAME@...`; what waits is not processed any more."""
    word = re.compile(rf"(?<![A-Za-z0-9.-]){re.escape(member_id)}(?![\w-]|\.\w)", re.IGNORECASE)
    columns = callback_events.c
    holding = func.lower(columns.body).contains(member_id, autoescape=True)
    for row in connection.execute(select(columns.id, columns.body).where(holding)).all():
        if word.search(row.body):
            connection.execute(update(callback_events).where(columns.id == row.id).values(body="", state="done"))


def _emptied_event(kind: str, detail: str, member_id: str, name: str, *, own: bool) -> str:
    if kind in {"reason", "failed"}:
        return _dumped(json.loads(detail) | {"text": ""})
    if kind == "applied" and own and detail:
        return _dumped(_emptied(json.loads(detail), member_id, name))
    return detail


def _emptied(value: JsonValue, member_id: str, name: str) -> JsonValue:
    """Empty all texts of a JSON value and leave its shape, so that whoever reads it finds what they look for."""
    if isinstance(value, dict):
        items = cast("dict[str, JsonValue]", value)
        return {(name if key == member_id else key): _emptied(item, member_id, name) for key, item in items.items()}
    if isinstance(value, list):
        return [_emptied(part, member_id, name) for part in cast("list[JsonValue]", value)]
    if isinstance(value, str):
        return name if value == member_id else ""
    return value


def _dumped(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)


def _rename_within(connection: Connection, column: Column[str], member_id: str, name: str) -> None:
    """Put the other name wherever the member's stands in a text as a whole word, in upper or lower case."""
    table = column.table
    key: ColumnElement[int] = next(iter(table.primary_key.columns))
    word = re.compile(rf"(?<![\w.-]){re.escape(member_id)}(?![\w-]|\.\w)", re.IGNORECASE)
    keys = list(table.primary_key.columns)
    holding = func.lower(column).contains(member_id, autoescape=True)
    for row in connection.execute(select(*keys, column.label("text_")).where(holding).order_by(key)).all():
        renamed = word.sub(name, row.text_)
        if renamed != row.text_:
            this = [part == value for part, value in zip(keys, row[:-1], strict=True)]
            connection.execute(update(table).where(*this).values({column.name: renamed}))
