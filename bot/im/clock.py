"""Where the client takes its time from."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Timer(Protocol):
    """A callback that is going to run."""

    def cancel(self) -> None:
        """Keep the callback from running."""
        ...


class Clock(Protocol):
    """Time as the client needs it; tests pass their own."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""
        ...

    def wall(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Run `callback` once after `seconds`."""
        ...


class SystemClock:
    """The running event loop's own time."""

    def monotonic(self) -> float:
        """Return the loop's time, which is what its timers compare with."""
        return asyncio.get_running_loop().time()

    def wall(self) -> float:
        """Return the time of day."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Sleep without blocking the loop."""
        await asyncio.sleep(seconds)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Schedule on the running loop."""
        return asyncio.get_running_loop().call_later(seconds, callback)
