"""Finding by what staff type: an id, an exact name, or the beginning of one."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, TypeVar

from bot.services.model import Suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable

_SUGGESTIONS = 25
_CANDIDATES = 5
_T = TypeVar("_T")


def typed(text: str) -> str:
    """Return what was typed as it was meant: full-width characters of a Chinese keyboard are plain ones."""
    return unicodedata.normalize("NFKC", text).strip()


def by_id_or_name(text: str, known: Iterable[tuple[str, str, _T]]) -> list[_T]:
    """Return what of the (id, name, item) has this id, else all of this name; `#` in front and case do not matter."""
    wanted = typed(text)
    entries = list(known)
    by_id = [item for item_id, _name, item in entries if item_id in {text, wanted}]
    if by_id:
        return by_id
    name = wanted.removeprefix("#").casefold()
    return [item for _id, given, item in entries if unicodedata.normalize("NFKC", given).casefold() == name]


def candidates(found: Iterable[tuple[str, str]]) -> str:
    """Name the first few (name, id) that one name can mean, for the refusal that asks for the id."""
    return ", ".join(f"{name} ({item_id})" for name, item_id in list(found)[:_CANDIDATES])


def suggest(text: str, known: Iterable[tuple[str, str]]) -> list[Suggestion]:
    """Return up to 25 (value, label) that hold the text, those that begin with it first."""
    wanted = typed(text).removeprefix("#").removeprefix("@").casefold()
    ranked = [
        (not label.removeprefix("#").casefold().startswith(wanted), label.casefold(), Suggestion(value, label))
        for value, label in known
        if wanted in label.casefold() or wanted in value.casefold()
    ]
    return [suggestion for _rank, _label, suggestion in sorted(ranked, key=lambda r: r[:2])[:_SUGGESTIONS]]
