"""How cases about a channel's members are told."""

from collections.abc import Sequence
from typing import Final

from bot.services.deeds import names_of
from bot.services.model import Action, CaseView
from bot.ui.face import AMBER, GREEN, Face
from bot.ui.safe import escape
from bot.ui.words import Voice

_LONGEST_NAMES: Final = 500
_FAILURES: Final = {
    "not-in": "purge-line-not-in",
    "unreachable": "purge-line-unreachable",
    "refused": "purge-line-refused",
}


def names_line(names: Sequence[str], voice: Voice, longest: int = _LONGEST_NAMES) -> str:
    """Return names for a card, escaped: as many as fit into about `longest` characters, and how many more there are."""
    shown = ""
    for number, name in enumerate(names):
        line = f"{shown}, {escape(name, 64)}" if shown else escape(name, 64)
        if len(line) > longest:
            return voice("names-more", names=shown, count=len(names) - number)
        shown = line
    return shown


def _purge_values(case: CaseView) -> dict[str, str | int]:
    done = names_of(case.details, "done")
    return {"way": str(case.details.get("way", "out")), "count": len(done) or len(case.subjects)}


def _purge_lines(case: CaseView, voice: Voice) -> list[str]:
    done = names_of(case.details, "done") or case.subjects
    lines = [voice("purge-line-members", names=names_line(done, voice))]
    failed: dict[str, str] = case.details.get("failed", {})
    for why, key in _FAILURES.items():
        names = [name for name, reason in failed.items() if reason == why]
        if names:
            lines.append(voice(key, names=names_line(names, voice)))
    return lines


FACES: Final = {
    Action.MEMBER_ADD: Face("➕", "member-added", "member-add", GREEN),
    Action.MEMBER_REMOVE: Face("➖", "member-removed", "member-remove", AMBER),
    Action.MEMBER_PURGE: Face("🧹", "member-purged", "member-purge", AMBER, _purge_values, _purge_lines),
}
