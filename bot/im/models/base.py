"""What all answers have in common: frozen models that tolerate unknown keys, missing options and both spellings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Self, cast

from pydantic import BaseModel, ConfigDict

EARLIEST_TIMESTAMP_MS = 10**12
"""Below this an `expire` is a remaining time or nonsense, not a time of day (A3)."""
PERMANENT_FROM_MS = 4_638_873_600_000
"""From this on a mute has no end: the fixed expiry of the group API, 2117-01-01 UTC+8 (A3)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class OpenEnum(IntEnum):
    """Numbers the API may add to: one we do not know reads as UNKNOWN (-1)."""

    @classmethod
    def _missing_(cls, value: object) -> Self:  # noqa: ARG003 - enum's signature
        return cls(-1)


class Model(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, validate_by_name=True)

    @classmethod
    def read(cls, raw: dict[str, Any]) -> Self:
        """Build from an answer, where null counts as missing; raises pydantic's ValidationError."""
        if None in raw.values():
            raw = {key: value for key, value in raw.items() if value is not None}
        # What model_validate does, without its options, which took most of the time that a page takes.
        return cls.__pydantic_validator__.validate_python(raw)


def without_nulls(raw: object) -> object:
    """Let null count as missing in a nested row, as `Model.read` does in the row itself."""
    if not isinstance(raw, dict):
        return raw
    return {key: value for key, value in cast("dict[str, object]", raw).items() if value is not None}


def moment(milliseconds: int | None) -> datetime | None:
    """Turn Unix milliseconds into UTC; None for nothing and for what no calendar has."""
    if milliseconds is None:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
