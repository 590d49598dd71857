"""Cases as people see them: assembled from the append-only record and from how a mute stands now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.services.clock import from_ms, to_ms
from bot.services.model import MUTES, REVERSIBLE, Action, CaseView, Ending, Failure, MuteState, Outcome, Place, Staff
from bot.services.naming import typed
from bot.services.refusals import Refusal
from bot.store import cases, mutes, timers
from bot.store.cases import ERASED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from bot.services.clock import Clock
    from bot.store import Store
    from bot.store.rows import CaseRow, MuteRow, TimerRow

UNDO_WINDOW = timedelta(hours=24)
UNTOLD = "untold"
"""In the details of an unmute: the IM did not tell when the mute was to end, so that nothing can bring it back."""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A member's cases, newest first; `more` tells whether older ones follow the last of them."""

    member_id: str
    cases: tuple[CaseView, ...]
    total: int
    counts: dict[Action, int]
    more: bool


class Cases:
    """Reads cases; writing them is the ledger's."""

    def __init__(self, *, store: Store, clock: Clock, max_attempts: int) -> None:
        self._store = store
        self._clock = clock
        self._max_attempts = max_attempts

    async def view(self, guild_id: int, case_id: int) -> CaseView:
        """Return a case of this guild; raises Refusal if there is none."""
        found = await self._store.read(lambda connection: self.views(connection, [case_id]))
        if not found or found[0].guild_id != guild_id:
            raise Refusal("refusal-unknown-case", case=case_id)
        return found[0]

    async def history(self, guild_id: int, member: str, *, before: int | None = None, limit: int = 10) -> HistoryPage:
        """Return a member's cases in this guild, those before the case numbered `before`."""
        member_id = typed(member).removeprefix("@").lower()

        def look(connection: Connection) -> HistoryPage:
            rows = cases.of_member(connection, guild_id, member_id, before=before, limit=limit + 1)
            counts = cases.counts_of_member(connection, guild_id, member_id)
            return HistoryPage(
                member_id=member_id,
                cases=tuple(self._assemble(connection, rows[:limit])),
                total=sum(counts.values()),
                counts={Action(action): count for action, count in counts.items()},
                more=len(rows) > limit,
            )

        return await self._store.read(look)

    async def reversible_by(self, guild_id: int, staff_id: int, limit: int = 25) -> list[CaseView]:
        """Return what one of the staff did here in the last 24 h and can undo, newest first."""
        since = to_ms(self._clock.now() - UNDO_WINDOW)

        def look(connection: Connection) -> list[CaseView]:
            return self._assemble(connection, cases.of_staff_since(connection, guild_id, staff_id, since, limit * 4))

        views = await self._store.read(look)
        return [view for view in views if self.reversible(view)][:limit]

    async def suggest_undo(self, guild_id: int, staff_id: int, text: str) -> list[CaseView]:
        """Return the reversible cases of one of the staff whose number or member holds the text."""
        wanted = text.strip().lower().lstrip("#")
        found = await self.reversible_by(guild_id, staff_id)
        return [view for view in found if wanted in view.member_id or str(view.id).startswith(wanted)]

    def reversible(self, view: CaseView) -> bool:
        """Tell whether undoing a case would change anything."""
        if view.outcome not in {Outcome.APPLIED, Outcome.VERIFIED} or view.erased:
            return False
        if view.action not in MUTES:
            return view.action in REVERSIBLE
        if view.action is Action.UNMUTE:
            if view.details.get(UNTOLD):
                return False
            return view.ends_at is None or view.ends_at - self._clock.now() > timedelta(seconds=1)
        return view.mute_state is MuteState.ACTIVE

    def views(self, connection: Connection, case_ids: Iterable[int]) -> list[CaseView]:
        """Return the cases of these numbers in their order, without those that do not exist."""
        ids = list(case_ids)
        found = cases.get_cases(connection, ids)
        return self._assemble(connection, [found[case_id] for case_id in ids if case_id in found])

    def just_applied(self, row: CaseRow, mute: MuteRow, now_ms: int) -> CaseView:
        """Return the case of a mute that is in force from this moment: there is nothing else to know about it yet."""
        return self._view(row, mute, [(now_ms, Outcome.APPLIED, "")], {}, {})

    def _assemble(self, connection: Connection, rows: Sequence[CaseRow]) -> list[CaseView]:
        if not rows:
            return []
        made = mutes.mutes_of_cases(connection, [row.id for row in rows])
        lifted = mutes.get_mutes(connection, [row.mute_id for row in rows if row.mute_id is not None])
        events = cases.events_of(connection, [row.id for row in rows])
        subjects = cases.subjects_of(connection, [row.id for row in rows if row.action not in MUTES])
        enders = {mute.ended_by_case for mute in made.values()} | {_undone_by(events.get(row.id, [])) for row in rows}
        by = cases.get_cases(connection, [case_id for case_id in enders if case_id is not None])
        live = [mute.id for mute in made.values() if mute.state in mutes.LIVE_STATES]
        waiting = timers.timers_of(connection, live) if live else {}
        return [
            self._view(
                row,
                made.get(row.id) or (None if row.mute_id is None else lifted.get(row.mute_id)),
                events.get(row.id, []),
                by,
                waiting,
                subjects=subjects.get(row.id, ()),
            )
            for row in rows
        ]

    def _view(
        self,
        row: CaseRow,
        mute: MuteRow | None,
        events: Sequence[tuple[int, str, str]],
        by: dict[int, CaseRow],
        waiting: dict[int, TimerRow],
        *,
        subjects: tuple[str, ...] = (),
    ) -> CaseView:
        failure, detail = _failure(events)
        reason, changed_by, changer = cases.reason_of(row, events)
        ours = mute is not None and row.action != Action.UNMUTE
        timer = waiting.get(mute.id) if mute is not None and ours else None
        ender = by.get(_undone_by(events) or (mute.ended_by_case if mute is not None and ours else None) or 0)
        return CaseView(
            id=row.id,
            at=from_ms(row.at_ms),
            guild_id=row.guild_id,
            staff=Staff(row.staff_id, row.staff_name),
            action=Action(row.action),
            place=Place(row.community_id, row.channel_id, row.channel_name),
            member_id=row.member_id,
            duration_ms=row.duration_ms,
            reason=reason,
            outcome=Outcome(cases.outcome_of(events)),
            failure=failure,
            failure_detail=detail,
            undo_of=row.undo_of,
            mute_state=MuteState(mute.state) if mute is not None and ours else None,
            ends_at=None if mute is None or mute.due_ms is None else from_ms(mute.due_ms),
            closed_at=None if mute is None or mute.closed_ms is None or not ours else from_ms(mute.closed_ms),
            ending=Ending(mute.ending) if mute is not None and ours and mute.ending else None,
            ended_by=None if ender is None else Staff(ender.staff_id, ender.staff_name),
            adopted=mute is not None and ours and bool(mute.adopted),
            stuck=timer is not None and timer.attempts >= self._max_attempts,
            details=_details(row, events),
            subjects=subjects,
            reason_by=None if changed_by is None else Staff(changed_by, changer),
            erased=any(kind == ERASED for _at, kind, _detail in events),
        )


def _details(row: CaseRow, events: Sequence[tuple[int, str, str]]) -> dict[str, Any]:
    """Return what was intended, and over it what came of it."""
    details: dict[str, Any] = json.loads(row.details) if row.details != "{}" else {}
    for _at, kind, told in events:
        if kind == Outcome.APPLIED and told:
            details |= json.loads(told)
    return details


def _undone_by(events: Sequence[tuple[int, str, str]]) -> int | None:
    for _at, kind, detail in reversed(events):
        if kind == Outcome.UNDONE and detail.isdecimal():
            return int(detail)
    return None


def _failure(events: Sequence[tuple[int, str, str]]) -> tuple[Failure | None, str]:
    for _at, kind, detail in reversed(events):
        if kind == Outcome.FAILED:
            told = json.loads(detail)
            return Failure(told["failure"]), told["text"]
    return None, ""
