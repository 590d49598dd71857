"""Callbacks of the IM: each is taken in once, durable before it is answered, and acted upon in its order (facts 7)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import time
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import structlog

from bot.im import Lane, verify_callback
from bot.im.answers import decoded
from bot.im.errors import IMError
from bot.services.callbacks.comparisons import Comparisons
from bot.services.callbacks.forgeries import Forgeries
from bot.services.callbacks.intake import Intake
from bot.services.callbacks.model import OfNoUse, Unknown
from bot.services.callbacks.parse import parse
from bot.services.callbacks.processing import Processing, label
from bot.services.callbacks.wordless import wordless
from bot.services.clock import to_ms
from bot.store import StoreError, callbacks
from bot.store.callbacks import DONE, UNKNOWN, WAITING, Arrival

if TYPE_CHECKING:
    from typing import Any

    from bot.im import IMClient
    from bot.services.alerts import Alerts
    from bot.services.callbacks.model import ImEvent
    from bot.services.callbacks.processing import MessageFeed
    from bot.services.clock import Clock
    from bot.services.directory import Directory
    from bot.services.meters import Meters
    from bot.services.posts import Posts
    from bot.services.reconcile import Reconcile
    from bot.services.settings import SettingsService
    from bot.store import Store

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

LONGEST_BODY: Final = 1 << 20
FRESH: Final = timedelta(seconds=300)
DONE_KEPT, UNKNOWN_KEPT, MOST_UNKNOWN = timedelta(hours=1), timedelta(days=7), 10_000
"""How long callbacks are remembered; done ones more than twice as long as they are fresh."""
ORPHANED: Final = timedelta(seconds=60)
_FORGOTTEN_EVERY: Final = timedelta(minutes=5)
_FORGOTTEN_AT_ONCE: Final = 2_000
_LONGEST_CALL_ID: Final = 200
_ASK_SECONDS, _ASK_EVERY_SECONDS = 2.0, 60.0
_GATHER_SECONDS: Final = 0.05
_FIRST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 0.5, 30.0


class Receipt(StrEnum):
    """How a callback was received."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    UNSIGNED = "unsigned"
    """Without a signature, and of a kind that is of no use to us; dropped."""
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    FORGED = "forged"
    STALE = "stale"
    BUSY = "busy"
    """It could not be kept: whoever sends is to try again."""


