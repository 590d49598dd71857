"""One case with everything that happened to it."""

from typing import Final

import discord

from bot.services.records import Happening, Step, Story
from bot.ui.cards import case_card
from bot.ui.safe import cut, escape
from bot.ui.words import Voice, mention, stamp

_LONGEST_TEXT: Final = 4096
_MOST_LINES: Final = 15

_STEPS: Final = {
    Step.ASKED: "story-asked",
    Step.APPLIED: "story-applied",
    Step.VERIFIED: "story-verified",
    Step.FAILED: "story-failed",
    Step.UNDONE: "story-undone",
    Step.LIFTED: "story-lifted",
    Step.EXTENDED: "story-extended",
    Step.ENDED: "story-ended",
    Step.OUTSIDE: "story-outside",
    Step.GONE: "story-gone",
    Step.LEFT: "story-left",
    Step.ADOPTED: "story-adopted",
    Step.REASON: "story-reason",
    Step.ERASED: "story-erased",
}


def story_card(story: Story, voice: Voice) -> discord.Embed:
    """Show a case's card, and below it what happened, oldest first; where there is too much, the newest of it."""
    card = case_card(story.case, voice)
    left_out = max(0, len(story.happenings) - _MOST_LINES)
    shown = story.happenings[left_out:]
    text = ""
    for reason in (150, 50, 0):
        lines = [_line(happening, voice, reason) for happening in shown]
        if left_out:
            lines.insert(0, voice("story-earlier", count=left_out))
        text = "\n".join([card.description or "", "", voice("story-title"), *lines])
        if len(text) <= _LONGEST_TEXT:
            break
    card.description = cut(text, _LONGEST_TEXT)
    return card


def _line(happening: Happening, voice: Voice, reason: int) -> str:
    key = _STEPS[happening.step]
    if happening.step is Step.ADOPTED and happening.until is None:
        key = "story-adopted-permanent"
    return voice(
        key,
        when=stamp(happening.at),
        staff="" if happening.by is None else mention(happening.by),
        case=str(happening.case_id),
        until="" if happening.until is None else stamp(happening.until),
        reason=escape(happening.text, reason) if reason else "…",
    )
