"""Several names in one text, as staff type them: separated by spaces or commas, also those of a Chinese keyboard."""

from __future__ import annotations

import re

from bot.services.naming import typed

_BETWEEN = re.compile(r"[\s,;，、；]+")


def split_names(text: str) -> tuple[str, ...]:
    """Return the names of a list in their order, each once (case matters); empty if there is none."""
    return tuple(dict.fromkeys(name for part in _BETWEEN.split(text) if (name := typed(part))))


def last_name(text: str) -> tuple[str, str]:
    """Return what stands before the last name of a list, as it was typed, and the last name, possibly empty."""
    begun = text.lstrip()
    ends = [found.end() for found in _BETWEEN.finditer(begun)]
    at = ends[-1] if ends else 0
    return begun[:at], begun[at:]
