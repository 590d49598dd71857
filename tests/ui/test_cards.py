"""The case card in every state, in both languages, within Discord's limits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import discord
import pytest

from bot.services.model import MUTES, Action, CaseView, Ending, Failure, MuteState, Outcome, Place, Staff
from bot.ui.cards import AMBER, GREEN, GREY, RED, case_brief, case_card, case_option
from bot.ui.case_buttons import case_buttons
from bot.ui.texts import shipped_texts
from bot.ui.words import Voice

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENGLISH, CHINESE = Voice(shipped_texts(), "en-US"), Voice(shipped_texts(), "zh-CN")
ACTIVE = CaseView(
    id=12,
    at=NOW,
    guild_id=1,
    staff=Staff(5, "mod"),
    action=Action.MUTE,
    place=Place("c", "1", "general"),
    member_id="bob_92",
    duration_ms=600_000,
    reason="spam",
    outcome=Outcome.APPLIED,
    mute_state=MuteState.ACTIVE,
    ends_at=NOW + timedelta(minutes=10),
)
OVER = replace(ACTIVE, mute_state=MuteState.LIFTED, outcome=Outcome.VERIFIED, closed_at=NOW + timedelta(minutes=5))
STATES = {
    "active": (ACTIVE, AMBER, "Muted bob"),
    "permanent": (replace(ACTIVE, duration_ms=None, ends_at=None), AMBER, "somebody lifts it"),
    "starting": (
        replace(ACTIVE, outcome=Outcome.INTENDED, mute_state=MuteState.PENDING, ends_at=None),
        AMBER,
        "Waiting",
    ),
    "stuck": (replace(ACTIVE, stuck=True), RED, "keep trying"),
    "adopted": (replace(ACTIVE, adopted=True), AMBER, "changed its end"),
    "ended": (replace(OVER, ending=Ending.ENDED), GREY, "Mute over"),
    "lifted": (replace(OVER, ending=Ending.LIFTED, ended_by=Staff(6, "x")), GREEN, "by <@6>"),
    "outside": (replace(OVER, ending=Ending.OUTSIDE), GREY, "outside of this bot"),
    "replaced": (replace(OVER, ending=Ending.EXTENDED, mute_state=MuteState.SUPERSEDED), GREY, "Mute replaced"),
    "gone": (replace(OVER, ending=Ending.GONE), GREY, "gone with its channel"),
    "undone": (replace(OVER, ending=Ending.LIFTED, outcome=Outcome.UNDONE), GREEN, "Undone"),
    "failed": (
        replace(
            ACTIVE, outcome=Outcome.FAILED, mute_state=MuteState.FAILED, failure=Failure.REFUSED, failure_detail="no *"
        ),
        RED,
        r"refused it. (no \*)",
    ),
}


def text_of(card: discord.Embed) -> str:
    return f"{card.title}\n{card.description}\n{card.footer.text}"


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_its_colour_and_says_how_it_stands(state: str):
    case, colour, says = STATES[state]
    card = case_card(case, ENGLISH)
    assert card.colour == colour
    assert says in text_of(card)
    assert "Case #12" in text_of(card)
    assert case_brief(case, ENGLISH)


@pytest.mark.parametrize("state", STATES)
def test_buttons_are_there_exactly_while_there_is_something_to_change(state: str):
    view = case_buttons(STATES[state][0], ENGLISH)
    names = [] if view is None else [child.custom_id.split(":")[1] for child in view.children]
    expected = {"active": ["undo", "extend"], "stuck": ["undo", "extend"], "adopted": ["undo", "extend"]}
    assert names == ({"permanent": ["undo"]} | expected).get(state, [])


def combinations() -> Iterator[CaseView]:
    """All that can exist, and some that cannot: only mutes have states and endings, only what failed says why."""
    for action in Action:
        states = [*MuteState, None] if action in MUTES else [None]
        endings = [*Ending, None] if action in MUTES else [None]
        for outcome, state, ending in product(Outcome, states, endings):
            failed = outcome is Outcome.FAILED or state is MuteState.FAILED
            for failure in [*Failure, None] if failed else [None]:
                yield replace(ACTIVE, action=action, outcome=outcome, mute_state=state, ending=ending, failure=failure)


def test_every_combination_is_drawn_in_both_languages_without_a_missing_text():
    for case, voice in product(combinations(), (ENGLISH, CHINESE)):
        for text in (text_of(case_card(case, voice)), case_brief(case, voice), case_option(case, voice)):
            assert "case-" not in text
            assert "deed-" not in text
            assert "failure-" not in text


def test_the_worst_texts_fit():
    case = replace(
        STATES["failed"][0],
        member_id="_" * 64,
        place=Place("c", "1", "*" * 50),
        reason="`" * 500,
        failure_detail="|" * 5000,
    )
    for voice in (ENGLISH, CHINESE):
        card = case_card(case, voice)
        assert len(card.title) <= 256
        assert len(card.description) <= 4096
        assert len(card) <= 6000
        assert len(case_option(case, voice)) <= 100


@pytest.mark.parametrize(
    ("milliseconds", "english", "chinese"),
    [
        (None, "permanent", "永久"),
        (600_000, "10 minutes", "10分钟"),
        (5_400_000, "1 hour 30 minutes", "1小时30分钟"),
        (61_000, "1 minute 1 second", "1分钟1秒"),
        (4_199_317, "1 hour 10 minutes", "1小时10分钟"),
        (599_999, "10 minutes", "10分钟"),
        (1_204_567_890, "13 days 23 hours", "13天23小时"),
    ],
)
def test_durations_in_words(milliseconds: int | None, english: str, chinese: str):
    assert ENGLISH.duration(milliseconds) == english
    assert CHINESE.duration(milliseconds) == chinese
