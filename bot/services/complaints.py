"""Saying in the log what goes wrong again and again, without drowning what else it says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

import structlog

from bot.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

EVERY_SECONDS = 60.0


class Complaints:
    """Says one trouble at once, and then at most once a minute, with how often it came meanwhile.

    `monotonic` gives seconds: the time of day may jump, and trouble must not fall silent for that.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._said: dict[str, tuple[float, int]] = {}

    def say(self, what: str, error: Exception, **fields: object) -> None:
        """Log a failure: the database's in one line, as its text says all; a surprise with its traceback."""
        error = _single(error)
        trouble = f"{what} {type(error).__name__} {error}"
        now = self._monotonic()
        last, silent = self._said.get(trouble, (None, 0))
        if last is not None and now - last < EVERY_SECONDS:
            self._said[trouble] = (last, silent + 1)
            return
        self._said = {key: value for key, value in self._said.items() if now - value[0] < EVERY_SECONDS}
        self._said[trouble] = (now, 0)
        if silent:
            fields["silent_since"] = silent
        if isinstance(error, StoreError):
            log.warning(what, why=str(error), **fields)
        else:
            log.error(what, exc_info=error, **fields)


def _single(error: Exception) -> Exception:
    """Return what tasks that worked together have all failed with, or the error as it is."""
    if not isinstance(error, ExceptionGroup):
        return error
    group = cast("ExceptionGroup[Exception]", error)
    return _single(group.exceptions[0]) if len({str(one) for one in group.exceptions}) == 1 else group
