"""The state on a real PostgreSQL: migrations, a mute and its end, and two processes that share the work (T9)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.app import wire
from bot.im import NewUser
from bot.imservice import FaultAction
from bot.services import Services
from bot.services.alerts import STUCK
from bot.services.cleanup.engine import LEASE_MS as RUN_LEASE_MS
from bot.services.judgement import LATEST_SEND_MS
from bot.services.ledger import LEASE_MS
from bot.services.model import CaseView, Ending, Failure, MuteState, Outcome
from bot.services.posts import CASE
from bot.services.refusals import Refusal, Unsettled
from bot.store import NotMigratedError, Store, cleanup, posts, tables
from tests.services.conftest import ANNA, BEN, GUILD, World
from tests.services.cupboard import left, rule, save

pgserver = pytest.importorskip("pgserver")
pytest.importorskip("asyncpg")
pytestmark = pytest.mark.slow

LIFT = "DELETE /circle/channel/{channel_id}/user/mute"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of our own on a socket; returns the URL of its database."""
    folder: Path = tmp_path_factory.mktemp("postgres")
    server = pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://", 1)
    server.cleanup()


@pytest.fixture
async def store(server: str) -> AsyncIterator[Store]:
    """An empty, migrated database."""
    store = Store(server)
    await store.write(lambda c: c.execute(text("DROP SCHEMA public CASCADE")))
    await store.write(lambda c: c.execute(text("CREATE SCHEMA public")))
    await store.migrate()
    yield store
    await store.close()


def process(world: World, store: Store) -> Services:
    return wire(world.settings, store=store, im=world.im, clock=world.clock, arm=lambda _ms: None)


async def mute(services: Services, member: str, duration: str = "10m") -> Any:
    return await services.mutes.mute(
        staff=ANNA, guild_id=GUILD, channel="general", member=member, duration=duration, reason="spam 刷屏"
    )


async def crowd(world: World, count: int) -> list[str]:
    names = [f"m{number}" for number in range(count)]
    await world.im.users.create(*[NewUser(username=name) for name in names])
    for name in names:
        await world.im.communities.join(world.community, name)
        await world.im.members.add(world.community, world.channel, name)
    return names


async def rows(store: Store, table: Any) -> list[Any]:
    return await store.read(lambda connection: list(connection.execute(select(table))))


async def test_it_is_migrated_from_empty_once_and_not_served_before(server: str, store: Store) -> None:
    assert await store.migrate() == (store.head, store.head)
    await store.write(lambda connection: connection.execute(text("DROP TABLE alembic_version")))
    with pytest.raises(NotMigratedError):
        await store.require_migrated()


async def test_a_mute_ends_on_time_and_its_case_says_so(world: World, store: Store) -> None:
    services = process(world, store)
    case = await mute(services, "bob")
    assert case.outcome is Outcome.APPLIED
    assert (await services.reconcile.run()).verified == 1
    world.pass_time(minutes=10)
    assert await services.expiry.run_due() == 1
    assert await world.listed() == {}
    closed = await services.cases.view(GUILD, case.id)
    assert (closed.outcome, closed.mute_state, closed.ending) == (Outcome.VERIFIED, MuteState.LIFTED, Ending.ENDED)
    assert await rows(store, tables.timers) == []


async def test_two_processes_at_once_make_one_mute(world: World, store: Store, server: str) -> None:
    second = Store(server)
    answers = await asyncio.gather(
        mute(process(world, store), "bob"), mute(process(world, second), "bob", "1h"), return_exceptions=True
    )
    assert sorted(isinstance(answer, Refusal) for answer in answers) == [False, True]
    assert len(await rows(store, tables.cases)) == 1
    await second.close()


async def test_two_processes_share_what_is_due_and_lift_each_member_once(
    world: World, store: Store, server: str
) -> None:
    first = process(world, store)
    names = await crowd(world, 150)
    for name in names:
        await mute(first, name)
    other_store = Store(server)
    second = process(world, other_store)
    world.pass_time(minutes=10)
    worked = await asyncio.gather(first.expiry.run_due(), second.expiry.run_due())
    assert sum(worked) == len(names)
    assert await world.listed() == {}
    assert world.calls(LIFT) == len(names)
    ended = [row.kind for row in await rows(store, tables.case_events) if row.kind == Ending.ENDED]
    assert len(ended) == len(names)
    await other_store.close()


async def test_claims_skip_what_another_process_is_claiming(world: World, store: Store, server: str) -> None:
    first = process(world, store)
    await mute(first, "bob")
    await mute(first, "carl")
    world.pass_time(minutes=10)
    other_store = Store(server)
    async with store._backend._engine.begin() as connection:  # pyright: ignore
        # The first process is in the middle of its claim of one of the two.
        await connection.execute(text("SELECT id FROM timers ORDER BY id LIMIT 1 FOR UPDATE"))
        async with asyncio.timeout(5):
            assert len(await process(world, other_store).expiry._claim()) == 1
    await other_store.close()


