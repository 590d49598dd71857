"""Call limits per family in a sliding window of one second (facts 4)."""

from collections import deque
from collections.abc import Callable

from bot.imservice.errors import rate_limited

_WINDOW_SECONDS = 1.0


class CallLimits:
    """Counts the calls of the app by family; a refused call does not count."""

    def __init__(self, *, default: int | None, by_family: dict[str, int | None], clock: Callable[[], float]) -> None:
        self._default = default
        self._by_family = by_family
        self._clock = clock
        self._calls: dict[str, deque[float]] = {}

    def count(self, family: str) -> None:
        """Count a call; raise ApiError 429 if the family had its share within the last second."""
        limit = self._by_family.get(family, self._default)
        if limit is None:
            return
        now = self._clock()
        calls = self._calls.get(family)
        if calls is None:
            calls = self._calls[family] = deque()
        while calls and now - calls[0] >= _WINDOW_SECONDS:
            calls.popleft()
        if len(calls) >= limit:
            raise rate_limited()
        calls.append(now)
