"""The alert of a run that has failed: open as long as somebody can do something about it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.services.alerts import Trouble
from bot.services.cleanup.model import RunState
from bot.services.posts import ALERT
from bot.services.refusals import Refusal
from bot.store import cleanup as run_rows
from bot.store import cleanup_tables, tables
from tests.services.alerting import Page, page, rows
from tests.services.conftest import ANNA, BEN, GUILD, World

__all__ = ["page"]


async def failed_run(world: World, *, policy_id: int | None = None, run_id: int | None = None) -> int:
    """Let a run fail, as the engine does."""
    runs = world.services.cleanups._runs

    def put(connection: Any) -> int:
        values: dict[str, Any] = {"kind": "cleanup", "target": "owner", "community_id": "", "channel_id": ""}
        values |= {"name": "bob", "older_than_ms": 1, "cutoff_ms": 1, "item_type": None, "keep": "keep"}
        order: dict[str, Any] = {"staff_id": ANNA.id, "staff_name": ANNA.name, "guild_id": GUILD, "state": "running"}
        found = run_id
        if found is None:
            case: dict[str, Any] = {"at_ms": 1, "action": "cleanup", "community_id": "", "channel_id": ""}
            case |= {"channel_name": "", "member_id": "bob", "duration_ms": None, "reason": "", "undo_of": None}
            case |= {name: order[name] for name in ("staff_id", "staff_name", "guild_id")}
            case_id = connection.execute(tables.cases.insert().returning(tables.cases.c.id), case).scalar_one()
            more = {"case_id": case_id, "begun_ms": 1, "wake_ms": 1, "policy_id": policy_id}
            found = run_rows.add_run(connection, **order, **values, **more)
        run = run_rows.get_run(connection, found)
        assert run is not None
        runs.finish(connection, run, RunState.FAILED, "it said no")
        return found

    return await world.services.posts.write(put)


async def end_run(world: World, run_id: int) -> None:
    def put(connection: Any) -> None:
        run = run_rows.get_run(connection, run_id)
        assert run is not None
        world.services.cleanups._runs.finish(connection, run, RunState.DONE)

    await world.services.posts.write(put)


async def test_a_failed_run_calls_until_it_goes_on_and_heals_when_it_ends(world: World, page: Page) -> None:
    run = await failed_run(world)
    (row,) = await rows(world)
    assert (row.kind, row.subject) == (Trouble.RUN_FAILED, str(run))
    await page.show()
    alerts = world.services.alerts
    view = await alerts.retry(GUILD, row.id, BEN)
    assert view.acknowledged_by == BEN
    assert view.run is not None
    assert view.run.going
    # It fails once more: who went on with it is to know, and everybody else.
    await failed_run(world, run_id=run)
    assert ALERT in await page.show()
    assert (await alerts.view(row.id)).calling
    await world.services.cleanups._runs.resume(GUILD, run, ANNA)
    await end_run(world, run)
    view = await alerts.view(row.id)
    assert (view.acknowledged_by, view.healed_at) == (ANNA, world.clock.now())
    with pytest.raises(Refusal, match="refusal-run-done"):
        await alerts.retry(GUILD, row.id, BEN)


async def test_a_policys_failure_heals_when_the_policys_next_run_succeeds(world: World) -> None:
    policy, other = await world.store.write(lambda connection: [add_policy(connection) for _ in range(2)])
    for of_policy in (policy, policy, other):
        await failed_run(world, policy_id=of_policy)
    # Its next run fails, is gone on with, and ends.
    again = await failed_run(world, policy_id=policy)
    await world.services.cleanups._runs.resume(GUILD, again, ANNA)
    await end_run(world, again)
    assert [row.healed_ms is not None for row in await rows(world)] == [True, True, False, True]


async def test_a_failed_run_that_nobody_can_go_on_with_is_not_open_for_ever(world: World, page: Page) -> None:
    runs = world.services.cleanups._runs
    cleaned, left = await failed_run(world), await failed_run(world)
    await world.store.write(lambda connection: keep_one(connection, cleaned))
    policy = await world.store.write(add_policy)
    await failed_run(world, policy_id=policy)
    # Put back: there is nothing to go on with any more, also while that is under way.
    restore = await runs.begin_restore(cleaned, staff=BEN, guild_id=GUILD)
    assert await open_subjects(world) == {str(left), str(left + 1)}
    await failed_run(world, run_id=restore.id)
    assert str(restore.id) in await open_subjects(world)
    (failed,) = [row for row in await rows(world) if row.subject == str(restore.id)]
    run = (await world.services.alerts.view(failed.id)).run
    assert run is not None
    assert run.is_restore
    await runs.begin_restore(cleaned, staff=BEN, guild_id=GUILD)
    assert str(restore.id) not in await open_subjects(world)
    await world.services.policies.remove(GUILD, policy, ANNA)
    assert await open_subjects(world) == {str(left)}
    # What it deleted is forgotten after a week, and so is its failure.
    world.pass_time(days=6)
    await runs.purge()
    assert await open_subjects(world) == {str(left)}
    world.pass_time(days=2)
    await runs.purge()
    assert await open_subjects(world) == set()
    assert ALERT in await page.show()


def keep_one(connection: Any, run_id: int) -> None:
    item: dict[str, Any] = {"run_id": run_id, "owner": "bob", "state": "gone", "count": 1}
    item |= {"first_ms": 1, "last_ms": 1, "content": b""}
    connection.execute(cleanup_tables.cleanup_kept.insert(), item)


def add_policy(connection: Any) -> int:
    values: dict[str, Any] = {"guild_id": GUILD, "staff_id": 1, "staff_name": "x", "made_ms": 1, "target": "owner"}
    values |= {"community_id": "", "channel_id": "", "name": "bob", "older_than_ms": 1, "keep": "keep"}
    values |= {"schedule": "04:00", "timezone": "UTC", "state": "active"}
    return connection.execute(
        cleanup_tables.policies.insert().returning(cleanup_tables.policies.c.id), values
    ).scalar_one()


async def open_subjects(world: World) -> set[str]:
    return {row.subject for row in await rows(world) if row.healed_ms is None}
