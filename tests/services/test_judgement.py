"""What a mute list means for a mute of ours: pure decisions, held for every combination of ends and clocks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.judgement import (
    LATEST_SEND_MS,
    PERMANENT_MS,
    TOLERANCE_MS,
    Judgement,
    Reading,
    Seen,
    Trace,
    Verdict,
    judge_active,
    judge_pending,
)
from bot.services.model import MuteState
from bot.store.rows import MuteRow

NOW = 1_780_000_000_000
MINUTE, HOUR, DAY, YEAR = 60_000, 3_600_000, 86_400_000, 365 * 86_400_000

MUTE = MuteRow(
    id=1, case_id=1, guild_id=1, community_id="s", channel_id="c", member_id="bob", state=MuteState.ACTIVE, version=1,
    begun_ms=NOW, requested_ms=10 * MINUTE, due_ms=NOW + 10 * MINUTE, im_end_ms=None, supersedes=None,
    lifting_case_id=None, closed_ms=None, ending=None, ended_by_case=None, adopted=0,
)  # fmt: skip

_terms = st.integers(1_000, YEAR)
_skews = st.one_of(st.just(0), st.integers(-DAY, DAY))
_moments = st.integers(-DAY, YEAR)


def reading(end_ms: int | None = None, *, ahead_ms: int = 0, permanent: bool = False, begun_ms: int = NOW) -> Reading:
    seen = Seen(permanent=permanent, end_ms=PERMANENT_MS if permanent else end_ms)
    return Reading(begun_ms=begun_ms, ahead_ms=ahead_ms, entries={"bob": seen})


def active(term_ms: int, *, answered_ms: int = 0, im_end_ms: int | None = None) -> MuteRow:
    """A mute that was asked for NOW and answered so much later."""
    return replace(MUTE, requested_ms=term_ms, due_ms=NOW + answered_ms + term_ms, im_end_ms=im_end_ms)


# In force


@given(term=_terms, end=_moments, skew=_skews, passed=_moments, known=st.none() | _moments)
def test_nothing_is_lifted_while_the_im_says_that_time_is_left(
    term: int, end: int, skew: int, passed: int, known: int | None
) -> None:
    now = NOW + passed
    im_end = NOW + end + skew
    mute = active(term, im_end_ms=None if known is None else NOW + known)
    verdict = judge_active(mute, reading(im_end, ahead_ms=skew), now).verdict
    left = im_end - (now + skew)
    if left > 0:
        assert verdict is not Verdict.LIFT


@given(term=_terms, longer=st.integers(TOLERANCE_MS + 1, YEAR), passed=st.integers(0, 2 * YEAR), skew=_skews)
@pytest.mark.parametrize("verified", [True, False])
def test_an_end_later_by_more_than_two_seconds_is_always_adopted(
    verified: bool, term: int, longer: int, passed: int, skew: int
) -> None:
    mute = active(term, im_end_ms=NOW + term + skew if verified else None)
    judged = judge_active(mute, reading(NOW + term + longer + skew, ahead_ms=skew), NOW + passed)
    assert judged == Judgement(Verdict.ADOPT, NOW + term + longer)


@given(term=st.integers(2 * TOLERANCE_MS, YEAR), data=st.data(), passed=st.integers(0, 2 * YEAR))
def test_an_end_earlier_by_more_than_two_seconds_is_adopted_too(term: int, data: st.DataObject, passed: int) -> None:
    shorter = data.draw(st.integers(TOLERANCE_MS + 1, term))
    judged = judge_active(active(term), reading(NOW + term - shorter), NOW + passed)
    assert judged == Judgement(Verdict.ADOPT, NOW + term - shorter)


@given(term=_terms, off=st.integers(-TOLERANCE_MS, TOLERANCE_MS), passed=_moments)
@pytest.mark.parametrize("verified", [True, False])
def test_an_end_within_two_seconds_is_never_adopted(verified: bool, term: int, off: int, passed: int) -> None:
    mute = active(term, im_end_ms=NOW + term if verified else None)
    assert judge_active(mute, reading(NOW + term + off), NOW + passed).verdict is not Verdict.ADOPT


@given(term=_terms, waited=st.integers(0, LATEST_SEND_MS), data=st.data(), passed=_moments)
def test_a_slow_answer_is_nobody_elses_doing(term: int, waited: int, data: st.DataObject, passed: int) -> None:
    began_to_count = data.draw(st.integers(0, waited))
    mute = active(term, answered_ms=waited)
    assert judge_active(mute, reading(NOW + began_to_count + term), NOW + passed).verdict is not Verdict.ADOPT


@given(term=_terms, late=st.integers(0, YEAR), skew=_skews)
def test_what_is_over_by_both_clocks_and_still_listed_is_lifted(term: int, late: int, skew: int) -> None:
    judged = judge_active(active(term), reading(NOW + term + skew, ahead_ms=skew), NOW + term + late)
    assert judged.verdict is Verdict.LIFT


@given(term=st.integers(2 * TOLERANCE_MS + 2, YEAR), data=st.data())
def test_our_clock_alone_lifts_nothing(term: int, data: st.DataObject) -> None:
    """Our clock jumped ahead of the mute's end after the IM's end was seen: the IM's word counts (T7)."""
    left = data.draw(st.integers(1, term))
    jump = data.draw(st.integers(left, 10 * YEAR))
    mute = active(term, im_end_ms=NOW + term)
    now = NOW + term - left + jump
    judged = judge_active(mute, reading(NOW + term, ahead_ms=-jump), now)
    assert judged == Judgement(Verdict.WAIT, now + left)