class Callbacks:
    """Takes callbacks in (`accept`) and acts on them; `start` and `stop` it once.

    `secret` is the one of the IM's console; without it nothing can be accepted.
    """

    def __init__(
        self,
        *,
        secret: str | None,
        store: Store,
        im: IMClient,
        clock: Clock,
        owner: str,
        reconcile: Reconcile,
        directory: Directory,
        feed: MessageFeed,
        settings: SettingsService,
        posts: Posts,
        alerts: Alerts,
        meters: Meters,
    ) -> None:
        self._secret = secret or ""
        self._store = store
        self._im = im
        self._clock = clock
        self._owner = owner
        self._meters = meters
        self._comparisons = Comparisons(store=store, im=im, reconcile=reconcile)
        self._processing = Processing(
            store=store, owner=owner, comparisons=self._comparisons, directory=directory, feed=feed, meters=meters
        )
        self._intake = Intake(store=store, owner=owner, kept=self._kept)
        self._forgeries = Forgeries(posts=posts, alerts=alerts, settings=settings, clock=clock)
        self._backlog = 0
        self._more, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._worker: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = -math.inf
        self._forgotten_ms: int | None = None

    @property
    def enabled(self) -> bool:
        """Whether there is a secret to check callbacks with."""
        return bool(self._secret)

    async def start(self) -> None:
        """Take over what a former process has left, then begin to take in and to process."""
        await self._take_over()
        self._forgotten_ms = None
        self._intake.start()
        self._comparisons.start()
        self._worker = asyncio.create_task(self._work(), name="callbacks")

    async def stop(self, grace_seconds: float) -> None:
        """Take nothing more in, process what was taken in for so long, and leave the rest to the next start."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        deadline = asyncio.get_running_loop().time() + grace_seconds
        await self._intake.stop(grace_seconds)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                await self._idle.wait()
                await self._forgeries.join()
        background = [task for task in (worker, self._asking) if task is not None]
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await self._comparisons.stop()

    async def join(self) -> None:
        """Wait until all that was taken in is processed and compared."""
        await self._idle.wait()
        await self._comparisons.join()
        await self._forgeries.join()

    # Taking in

    async def accept(self, raw: bytes) -> Receipt:
        """Take a callback in; ACCEPTED and DUPLICATE say that it is durable. Never raises."""
        begun = time.perf_counter()
        receipt = await self._accept(raw)
        self._meters.callbacks.labels(receipt.value).inc()
        self._meters.callback_seconds.observe(time.perf_counter() - begun)
        return receipt

    async def _accept(self, raw: bytes) -> Receipt:
        if len(raw) > LONGEST_BODY:
            return Receipt.TOO_LARGE
        body = decoded(raw)
        if body is None:
            return Receipt.MALFORMED
        refused = await self._refusal(body)
        if refused is not None:
            return refused
        event, call_id = parse(body), body["callId"]
        arrival = self._arrival(event, call_id, body, raw)
        kept = await self._intake.keep(arrival)
        if kept is None:
            return Receipt.BUSY
        if not kept:
            return Receipt.DUPLICATE
        if arrival.state != WAITING:
            # What waits is counted once it is processed.
            self._meters.callback_events.labels(label(event)).inc()
        # At once: what is processed in its order may wait for something slow before it.
        self._processing.hint(event, call_id)
        return Receipt.ACCEPTED

    async def _refusal(self, body: dict[str, Any]) -> Receipt | None:
        """Tell why a callback is not to be kept, None if it is."""
        call_id, stamp = body.get("callId"), body.get("timestamp")
        if call_id is None and "security" not in body and isinstance(parse(body), OfNoUse):
            # The IM documents some kinds without a signature, and would take our refusals for failures.
            return Receipt.UNSIGNED
        if type(call_id) is not str or type(stamp) is not int:
            return Receipt.MALFORMED
        if not 0 < len(call_id) <= _LONGEST_CALL_ID or not call_id.isprintable():
            return Receipt.MALFORMED
        if not verify_callback(body, self._secret, now=self._clock.now(), tolerance_seconds=math.inf):
            self._forgeries.forged()
            return Receipt.FORGED
        self._forgeries.genuine()
        if not self._is_fresh(stamp) and not await self._is_fresh_there(stamp):
            return Receipt.STALE
        return None

    def _arrival(self, event: ImEvent, call_id: str, body: dict[str, Any], raw: bytes) -> Arrival:
        now = to_ms(self._clock.now())
        if isinstance(event, OfNoUse):
            return Arrival(call_id, now, event.kind, DONE, "")
        if isinstance(event, Unknown):
            # Written anew, so that names stand in it as they are, and can be found when somebody is to be forgotten.
            return Arrival(call_id, now, event.kind, UNKNOWN, json.dumps(body, ensure_ascii=False))
        # What `decoded` has read is UTF-8, a byte order mark at most before it.
        return Arrival(call_id, now, label(event), WAITING, raw.decode("utf-8-sig"))

    def _is_fresh(self, stamp_ms: int) -> bool:
        """Tell whether a time is the present by our clock, or by the IM's, which may be the one that is right."""
        moments = (self._clock.now(), self._im.time_there())
        return any(abs(to_ms(m) - stamp_ms) <= FRESH // timedelta(milliseconds=1) for m in moments if m is not None)

    async def _is_fresh_there(self, stamp_ms: int) -> bool:
        """Ask the IM for its time, once a minute at most, and look again.

        It is what a clock of ours that is wrong needs, as long as nothing else is asked of the IM.
        """
        now = asyncio.get_running_loop().time()
        if self._asking is None:
            if now - self._asked_at < _ASK_EVERY_SECONDS:
                return False
            self._asked_at = now
            self._asking = asyncio.create_task(self._ask_time(), name="time of the IM")
        await asyncio.wait([self._asking], timeout=_ASK_SECONDS)
        return self._is_fresh(stamp_ms)

    async def _ask_time(self) -> None:
        try:
            with self._im.lane(Lane.URGENT):
                await self._im.communities.list().page(limit=1)
        except IMError as error:
            log.info("the IM's time is not known", why=str(error))
        finally:
            self._asking = None

    def _kept(self, count: int) -> None:
        self._note_backlog(self._backlog + count)
        self._more.set()

    def _note_backlog(self, count: int) -> None:
        self._backlog = count
        if count:
            self._idle.clear()
        else:
            self._idle.set()
        self._meters.callbacks_waiting.set(count)

    # Processing

    async def _work(self) -> None:
        wait = _FIRST_RETRY_SECONDS
        while True:
            # Together, so that marking what is done takes little of the database from what comes in.
            await asyncio.sleep(_GATHER_SECONDS)
            self._more.clear()
            try:
                while done := await self._processing.run_batch():
                    self._note_backlog(max(self._backlog - done, 0))
                    wait = _FIRST_RETRY_SECONDS
            except StoreError as error:
                log.warning("callbacks are not processed for now", next_try_seconds=wait, why=str(error))
            except Exception as error:  # noqa: BLE001 - the last line: nothing may end the processing
                log.error("callbacks are not processed for now", **wordless(error))  # noqa: TRY400
            else:
                if not self._more.is_set():
                    self._note_backlog(0)
                    await self._more.wait()
                continue
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_RETRY_SECONDS)

    # Housekeeping

    async def tidy(self) -> None:
        """Forget what is old, every five minutes; on PostgreSQL take over what a dead process has left as well."""
        if not self._store.is_sqlite:
            await self._take_over()
        now = to_ms(self._clock.now())
        since = None if self._forgotten_ms is None else abs(now - self._forgotten_ms)
        if since is not None and since < _FORGOTTEN_EVERY // timedelta(milliseconds=1):
            return
        self._forgotten_ms = now
        done, unknown = (now - kept // timedelta(milliseconds=1) for kept in (DONE_KEPT, UNKNOWN_KEPT))
        # In small bites, so that nobody who writes waits long.
        most = _FORGOTTEN_AT_ONCE
        while await self._store.write(lambda c: callbacks.forget_done(c, done, most)) == most:
            pass
        while await self._store.write(lambda c: callbacks.forget_unknown(c, unknown, MOST_UNKNOWN, most)) >= most:
            pass

    async def _take_over(self) -> None:
        before = None if self._store.is_sqlite else to_ms(self._clock.now() - ORPHANED)
        left = await self._store.read(lambda c: callbacks.count_left(c, self._owner, before))
        if not left:
            return
        count = await self._store.write(lambda connection: callbacks.take_over(connection, self._owner, before))
        log.info("callbacks of a former process taken over", count=count)
        self._kept(count)
