"""Answers of the IM that may be a little old: kept for a time, asked for once however many wait."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

from bot.im.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable
    from datetime import datetime, timedelta

    from bot.services.clock import Clock

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Values by key, loaded when missing or older than `keep`; at most `size` of them.

    While the IM cannot be reached, an old value is better than none.
    """

    def __init__(self, load: Callable[[K], Awaitable[V]], *, clock: Clock, keep: timedelta, size: int = 1_000) -> None:
        self._load = load
        self._clock = clock
        self._keep = keep
        self._size = size
        self._known: OrderedDict[K, tuple[datetime, V]] = OrderedDict()
        self._loading: dict[K, asyncio.Task[V]] = {}

    def peek(self, key: K) -> V | None:
        """Return a value that is known and fresh, without asking for it."""
        known = self._known.get(key)
        if known is None or not abs(self._clock.now() - known[0]) < self._keep:
            return None
        return known[1]

    async def get(self, key: K) -> V:
        """Return the value, loading it if need be; raises what loading raises, and keeps no failure."""
        fresh = self.peek(key)
        if fresh is not None:
            return fresh
        try:
            return await self.reload(key)
        except Unavailable:
            if (known := self._known.get(key)) is None:
                raise
            return known[1]

    async def reload(self, key: K) -> V:
        """Load the value anew, together with whoever is loading it at this moment."""
        task = self._loading.get(key)
        if task is None:
            task = asyncio.create_task(self._fetch(key))
            self._loading[key] = task
            task.add_done_callback(lambda _done: self._loading.pop(key, None))
        # One of several waiters may give up (an autocomplete does); the others still want the answer.
        return await asyncio.shield(task)

    async def _fetch(self, key: K) -> V:
        value = await self._load(key)
        self.put(key, value)
        return value

    def put(self, key: K, value: V) -> None:
        """Note a value that was learned otherwise."""
        self._known[key] = (self._clock.now(), value)
        self._known.move_to_end(key)
        while len(self._known) > self._size:
            self._known.popitem(last=False)

    def drop(self, key: K) -> None:
        """Forget a value that turned out to be wrong."""
        self._known.pop(key, None)

    def clear(self) -> None:
        """Forget all values."""
        self._known.clear()

    def age(self, key: K) -> timedelta | None:
        """Return how old a known value is."""
        known = self._known.get(key)
        return None if known is None else self._clock.now() - known[0]