@given(term=_terms, late=st.integers(0, DAY), back=st.integers(1, 10 * YEAR))
def test_a_clock_set_back_keeps_nobody_muted(term: int, late: int, back: int) -> None:
    mute = active(term, im_end_ms=NOW + term)
    now = NOW + term + late - back
    judged = judge_active(mute, reading(NOW + term, ahead_ms=back), now)
    if mute.due_ms - now > TOLERANCE_MS:  # pyright: ignore[reportOptionalOperand]
        assert judged.verdict is Verdict.LIFT


@given(term=st.integers(2 * TOLERANCE_MS + 2, YEAR), passed=st.integers(0, YEAR), skew=_skews)
def test_a_mute_that_is_as_it_should_be_is_kept_with_its_end_on_our_clock(term: int, passed: int, skew: int) -> None:
    mute = active(term, im_end_ms=NOW + term)
    if passed < term - TOLERANCE_MS and skew <= 0:
        judged = judge_active(mute, reading(NOW + term, ahead_ms=skew), NOW + passed)
        assert judged.verdict is Verdict.KEEP
        assert judged.due_ms is not None
        assert abs(judged.due_ms - (NOW + term - skew)) <= TOLERANCE_MS


@pytest.mark.parametrize("due", [None, NOW - 1, NOW, NOW + 1])
def test_who_is_not_on_the_list_is_gone(due: int | None) -> None:
    mute = replace(MUTE, due_ms=due)
    assert judge_active(mute, Reading(NOW, 0, {}), NOW).verdict is Verdict.GONE
    assert judge_active(mute, Reading(NOW, 0, {"carl": Seen(permanent=True, end_ms=None)}), NOW) == Judgement(
        Verdict.GONE
    )


@given(passed=_moments, skew=_skews)
def test_a_permanent_mute_is_kept_and_a_timed_one_made_permanent_is_adopted(passed: int, skew: int) -> None:
    listed = reading(permanent=True, ahead_ms=skew)
    endless = replace(MUTE, due_ms=None, requested_ms=None)
    assert judge_active(endless, listed, NOW + passed) == Judgement(Verdict.KEEP)
    assert judge_active(MUTE, listed, NOW + passed) == Judgement(Verdict.ADOPT)


@given(end=_moments, skew=_skews)
def test_a_permanent_mute_that_was_limited_is_adopted_with_its_end(end: int, skew: int) -> None:
    endless = replace(MUTE, due_ms=None, requested_ms=None, im_end_ms=PERMANENT_MS)
    judged = judge_active(endless, reading(NOW + end + skew, ahead_ms=skew), NOW)
    assert judged == Judgement(Verdict.ADOPT, NOW + end)


@given(term=_terms, passed=_moments, skew=_skews)
def test_where_the_im_does_not_tell_the_end_ours_counts(term: int, passed: int, skew: int) -> None:
    mute = active(term)
    judged = judge_active(mute, reading(None, ahead_ms=skew), NOW + passed)
    assert judged.verdict is (Verdict.LIFT if passed >= term else Verdict.KEEP)
    endless = replace(MUTE, due_ms=None, requested_ms=None)
    assert judge_active(endless, reading(None, ahead_ms=skew), NOW + passed).verdict is Verdict.KEEP


# Intended, never confirmed


def pending(term: int | None) -> MuteRow:
    return replace(MUTE, state=MuteState.PENDING, requested_ms=term, due_ms=None)


