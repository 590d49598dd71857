"""Pacing: never more calls in any second than the server's budget, and the urgent ones first.

The server counts a call somewhere between our sending it and our reading its answer. So a slot is held from the
send until one second after the answer: if it ever counted more than N calls within a second, all of their slots
would have been held at once, and there are only N. Nothing needs to be known about the network's jitter.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import math
from collections import deque
from contextvars import ContextVar
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.im.clock import Clock, Timer

logger = logging.getLogger(__name__)

HOLD_SECONDS = 1.002
"""The server's second, and 2 ms for clocks that do not run alike."""
ABANDONED_SECONDS = 2.0
"""A call we stopped waiting for may still be under way, so its slot is held longer."""
_SPACING_HEADROOM = 1.1
_BURST_SHARE = 0.1
_RECOVERY_SECONDS = 30.0
_LONGEST_PAUSE = 60.0


class Lane(IntEnum):
    """Who goes first when calls have to queue."""

    URGENT = 0
    NORMAL = 1
    BACKGROUND = 2


current_lane: ContextVar[Lane] = ContextVar("im_lane", default=Lane.NORMAL)


class Slot(Protocol):
    """The right to send one call; exactly one of the methods ends it."""

    def answered(self, now: float) -> None:
        """Say that the server's answer was read at `now` (monotonic seconds)."""
        ...

    def abandoned(self, now: float) -> None:
        """Say that nobody waits for the answer any more: time-out, lost connection, cancellation."""
        ...

    def unused(self) -> None:
        """Say that nothing was sent."""
        ...

    def rejected(self, now: float, retry_after: float | None) -> None:
        """Say that the answer was 429."""
        ...


