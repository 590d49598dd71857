"""Standing rules and jobs: when they are due, and what becomes of them (design section 8, issue 5)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.services.cleanup.model import PolicyState, RunState
from bot.services.cleanup.schedule import parse_schedule, suggest_timezones
from bot.services.clock import to_ms
from bot.services.model import Action
from bot.services.refusals import Refusal
from tests.services.conftest import ANNA, BEN, GUILD, START, World
from tests.services.cupboard import community, down, during_the_first_delete, finished, left, rule, save, start


def dues(text: str, zone: str, begin: datetime, count: int) -> list[str]:
    schedule = parse_schedule(text, zone, begin)
    moments: list[str] = []
    for _ in range(count):
        due = schedule.after(begin)
        assert due is not None
        assert due > begin
        begin = due
        moments.append(due.astimezone(UTC).strftime("%m-%d %H:%M"))
    return moments


SPRING, AUTUMN = datetime(2026, 3, 7, 12, tzinfo=UTC), datetime(2026, 10, 31, 12, tzinfo=UTC)
NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("text", "zone", "begin", "expected"),
    [
        # 2:30 does not exist on March 8: half past three then, half past two the day after.
        ("02:30", NEW_YORK, SPRING, ["03-08 07:30", "03-09 06:30", "03-10 06:30"]),
        # 1:30 comes twice on November 1: once is enough.
        ("1:30", NEW_YORK, AUTUMN, ["11-01 05:30", "11-02 06:30", "11-03 06:30"]),
        ("30 1 * * *", NEW_YORK, AUTUMN, ["11-01 05:30", "11-02 06:30", "11-03 06:30"]),
        # Who goes by hours is due in each of them.
        ("30 * * * *", NEW_YORK, AUTUMN.replace(month=11, day=1, hour=5, minute=0), ["11-01 05:30", "11-01 06:30"]),
        ("０３：００", "Asia/Shanghai", START, ["03-01 19:00", "03-02 19:00"]),
        ("0 4 * * 0", "", START, ["03-08 04:00", "03-15 04:00"]),
        ("0 4 * * 7", "utc", START, ["03-08 04:00", "03-15 04:00"]),
        ("0 4 * * mon-wed", "UTC", START, ["03-02 04:00", "03-03 04:00", "03-04 04:00", "03-09 04:00"]),
        ("0 4 * * 5-7/2", "UTC", START, ["03-06 04:00", "03-08 04:00", "03-13 04:00"]),
        # Day of month or weekday: either will do, as in cron.
        ("0 4 13 * fri", "UTC", START, ["03-06 04:00", "03-13 04:00", "03-20 04:00"]),
    ],
)
def test_when_a_rule_is_due(text: str, zone: str, begin: datetime, expected: list[str]) -> None:
    assert dues(text, zone, begin, len(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "25:00", "3", "3pm", "daily", "* * * *", "* * * * * *", "60 * * * *", "0 0 * * 8", "0 0 * * 5-1"),
        *("0 0 * * mon-", "0 0 * * 1/0", "*/0 * * * *", "0 0 32 * *", "0 0 * * frog", "<@1> * * * *"),
    ],
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="refusal-schedule"):
        parse_schedule(text, "UTC", START)


def test_a_schedule_that_is_never_due_and_a_zone_that_is_none_are_refused() -> None:
    with pytest.raises(Refusal, match="refusal-schedule-never"):
        parse_schedule("0 0 31 2 *", "UTC", START)
    for zone in ("Mars/Olympus", "../etc/passwd", "x" * 300):
        with pytest.raises(Refusal, match="refusal-timezone"):
            parse_schedule("03:00", zone, START)
    assert suggest_timezones("shang") == ["Asia/Shanghai"]
    assert suggest_timezones("new y")[0] == NEW_YORK


async def add(world: World, **more: Any) -> Any:
    made: dict[str, Any] = {"rule": rule(target=community(world)), "schedule": "03:00", "timezone": None} | more
    return await world.services.policies.add(
        made["rule"], schedule=made["schedule"], timezone=made["timezone"], staff=ANNA, guild_id=GUILD
    )


async def tend(world: World) -> None:
    await world.services.housekeeping.run_due()


async def test_a_policy_cleans_up_whenever_it_is_due_and_says_so_as_a_case(world: World) -> None:
    policy = await add(world)
    assert policy.next_at == START.replace(day=2, hour=3)
    assert await world.services.housekeeping.next_wake() == to_ms(policy.next_at)
    await save(world, "bob", 3, days=29.5)
    await tend(world)
    assert len(await left(world, "bob")) == 3
    world.pass_time(hours=15)
    await tend(world)
    assert await left(world, "bob") == {}
    (run,) = await world.services.cleanups.list(GUILD)
    assert (run.policy_id, run.staff, run.tally.done, run.state) == (policy.id, ANNA, 3, RunState.DONE)
    case = await world.case(run.case_id)
    assert (case.action, case.details["policy_id"]) == (Action.CLEANUP, policy.id)
    made = await world.case(run.case_id - 1)
    assert (made.action, made.details["change"], made.staff) == (Action.POLICY, "add", ANNA)
    await tend(world)
    assert len(await world.services.cleanups.list(GUILD)) == 1


async def test_what_was_missed_while_we_were_away_is_made_up_for_once(world: World) -> None:
    policy = await add(world)
    world.pass_time(days=5, hours=16)
    await world.restart()
    await tend(world)
    await tend(world)
    assert len(await world.services.cleanups.list(GUILD)) == 1
    (policy,) = await world.services.policies.list(GUILD)
    assert policy.next_at == START.replace(day=8, hour=3)


async def test_a_paused_policy_rests_until_it_is_told_to_go_on(world: World) -> None:
    policy = await add(world)
    assert (await world.services.policies.pause(GUILD, policy.id, BEN)).state is PolicyState.PAUSED
    world.pass_time(days=3)
    await tend(world)
    assert await world.services.cleanups.list(GUILD) == []
    assert await world.services.housekeeping.next_wake() is None
    again = await world.services.policies.pause(GUILD, policy.id, BEN)
    assert (again.state, again.next_at) == (PolicyState.ACTIVE, START.replace(day=5, hour=3))
    history = await world.store.read(lambda c: c.exec_driver_sql("SELECT details, staff_id FROM cases").all())
    assert [BEN.id for _details, staff in history if staff == BEN.id] == [BEN.id] * 2


async def test_a_policy_that_is_still_at_it_is_not_started_a_second_time(world: World) -> None:
    policy = await add(world)
    await save(world, "bob", 3)
    world.service.fault = down
    world.pass_time(hours=15)
    await tend(world)
    with pytest.raises(Refusal, match="refusal-policy-going"):
        await world.services.jobs.run(GUILD, f"policy-{policy.id}", ANNA)
    world.pass_time(days=1)
    await tend(world)
    (run,) = await world.services.cleanups.list(GUILD)
    world.service.fault = None
    assert (await finished(world, run)).tally.done == 3


async def test_a_removed_policy_stops_its_run_at_the_next_request(world: World) -> None:
    policy = await add(world)
    await save(world, "bob", 400)
    during_the_first_delete(world, lambda: world.services.policies.remove(GUILD, policy.id, BEN))
    world.pass_time(hours=15)
    await tend(world)
    (run,) = await world.services.cleanups.list(GUILD)
    assert run.state is RunState.CANCELLED
    assert 0 < run.tally.done < 200
    assert await world.services.policies.list(GUILD) == []
    with pytest.raises(Refusal, match="refusal-unknown-policy"):
        await world.services.policies.remove(GUILD, policy.id, BEN)
    world.pass_time(days=2)
    await tend(world)
    assert len(await world.services.cleanups.list(GUILD)) == 1


# Jobs


async def test_jobs_are_what_is_under_way_and_what_is_scheduled_in_this_guild(world: World) -> None:
    policy = await add(world)
    await save(world, "bob", 3)
    run = await start(world, rule())
    jobs = await world.services.jobs.list(GUILD)
    assert [job.id for job in jobs] == [f"run-{run.id}", f"policy-{policy.id}", "reconcile"]
    assert [job.id for job in await world.services.jobs.list(GUILD + 1)] == ["reconcile"]
    await tend(world)
    jobs = await world.services.jobs.list(GUILD)
    assert [job.id for job in jobs] == [f"policy-{policy.id}", "reconcile"]
    started = await world.services.jobs.run(GUILD, f" Policy-{policy.id} ", BEN)
    assert started.run
    assert started.run.staff == BEN
    cancelled = await world.services.jobs.cancel(GUILD, f"policy-{policy.id}")
    assert cancelled.id == started.id
    await tend(world)
    assert [job.id for job in await world.services.jobs.resumable(GUILD)] == [started.id]
    assert (await world.services.jobs.run(GUILD, "reconcile", BEN)).last_reconcile == START


@pytest.mark.parametrize(
    ("what", "job", "key"),
    [
        ("run", "everything", "refusal-unknown-job"),
        ("run", "run-77", "refusal-unknown-run"),
        ("run", "policy-77", "refusal-unknown-policy"),
        ("run", "run-99999999999999999999", "refusal-unknown-job"),
        ("cancel", "run-77", "refusal-unknown-run"),
        ("cancel", "reconcile", "refusal-job-not-running"),
    ],
)
async def test_jobs_that_do_not_exist_are_refused(world: World, what: str, job: str, key: str) -> None:
    jobs = world.services.jobs
    call = jobs.run(GUILD, job, ANNA) if what == "run" else jobs.cancel(GUILD, job)
    with pytest.raises(Refusal, match=key):
        await call
