"""The alarm clock with the real APScheduler: what it wakes, when, and what it survives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import apscheduler.schedulers.base
import apscheduler.triggers.interval
import pytest

from bot.jobs import alarm as alarm_module
from bot.jobs.alarm import LONGEST_SLEEP, Alarm
from bot.services.clock import to_ms

RECONCILE_SECONDS = 3600


class Expiry:
    """Timers in memory; `ran` notes when work was done (the loop's time)."""

    def __init__(self) -> None:
        self.timers: list[int] = []
        self.ran: list[float] = []
        self.drains = 0
        self.renewed = 0
        self.recovered = 0
        self.stopped_with: float | None = None
        self.fail_times = 0
        self.hold: asyncio.Event | None = None

    async def recover(self) -> int:
        self.recovered += 1
        return 0

    async def renew(self) -> None:
        self.renewed += 1

    async def dispatch(self) -> int:
        self.drains += 1
        if self.fail_times:
            self.fail_times -= 1
            raise RuntimeError("the database is away")
        now = to_ms(alarm_module_now())
        due = [wake for wake in self.timers if wake <= now]
        self.timers = [wake for wake in self.timers if wake > now]
        self.ran += [asyncio.get_running_loop().time()] * len(due)
        if self.hold is not None:
            await self.hold.wait()
        return len(due)

    async def next_wake(self) -> int | None:
        return min(self.timers, default=None)

    async def stop(self, grace_seconds: float) -> None:
        self.stopped_with = grace_seconds


class Reconcile:
    def __init__(self) -> None:
        self.runs = 0
        self.fails = False

    async def run(self) -> Any:
        self.runs += 1
        if self.fails:
            raise RuntimeError("the IM is away")
        return SimpleNamespace(findings=0, unread=0, channels=0, adopted=0, ended_outside=0)


class Deeds:
    async def settle(self) -> int:
        return 0


class Housekeeping:
    """Cleanups that are due at `wakes`; `tended` notes when it was woken (the loop's time)."""

    def __init__(self) -> None:
        self.wakes: list[int] = []
        self.tended: list[float] = []
        self.recovered = 0
        self.stopped_with: float | None = None

    async def recover(self) -> int:
        self.recovered += 1
        return 0

    async def dispatch(self) -> int:
        now = to_ms(alarm_module_now())
        self.wakes = [wake for wake in self.wakes if wake > now]
        self.tended.append(asyncio.get_running_loop().time())
        return 0

    async def next_wake(self) -> int | None:
        return min(self.wakes, default=None)

    async def stop(self, grace_seconds: float) -> None:
        self.stopped_with = grace_seconds


class ShiftedTime(datetime):
    """The machine's clock, which somebody may set."""

    shift = timedelta()

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # pyright: ignore
        return datetime.now(tz) + cls.shift


class ShiftedClock:
    def now(self) -> datetime:
        return datetime.now(UTC) + ShiftedTime.shift


def alarm_module_now() -> datetime:
    return ShiftedClock().now()


@pytest.fixture(autouse=True)
def the_machines_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let APScheduler see the clock that tests set."""
    monkeypatch.setattr(ShiftedTime, "shift", timedelta())
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", ShiftedTime)
    monkeypatch.setattr(apscheduler.triggers.interval, "datetime", ShiftedTime)


Running = tuple[Alarm, Expiry, Reconcile]


@asynccontextmanager
async def running(expiry: Expiry | None = None) -> AsyncIterator[Running]:
    alarm, expiry, reconcile = Alarm(reconcile_seconds=RECONCILE_SECONDS), expiry or Expiry(), Reconcile()
    services: Any = SimpleNamespace(
        clock=ShiftedClock(), expiry=expiry, reconcile=reconcile, deeds=Deeds(), housekeeping=Housekeeping()
    )
    await alarm.start(services)
    try:
        yield alarm, expiry, reconcile
    finally:
        await alarm.stop(1)


async def until(condition: Callable[[], bool], *, within: float = 5.0) -> float:
    """Wait until something holds; return how long it took."""
    begun = asyncio.get_running_loop().time()
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.005)
    return asyncio.get_running_loop().time() - begun


def in_ms(seconds: float) -> int:
    return to_ms(alarm_module_now() + timedelta(seconds=seconds))


async def first_drain(expiry: Expiry) -> None:
    """Wait until the drain at start is over and the alarm is armed for what is next."""
    await until(lambda: expiry.drains >= 1)
    await asyncio.sleep(0.02)


def drain_jobs(alarm: Alarm) -> list[Any]:
    return [job for job in alarm._scheduler.get_jobs() if job.id == "drain"]


async def test_at_start_it_takes_over_what_was_left_and_looks_at_once() -> None:
    async with running() as (_alarm, expiry, reconcile):
        await until(lambda: expiry.drains >= 1 and reconcile.runs == 1)
        assert expiry.recovered == 1


async def test_what_is_due_in_the_past_fires_at_once() -> None:
    expiry = Expiry()
    expiry.timers = [in_ms(-7200), in_ms(-1)]
    async with running(expiry):
        assert await until(lambda: len(expiry.ran) == 2) < 1


async def test_it_wakes_at_the_earliest_timer_and_then_at_the_next() -> None:
    expiry = Expiry()
    expiry.timers = [in_ms(0.6), in_ms(0.3)]
    begun = asyncio.get_running_loop().time()
    async with running(expiry):
        await until(lambda: len(expiry.ran) == 2)
    first, second = (moment - begun for moment in expiry.ran)
    assert 0.28 <= first < 0.58 <= second < 1.5


async def test_an_earlier_timer_rearms_it() -> None:
    async with running() as (alarm, expiry, _):
        await first_drain(expiry)
        for seconds in (10, 0.2):
            expiry.timers.append(in_ms(seconds))
            alarm.arm(expiry.timers[-1])
        assert await until(lambda: len(expiry.ran) == 1) < 2


async def test_a_later_timer_does_not_put_an_earlier_one_off() -> None:
    async with running() as (alarm, expiry, _):
        await first_drain(expiry)
        for seconds in (0.2, 10):
            expiry.timers.append(in_ms(seconds))
            alarm.arm(expiry.timers[-1])
        assert await until(lambda: len(expiry.ran) == 1) < 2


async def test_there_is_one_drain_job_however_many_timers() -> None:
    async with running() as (alarm, expiry, _):
        await first_drain(expiry)
        for number in range(1_000):
            expiry.timers.append(in_ms(600 + number))
            alarm.arm(expiry.timers[-1])
        assert len(drain_jobs(alarm)) == 1
        assert len(alarm._scheduler.get_jobs()) == 5


async def test_it_never_sleeps_longer_than_twenty_seconds() -> None:
    assert timedelta(seconds=20) >= LONGEST_SLEEP
    for timers in ([], [in_ms(7200)]):
        expiry = Expiry()
        expiry.timers = list(timers)
        async with running(expiry) as (alarm, _, _):
            await first_drain(expiry)
            (job,) = drain_jobs(alarm)
            assert job.next_run_time <= alarm_module_now() + LONGEST_SLEEP


async def test_a_failing_drain_is_tried_again_a_second_later() -> None:
    expiry = Expiry()
    expiry.fail_times = 2
    expiry.timers = [in_ms(0)]
    async with running(expiry):
        assert 1.5 < await until(lambda: len(expiry.ran) == 1) < 4


async def test_a_failing_comparison_stops_no_unmute() -> None:
    async with running() as (alarm, expiry, reconcile):
        await until(lambda: reconcile.runs == 1)
        reconcile.fails = True
        alarm._scheduler.modify_job("reconcile", next_run_time=alarm_module_now())
        await until(lambda: reconcile.runs == 2)
        expiry.timers.append(in_ms(0.1))
        alarm.arm(expiry.timers[-1])
        await until(lambda: len(expiry.ran) == 1)
        assert alarm._scheduler.get_job("reconcile") is not None


async def test_what_is_armed_while_a_slow_drain_runs_is_not_lost() -> None:
    """APScheduler throws a date job away that comes due while its former run goes on."""
    expiry = Expiry()
    expiry.timers = [in_ms(0)]
    expiry.hold = asyncio.Event()
    async with running(expiry) as (alarm, _, _):
        await until(lambda: len(expiry.ran) == 1)
        expiry.timers.append(in_ms(0.1))
        alarm.arm(expiry.timers[-1])
        await asyncio.sleep(0.4)  # long enough for the scheduler to have come and gone
        hold, expiry.hold = expiry.hold, None
        hold.set()
        assert await until(lambda: len(expiry.ran) == 2) < 2
        expiry.timers.append(in_ms(0.1))
        alarm.arm(expiry.timers[-1])
        await until(lambda: len(expiry.ran) == 3)


@pytest.mark.parametrize("hours", [-2, 2])
async def test_a_clock_that_is_set_stops_nothing(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    """A scheduler that goes by the time of day would sleep for two hours when the clock is set back (T7)."""
    monkeypatch.setattr(alarm_module, "CLOCK_WATCH_SECONDS", 0.1)
    async with running() as (alarm, expiry, reconcile):
        await first_drain(expiry)
        ShiftedTime.shift = timedelta(hours=hours)
        expiry.timers.append(in_ms(0.2))
        drained, renewed, compared = expiry.drains, expiry.renewed, reconcile.runs
        await until(lambda: expiry.drains > drained and expiry.renewed > renewed and reconcile.runs > compared)
        await until(lambda: len(expiry.ran) == 1)
        for job in alarm._scheduler.get_jobs():
            assert job.next_run_time <= alarm_module_now() + timedelta(seconds=RECONCILE_SECONDS)


async def test_a_clock_that_runs_true_wakes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm_module, "CLOCK_WATCH_SECONDS", 0.05)
    async with running() as (_alarm, expiry, reconcile):
        await first_drain(expiry)
        await until(lambda: reconcile.runs == 1)
        await asyncio.sleep(0.5)
        assert (expiry.drains, reconcile.runs) == (1, 1)


async def test_stop_lets_work_in_flight_finish_and_starts_nothing_new() -> None:
    async with running() as (alarm, expiry, _):
        await first_drain(expiry)
        await alarm.stop(3)
        assert expiry.stopped_with == 3
        drained = expiry.drains
        alarm.arm(in_ms(0))
        await asyncio.sleep(0.1)
        assert expiry.drains == drained
        await alarm.stop(1)  # a second time does no harm


async def test_arming_before_the_start_and_without_it_is_harmless() -> None:
    alarm = Alarm(reconcile_seconds=30)
    alarm.arm(in_ms(0))
    await alarm.stop(0)


async def test_the_housekeeping_is_woken_at_start_when_it_is_due_and_by_whom_it_concerns() -> None:
    async with running() as (alarm, _, _):
        housekeeping: Any = alarm._services.housekeeping  # pyright: ignore
        await until(lambda: len(housekeeping.tended) == 1)
        assert housekeeping.recovered == 1
        housekeeping.wakes.append(in_ms(0.2))
        alarm.tend(in_ms(0))
        await until(lambda: len(housekeeping.tended) == 3, within=2)
    assert housekeeping.stopped_with is not None
