"""Cleanups through what the issue lists: one user refused, a 429 storm, policies that change, the clock, DST."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.app import wire
from bot.im import EasemobAuth, IMClient
from bot.imservice import FaultAction, RequestInfo
from bot.imservice.domain import collections
from bot.services.cleanup.model import RunState
from bot.services.clock import from_ms
from tests.fault_table import Tell
from tests.services.conftest import ANNA, BEN, GUILD, World
from tests.services.cupboard import (
    DAY,
    DELETE,
    LIST,
    NOW,
    community,
    down,
    finished,
    restore,
    rule,
    save,
    start,
)

MUTE = "DELETE /circle/channel/{channel_id}/user/mute"


@asynccontextmanager
async def client(world: World, **options: Any) -> AsyncIterator[None]:
    """Talk to the IM as in production: with retries, pacing and a circuit that opens."""
    own = world.service.credentials
    await world.im.close()
    given: dict[str, Any] = {"deadline_seconds": 1.0} | options
    world.im = IMClient(world.service.url, EasemobAuth(own.org, own.app, own.client_id, own.client_secret), **given)
    world.services = wire(world.settings, store=world.store, im=world.im, clock=world.clock, arm=world.armed.append)
    await world.services.settings.load()
    yield


async def crowd(world: World, count: int, items: int) -> list[str]:
    """Make so many members of the community, with old items each, past the API."""
    names = [f"n{number}" for number in range(count)]

    def fill(connection: Any) -> None:
        connection.executemany(
            "INSERT INTO users (key, username, uuid, nickname, created, modified) VALUES (?, ?, ?, NULL, 1, 1)",
            ((name, name, f"uuid-{name}") for name in names),
        )
        connection.execute(
            "INSERT INTO community_members (community, user, role) "
            "SELECT c.seq, u.seq, 2 FROM communities c, users u WHERE u.username LIKE 'n%'"
        )
        for name in names:
            new = [collections.NewCollection(f"i{n}", "data", 0, None, NOW - 60 * DAY + n) for n in range(items)]
            collections.add(connection, name, new)

    await world.service.write(fill)
    return names


async def remaining(world: World) -> Counter[str]:
    """How many items each owner has, by the IM's own tables."""
    rows = await world.service.write(
        lambda connection: connection.execute(
            "SELECT u.username, count(*) FROM collections c JOIN users u ON u.seq = c.user GROUP BY 1"
        ).fetchall()
    )
    return Counter(dict(rows))


# One user of a thousand


async def test_one_user_of_a_thousand_whom_the_im_refuses_costs_the_others_nothing(world: World, fault: Tell) -> None:
    names = await crowd(world, 1_000, 1)
    victim, asked = names[random.randrange(1_000)], 0

    def refuse(request: RequestInfo) -> FaultAction | None:
        nonlocal asked
        if request.params.get("user_id") != victim:
            return None
        asked += 1
        return FaultAction.answer(500)

    world.service.fault = refuse
    seen = await world.services.cleanups.preview(rule(target=community(world)))
    assert (seen.exact, 0 < seen.count <= 999) == (False, True)
    asked = 0
    run = await world.services.cleanups.start(seen, staff=ANNA, guild_id=GUILD)
    # All others at one go: nobody waits for one who gives trouble.
    await world.services.housekeeping.run_due()
    assert await remaining(world) == {victim: 1}
    before = world.clock.now()
    view = await finished(world, run)
    assert (view.state, view.tally.done, view.tally.owners_failed) == (RunState.DONE, 999, 1)
    assert [(owner, bool(why)) for owner, why in view.failures] == [(victim, True)]
    assert asked <= 5
    assert world.clock.now() - before < timedelta(minutes=5)
    fault("IM refuses one user of a thousand", done=999, reported=1, times_asked=asked, lost=0)


@pytest.mark.slow
async def test_a_user_whose_requests_break_does_not_keep_the_circuit_open_nor_the_run_going(world: World) -> None:
    await save(world, "bob", 3)
    await save(world, "carl", 3)
    world.service.fault = lambda request: FaultAction.answer(500) if request.params.get("user_id") == "carl" else None
    async with client(world, breaker_threshold=2):
        view = await finished(world, await start(world, rule(target=community(world))))
    assert (view.state, view.tally.done, [owner for owner, _why in view.failures]) == (RunState.DONE, 3, ["carl"])


