"""Looking at the IM where a callback says that something has changed: soon, and not more often than need be."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Final

import structlog
from structlog.contextvars import bind_contextvars

from bot.im import Lane
from bot.store import StoreError, mutes

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.im import IMClient
    from bot.services.reconcile import Reconcile
    from bot.store import Store

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

GATHER_SECONDS: Final = 0.2
"""Channels that are named within this time are read once."""
_AT_ONCE: Final = 8
_SIFTED_AT_ONCE: Final = 2_000
_FIRST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 1.0, 30.0
# Reading a long list again and again must not use up the IM's budget.
_REST_SHARE, _LONGEST_REST_SECONDS = 3.0, 5.0


class Comparisons:
    """Compares the channels that are wanted with the IM; what cannot be read is tried again from 1 s to 30 s.

    Nothing here is durable: whoever starts compares all channels first.
    """

    def __init__(self, *, store: Store, im: IMClient, reconcile: Reconcile) -> None:
        self._store = store
        self._im = im
        self._reconcile = reconcile
        self._wanted: dict[str, set[str] | None] = {}  # by channel: whose mutes; None: anybody's
        self._calls: dict[str, str] = {}
        self._unsifted: set[str] = set()  # of what is wanted: where nobody has looked whether anybody is muted
        self._not_before: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._more, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._runner: asyncio.Task[None] | None = None

    def want(self, channel_id: str, members: Collection[str] = (), *, call_id: str) -> None:
        """Ask for a comparison of a channel if it has live mutes of these members, or any if none is named.

        `call_id` is the callback's that it is for: the log says so of the last one.
        """
        self._calls[channel_id] = call_id
        known = self._wanted.get(channel_id, set())
        self._wanted[channel_id] = None if known is None or not members else known | set(members)
        self._unsifted.add(channel_id)
        self._more.set()
        self._idle.clear()

    async def join(self) -> None:
        """Wait until nothing is wanted and nothing is being compared."""
        await self._idle.wait()

    def start(self) -> None:
        """Begin to compare, on the running event loop."""
        self._runner = asyncio.create_task(self._run(), name="comparisons")

    async def stop(self) -> None:
        """Stop at once: the next start compares all channels anyway."""
        tasks = [*self._tasks.values(), *([self._runner] if self._runner else [])]
        self._runner = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if not self._wanted:
                self._more.clear()
                await self._more.wait()
            await asyncio.sleep(GATHER_SECONDS)
            if self._unsifted and len(self._wanted) > _AT_ONCE:
                await self._sift()
            now = loop.time()
            self._not_before = {channel: at for channel, at in self._not_before.items() if at > now}
            for channel_id in list(self._wanted):
                if len(self._tasks) >= _AT_ONCE:
                    break
                if channel_id in self._tasks or channel_id in self._not_before:
                    continue
                members = self._wanted.pop(channel_id)
                self._unsifted.discard(channel_id)
                task = asyncio.create_task(self._compare(channel_id, members), name=f"comparison {channel_id}")
                self._tasks[channel_id] = task
                task.add_done_callback(lambda _task, channel_id=channel_id: self._done(channel_id))

    async def _sift(self) -> None:
        """Drop the channels where nobody concerned is muted by us, so that the others need not wait for their turns."""
        among = list(islice(self._unsifted, _SIFTED_AT_ONCE))
        self._unsifted.difference_update(among)
        try:
            muted = await self._store.read(lambda connection: mutes.live_members(connection, among))
        except Exception:  # noqa: BLE001 - whatever it is, the comparison of each says so
            return
        for channel_id in among:
            if channel_id in self._unsifted:
                continue  # wanted anew meanwhile
            members, live = self._wanted[channel_id], muted.get(channel_id, set())
            if not live or (members is not None and members.isdisjoint(live)):
                del self._wanted[channel_id]
                self._calls.pop(channel_id, None)
                self._failures.pop(channel_id, None)
        self._note_idle()

    def _done(self, channel_id: str) -> None:
        self._tasks.pop(channel_id, None)
        self._note_idle()

    def _note_idle(self) -> None:
        if not self._tasks and not self._wanted:
            self._idle.set()

    async def _compare(self, channel_id: str, members: set[str] | None) -> None:
        begun = asyncio.get_running_loop().time()
        call_id = self._calls.pop(channel_id, "")
        bind_contextvars(call=call_id)
        try:
            rows = await self._store.read(lambda connection: mutes.live_in_channel(connection, channel_id))
            unread = False
            if any(members is None or row.member_id in members for row in rows):
                with self._im.lane(Lane.NORMAL):
                    unread = bool((await self._reconcile.compare([channel_id])).unread)
        except StoreError as error:
            log.warning("channel not compared", channel=channel_id, why=str(error))
            unread = True
        except Exception:
            # A defect: the comparison of all channels comes by soon.
            log.exception("comparison failed", channel=channel_id)
            unread = False
        now = asyncio.get_running_loop().time()
        if unread:
            tries = self._failures[channel_id] = self._failures.get(channel_id, 0) + 1
            rest = min(_FIRST_RETRY_SECONDS * 2 ** min(tries - 1, 10), _LONGEST_RETRY_SECONDS)
            self._not_before[channel_id] = now + rest
            self.want(channel_id, call_id=self._calls.get(channel_id, call_id))
        else:
            self._failures.pop(channel_id, None)
            self._not_before[channel_id] = now + min(_REST_SHARE * (now - begun), _LONGEST_REST_SECONDS)
