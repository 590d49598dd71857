"""One sentence for every error, in the person's language; a reference where it is a fault."""

import re

import pytest
from discord import app_commands

from bot.im import errors as im
from bot.services.access import Level
from bot.services.refusals import NeedsConfirmation, Refusal, Unsettled
from bot.ui.account import new_reference
from bot.ui.funnel import judge, unwrapped
from bot.ui.levels import NotAllowed
from bot.ui.texts import shipped_texts
from bot.ui.words import Voice

ENGLISH, CHINESE = Voice(shipped_texts(), "en-US"), Voice(shipped_texts(), "zh-CN")
SLOW = im.Timeout("late", endpoint="POST /x", sent=True)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (im.Unavailable("down"), "cannot be reached"),
        (im.CircuitOpen("down"), "cannot be reached"),
        (SLOW, "may have happened all the same"),
        (im.RateLimited("429"), "busy"),
        (im.Unauthorized("401"), "warden check"),
        (im.NotFound("404"), "does not know"),
        (im.Forbidden("not **yours**"), r"refused: not \*\*yours\*\*"),
        (im.LimitReached("full"), "refused: full"),
        (im.BadResponse("html"), "do not understand"),
        (im.InvalidArgument("duration", "too short"), "would not take this duration"),
        (Unsettled(7, SLOW), "Case #7 settles by itself"),
        (ZeroDivisionError("secret"), "wrong on my side"),
    ],
)
def test_faults_have_a_sentence_by_class_and_a_reference(error: Exception, says: str):
    verdict = judge(error, ENGLISH)
    assert says in verdict.text
    assert verdict.reference is not None
    assert f"Reference `{verdict.reference}`" in verdict.text
    assert "secret" not in verdict.text
    assert judge(error, CHINESE).text != verdict.text


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            Refusal("refusal-not-muted", member="**b**", channel="@everyone"),
            "\\*\\*b\\*\\* is not muted in #@\u200beveryone.",
        ),
        (Refusal("refusal-already-muted", member="b", channel="c", until=1_795_183_148), "<t:1795183148:f>"),
        (Refusal("refusal-unknown-case", case=12345), "“12345”"),
        (NeedsConfirmation("confirm-mute-moderator", member="m", channel="c"), "is a moderator"),
        (NotAllowed(Level.MODERATOR), "This is for moderators."),
        (NotAllowed(Level.ADMIN), "administrators"),
        (app_commands.CommandNotFound("gone", []), "This command has changed"),
    ],
)
def test_refusals_are_one_sentence_without_reference(error: Exception, says: str):
    verdict = judge(error, ENGLISH)
    assert says in verdict.text
    assert verdict.reference is None
    assert "Reference" not in verdict.text


def test_a_read_that_got_no_answer_is_not_called_uncertain():
    assert "all the same" not in judge(im.Timeout("late", endpoint="GET /x", sent=True), ENGLISH).text


def test_discords_wrappers_are_taken_off():
    inner = Refusal("refusal-nothing-to-undo")
    command = app_commands.Command(name="x", description="x", callback=_callback)
    assert unwrapped(app_commands.CommandInvokeError(command, inner)) is inner


def test_references_are_eight_characters_without_look_alikes():
    for _ in range(200):
        assert re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{8}", new_reference())


async def _callback(interaction) -> None: ...
