"""Texts that staff write for the IM, made fit to be sent: what nobody can see does not go out."""

from __future__ import annotations

import unicodedata

# Marks that turn the direction of a whole line; joiners stay, for emoji are made of them.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSENDABLE = frozenset({"Cc", "Cs", "Cn"})


def one_line(text: str) -> str:
    """Return a text as one line without control characters, single spaces between its words; possibly empty."""
    return " ".join(_visible(text).split())


def whole(text: str) -> str:
    """Return a text with its line breaks and without control characters or blank ends; possibly empty."""
    return _visible(text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _visible(text: str) -> str:
    return "".join(
        character
        for character in text
        if character in "\n\t" or (character not in _TURNING and unicodedata.category(character) not in _UNSENDABLE)
    )
