"""What the transactions of a mute's record have in common (`bot.services.ledger`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.services.model import Ending, MuteState
from bot.services.refusals import Refusal
from bot.store import mutes, timers

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.rows import MuteRow


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction: where, when, and which timers it sets."""

    connection: Connection
    now: int
    wakes: list[int]


def supersede(book: Step, old: MuteRow, case_id: int) -> None:
    """Let a case take the place of a mute in force; raises Refusal if it is not in force any more."""
    changes = {"closed_ms": book.now, "ending": Ending.EXTENDED, "ended_by_case": case_id}
    ours = old.state == MuteState.ACTIVE
    if not ours or not mutes.advance(book.connection, old, state=MuteState.SUPERSEDED, **changes):
        raise Refusal("refusal-overtaken", member=old.member_id)
    timers.drop_timer(book.connection, old.id)


def restore(book: Step, old_id: int) -> None:
    """Put a mute in force again, with its timer, as what was to replace it did not happen."""
    old = mutes.get_mute(book.connection, old_id)
    assert old is not None
    mutes.advance(book.connection, old, state=MuteState.ACTIVE, closed_ms=None, ending=None, ended_by_case=None)
    if old.due_ms is not None:
        timers.add_timer(book.connection, old.id, old.guild_id, old.due_ms)
        book.wakes.append(old.due_ms)


def reset_timer(book: Step, mute: MuteRow, due_ms: int | None) -> None:
    """Give a mute a fresh timer for its end, none if it is permanent."""
    timers.drop_timer(book.connection, mute.id)
    if due_ms is not None:
        timers.add_timer(book.connection, mute.id, mute.guild_id, due_ms)
        book.wakes.append(due_ms)


def moved(mute: MuteRow, **changes: Any) -> MuteRow:
    """Return a mute as it is after it was changed."""
    return replace(mute, **({"version": mute.version + 1} | changes))
