"""Durations as staff type them (design section 9)."""

from __future__ import annotations

import re
import unicodedata

from bot.services.refusals import Refusal

SECOND, MINUTE, HOUR, DAY, WEEK = 1_000, 60_000, 3_600_000, 86_400_000, 604_800_000
LONGEST_MS = 365 * DAY
PERMANENT_WORDS = frozenset({"permanent", "永久"})

_UNITS = {
    "w": WEEK, "周": WEEK,
    "d": DAY, "天": DAY, "日": DAY,
    "h": HOUR, "时": HOUR, "小时": HOUR,
    "m": MINUTE, "分": MINUTE, "分钟": MINUTE,
    "s": SECOND, "秒": SECOND,
}  # fmt: skip
_NAMES = ((WEEK, "w"), (DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s"))
_PART = re.compile(r"(\d+)\s*([^\d\s]+)\s*", re.ASCII)
_LONGEST_TEXT = 40


def parse_duration(text: str) -> int | None:
    """Return what was typed in milliseconds, None for permanent.

    Units s, m, h, d, w and their Chinese forms, combined largest first, 1 s to 365 d, after NFKC.
    Raises Refusal with a hint for anything else.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    shown = plain[:_LONGEST_TEXT]
    if plain.lower() in PERMANENT_WORDS:
        return None
    if plain[:1] in {"+", "-", "−"}:
        raise Refusal("refusal-duration-sign", text=shown)
    if plain.isascii() and plain.isdigit():
        raise Refusal("refusal-duration-bare", text=shown)
    parts = _parts(plain, shown)
    sizes = [size for _count, size in parts]
    if len(set(sizes)) < len(sizes):
        raise Refusal("refusal-duration-repeated", text=shown)
    if sizes != sorted(sizes, reverse=True):
        raise Refusal("refusal-duration-order", text=shown)
    total = sum(count * size for count, size in parts)
    if not SECOND <= total <= LONGEST_MS:
        raise Refusal("refusal-duration-range", text=shown)
    return total


def _parts(plain: str, shown: str) -> list[tuple[int, int]]:
    parts: list[tuple[int, int]] = []
    at = 0
    while at < len(plain):
        found = _PART.match(plain, at)
        if found is None:
            raise Refusal("refusal-duration-unknown", text=shown)
        unit = found[2]
        if unit == "M" or unit.lower().startswith(("mo", "月", "个月")):
            raise Refusal("refusal-duration-month", text=shown)
        size = _UNITS.get(unit) or _UNITS.get(unit.lower())
        if size is None or len(found[1]) > 12:
            raise Refusal("refusal-duration-unknown", text=shown)
        parts.append((int(found[1]), size))
        at = found.end()
    if not parts:
        raise Refusal("refusal-duration-unknown", text=shown)
    return parts


def split_duration(milliseconds: int) -> list[tuple[int, str]]:
    """Return a duration as counts of w, d, h, m, s, largest first, without zeros; 0 s if it is below a second.

    Weeks only where they are whole: 90 days are no 12 weeks and 6 days to anybody.
    """
    parts: list[tuple[int, str]] = []
    for size, name in _NAMES if milliseconds % WEEK == 0 else _NAMES[1:]:
        count, milliseconds = divmod(milliseconds, size)
        if count:
            parts.append((count, name))
    return parts or [(0, "s")]


def compact_duration(milliseconds: int) -> str:
    """Return a duration the way it is typed, such as `1h30m`."""
    return "".join(f"{count}{name}" for count, name in split_duration(milliseconds))
