"""Moments as people type them: a date, a time, or how long ago."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

from bot.services.refusals import Refusal

_AGE = re.compile(r"(\d{1,6})\s*(\D{1,2})", re.ASCII)
_UNITS = {
    "s": "seconds", "秒": "seconds",
    "m": "minutes", "分": "minutes", "分钟": "minutes",
    "h": "hours", "时": "hours", "小时": "hours",
    "d": "days", "天": "days", "日": "days",
    "w": "weeks", "周": "weeks",
}  # fmt: skip
_DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}", re.ASCII)
_LAST_OF_A_DAY = timedelta(days=1) - timedelta(milliseconds=1)


def parse_moment(text: str, *, now: datetime, last: bool = False) -> datetime:
    """Read a date (2026-01-31), a time (2026-01-31T12:00, UTC if it has no offset) or an age (7d, 12h, 90m, 7天).

    A date alone is its first moment, or its last one where the `last` of a span is meant. After NFKC.
    Raises Refusal for anything else.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        if (age := _AGE.fullmatch(plain)) and age[2] in _UNITS:
            return now - timedelta(**{_UNITS[age[2]]: int(age[1])})
        moment = datetime.fromisoformat(plain)
        # Out of the years that can be had in UTC is out of range too, hence inside the try.
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return moment + _LAST_OF_A_DAY if last and _DATE.fullmatch(plain) else moment
    except (ValueError, OverflowError):
        raise Refusal("refusal-moment", text=plain[:40]) from None
