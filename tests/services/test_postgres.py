"""The state on a real PostgreSQL: migrations, mutes, deeds and settings that two processes share (T9)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.imservice import FaultAction
from bot.services import Services
from bot.services.access import Level
from bot.services.judgement import LATEST_SEND_MS
from bot.services.ledger import LEASE_MS
from bot.services.model import CaseView, Ending, Failure, MuteState, Outcome
from bot.services.refusals import Refusal, Unsettled
from bot.store import NotMigratedError, Store, tables
from tests.services.conftest import ANNA, BEN, GUILD, World
from tests.services.postgres import LIFT, crowd, mute, process, rows, server, store

__all__ = ["server", "store"]

pytestmark = pytest.mark.slow


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
    told = (await services.health.metrics()).decode().splitlines()
    for line in ("warden_database_up 1.0", "warden_timers_outstanding 1.0", "warden_schema_revision 4.0"):
        assert line in told
    assert (await services.health.readiness()).database.ok
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


async def test_what_one_process_sets_the_others_know_at_their_next_look(world: World, store: Store) -> None:
    first, second = process(world, store), process(world, store)
    await first.settings.set_feed(GUILD, 77)
    await first.settings.set_role(GUILD, Level.ADMIN, 5, holds=True)
    assert second.settings.get(GUILD).feed_channel_id is None
    await second.housekeeping.run_due()
    assert second.settings.get(GUILD).feed_channel_id == 77
    await first.settings.set_feed(GUILD, None)
    await first.settings.set_role(GUILD, Level.ADMIN, 5, holds=False)
    await second.housekeeping.run_due()
    assert (second.settings.get(GUILD).feed_channel_id, second.settings.roles(GUILD, Level.ADMIN)) == (
        None,
        frozenset(),
    )


async def test_what_another_process_undoes_while_we_wait_for_it_is_not_undone_again(
    world: World, store: Store, server: str
) -> None:
    other_store = Store(server)
    first, second = process(world, store), process(world, other_store)
    case = await remove(first, "bob")
    write, begin = first.deeds._posts.write, second.deeds._begin
    looked, noted = asyncio.Event(), asyncio.Event()

    def slowly(work: Any) -> Any:
        def whole(connection: Connection) -> Any:
            result = work(connection)
            noted.set()
            connection.execute(text("SELECT pg_sleep(0.3)"))
            return result

        return write(whole)

    async def late(*order: Any) -> int:
        looked.set()
        await noted.wait()
        return await begin(*order)

    first.deeds._posts.write, second.deeds._begin = slowly, late  # pyright: ignore
    again = asyncio.create_task(second.undo.undo(staff=ANNA, guild_id=GUILD, case_id=case.id))
    await looked.wait()
    await first.undo.undo(staff=ANNA, guild_id=GUILD, case_id=case.id)
    with pytest.raises(Refusal, match="already-undone"):
        await again
    assert await rows(store, tables.open_deeds) == []
    await other_store.close()


async def test_who_sets_the_same_at_once_is_told_no_nonsense_and_the_last_one_wins(
    world: World, store: Store, server: str
) -> None:
    other_store = Store(server)
    first, second = process(world, store), process(world, other_store)
    for _ in range(10):
        await asyncio.gather(
            first.settings.set_rota(GUILD, dict.fromkeys(range(7), ANNA)),
            second.settings.set_rota(GUILD, dict.fromkeys(range(5), BEN)),
            first.settings.set_role(GUILD, Level.ADMIN, 5, holds=True),
            second.settings.set_role(GUILD, Level.ADMIN, 5, holds=True),
            store.set_mark("tree", "1"),
            other_store.set_mark("tree", "2"),
        )
        rota = [row.staff_id for row in await rows(store, tables.oncall_rota)]
        assert rota in ([ANNA.id] * 7, [BEN.id] * 5)
        await first.settings.set_rota(GUILD, {})
        await first.settings.set_role(GUILD, Level.ADMIN, 5, holds=False)
    await other_store.close()
