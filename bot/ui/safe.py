"""Untrusted text made fit for Discord: what the IM or a person typed can neither format, mention nor hide anything.

Discord hides a backslash before any punctuation and shows the character itself, in messages and embeds alike; that is
what `escape` builds on. Footers, button labels and autocomplete lines know no markdown: `plain` is for them.
"""

import re
import unicodedata
from typing import Final

ELLIPSIS: Final = "…"
NOTHING: Final = "—"

_MARKDOWN: Final = re.compile(r"[\\*_~`|<>\[\]()]")
_LINK: Final = re.compile(r":(?=//)")
_PING: Final = re.compile(r"@(?=(?:everyone|here))", re.IGNORECASE)
_EMOJI_NAME: Final = re.compile(r":(?=\w{2,32}:)")
_LINE_START: Final = re.compile(r"^(?P<mark>#|-|\+|\d{1,9}(?=\.))")
# Letters by category, blank to the eye: a name made of them would be no name at all.
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
# Pictures, also those that are newer than Python's own tables; several of them joined are one to the eye.
_PICTURES: Final = range(0x1F000, 0x1FB00)
_JOINER: Final = "\u200d"
_AS_PICTURE: Final = "\ufe0f"
# More marks on one letter than any writing needs are drawn across the neighbouring lines.
_MOST_MARKS: Final = 4


def plain(text: str, limit: int = 100) -> str:
    """Return `text` as one visible line of at most `limit` code points, cut with an ellipsis; `—` if nothing is left.

    Control, format (bidi, zero-width), surrogate and unassigned characters are gone, white space is single spaces;
    emoji stay whole.
    """
    return cut(" ".join(_visible(text).split()), limit) or NOTHING


def cut(text: str, limit: int) -> str:
    """Return `text` with at most `limit` code points, the last one an ellipsis if something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + ELLIPSIS


def escape(text: str, limit: int = 100) -> str:
    """Return `plain(text, limit)` for a place where Discord reads markdown, so that it looks as it was written.

    Neutral are formatting, headings, lists, quotes, spoilers, code, links, mentions of any kind, timestamps, commands
    and emoji codes. The result has at most about twice `limit` code points.
    """
    escaped = _MARKDOWN.sub(r"\\\g<0>", plain(text, limit))
    for pattern in (_LINK, _EMOJI_NAME):
        escaped = pattern.sub(r"\\:", escaped)
    escaped = _LINE_START.sub(_escape_line_start, escaped)
    # No backslash stops @everyone; a zero-width space after the sign does, and is the only one we ever write.
    return _PING.sub("@\u200b", escaped)


def code(text: str, limit: int = 64) -> str:
    """Return an id in small code style."""
    return f"`{plain(text, limit).replace('`', 'ˋ')}`"


def _escape_line_start(found: re.Match[str]) -> str:
    mark = found["mark"]
    return mark + "\\" if mark[0].isdigit() else "\\" + mark


def _visible(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for at, character in enumerate(text):
        category = unicodedata.category(character)
        if character in "\n\r\t" or category in {"Zs", "Zl", "Zp"}:
            kept.append(" ")
        elif ord(character) in _PICTURES or (character == _JOINER and _joins(text, at)):
            kept.append(character)
        elif category.startswith("C") or character in _BLANK_LETTERS:
            continue
        elif category in {"Mn", "Me"}:
            marks += 1
            if marks <= _MOST_MARKS:
                kept.append(character)
            continue
        else:
            kept.append(character)
        marks = 0
    return "".join(kept)


def _joins(text: str, at: int) -> bool:
    """Tell whether a joiner stands between two pictures; anywhere else it would only hide."""
    before = text[max(0, at - 2) : at].removesuffix(_AS_PICTURE)[-1:]
    return all(one and _is_picture(one) for one in (before, text[at + 1 : at + 2]))


def _is_picture(character: str) -> bool:
    if character in _BLANK_LETTERS:
        return False
    return ord(character) in _PICTURES or unicodedata.category(character) == "So"
