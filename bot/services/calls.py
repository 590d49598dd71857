"""One line in the log for each call of the IM's API, so that a command's reference leads to what the IM was asked.

`request_id` is the header X-Request-Id of the call, which leads on to the IM's own logs.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import structlog

from bot.im import Lane

if TYPE_CHECKING:
    from bot.im import CallRecord

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

# Asked before anything is put together: most calls are not worth a line, and commands wait for them.
_threshold = logging.getLogger(__name__)
# Answers of an IM that is there, and calls that were not even tried: whoever asked says what comes of it.
_ANSWERED: Final = frozenset(
    {"NotFound", "Forbidden", "LimitReached", "IllegalArgument", "Conflict", "CircuitOpen", "CancelledError"}
)


def note_call(record: CallRecord) -> None:
    """Log how a call went: what changes the IM at info, reads and a cleanup's thousands at debug, failures once."""
    level = _level(record)
    if not _threshold.isEnabledFor(level):
        return
    log.log(
        level,
        "im call",
        endpoint=record.endpoint,
        outcome=record.outcome,
        status=record.status,
        ms=round(record.seconds * 1000, 1),
        attempts=record.attempts,
        waited_ms=round(record.waited * 1000, 1),
        lane=record.lane.name.lower(),
        request_id=record.request_id,
    )


def _level(record: CallRecord) -> int:
    if record.outcome == "ok":
        quiet = record.endpoint.startswith("GET ") or record.lane is Lane.BACKGROUND
        return logging.DEBUG if quiet else logging.INFO
    return logging.INFO if record.outcome in _ANSWERED else logging.WARNING
