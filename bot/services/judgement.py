"""What a channel's mute list means for a mute of ours: pure decisions, no calls, no clock of their own.

The IM tells ends by its own clock. Where the two clocks differ, the IM's word about how much is left counts,
so that a jump of our clock neither lifts a mute early nor lets it outlive its term (T3, T7).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.store.rows import MuteRow

TOLERANCE_MS = 2_000
"""An end that differs by no more than this is the same end (T3)."""

PERMANENT_MS = 4_638_873_600_000
"""How the IM writes the end of a permanent mute (fact A3)."""

LATEST_SEND_MS = 660_000
"""A request waits no longer than this for its turn and its answer, so no mute of ours begins later."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A member on the mute list; `end_ms` by the IM's clock, None if the IM does not tell (fact A3)."""

    permanent: bool
    end_ms: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a channel's whole mute list.

    `begun_ms` is when it was begun by our clock, `ahead_ms` how far the IM's clock is ahead of ours.
    """

    begun_ms: int
    ahead_ms: int
    entries: dict[str, Seen]

    def end_by_our_clock(self, seen: Seen) -> int | None:
        """Return an entry's end on our clock, None if permanent or not told."""
        return None if seen.permanent or seen.end_ms is None else seen.end_ms - self.ahead_ms


class Verdict(Enum):
    """What to do about a mute that is in force by our books."""

    KEEP = auto()  # as it should be; `due_ms` is its end on our clock of now
    LIFT = auto()  # over, and still on the list
    GONE = auto()  # not on the list
    ADOPT = auto()  # somebody else gave it another end; `due_ms` None: permanent
    WAIT = auto()  # over by our clock, not by the IM's; `due_ms` is when to look again


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with the end that goes with it."""

    verdict: Verdict
    due_ms: int | None = None


def judge_active(mute: MuteRow, reading: Reading, now_ms: int) -> Judgement:
    """Judge a mute in force by a reading that was begun after it came into force."""
    seen = reading.entries.get(mute.member_id)
    if seen is None:
        return Judgement(Verdict.GONE)
    if seen.permanent:
        return Judgement(Verdict.KEEP if mute.due_ms is None else Verdict.ADOPT)
    end = reading.end_by_our_clock(seen)
    if end is None:
        over = mute.due_ms is not None and mute.due_ms <= now_ms
        return Judgement(Verdict.LIFT if over else Verdict.KEEP, mute.due_ms)
    if mute.due_ms is None or _other_end(mute, seen, end):
        return Judgement(Verdict.ADOPT, end)
    if end > now_ms:
        if mute.due_ms <= now_ms:
            return Judgement(Verdict.WAIT, end)
        return Judgement(Verdict.KEEP, end if abs(end - mute.due_ms) > TOLERANCE_MS else mute.due_ms)
    if 0 < mute.due_ms - now_ms <= TOLERANCE_MS:
        return Judgement(Verdict.KEEP, mute.due_ms)
    return Judgement(Verdict.LIFT)


def _other_end(mute: MuteRow, seen: Seen, end: int) -> bool:
    if mute.im_end_ms is not None:
        assert seen.end_ms is not None
        return abs(seen.end_ms - mute.im_end_ms) > TOLERANCE_MS
    earliest = earliest_end(mute)
    assert earliest is not None
    assert mute.due_ms is not None
    return not earliest - TOLERANCE_MS <= end <= mute.due_ms + TOLERANCE_MS


def earliest_end(mute: MuteRow) -> int | None:
    """Return when a mute may be over in the IM at the earliest, by our clock; None: never.

    Until the IM has told the end, it counted from some moment between our intent and its answer.
    """
    if mute.due_ms is None or mute.requested_ms is None or mute.im_end_ms is not None:
        return mute.due_ms
    return min(mute.begun_ms + mute.requested_ms, mute.due_ms)


class Trace(Enum):
    """What the list shows of a mute whose request was never answered."""

    APPLIED = auto()  # on the list with that end
    LATER = auto()  # on the list with a later end: carried out and prolonged, or somebody else's
    ABSENT = auto()  # it never happened


def judge_pending(
    mute: MuteRow, reading: Reading, now_ms: int, before: MuteRow | None = None
) -> tuple[Trace, int | None]:
    """Judge a mute that was intended and never confirmed; return the trace and its end on our clock (T5).

    `before` is the mute in force that it was to give another end.
    """
    seen = reading.entries.get(mute.member_id)
    if seen is None:
        return Trace.ABSENT, None
    end = reading.end_by_our_clock(seen)
    trace = _trace(mute, seen, end, now_ms)
    if trace is Trace.LATER and before is not None and _as_before(before, seen, end):
        trace = Trace.ABSENT
    return trace, None if trace is Trace.ABSENT else _end_of(mute, seen, end)


def _trace(mute: MuteRow, seen: Seen, end: int | None, now_ms: int) -> Trace:
    if mute.requested_ms is None:
        return Trace.APPLIED if seen.permanent else Trace.ABSENT
    if seen.permanent:
        return Trace.LATER
    if end is None:
        return Trace.APPLIED
    if now_ms < mute.begun_ms:
        # Our clock was set back since: when it began says nothing any more, only how much is left does.
        return Trace.APPLIED if end - now_ms <= mute.requested_ms + TOLERANCE_MS else Trace.LATER
    if end < mute.begun_ms + mute.requested_ms - TOLERANCE_MS:
        return Trace.ABSENT
    latest = min(now_ms, mute.begun_ms + LATEST_SEND_MS) + mute.requested_ms + TOLERANCE_MS
    return Trace.APPLIED if end <= latest else Trace.LATER


def _as_before(before: MuteRow, seen: Seen, end: int | None) -> bool:
    """Tell whether the list still shows the end that was to be changed."""
    if seen.permanent or before.due_ms is None:
        return seen.permanent and before.due_ms is None
    return end is not None and not _other_end(before, seen, end)


def _end_of(mute: MuteRow, seen: Seen, end: int | None) -> int | None:
    if seen.permanent or end is not None or mute.requested_ms is None:
        return end
    return mute.begun_ms + mute.requested_ms
