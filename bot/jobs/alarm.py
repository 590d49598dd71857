"""The alarm clock: wakes the services when something is due; knows nothing else.

APScheduler is given ONE date job for mutes and one for cleanups, re-armed to what is due next, and interval jobs. As
delivered, APScheduler 3 removes a date job before it has run and drops late ones, so nothing that must not be lost is
ever kept in it.
"""

from __future__ import annotations

import asyncio
import contextvars
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.services.clock import from_ms
from bot.services.complaints import Complaints
from bot.services.ledger import LEASE_MS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.services import Services

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

LONGEST_SLEEP = timedelta(seconds=20)
"""The clock may jump while we sleep, so we look at least this often (T7)."""

CLOCK_WATCH_SECONDS = 10.0
"""APScheduler sleeps by the time of day, so somebody has to notice when that is set."""

_CLOCK_SET_SECONDS = 2.0
_SHORTEST_SLEEP, _CROWDED_SLEEP = timedelta(milliseconds=10), timedelta(milliseconds=200)
_DRAIN, _RECONCILE, _RENEW, _SETTLE, _TEND = "drain", "reconcile", "renew", "settle", "tend"
_SETTLE_SECONDS = 5


class Alarm:
    """Wakes expiry and housekeeping when the next is due, the reconcile by interval, and renews leases."""

    def __init__(self, *, reconcile_seconds: int) -> None:
        self._reconcile_seconds = reconcile_seconds
        self._services: Services | None = None
        # APScheduler 3 has no types.
        self._scheduler: Any = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._armed: dict[str, datetime] = {}
        self._complaints = Complaints()
        self._stopping = False
        self._jobs: set[asyncio.Task[Any]] = set()
        self._watch: asyncio.Task[None] | None = None

    def arm(self, wake_ms: int) -> None:
        """Wake no later than this moment; cheap, and harmless when it is too early or too often."""
        self._arm_at(_DRAIN, from_ms(wake_ms))

    def tend(self, wake_ms: int) -> None:
        """Wake the housekeeping no later than this moment; cheap and harmless likewise."""
        self._arm_at(_TEND, from_ms(wake_ms))

    async def start(self, services: Services) -> None:
        """Take over what a former process left, then start waking."""
        self._services = services
        await services.expiry.recover()
        await services.housekeeping.recover()
        self._scheduler.start()
        soon = services.clock.now()
        every = IntervalTrigger(seconds=self._reconcile_seconds, timezone=UTC)
        self._scheduler.add_job(self._guarded(self._reconcile), every, id=_RECONCILE, next_run_time=soon)
        often = IntervalTrigger(seconds=LEASE_MS // 3000, timezone=UTC)
        self._scheduler.add_job(self._guarded(services.expiry.renew), often, id=_RENEW)
        shortly = IntervalTrigger(seconds=_SETTLE_SECONDS, timezone=UTC)
        self._scheduler.add_job(self._guarded(services.deeds.settle), shortly, id=_SETTLE, next_run_time=soon)
        for job in (_DRAIN, _TEND):
            self._arm_at(job, soon)
        self._watch = asyncio.create_task(self._watch_clock(services), name="clock watch")

    async def stop(self, grace_seconds: float) -> None:
        """Stop waking, then let what is in flight finish for so long."""
        if self._watch is not None:
            self._watch.cancel()
        self._stopping = True
        left = grace_seconds
        if self._scheduler.running:
            self._scheduler.remove_all_jobs()
            left = await self._finish_jobs(grace_seconds)
            self._scheduler.shutdown(wait=False)
            # The scheduler puts that off to the loop's next turn.
            await asyncio.sleep(0)
        if self._services is not None:
            services = self._services
            await asyncio.gather(services.expiry.stop(left), services.housekeeping.stop(left))

    async def _finish_jobs(self, grace_seconds: float) -> float:
        """Let running jobs finish, as a shutdown cancels them at whatever they are; return the seconds left."""
        # A job that was handed to the loop a moment ago begins now.
        await asyncio.sleep(0)
        if not self._jobs:
            return grace_seconds
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace_seconds
        await asyncio.wait(list(self._jobs), timeout=grace_seconds)
        return max(0.0, deadline - loop.time())

    def _arm_at(self, job: str, moment: datetime) -> None:
        if self._services is None or self._stopping or not self._scheduler.running:
            return
        armed = self._armed.get(job)
        if armed is not None and armed <= moment:
            return
        self._armed[job] = moment
        work = self._drain if job == _DRAIN else self._tend
        # A clean context: what is done then belongs to no command, and must not carry the log fields of one along.
        contextvars.Context().run(
            self._scheduler.add_job,
            self._guarded(work),
            DateTrigger(moment, timezone=UTC),
            id=job,
            replace_existing=True,
        )

    async def _watch_clock(self, services: Services) -> None:
        loop = asyncio.get_running_loop()
        while True:
            told, steady = services.clock.now(), loop.time()
            await asyncio.sleep(CLOCK_WATCH_SECONDS)
            now = services.clock.now()
            step = (now - told).total_seconds() - (loop.time() - steady)
            if abs(step) > _CLOCK_SET_SECONDS:
                log.warning("the clock was set", seconds=round(step))
                for job in (_RECONCILE, _RENEW, _SETTLE):
                    self._scheduler.modify_job(job, next_run_time=now)
            for job in (_DRAIN, _TEND):
                if abs(step) > _CLOCK_SET_SECONDS or self._scheduler.get_job(job) is None:
                    self._armed.pop(job, None)
                    self._arm_at(job, now)

    async def _drain(self) -> None:
        assert self._services is not None
        clock, expiry = self._services.clock, self._services.expiry
        wait = timedelta(seconds=1)
        try:
            await expiry.dispatch()
            wake = await expiry.next_wake()
            wait = LONGEST_SLEEP
            if wake is not None:
                left = from_ms(wake) - clock.now()
                # What is due already is more than may be in work at once.
                wait = min(wait, max(left, _SHORTEST_SLEEP)) if left > timedelta() else _CROWDED_SLEEP
        finally:
            # Also what was armed meanwhile: APScheduler drops a job that comes due while it is running.
            self._armed.pop(_DRAIN, None)
            self._arm_at(_DRAIN, clock.now() + wait)

    async def _tend(self) -> None:
        assert self._services is not None
        clock, housekeeping = self._services.clock, self._services.housekeeping
        wait = timedelta(seconds=1)
        try:
            await housekeeping.dispatch()
            wake = await housekeeping.next_wake()
            wait = LONGEST_SLEEP
            if wake is not None:
                # What is due already is more than may be in work at once.
                left = from_ms(wake) - clock.now()
                wait = min(wait, max(left, _CROWDED_SLEEP))
        finally:
            self._armed.pop(_TEND, None)
            self._arm_at(_TEND, clock.now() + wait)

    async def _reconcile(self) -> None:
        assert self._services is not None
        report = await self._services.reconcile.run()
        if report.findings or report.unread:
            log.info(
                "compared with the IM",
                channels=report.channels,
                unread=report.unread,
                adopted=report.adopted,
                ended_outside=report.ended_outside,
            )

    def _guarded(self, job: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
        """Let a failing job be one log line, never the end of the next run."""

        async def run() -> None:
            task = asyncio.current_task()
            assert task is not None
            self._jobs.add(task)
            task.add_done_callback(self._jobs.discard)
            try:
                await job()
            except asyncio.CancelledError:
                # Only our own stop cancels jobs; APScheduler would report it as a fault.
                return
            except Exception as error:  # noqa: BLE001 - said in the log
                name = getattr(job, "__name__", "job")
                self._complaints.say(f"job failed: {name}", error, job=name)

        return run
