"""The one place where errors end (design section 2, rule 6): a sentence for staff, a line in the log.

A `Refusal` is no fault: a sentence, no reference. Everything else gets a reference, which the log lines carry too.
Slash commands, buttons, selects, modals, autocomplete and background tasks all come here; nothing else catches broadly.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp
import discord
import structlog
from discord import app_commands

from bot.im import errors as im
from bot.services.access import Level
from bot.services.refusals import Refusal, Unsettled
from bot.store import StoreError, StoreTrouble
from bot.ui.account import FAULT, REFUSED, accounted, name_of, note_outcome
from bot.ui.account import reference as current_reference
from bot.ui.host import voice_of
from bot.ui.levels import NotAllowed
from bot.ui.safe import escape
from bot.ui.words import Voice

log = structlog.get_logger(__name__)

# In interaction.extras: how the answer was deferred, and whether there is more to it by now than "thinking".
PRIVATE: Final = "private"
ANSWERED: Final = "answered"
_TOLD: Final = "told"
_NOT_ALLOWED: Final = {Level.MODERATOR: "refusal-needs-moderator", Level.ADMIN: "refusal-needs-admin"}
# The most special class first: CircuitOpen is an Unavailable as well.
_FAULTS: Final[tuple[tuple[type[im.IMError], str], ...]] = (
    (im.CircuitOpen, "error-im-down"),
    (im.Timeout, "error-im-slow"),
    (im.Unavailable, "error-im-down"),
    (im.RateLimited, "error-im-busy"),
    (im.Unauthorized, "error-im-credentials"),
    (im.NotFound, "error-im-not-found"),
    (im.BadResponse, "error-im-nonsense"),
    (im.IMError, "error-im-refused"),
)
_STORE_FAULTS: Final = {
    StoreTrouble.LOCKED: "error-store-locked",
    StoreTrouble.FULL: "error-store-full",
    StoreTrouble.UNUSABLE: "error-store",
}
# Unknown interaction; unknown webhook; already acknowledged.
_CLOSED: Final = frozenset({10062, 10015, 40060})
# Answers to an interaction that is over, or that Discord never got: nobody is left to tell.
_OUT_OF_REACH: Final = (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said about an error; `reference` None: a plain refusal."""

    text: str
    reference: str | None


def judge(error: BaseException, voice: Voice) -> Verdict:
    """Turn an error into one sentence; untrusted parts of it are escaped and cut."""
    error = unwrapped(error)
    if isinstance(error, Refusal):
        return Verdict(voice(error.key, **_shown(error.values)), None)
    if isinstance(error, NotAllowed):
        return Verdict(voice(_NOT_ALLOWED[error.needed]), None)
    if isinstance(error, app_commands.TransformerError):
        return Verdict(voice("refusal-option", text=escape(str(error.value))), None)
    if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return Verdict(voice("refusal-command-changed"), None)
    reference = current_reference()
    return Verdict(f"{_fault(error, voice)}\n{voice('error-reference', reference=reference)}", reference)


def unwrapped(error: BaseException) -> BaseException:
    """Return what really happened inside discord.py's wrappers."""
    while isinstance(error, app_commands.CommandInvokeError | app_commands.TransformerError):
        inner = error.original if isinstance(error, app_commands.CommandInvokeError) else error.__cause__
        if inner is None:
            break
        error = inner
    return error


async def answer_error(interaction: discord.Interaction, error: BaseException) -> None:
    """Tell the acting person what went wrong, and the log; never raises.

    Once for each error: discord.py hands what a cog has dealt with to the tree as well.
    """
    if is_answered(interaction, error):
        return
    interaction.extras[_TOLD] = error
    verdict = judge(error, voice_of(interaction))
    note(error, verdict.reference, interaction)
    if _is_over(error):
        return
    try:
        await _deliver(interaction, verdict.text)
    except _OUT_OF_REACH as unreachable:
        log.warning("error could not be shown", why=repr(unreachable), **_ref(verdict.reference))