# 429


class Storm:
    """Answers 429 by the clock: to everything with Retry-After, then without, then to three of ten; notes what came."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.begun = time.monotonic()
        self.came: list[tuple[float, str, bool]] = []

    def __call__(self, request: RequestInfo) -> FaultAction | None:
        at = time.monotonic() - self.begun
        refused = 0.7 <= at < 3 and (at < 2 or self._random.random() < 0.3)
        self.came.append((at, request.route, refused))
        if not refused:
            return None
        return FaultAction.answer(429, retry_after=1 if at < 1.2 else None)

    def rate(self, since: float, until: float) -> float:
        return sum(since <= at < until for at, _route, _refused in self.came) / (until - since)


@pytest.mark.slow
async def test_a_429_storm_slows_a_run_down_and_nothing_is_lost_or_done_twice(
    world: World, fault: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In production the rate takes half a minute to come back.
    monkeypatch.setattr("bot.im.pacing._RECOVERY_SECONDS", 2.0)
    await crowd(world, 60, 100)
    case = await world.mute("bob", "10m")
    async with client(world, rate_per_second=200, background_share=0.5, deadline_seconds=20.0):
        storm = world.service.fault = Storm(7)
        run = await start(world, rule(target=community(world)))
        working = asyncio.create_task(finished(world, run))
        await asyncio.sleep(max(0, 2.2 - (time.monotonic() - storm.begun)))
        waiting, seen = world.im.waiting, len(storm.came)
        world.pass_time(minutes=10)
        await world.services.expiry.run_due()
        ahead = [route for _at, route, _refused in storm.came[seen:]]
        view = await working
        world.service.fault = None
    assert waiting > 0
    assert MUTE in ahead
    assert sum(route in {LIST, DELETE} for route in ahead[: ahead.index(MUTE)]) <= 5
    assert (await world.case(case.id)).ending is not None
    assert (view.state, view.tally.done, view.tally.owners_failed) == (RunState.DONE, 6_000, 0)
    assert (await remaining(world)).total() == 0
    before, during = storm.rate(0.2, 0.7), storm.rate(1, 3)
    after = max(storm.rate(3 + step / 4, 3.5 + step / 4) for step in range(20))
    assert before > 40
    assert during < before / 3
    assert after > 0.8 * before
    restored = await restore(world, run.id)
    assert (restored.tally.done, (await remaining(world)).total()) == (6_000, 6_000)
    fault("429 storm", refused=sum(refused for *_, refused in storm.came), deleted=6_000, lost=0, double=0)
    print(before, during, after)


# Policies


async def policy(world: World, schedule: str = "03:00", zone: str | None = None, **more: Any) -> Any:
    of = rule(**({"target": community(world)} | more))
    return await world.services.policies.add(of, schedule=schedule, timezone=zone, staff=ANNA, guild_id=GUILD)


async def runs_of(world: World) -> list[Any]:
    return await world.services.cleanups.list(GUILD)


async def test_a_policy_removed_while_it_runs_stops_it_and_what_went_can_be_put_back(world: World, fault: Tell) -> None:
    await crowd(world, 20, 45)
    made, deleted, changing = await policy(world), 0, []

    def remove(request: RequestInfo) -> None:
        nonlocal deleted
        deleted += 20 if request.route == DELETE else 0
        if deleted == 200 and not changing:
            changing.append(asyncio.ensure_future(world.services.policies.remove(GUILD, made.id, BEN)))

    world.service.fault = remove
    world.pass_time(hours=15)
    await world.services.housekeeping.run_due()
    (run,) = await runs_of(world)
    gone = 900 - (await remaining(world)).total()
    assert (run.state, run.tally.done) == (RunState.CANCELLED, gone)
    assert 200 <= gone <= 700
    world.pass_time(days=3)
    await world.services.housekeeping.run_due()
    assert len(await runs_of(world)) == 1
    restored = await restore(world, run.id)
    assert (restored.tally.done, (await remaining(world)).total()) == (gone, 900)
    fault("policy removed while it runs", deleted_before=gone, started_after=0, wrong=restored.tally.done - gone)


async def test_a_policy_paused_while_it_runs_finishes_what_it_began_and_begins_no_more(world: World) -> None:
    await crowd(world, 3, 25)
    made, changing = await policy(world), []

    def pause(request: RequestInfo) -> None:
        if request.route == DELETE and not changing:
            changing.append(asyncio.ensure_future(world.services.policies.pause(GUILD, made.id, BEN)))

    world.service.fault = pause
    world.pass_time(hours=15)
    await world.services.housekeeping.run_due()
    world.pass_time(days=3)
    await world.services.housekeeping.run_due()
    (run,) = await runs_of(world)
    assert (run.state, run.tally.done) == (RunState.DONE, 75)


async def test_a_clock_that_is_set_back_holds_up_no_run_and_starts_no_policy_twice(world: World) -> None:
    await save(world, "bob", 5)
    await policy(world)
    world.service.fault = down
    world.clock.move(hours=15)
    await world.services.housekeeping.run_due()
    # 03:00 is behind us, the run waits for the IM; then it is 01:00, and 03:00 again.
    world.clock.move(hours=-2)
    world.service.fault = None
    await world.services.housekeeping.run_due()
    assert [run.state for run in await runs_of(world)] == [RunState.DONE]
    for _ in range(5):
        world.clock.move(minutes=30)
        await world.services.housekeeping.run_due()
    (run,) = await runs_of(world)
    assert (run.state, run.tally.done) == (RunState.DONE, 5)


DST = (
    # Zone, the day of the change, a time of day that it leaves out or repeats.
    ("America/New_York", date(2026, 3, 8), "02:30"),
    ("America/New_York", date(2026, 11, 1), "01:30"),
    ("Europe/Berlin", date(2026, 3, 29), "02:30"),
    ("Europe/Berlin", date(2026, 10, 25), "02:30"),
    ("Australia/Lord_Howe", date(2026, 4, 5), "01:45"),
    ("Australia/Lord_Howe", date(2026, 10, 4), "02:15"),
    ("Africa/Casablanca", date(2026, 3, 22), "02:30"),
    ("Asia/Shanghai", date(2026, 3, 29), "02:30"),
)


async def test_a_daily_policy_runs_once_a_day_through_each_change_of_the_clocks(world: World, fault: Tell) -> None:
    counted: Counter[str] = Counter()
    for name, change, at in sorted(DST, key=lambda one: one[1]):
        zone, hour, minute = ZoneInfo(name), *map(int, at.split(":"))
        begin = datetime.combine(change - timedelta(days=1), time_of_day(), zone).astimezone(UTC)
        world.clock.move(seconds=(begin - world.clock.now()).total_seconds())
        made = [await policy(world, text, name, target=rule().target) for text in (at, f"{minute} {hour} * * *")]
        before = len(await world.services.cleanups._runs.list(GUILD, limit=1_000))  # pyright: ignore
        # A time that is left out counts as if the clocks had not been changed yet, one that comes twice the first time.
        due = [
            datetime.combine(change + timedelta(days=day), time_of_day(hour, minute), zone).astimezone(UTC)
            for day in (-1, 0, 1)
        ]
        while (wake := await world.services.housekeeping.next_wake()) is not None and from_ms(wake) <= due[-1]:
            world.clock.move(seconds=(from_ms(wake) - world.clock.now()).total_seconds() - 0.001)
            counted["early"] += await world.services.housekeeping.run_due()
            world.clock.move(seconds=0.001)
            await world.services.housekeeping.run_due()
        runs = (await world.services.cleanups._runs.list(GUILD, limit=1_000))[: -before or None]  # pyright: ignore
        for one in made:
            begun = Counter(run.begun_at for run in runs if run.policy_id == one.id)
            assert sorted(begun) == due, (name, at, one.schedule.text)
            counted["days"] += len(due)
            counted["double"] += begun.total() - len(begun)
            await world.services.policies.remove(GUILD, one.id, ANNA)
    assert counted["days"] == len(DST) * 2 * 3
    fault("DST change", zones=len({zone for zone, *_ in DST}), **{"early": 0, "double": 0, "lost": 0} | counted)
