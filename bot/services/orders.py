"""What staff want done about a mute, and how it is written down as a case."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.services.model import Action, Details, Failure, MuteState, Place, Staff
from bot.services.refusals import Refusal
from bot.store import cases
from bot.store.rows import MuteRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.services.posts import Posts
    from bot.store.rows import CaseRow

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Order:
    """What staff want done, ready to be written down as a case."""

    staff: Staff
    guild_id: int
    place: Place
    member_id: str
    action: Action
    duration_ms: int | None
    reason: str = ""
    undo_of: int | None = None
    replaces: MuteRow | None = None
    details: Details = field(default_factory=dict[str, Any])
    subjects: tuple[str, ...] = ()


def add_case(connection: Connection, order: Order, now_ms: int, *, mute_id: int | None = None) -> int:
    """Write an order down as a case and return its number; raises Refusal if it takes back what was taken back."""
    refuse_second_undo(connection, order)
    case_id = cases.add_case(
        connection,
        at_ms=now_ms,
        guild_id=order.guild_id,
        staff_id=order.staff.id,
        staff_name=order.staff.name,
        action=order.action,
        community_id=order.place.community_id,
        channel_id=order.place.channel_id,
        channel_name=order.place.channel_name,
        member_id=order.member_id,
        duration_ms=order.duration_ms,
        reason=order.reason,
        undo_of=order.undo_of,
        mute_id=mute_id,
        details=json.dumps(order.details, ensure_ascii=False) if order.details else "{}",
    )
    cases.add_subjects(connection, case_id, order.subjects)
    return case_id


def refuse_second_undo(connection: Connection, order: Order) -> None:
    """Raise Refusal if an order takes back what somebody has taken back since it was looked at."""
    if order.undo_of is not None and cases.is_undone(connection, order.undo_of):
        raise Refusal("refusal-already-undone", case=order.undo_of)


def note_undone(connection: Connection, posts: Posts, case: CaseRow, now_ms: int) -> None:
    """Close the case that this one takes back; read from the record, so that a crash does not forget it."""
    if case.undo_of is not None:
        cases.add_event(connection, case.undo_of, now_ms, "undone", str(case.id))
        posts.refresh_case(connection, case.undo_of, now_ms)


def pending_mute(order: Order, case_id: int, now_ms: int) -> MuteRow:
    """Return the mute that a case is to make, not in force yet and without a number."""
    return MuteRow(
        id=0,
        case_id=case_id,
        guild_id=order.guild_id,
        community_id=order.place.community_id,
        channel_id=order.place.channel_id,
        member_id=order.member_id,
        state=MuteState.PENDING,
        version=0,
        begun_ms=now_ms,
        requested_ms=order.duration_ms,
        due_ms=None,
        im_end_ms=None,
        supersedes=None if order.replaces is None else order.replaces.id,
        lifting_case_id=None,
        closed_ms=None,
        ending=None,
        ended_by_case=None,
        adopted=0,
    )


def already_muted(live: MuteRow, place: Place) -> Refusal:
    """Say until when somebody is muted, or that somebody else is at it."""
    values = {"member": live.member_id, "channel": place.channel_name}
    if live.state != MuteState.ACTIVE:
        return Refusal("refusal-busy", **values)
    if live.due_ms is None:
        return Refusal("refusal-already-muted-permanent", **values)
    return Refusal("refusal-already-muted", until=live.due_ms // 1000, **values)


def failure_detail(failure: Failure, text: str) -> str:
    """Write down why a case failed; `text` is the IM's own words."""
    return json.dumps({"failure": failure, "text": text[:500]}, ensure_ascii=False)
