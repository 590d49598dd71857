"""Limits in a sliding window of one second: calls by family, messages by where they go (facts 4)."""

from collections import deque
from collections.abc import Callable

from bot.imservice.errors import rate_limited, too_many_messages
from bot.imservice.options import IMServiceOptions

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
        if _lately(calls, now) >= limit:
            raise rate_limited()
        calls.append(now)


class MessageLimits:
    """Counts the messages of the app, those to text channels and those to voice channels each for themselves."""

    def __init__(self, *, groups: int | None, rooms: int | None, clock: Callable[[], float]) -> None:
        self._limits = {False: groups, True: rooms}
        self._clock = clock
        self._messages: dict[bool, deque[float]] = {False: deque(), True: deque()}

    def count(self, messages: int, *, chat_room: bool) -> None:
        """Count messages that are sent together; raise ApiError 403 if the share of the last second is used up.

        The last call within the share may go beyond it: of calls with three messages each seven pass, as documented.
        """
        limit = self._limits[chat_room]
        if limit is None:
            return
        now = self._clock()
        sent = self._messages[chat_room]
        if _lately(sent, now) >= limit:
            raise too_many_messages()
        sent.extend([now] * messages)


def call_limits(options: IMServiceOptions, clock: Callable[[], float]) -> CallLimits:
    """Return the call limits of a service; `clock` is in seconds."""
    sending = None if options.rate_limit is None else options.message_rate_limit
    return CallLimits(
        default=options.rate_limit,
        by_family={"token": options.token_rate_limit, "messages": sending, "room messages": sending},
        clock=clock,
    )


def message_limits(options: IMServiceOptions, clock: Callable[[], float]) -> MessageLimits:
    """Return the limits of messages of a service; `clock` is in seconds."""
    if options.rate_limit is None:
        return MessageLimits(groups=None, rooms=None, clock=clock)
    return MessageLimits(groups=options.messages_per_second, rooms=options.room_messages_per_second, clock=clock)


def _lately(times: deque[float], now: float) -> int:
    """Forget what is older than the window and return how many there are left."""
    while times and now - times[0] >= _WINDOW_SECONDS:
        times.popleft()
    return len(times)