async def test_the_work_of_a_dead_process_is_taken_over_when_its_lease_is_over(
    world: World, store: Store, server: str
) -> None:
    dying = process(world, store)
    await mute(dying, "bob")
    world.pass_time(minutes=10)
    assert len(await dying.expiry._claim()) == 1
    other_store = Store(server)
    heir = process(world, other_store)
    await heir.expiry.recover()
    assert await heir.expiry.run_due() == 0
    world.pass_time(milliseconds=LEASE_MS + 1)
    await heir.expiry.renew()
    assert await heir.expiry.run_due() == 1
    assert await world.listed() == {}
    await other_store.close()


async def remove(services: Services, member: str) -> CaseView:
    return await services.memberships.remove(staff=BEN, guild_id=GUILD, channel="general", member=member, reason="")


async def test_two_processes_do_and_undo_one_deed_once(world: World, store: Store, server: str) -> None:
    other_store = Store(server)
    first, second = process(world, store), process(world, other_store)
    # Slow enough that both are at it together.
    world.service.fault = lambda request: FaultAction.delay(300) if request.method == "POST" else None
    answers = await asyncio.gather(remove(first, "bob"), remove(second, "bob"), return_exceptions=True)
    assert sorted(isinstance(answer, Refusal) for answer in answers) == [False, True]
    (case,) = [answer for answer in answers if isinstance(answer, CaseView)]
    undo = {"staff": ANNA, "guild_id": GUILD, "case_id": case.id}
    answers = await asyncio.gather(first.undo.undo(**undo), second.undo.undo(**undo), return_exceptions=True)
    assert sorted(isinstance(answer, Refusal) for answer in answers) == [False, True]
    assert [row.undo_of for row in await rows(store, tables.cases)].count(case.id) == 1
    await other_store.close()


async def test_a_deed_of_a_dead_process_is_settled_by_another_once_nothing_can_be_under_way(
    world: World, store: Store, server: str
) -> None:
    world.service.fault = lambda request: FaultAction.reset() if request.method == "POST" else None
    with pytest.raises(Unsettled) as unsettled:
        await remove(process(world, store), "bob")
    world.service.fault = None
    other_store = Store(server)
    heir = process(world, other_store)
    assert await heir.deeds.settle() == 0
    world.clock.move(milliseconds=LATEST_SEND_MS + 1)
    assert await heir.deeds.settle() == 1
    assert (await heir.cases.view(GUILD, unsettled.value.case_id)).failure is Failure.INTERRUPTED
    await other_store.close()


async def test_a_run_is_worked_on_by_one_process_and_taken_over_when_its_lease_is_over(
    world: World, store: Store, server: str
) -> None:
    await save(world, "bob", 45)
    other_store = Store(server)
    dying, heir = process(world, store), process(world, other_store)
    preview = await dying.cleanups.preview(rule())
    run = await dying.cleanups.start(preview, staff=ANNA, guild_id=GUILD)
    now = int(world.clock.now().timestamp() * 1000)
    leased = {"now_ms": now, "lease_until_ms": now + RUN_LEASE_MS, "limit": 4, "besides": []}
    claimed = await store.write(lambda connection: cleanup.claim(connection, "dead", **leased))
    assert [row.id for row in claimed] == [run.id]
    assert await heir.housekeeping.run_due() == 0
    world.clock.move(milliseconds=RUN_LEASE_MS + 1)
    await asyncio.gather(heir.housekeeping.run_due(), dying.housekeeping.run_due())
    done = await heir.cleanups.view(GUILD, run.id)
    assert (done.state, done.tally.done, await left(world, "bob")) == ("done", 45, {})
    assert world.calls("DELETE /users/{user_id}/collections") == 3
    await other_store.close()


async def test_processes_that_raise_one_alert_at_once_raise_one(world: World, store: Store, server: str) -> None:
    case = await mute(process(world, store), "bob")
    other_store = Store(server)

    def ask(connection: Any) -> int | None:
        posts.want(connection, GUILD, CASE, case.id, 1)
        raised = posts.add_alert(connection, GUILD, STUCK, 1, "down")
        # Both are in the middle of their transactions.
        connection.execute(text("SELECT pg_sleep(0.2)"))
        return raised

    raised = await asyncio.gather(store.write(ask), other_store.write(ask))
    assert sorted(number is None for number in raised) == [False, True]
    (post,) = await rows(store, tables.posts)
    assert (post.subject_id, post.wanted) == (case.id, 2)
    await other_store.close()
