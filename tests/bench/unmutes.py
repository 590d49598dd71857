"""1,000 unmutes due in the same second, beside APScheduler's own job store; and what 100,000 outstanding cost."""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
import tracemalloc
from datetime import UTC, datetime, timedelta

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Connection, insert

from bot.app import wire
from bot.config import Settings
from bot.im import IMClient
from bot.jobs.alarm import Alarm
from bot.services import Services
from bot.services.clock import SystemClock, to_ms
from bot.services.model import Action, Place, Staff
from bot.services.orders import Order
from bot.store import Store
from bot.store.tables import cases, mutes, timers
from tests.bench.im import AUTH, Crowd, crowd
from tests.bench.measure import LoopGap, Result, interleaved

DUE = 1_000
RATE = 100
_fired = 0


async def _job() -> None:
    global _fired  # noqa: PLW0603 - the job store pickles a function by its name
    _fired += 1


async def apscheduler_gap() -> float:
    """Return the largest loop gap while APScheduler runs 1,000 date jobs of its SQLAlchemy store (seconds)."""
    global _fired  # noqa: PLW0603
    _fired = 0
    with tempfile.TemporaryDirectory() as folder:
        store = SQLAlchemyJobStore(url=f"sqlite:///{folder}/jobs.db")
        scheduler = AsyncIOScheduler(
            jobstores={"default": store}, timezone=UTC, job_defaults={"misfire_grace_time": None}
        )
        due = datetime.now(UTC) + timedelta(seconds=8)
        scheduler.start()
        for _ in range(DUE):
            scheduler.add_job(_job, "date", run_date=due)
        async with LoopGap() as gap:
            until = time.perf_counter() + 60
            while _fired < DUE and time.perf_counter() < until:
                await asyncio.sleep(0.05)
        scheduler.shutdown()
        assert _fired == DUE
        return gap.largest


async def filled(store: Store, community: str, pairs: list[tuple[str, str]], due_ms: int, spread_ms: int = 0) -> None:
    """Put mutes in force into a database, as if they had been begun long ago."""
    now = due_ms - 600_000

    def put(connection: Connection) -> None:
        for start in range(0, len(pairs), 2_000):
            rows = list(enumerate(pairs[start : start + 2_000], start=start + 1))
            common = {"guild_id": 1, "community_id": community}
            connection.execute(
                insert(cases),
                [
                    common | {"id": n, "at_ms": now, "staff_id": 1, "staff_name": "s", "action": "mute",
                              "channel_id": channel, "channel_name": "hall", "member_id": member,
                              "duration_ms": 600_000}
                    for n, (channel, member) in rows
                ],
            )  # fmt: skip
            connection.execute(
                insert(mutes),
                [
                    common | {"id": n, "case_id": n, "channel_id": channel, "member_id": member, "state": "active",
                              "begun_ms": now, "requested_ms": 600_000, "due_ms": due_ms + n * spread_ms}
                    for n, (channel, member) in rows
                ],
            )  # fmt: skip
            connection.execute(
                insert(timers),
                [{"mute_id": n, "guild_id": 1, "wake_ms": due_ms + n * spread_ms} for n, _ in rows],
            )

    await store.write(put)


