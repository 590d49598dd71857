"""How often a guild's feed may show something: a few messages at once, then one in two seconds."""

from typing import Final

BURST: Final = 3
EVERY_SECONDS: Final = 2.0
_FIRST_RETRY_SECONDS: Final = 2.0
_LONGEST_RETRY_SECONDS: Final = 60.0


class Pace:
    """The turns of one feed; `now` is a monotonic time in seconds."""

    def __init__(self) -> None:
        self._full_at = 0.0
        self._held_until = 0.0
        self._retry = _FIRST_RETRY_SECONDS

    def wait(self, now: float) -> float:
        """Return the seconds until something may be shown, 0: now."""
        behind = self._full_at - now - (BURST - 1) * EVERY_SECONDS
        return max(0.0, behind, self._held_until - now)

    def took(self, now: float) -> None:
        """Note that something is being shown."""
        self._full_at = max(now, self._full_at) + EVERY_SECONDS

    def worked(self) -> None:
        """Note that it is shown."""
        self._retry = _FIRST_RETRY_SECONDS

    def failed(self, now: float) -> None:
        """Note that Discord did not take it: the next try is from 2 s to a minute later."""
        self._held_until = now + self._retry
        self._retry = min(self._retry * 2, _LONGEST_RETRY_SECONDS)