def is_answered(interaction: discord.Interaction, error: BaseException) -> bool:
    """Tell whether the acting person has been told of this very error."""
    return interaction.extras.get(_TOLD) is error


def note(error: BaseException, reference: str | None, interaction: discord.Interaction | None = None) -> None:
    """Write the log line of an error: refusals quietly, faults of others in one line, surprises with traceback."""
    error = unwrapped(error)
    note_outcome(FAULT if reference else REFUSED)
    fields = _ref(reference)
    if interaction is not None:
        fields |= _origin(interaction)
    if reference is None:
        log.info("refused", why=_why(error), **fields)
    elif isinstance(error, im.IMError | Unsettled | StoreError | discord.HTTPException):
        log.warning("failed", why=_why(error), **fields)
    else:
        log.error("failed unexpectedly", exc_info=error, **fields)


@asynccontextmanager
async def answered(interaction: discord.Interaction, what: str = "") -> AsyncGenerator[None]:
    """Answer the errors of what a context menu, select or form does, its level check among them; never raises one.

    It is counted and logged as `what`, by default as its command or the kind of its custom id.
    """
    with accounted(interaction, what):
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the funnel
            await answer_error(interaction, error)


def _is_over(error: BaseException) -> bool:
    """Tell whether Discord has closed the interaction: we were too late, or it was answered elsewhere."""
    error = unwrapped(error)
    return isinstance(error, discord.HTTPException) and error.code in _CLOSED


async def _deliver(interaction: discord.Interaction, text: str) -> None:
    response = interaction.response
    thinking = response.type is discord.InteractionResponseType.deferred_channel_message
    if not response.is_done():
        await response.send_message(text, ephemeral=True)
    elif thinking and ANSWERED not in interaction.extras:
        # Also where it is public: Discord lets nothing private take the place of a public "thinking", and the texts
        # are safe to be read by everybody in the channel.
        await interaction.edit_original_response(content=text, embed=None, view=None)
    else:
        await interaction.followup.send(text, ephemeral=True)


def _fault(error: BaseException, voice: Voice) -> str:
    if isinstance(error, Unsettled):
        key = "error-unwritten" if isinstance(error.cause, StoreError) else "error-unsettled"
        return voice(key, case=str(error.case_id))
    if isinstance(error, StoreError):
        return voice(_STORE_FAULTS[error.trouble])
    if isinstance(error, im.InvalidArgument):
        return voice("error-im-argument", field=escape(error.field, 40))
    for kind, key in _FAULTS:
        if isinstance(error, kind):
            why = escape(error.description or error.error, 200)
            said = voice(key, why=why) if kind is im.IMError else voice(key)
            uncertain = error.sent and not error.endpoint.startswith("GET")
            return f"{said} {voice('error-im-uncertain')}" if uncertain else said
    return voice("error-unexpected")


def _shown(values: dict[str, str | int]) -> dict[str, str | int]:
    """Escape what people or the IM wrote; numbers are ids and times, only `count` is counted."""
    return {
        name: value if name == "count" and isinstance(value, int) else escape(str(value), 300)
        for name, value in values.items()
    }


def _origin(interaction: discord.Interaction) -> dict[str, object]:
    return {"what": name_of(interaction), "guild": interaction.guild_id, "user": interaction.user.id}


def _ref(reference: str | None) -> dict[str, object]:
    return {"ref": reference} if reference else {}


def _why(error: BaseException) -> str:
    """Say what happened without what people or the IM wrote: names and reasons have no place in the log."""
    if isinstance(error, Unsettled):
        return f"case {error.case_id}: {_why(error.cause)}"
    if isinstance(error, Refusal):
        return error.key
    if isinstance(error, im.IMError):
        return error.summary
    if isinstance(error, app_commands.TransformerError):
        return type(error).__name__
    return repr(error)
