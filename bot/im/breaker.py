"""The circuit breaker: when the IM is down, say so at once instead of after every time-out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.im.clock import Clock

logger = logging.getLogger(__name__)


class CircuitBreaker:
    """Opens after `threshold` failures in a row; then one probe at a time, 1 s to 5 s apart, decides.

    Every call that gets through carries a permit, the number of the period it began in. What a call of an earlier
    period reports says nothing about now, so it neither closes nor opens the circuit.
    """

    def __init__(
        self, clock: Clock, *, threshold: int = 5, first_pause: float = 1.0, longest_pause: float = 5.0
    ) -> None:
        self._clock = clock
        self._threshold = threshold
        self._first_pause = first_pause
        self._longest_pause = longest_pause
        self._failures = 0
        self._period: int = 0
        self._pause = 0.0
        self._retry_at = 0.0
        self._probing = False

    def __repr__(self) -> str:
        return f"<CircuitBreaker {'open' if self.is_open else 'closed'} failures={self._failures}>"

    @property
    def is_open(self) -> bool:
        """Whether calls are turned away, but for probes."""
        return self._pause > 0

    def wait_seconds(self) -> float | None:
        """Return None if a call may be tried now, else in how many seconds it is worth asking again."""
        if self._pause == 0:
            return None
        left = self._retry_at - self._clock.monotonic()
        if left > 0:
            return left
        return self._pause if self._probing else None

    def enter(self) -> int | None:
        """Let a call through with a permit, or return None: the circuit is open."""
        if self._pause == 0:
            return self._period
        if self._probing or self._clock.monotonic() < self._retry_at:
            return None
        self._probing = True
        return self._period

    def healthy(self, permit: int) -> None:
        """Report an answer that shows the IM is there: a success, or any 4xx."""
        if permit != self._period:
            return
        self._failures = 0
        if self._pause:
            logger.info("the IM answers again")
            self._pause = 0.0
            self._probing = False
            self._period += 1

    def failed(self, permit: int) -> None:
        """Report a lost connection, a time-out, a 5xx or a broken answer."""
        if permit != self._period:
            return
        self._failures += 1
        if self._pause == 0 and self._failures < self._threshold:
            return
        if self._pause == 0:
            logger.warning("the IM failed %d times in a row, calls are turned away", self._failures)
        self._pause = min(self._pause * 2, self._longest_pause) if self._pause else self._first_pause
        self._retry_at = self._clock.monotonic() + self._pause
        self._probing = False
        self._period += 1

    def left(self, permit: int) -> None:
        """Report a call that ended without telling anything: cancelled, or never sent."""
        if permit == self._period and self._pause:
            self._probing = False
