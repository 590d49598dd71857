"""What is noted of each command, button and form: a reference from its beginning, how it went at its end, once.

The reference stands in every log line that is written meanwhile (field `ref`), and in the answer if there is a fault.
"""

import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

import discord
import structlog
from structlog.contextvars import bind_contextvars, unbind_contextvars

from bot.ui.host import services_of

log = structlog.get_logger(__name__)

OK: Final = "ok"
REFUSED: Final = "refused"
FAULT: Final = "fault"
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0/O, 1/I/L, U/V
_LENGTH: Final = 8


@dataclass(slots=True)
class Account:
    """One command, button or form under way; `what` is its name in the log and the meters."""

    ref: str
    what: str
    begun: float
    outcome: str = OK
    closed: bool = False


_current: ContextVar[Account | None] = ContextVar("account", default=None)


def new_reference() -> str:
    """Return eight characters that are hard to misread."""
    number, reference = secrets.randbelow(len(_ALPHABET) ** _LENGTH), ""
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_ALPHABET))
        reference += _ALPHABET[place]
    return reference


def reference() -> str:
    """Return the reference of what is under way, a new one if that is no command."""
    account = _current.get()
    return new_reference() if account is None else account.ref


def open_account(interaction: discord.Interaction, what: str = "") -> bool:
    """Begin to account for what this task does for an interaction; False if that was begun already."""
    before = _current.get()
    if before is not None and not before.closed:
        return False
    account = Account(new_reference(), what or name_of(interaction), time.monotonic())
    _current.set(account)
    bind_contextvars(ref=account.ref)
    return True


def close_account(interaction: discord.Interaction) -> None:
    """Count what was begun, and write its line in the log; once, and only where something was begun."""
    account = _current.get()
    if account is None or account.closed:
        return
    account.closed = True
    seconds = time.monotonic() - account.begun
    meters = services_of(interaction).meters
    meters.commands.labels(account.what, account.outcome).inc()
    meters.command_seconds.labels(account.what).observe(seconds)
    log.info(
        "command",
        what=account.what,
        outcome=account.outcome,
        ms=round(seconds * 1000, 1),
        guild=interaction.guild_id,
        user=interaction.user.id,
    )


@contextmanager
def accounted(interaction: discord.Interaction, what: str = "") -> Generator[None]:
    """Account for what is done inside, unless that is being done already."""
    begun = open_account(interaction, what)
    try:
        yield
    finally:
        if begun:
            close_account(interaction)
            _current.set(None)
            unbind_contextvars("ref", "case")


def note_outcome(outcome: str) -> None:
    """Note that what is under way did not go well; a fault weighs more than a refusal."""
    account = _current.get()
    if account is not None and account.outcome != FAULT:
        account.outcome = outcome


def name_of(interaction: discord.Interaction) -> str:
    """Return what was used, of which there are only so many: a command, or the kind of a button or form."""
    if (account := _current.get()) is not None and not account.closed:
        return account.what
    command = interaction.command
    if command is not None:
        return command.qualified_name
    custom_id = str((interaction.data or {}).get("custom_id", ""))
    # `cw:undo:17`: the rest says which one, and may hold a name.
    ours, _colon, rest = custom_id.partition(":")
    return rest.partition(":")[0] if ours == "cw" else "other"
