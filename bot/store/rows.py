"""Rows as the queries return them: states and kinds as plain strings, times in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Row


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A row of `cases`."""

    id: int
    at_ms: int
    guild_id: int
    staff_id: int
    staff_name: str
    action: str
    community_id: str
    channel_id: str
    channel_name: str
    member_id: str
    duration_ms: int | None
    reason: str
    undo_of: int | None
    mute_id: int | None
    details: str


@dataclass(frozen=True, slots=True)
class MuteRow:
    """A row of `mutes`."""

    id: int
    case_id: int
    guild_id: int
    community_id: str
    channel_id: str
    member_id: str
    state: str
    version: int
    begun_ms: int
    requested_ms: int | None
    due_ms: int | None
    im_end_ms: int | None
    supersedes: int | None
    lifting_case_id: int | None
    closed_ms: int | None
    ending: str | None
    ended_by_case: int | None
    adopted: int


@dataclass(frozen=True, slots=True)
class TimerRow:
    """A row of `timers`."""

    id: int
    mute_id: int
    guild_id: int
    wake_ms: int
    attempts: int
    last_error: str
    owner: str | None
    lease_until_ms: int | None


@dataclass(frozen=True, slots=True)
class PostRow:
    """A row of `posts`."""

    id: int
    guild_id: int
    kind: str
    subject_id: int
    channel_id: int | None
    message_id: int | None
    wanted: int
    shown: int
    wake_ms: int
    attempts: int


@dataclass(frozen=True, slots=True)
class AlertRow:
    """A row of `alerts`."""

    id: int
    guild_id: int
    kind: str
    raised_ms: int
    why: str
    acknowledged_ms: int | None
    acknowledged_by: int | None
    acknowledged_name: str
    healed_ms: int | None
    subject: str
    calls: int
    call_ms: int | None
    snoozed_until_ms: int | None
    snoozed_by: int | None
    snoozed_name: str


_Record = TypeVar("_Record", CaseRow, MuteRow, TimerRow, PostRow, AlertRow)


def record(kind: type[_Record], row: Row[Any]) -> _Record:
    """Make a record of a row that was selected with all columns in their table's order."""
    return kind(*row)
