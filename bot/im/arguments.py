"""Checks of arguments before anything is sent; each raises InvalidArgument naming the field."""

from __future__ import annotations

import re

from bot.im.errors import InvalidArgument

_USERNAME = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_MAX_LONG = 2**63 - 1


def username(field: str, value: str) -> str:
    """Check an IM user id: 1..64 of a-z A-Z 0-9 `_` `-` `.` (fact 3)."""
    if not isinstance(value, str) or not _USERNAME.fullmatch(value):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(field, "must be 1 to 64 characters of A-Z a-z 0-9 _ - .")
    return value


def identifier(field: str, value: str) -> str:
    """Check an opaque id that the server gave out: text, not empty."""
    if not isinstance(value, str) or not value:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(field, "must be a non-empty string")
    return value


def text(field: str, value: str, *, longest: int, shortest: int = 0) -> str:
    """Check free text by its number of Unicode code points."""
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(field, "must be a string")
    if not shortest <= len(value) <= longest:
        raise InvalidArgument(field, f"must have {shortest} to {longest} characters, has {len(value)}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidArgument(field, "contains characters that cannot be sent") from None
    return value


def integer(field: str, value: int, *, low: int, high: int = _MAX_LONG) -> int:
    """Check a whole number; True and 1.0 are none."""
    if not isinstance(value, int) or isinstance(value, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(field, "must be an integer")
    if not low <= value <= high:
        bounds = f"at least {low}" if high == _MAX_LONG else f"{low} to {high}"
        raise InvalidArgument(field, f"must be {bounds}, is {value}")
    return value