@given(term=_terms, sent=st.integers(0, LATEST_SEND_MS), read=st.integers(0, DAY), skew=_skews)
def test_a_request_that_was_carried_out_is_found_with_the_ims_end(term: int, sent: int, read: int, skew: int) -> None:
    now = NOW + sent + read
    judged = judge_pending(pending(term), reading(NOW + sent + term + skew, ahead_ms=skew), now)
    assert judged == (Trace.APPLIED, NOW + sent + term)


@given(term=_terms, passed=_moments)
def test_a_request_that_is_not_listed_never_happened(term: int, passed: int) -> None:
    assert judge_pending(pending(term), Reading(NOW, 0, {}), NOW + passed) == (Trace.ABSENT, None)
    assert judge_pending(pending(None), Reading(NOW, 0, {}), NOW + passed) == (Trace.ABSENT, None)


@given(term=st.integers(2 * TOLERANCE_MS, YEAR), data=st.data(), passed=st.integers(0, DAY))
def test_an_earlier_end_is_somebody_elses_mute(term: int, data: st.DataObject, passed: int) -> None:
    shorter = data.draw(st.integers(TOLERANCE_MS + 1, term))
    assert judge_pending(pending(term), reading(NOW + term - shorter), NOW + passed)[0] is Trace.ABSENT


@given(term=_terms, later=st.integers(TOLERANCE_MS + 1, YEAR), passed=st.integers(0, 2 * DAY))
def test_a_later_end_than_ours_can_be_is_told_apart(term: int, later: int, passed: int) -> None:
    latest = NOW + min(passed, LATEST_SEND_MS) + term
    assert judge_pending(pending(term), reading(latest + later), NOW + passed) == (Trace.LATER, latest + later)


@given(end=_moments, term=_terms, passed=st.integers(0, DAY))
def test_permanent_and_limited_are_never_taken_for_each_other(end: int, term: int, passed: int) -> None:
    now = NOW + passed
    assert judge_pending(pending(None), reading(NOW + end), now) == (Trace.ABSENT, None)
    assert judge_pending(pending(None), reading(permanent=True), now) == (Trace.APPLIED, None)
    assert judge_pending(pending(term), reading(permanent=True), now) == (Trace.LATER, None)


@given(term=_terms, passed=st.integers(0, DAY))
def test_an_unknown_end_is_taken_for_ours(term: int, passed: int) -> None:
    assert judge_pending(pending(term), reading(None), NOW + passed) == (Trace.APPLIED, NOW + term)


@given(term=_terms, used=st.integers(0, YEAR), back=st.integers(1, 10 * YEAR))
def test_an_intent_from_before_the_clock_was_set_back_is_recognised_by_what_is_left(
    term: int, used: int, back: int
) -> None:
    """The moment of the intent is in the future of the clock we have now, so it says nothing any more."""
    left = term - min(used, term - 1)
    now = NOW - back
    judged = judge_pending(pending(term), reading(NOW + left, ahead_ms=back), now)
    assert judged == (Trace.APPLIED, now + left)


@given(term=_terms, shorter=st.integers(TOLERANCE_MS + 1, YEAR), read=st.integers(0, 60_000), skew=_skews)
@pytest.mark.parametrize("verified", [True, False])
def test_a_shortening_that_never_arrived_is_told_by_the_end_that_was_to_be_changed(
    verified: bool, term: int, shorter: int, read: int, skew: int
) -> None:
    """Undo of an extension: the list still shows the later end, which is the extension's own and nobody else's."""
    begun = NOW - term - shorter
    before = replace(
        MUTE, begun_ms=begun, requested_ms=2 * (term + shorter), due_ms=begun + 2 * (term + shorter),
        im_end_ms=begun + 2 * (term + shorter) + skew if verified else None,
    )  # fmt: skip
    undo = pending(term)
    end = NOW + term + shorter
    judged = judge_pending(undo, reading(end + skew, ahead_ms=skew), NOW + read, before)
    if end > NOW + read + term + TOLERANCE_MS:
        assert judged == (Trace.ABSENT, None)
    assert judge_pending(undo, reading(end + HOUR + skew, ahead_ms=skew), NOW + read, before)[0] is Trace.LATER


@pytest.mark.parametrize("term", [10 * MINUTE, HOUR])
def test_a_limit_to_a_permanent_mute_that_never_arrived_is_told_by_its_being_permanent(term: int) -> None:
    endless = replace(MUTE, due_ms=None, requested_ms=None)
    assert judge_pending(pending(term), reading(permanent=True), NOW, endless) == (Trace.ABSENT, None)
    assert judge_pending(pending(term), reading(permanent=True), NOW, MUTE) == (Trace.LATER, None)