async def drain(found: Crowd) -> tuple[float, float]:
    """Return the largest loop gap (seconds) and the calls a second while 1,000 due mutes are ended."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(storage={"url": f"sqlite+aiosqlite:///{folder}/warden.db"})  # pyright: ignore
        store = Store(settings.storage.url.get_secret_value())
        await store.migrate()
        calls: list[float] = []
        clock = SystemClock()
        im = IMClient(found.url, AUTH, rate_per_second=RATE, on_call=lambda _c: calls.append(time.perf_counter()))
        alarm = Alarm(reconcile_seconds=30)
        services = wire(settings, store=store, im=im, clock=clock, arm=alarm.arm)
        # The list tells these ends already; ours are the same, so that nothing looks prolonged.
        await filled(store, found.community, found.pairs(), to_ms(clock.now()) + 1_000)
        await im.authenticate()
        gc.collect()
        async with LoopGap() as gap:
            await alarm.start(services)
            while await _left(services):
                await asyncio.sleep(0.2)
            await services.expiry.join()
        await alarm.stop(5)
        await im.close()
        await store.close()
        # From the first call of the drain to the last, whatever they were.
        seconds = calls[-1] - calls[1]
        return gap.largest, (len(calls) - 2) / seconds


async def _left(services: Services) -> bool:
    return await services.expiry.next_wake() is not None or bool(services.expiry._tasks)


async def run() -> list[Result]:
    """Both benchmarks of unmutes."""
    results: list[Result] = []
    rates: list[float] = []

    async def ours() -> float:
        async with crowd(DUE, "--keep-expired-mutes", muted_ms=1_000) as found:
            largest, rate = await drain(found)
            rates.append(rate)
            return largest

    mine, floor = await interleaved(3, ours, apscheduler_gap)
    results.append(
        Result(
            f"largest loop gap, {DUE} due at once",
            f"{mine * 1e3:.1f} ms",
            f"{floor * 1e3:.0f} ms (APScheduler job store)",
            f"1/{floor / mine:.0f}",
            "<= 1/50",
            mine <= floor / 50,
        )
    )
    rate = sorted(rates[1:])[1]
    results.append(
        Result(
            f"drain of {DUE}: calls a second",
            f"{rate:.1f}/s",
            f"{RATE}/s (pacing rate)",
            f"{rate / RATE:.3f}",
            ">= 0.95",
            rate >= 0.95 * RATE,
        )
    )
    return results + await outstanding()


async def _start_up(count: int) -> float:
    """Seconds from opening a database with so many outstanding timers until the alarm is armed."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(storage={"url": f"sqlite+aiosqlite:///{folder}/warden.db"})  # pyright: ignore
        store = Store(settings.storage.url.get_secret_value())
        await store.migrate()
        pairs = [(f"c{n // 2000}", f"m{n % 2000}") for n in range(count)]
        await filled(store, "community", pairs, to_ms(SystemClock().now()) + 86_400_000, spread_ms=10)
        await store.close()
        begun = time.perf_counter()
        store = Store(settings.storage.url.get_secret_value())
        await store.migrate()
        im = IMClient("http://127.0.0.1:9", AUTH)
        alarm = Alarm(reconcile_seconds=50)
        services = wire(settings, store=store, im=im, clock=SystemClock(), arm=alarm.arm)
        await services.settings.load()
        await services.expiry.recover()
        await services.expiry.dispatch()
        await services.expiry.next_wake()
        seconds = time.perf_counter() - begun
        await im.close()
        await store.close()
        return seconds


async def _adding(count: int) -> tuple[float, float]:
    """Seconds for one more mute beside so many, and bytes of Python memory a timer once they are loaded."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(storage={"url": f"sqlite+aiosqlite:///{folder}/warden.db"})  # pyright: ignore
        store = Store(settings.storage.url.get_secret_value())
        await store.migrate()
        pairs = [(f"c{n // 2000}", f"m{n % 2000}") for n in range(count)]
        await filled(store, "community", pairs, to_ms(SystemClock().now()) + 86_400_000, spread_ms=10)
        im = IMClient("http://127.0.0.1:9", AUTH)
        services = wire(settings, store=store, im=im, clock=SystemClock(), arm=lambda _ms: None)
        await services.settings.load()
        tracemalloc.start()
        await services.expiry.recover()
        await services.expiry.dispatch()
        await services.expiry.renew()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        ledger = services.mutes._ledger
        place = Place("community", "other", "other")
        taken: list[float] = []
        for number in range(300):
            order = Order(Staff(1, "s"), 1, place, f"n{number}", Action.MUTE, 600_000)
            begun = time.perf_counter()
            mute = await ledger.begin(order)
            await ledger.applied(mute, to_ms(SystemClock().now()) + 600_000)
            taken.append(time.perf_counter() - begun)
        await im.close()
        await store.close()
        return sorted(taken[20:])[140], before / count


async def outstanding() -> list[Result]:
    """What 100,000 outstanding timers cost beside 1,000."""

    async def big() -> float:
        return await _start_up(100_000)

    async def small() -> float:
        return await _start_up(1_000)

    large, little = await interleaved(3, big, small)
    bytes_each: list[float] = []

    async def add_big() -> float:
        seconds, each = await _adding(100_000)
        bytes_each.append(each)
        return seconds

    async def add_small() -> float:
        return (await _adding(1_000))[0]

    add_large, add_little = await interleaved(3, add_big, add_small)
    return [
        Result(
            "start-up with 100,000 outstanding",
            f"{large * 1e3:.0f} ms",
            f"{little * 1e3:.0f} ms (with 1,000)",
            f"{large / little:.2f}",
            "<= 2",
            large <= 2 * little,
        ),
        Result(
            "adding a mute beside 100,000",
            f"{add_large * 1e3:.2f} ms",
            f"{add_little * 1e3:.2f} ms (beside 1,000)",
            f"{add_large / add_little:.2f}",
            "<= 2",
            add_large <= 2 * add_little,
        ),
        Result(
            "memory an outstanding timer",
            f"{bytes_each[-1]:.1f} bytes",
            "0",
            "",
            "~ 0",
            bytes_each[-1] < 20,
        ),
    ]
