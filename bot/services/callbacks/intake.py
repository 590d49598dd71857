"""Taking callbacks in: many that arrive at the same time become durable in one transaction."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from bot.services.callbacks.wordless import wordless
from bot.store import StoreError, callbacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.store import Store
    from bot.store.callbacks import Arrival

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

PATIENCE_SECONDS: Final = 4.0
"""The IM waits 5 s for an answer, so we know our own before."""
MOST_WAITING, MOST_BYTES = 20_000, 64 << 20
_AT_ONCE: Final = 500
_RETRY_SECONDS: Final = 0.2


@dataclass(slots=True, eq=False)
class _Item:
    arrival: Arrival
    answer: asyncio.Future[bool | None]


class Intake:
    """Keeps callbacks; one task writes all that wait at a moment. `kept` is told how many new ones are to be processed.

    At most 20,000 callbacks and 64 MB wait.
    """

    def __init__(self, *, store: Store, owner: str, kept: Callable[[int], None]) -> None:
        self._store = store
        self._owner = owner
        self._kept = kept
        self._queue: deque[_Item] = deque()
        self._waiting = self._bytes = 0
        self._more = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._open = self._trouble = False

    @property
    def waiting(self) -> int:
        """How many callbacks wait to be kept."""
        return self._waiting

    def start(self) -> None:
        """Begin to write, on the running event loop."""
        self._open = True
        self._writer = asyncio.create_task(self._write_on(), name="callbacks in")

    async def stop(self, grace_seconds: float) -> None:
        """Take nothing more in and write what waits for so long; the rest is not kept, and its senders are told so."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        self._open = False
        self._more.set()
        await asyncio.wait([writer], timeout=grace_seconds)
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        while self._queue:
            self._let_go(self._queue.popleft())

    async def keep(self, arrival: Arrival) -> bool | None:
        """Return whether a callback is new once it is durable; None if it could not be kept within 4 s."""
        size = len(arrival.body)
        if not self._open or self._waiting >= MOST_WAITING or self._bytes + size > MOST_BYTES:
            return None
        item = _Item(arrival, asyncio.get_running_loop().create_future())
        self._waiting += 1
        self._bytes += size
        self._queue.append(item)
        self._more.set()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await item.answer
        except TimeoutError:
            return None

    async def _write_on(self) -> None:
        while self._open:
            await self._more.wait()
            self._more.clear()
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(_AT_ONCE, len(self._queue)))]
                try:
                    await self._put(self._wanted(batch))
                finally:
                    for item in batch:
                        self._let_go(item)

    @staticmethod
    def _wanted(batch: list[_Item]) -> list[_Item]:
        """Return those whose sender has not been told to try again."""
        return [item for item in batch if not item.answer.done()]

    async def _put(self, batch: list[_Item]) -> None:
        while batch:
            work = partial(callbacks.keep, arrivals=[item.arrival for item in batch], owner=self._owner)
            try:
                new = await self._store.write(work)
            except StoreError as error:
                if not self._trouble:
                    self._trouble = True
                    log.warning("callbacks cannot be kept", waiting=self._waiting, why=str(error))
                await asyncio.sleep(_RETRY_SECONDS)
                batch = self._wanted(batch)
            except Exception as error:  # noqa: BLE001 - whatever it is, the others are to be kept
                if len(batch) == 1:
                    log.error("a callback cannot be kept", **wordless(error))  # noqa: TRY400
                    return
                # One of them is at fault, and must not keep out the others.
                for item in batch:
                    await self._put([item])
                return
            else:
                if self._trouble:
                    self._trouble = False
                    log.info("callbacks are kept again")
                self._tell(batch, new)
                return

    def _tell(self, batch: list[_Item], new: set[str]) -> None:
        to_process = 0
        for item in batch:
            is_new = item.arrival.call_id in new
            # What came twice at once is a repetition the second time.
            new.discard(item.arrival.call_id)
            to_process += is_new and item.arrival.state == callbacks.WAITING
            if not item.answer.done():
                item.answer.set_result(is_new)
        if to_process:
            self._kept(to_process)

    def _let_go(self, item: _Item) -> None:
        self._waiting -= 1
        self._bytes -= len(item.arrival.body)
        if not item.answer.done():
            item.answer.set_result(None)