class Pacer:
    """The budget of one endpoint family: `rate` calls in any second, whoever measures it.

    Sends are spaced evenly, but for a small burst after idling. BACKGROUND holds at most `background_share` of the
    slots. After a 429 (the budget is shared with client SDKs) the rate is halved and grows back within 30 s.
    """

    def __init__(self, name: str, rate: float, clock: Clock, *, background_share: float = 0.3) -> None:
        self.name = name
        self._rate = max(1.0, float(rate))
        self._clock = clock
        self._background_share = background_share
        self._queues: tuple[deque[asyncio.Future[Slot | None]], ...] = tuple(deque() for _ in Lane)
        self._held = 0
        self._held_background = 0
        self._releases: list[tuple[float, bool]] = []
        self._next_even = -math.inf
        self._paused_until = -math.inf
        self._reduced: float | None = None
        self._reduced_at = -math.inf
        self._timer: Timer | None = None
        self._wake_at = math.inf
        self.waiting = 0

    def __repr__(self) -> str:
        return f"<Pacer {self.name} {self._rate:g}/s held={self._held} waiting={self.waiting}>"

    def try_acquire(self, lane: Lane) -> Slot | None:
        """Take a slot if one is free now and nobody of the same or a higher lane is waiting."""
        if self.waiting and any(self._queues[ahead] for ahead in range(lane + 1)):
            return None
        now = self._clock.monotonic()
        self._collect(now)
        if self._earliest(now, lane) > now:
            return None
        return self._grant(now, lane)

    async def acquire(self, lane: Lane, timeout: float, *, ahead: bool = False) -> Slot | None:
        """Wait for a slot, first come first served within a lane; None after `timeout` seconds.

        `ahead` is for a call that has been through the queue already and has to be sent again.
        """
        slot = self.try_acquire(lane)
        if slot is not None:
            return slot
        waiter: asyncio.Future[Slot | None] = asyncio.get_running_loop().create_future()
        if ahead:
            self._queues[lane].appendleft(waiter)
        else:
            self._queues[lane].append(waiter)
        self.waiting += 1
        expiry = self._clock.call_later(timeout, lambda: self._expire(waiter))
        try:
            self._pump()
            return await waiter
        except asyncio.CancelledError:
            self._forget(waiter)
            raise
        finally:
            expiry.cancel()

    def close(self) -> None:
        """Send everybody home who waits, without a slot."""
        for queue in self._queues:
            for waiter in tuple(queue):
                self._expire(waiter)
        self._arm(math.inf)

    def settle(self, release_at: float | None, slot: _Slot) -> None:
        """Take a slot back at `release_at`, or now and as if it had never been given out (None)."""
        if release_at is None:
            self._next_even -= self._spacing(self._capacity(self._clock.monotonic()))
            self._free(background=slot.background)
            self._pump()
            return
        heapq.heappush(self._releases, (release_at, slot.background))
        if self.waiting and release_at < self._wake_at:
            self._arm(release_at)

    def slow_down(self, slot: _Slot, retry_after: float | None) -> None:
        """Halve the rate after a 429, once for all the calls that were under way together."""
        now = self._clock.monotonic()
        if retry_after:
            self._paused_until = max(self._paused_until, now + min(retry_after, _LONGEST_PAUSE))
        if slot.granted_at <= self._reduced_at:
            return
        level = logging.WARNING if self._reduced is None else logging.DEBUG
        self._reduced = max(1.0, self._capacity(now) / 2)
        self._reduced_at = now
        logger.log(level, "429 from the IM: %s calls slow down to %.0f/s", self.name, self._reduced)

    def _expire(self, waiter: asyncio.Future[Slot | None]) -> None:
        if not waiter.done():
            waiter.set_result(None)
            self._one_less_waiting()

    def _forget(self, waiter: asyncio.Future[Slot | None]) -> None:
        """Undo a cancelled wait, and give back a slot that came at the very moment of the cancellation."""
        if waiter.cancelled():
            self._one_less_waiting()
            return
        slot = waiter.result()
        if slot is not None:
            slot.unused()

    def _one_less_waiting(self) -> None:
        self.waiting -= 1
        if self.waiting == 0:
            for queue in self._queues:
                queue.clear()
            self._arm(math.inf)

    def _pump(self) -> None:
        """Give out what can be given out now and set the timer for the rest."""
        now = self._clock.monotonic()
        self._collect(now)
        while self.waiting:
            lane = self._first_lane()
            if lane is None:
                break
            at = self._earliest(now, lane)
            if at > now:
                self._arm(at)
                return
            waiter = self._queues[lane].popleft()
            self.waiting -= 1
            waiter.set_result(self._grant(now, lane))
        self._arm(math.inf)

    def _first_lane(self) -> Lane | None:
        """Return the lane whose turn it is; None if all who wait have just been cancelled."""
        for lane in Lane:
            queue = self._queues[lane]
            while queue and queue[0].done():
                queue.popleft()
            if queue:
                return lane
        return None

    def _grant(self, now: float, lane: Lane) -> _Slot:
        background = lane is Lane.BACKGROUND
        self._held += 1
        self._held_background += background
        self._next_even = max(self._next_even, now) + self._spacing(self._capacity(now))
        return _Slot(self, now, background=background)

    def _free(self, *, background: bool) -> None:
        self._held -= 1
        self._held_background -= background

    def _collect(self, now: float) -> None:
        while self._releases and self._releases[0][0] <= now:
            self._free(background=heapq.heappop(self._releases)[1])

    def _capacity(self, now: float) -> float:
        """How many slots there are now; less than the rate for a while after a 429."""
        if self._reduced is None:
            return self._rate
        grown = self._reduced + (now - self._reduced_at) * self._rate / _RECOVERY_SECONDS
        if grown >= self._rate:
            self._reduced = None
            return self._rate
        return grown

    def _spacing(self, capacity: float) -> float:
        return 1.0 / (capacity * _SPACING_HEADROOM)

    def _earliest(self, now: float, lane: Lane) -> float:
        """When a call of `lane` may go at the earliest, as far as is known now; infinity if an answer decides."""
        capacity = self._capacity(now)
        spacing = self._spacing(capacity)
        at = max(now, self._paused_until, self._next_even - spacing * max(1.0, capacity * _BURST_SHARE))
        if self._held >= int(capacity):
            grown = math.inf
            if self._reduced is not None:
                grown = now + (self._held + 1 - capacity) * _RECOVERY_SECONDS / self._rate
            at = max(at, min(grown, self._next_release()))
        if lane is Lane.BACKGROUND and self._held_background >= max(1, int(capacity * self._background_share)):
            at = max(at, self._next_release())
        return at

    def _next_release(self) -> float:
        return self._releases[0][0] if self._releases else math.inf

    def _arm(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._wake_at = at
        if at < math.inf:
            # Not less than 0.1 ms: rounding must not make the timer fire again and again just before its time.
            self._timer = self._clock.call_later(max(at - self._clock.monotonic(), 1e-4), self._pump)


class _Slot:
    __slots__ = ("_open", "_pacer", "background", "granted_at")

    def __init__(self, pacer: Pacer, granted_at: float, *, background: bool) -> None:
        self._pacer = pacer
        self._open = True
        self.granted_at = granted_at
        self.background = background

    def answered(self, now: float) -> None:
        self._settle(now + HOLD_SECONDS)

    def abandoned(self, now: float) -> None:
        self._settle(now + ABANDONED_SECONDS)

    def unused(self) -> None:
        self._settle(None)

    def rejected(self, now: float, retry_after: float | None) -> None:
        self._pacer.slow_down(self, retry_after)
        self._settle(now + HOLD_SECONDS)

    def _settle(self, release_at: float | None) -> None:
        if self._open:
            self._open = False
            self._pacer.settle(release_at, self)


class Unpaced:
    """No pacing at all: every call may go at once."""

    waiting = 0

    def __repr__(self) -> str:
        return "<Unpaced>"

    def try_acquire(self, lane: Lane) -> Slot | None:  # noqa: ARG002 - the Pacer's signature
        """Return the one slot that never runs out."""
        return _FREE

    async def acquire(self, lane: Lane, timeout: float, *, ahead: bool = False) -> Slot | None:  # noqa: ARG002
        """Return the one slot that never runs out."""
        return _FREE

    def close(self) -> None:
        """There is nothing to stop."""


class _FreeSlot:
    __slots__ = ()

    def answered(self, now: float) -> None:
        pass

    def abandoned(self, now: float) -> None:
        pass

    def unused(self) -> None:
        pass

    def rejected(self, now: float, retry_after: float | None) -> None:
        pass


_FREE = _FreeSlot()
