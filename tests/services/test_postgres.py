"""The state on a real PostgreSQL: migrations, a mute and its end, and two processes that share the work (T9)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, select, text

from bot.app import wire
from bot.im import NewUser
from bot.imservice import FaultAction, RequestInfo
from bot.services import Services
from bot.services.access import Level
from bot.services.alerts import Trouble
from bot.services.callbacks.model import MessageSent
from bot.services.callbacks.service import Receipt
from bot.services.cleanup.engine import LEASE_MS as RUN_LEASE_MS
from bot.services.clock import to_ms
from bot.services.judgement import LATEST_SEND_MS
from bot.services.ledger import LEASE_MS
from bot.services.model import CaseView, Ending, Failure, MuteState, Outcome
from bot.services.posts import CASE
from bot.services.refusals import Refusal, Unsettled
from bot.store import NotMigratedError, Store, alerts, cleanup, posts, tables
from tests.services.conftest import ANNA, BEN, GUILD, MakeWorld, World
from tests.services.cupboard import LIST, community, forget, left, rule, save
from tests.services.signed import SECRET, muted, said, signed

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


async def test_a_run_is_worked_on_by_one_process_and_taken_over_when_its_lease_is_over(
    world: World, store: Store, server: str
) -> None:
    await save(world, "bob", 45)
    other_store = Store(server)
    dying, heir = process(world, store), process(world, other_store)
    preview = await dying.cleanups.preview(rule())
    run = await dying.cleanups.start(preview, staff=ANNA, guild_id=GUILD)
    now = int(world.clock.now().timestamp() * 1000)
    leased = {"now_ms": now, "lease_until_ms": now + RUN_LEASE_MS, "limit": 4, "besides": [], "latest_ms": now}
    claimed = await store.write(lambda connection: cleanup.claim(connection, "dead", **leased))
    assert [row.id for row in claimed] == [run.id]
    assert await heir.housekeeping.run_due() == 0
    world.clock.move(milliseconds=RUN_LEASE_MS + 1)
    await asyncio.gather(heir.housekeeping.run_due(), dying.housekeeping.run_due())
    done = await heir.cleanups.view(GUILD, run.id)
    assert (done.state, done.tally.done, await left(world, "bob")) == ("done", 45, {})
    assert world.calls("DELETE /users/{user_id}/collections") == 3
    await other_store.close()


async def begun(services: Services, world: World) -> Any:
    preview = await services.cleanups.preview(rule(target=community(world)))
    return await services.cleanups.start(preview, staff=ANNA, guild_id=GUILD)


async def test_a_run_that_is_taken_over_from_who_only_was_slow_counts_each_item_once(
    world: World, store: Store, server: str
) -> None:
    for owner in ("bob", "carl"):
        await save(world, owner, 130)
        await save(world, owner, 7, days=70, ext="keep", name="kept")
    before = {owner: await left(world, owner) for owner in ("bob", "carl")}
    other_store = Store(server)
    slow, heir = process(world, store), process(world, other_store)
    run, taking = await begun(slow, world), []

    async def take_over() -> None:
        world.clock.move(milliseconds=RUN_LEASE_MS + 1)
        await heir.housekeeping.run_due()

    def hold_up(request: RequestInfo) -> FaultAction | None:
        if request.method != "DELETE" or taking:
            return None
        taking.append(asyncio.ensure_future(take_over()))
        return FaultAction.delay(400)

    world.service.fault = hold_up
    await slow.housekeeping.run_due()
    await asyncio.gather(*taking)
    await heir.housekeeping.run_due()
    done = await heir.cleanups.view(GUILD, run.id)
    assert (done.state, done.tally.done, done.tally.kept) == ("done", 260, 14)
    assert [len(await left(world, owner)) for owner in before] == [7, 7]
    restore = await heir.cleanups.restore(run.id, staff=ANNA, guild_id=GUILD)
    await heir.housekeeping.run_due()
    assert (await heir.cleanups.view(GUILD, restore.id)).tally.done == 260
    assert {owner: await left(world, owner) for owner in before} == before
    await other_store.close()


@pytest.mark.parametrize("writes", [0, 1, 2, 3])
async def test_a_run_whose_process_dies_in_the_middle_is_taken_over_with_exact_counts(
    world: World, store: Store, server: str, writes: int
) -> None:
    await save(world, "bob", 230)
    other_store = Store(server)
    dying, heir = process(world, store), process(world, other_store)
    run = await begun(dying, world)
    write, read = store.write, world.calls(LIST)

    async def die(work: Any) -> Any:
        nonlocal writes
        # Before and behind the writing down of what is to be deleted, and of what was.
        writes -= world.calls(LIST) > read
        if writes < 0:
            raise asyncio.CancelledError
        return await write(work)

    store.write = die  # pyright: ignore
    with contextlib.suppress(asyncio.CancelledError):
        await dying.housekeeping.run_due()
    store.write = write
    assert writes < 0
    assert await heir.housekeeping.run_due() == 0
    world.clock.move(milliseconds=RUN_LEASE_MS + 1)
    await heir.housekeeping.run_due()
    done = await heir.cleanups.view(GUILD, run.id)
    assert (done.state, done.tally.done, await left(world, "bob")) == ("done", 230, {})
    await other_store.close()


async def test_two_processes_on_the_items_of_one_owner_count_each_once(world: World, store: Store, server: str) -> None:
    await save(world, "bob", 230)
    before = await left(world, "bob")
    other_store = Store(server)
    both = (process(world, store), process(world, other_store))
    world.service.fault = lambda request: FaultAction.delay(60) if request.method == "DELETE" else None
    for services in both:
        await begun(services, world)
        await services.housekeeping.dispatch()
    await asyncio.gather(*(services.housekeeping.join() for services in both))
    world.service.fault = None
    runs = await both[0].cleanups.list(GUILD)
    assert [run.state for run in runs] == ["done", "done"]
    assert (sum(run.tally.done for run in runs), await left(world, "bob")) == (230, {})
    for run in runs:
        if run.tally.done:
            await both[0].cleanups.restore(run.id, staff=ANNA, guild_id=GUILD)
    await both[0].housekeeping.run_due()
    restores = [run for run in await both[0].cleanups.list(GUILD) if run.of_run]
    assert (sum(run.tally.done for run in restores), await left(world, "bob")) == (230, before)
    await other_store.close()


async def test_two_processes_that_restore_at_once_restore_once(world: World, store: Store, server: str) -> None:
    await save(world, "bob", 130)
    other_store = Store(server)
    both = (process(world, store), process(world, other_store))
    run = await begun(both[0], world)
    await both[0].housekeeping.run_due()
    for _ in range(3):
        asked = [one.cleanups.restore(run.id, staff=ANNA, guild_id=GUILD) for one in both]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert sorted(isinstance(answer, Refusal) for answer in answers) == [False, True]
        await asyncio.gather(*(one.housekeeping.run_due() for one in both))
        restores = [one for one in await both[0].cleanups.list(GUILD) if one.of_run == run.id]
        assert (sum(one.tally.done for one in restores), len(await left(world, "bob"))) == (130, 130)
        await store.write(lambda c: c.execute(text("UPDATE cleanup_kept SET state = 'gone'")))
        await store.write(lambda c: c.execute(text("UPDATE cleanup_owners SET done = 0")))
        await forget(world, "bob", await left(world, "bob"))
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


async def test_processes_that_raise_one_alert_at_once_raise_one(world: World, store: Store, server: str) -> None:
    case = await mute(process(world, store), "bob")
    other_store = Store(server)

    def ask(connection: Any) -> int | None:
        posts.want(connection, GUILD, CASE, case.id, 1)
        raised = alerts.add_alert(connection, GUILD, Trouble.STUCK, 1, "down")
        # Both are in the middle of their transactions.
        connection.execute(text("SELECT pg_sleep(0.2)"))
        return raised

    raised = await asyncio.gather(store.write(ask), other_store.write(ask))
    assert sorted(number is None for number in raised) == [False, True]
    (post,) = await rows(store, tables.posts)
    assert (post.subject_id, post.wanted) == (case.id, 2)
    await other_store.close()


async def test_two_processes_keep_a_callback_once_and_take_over_what_a_dead_one_has_left(
    store: Store, server: str, make_world: MakeWorld
) -> None:
    world = await make_world()
    http = world.settings.http.model_copy(update={"callback_secret": SecretStr(SECRET)})
    world.settings = world.settings.model_copy(update={"http": http})
    other = Store(server)
    first, second = process(world, store), process(world, other)
    await first.callbacks.start()
    await second.callbacks.start()
    stamp = to_ms(world.clock.now())
    raws = [signed(said("hall", f"w\0 {n}", n), stamp) for n in range(60)]
    receipts = await asyncio.gather(*(each.callbacks.accept(raw) for raw in raws for each in (first, second)))
    assert (receipts.count(Receipt.ACCEPTED), receipts.count(Receipt.DUPLICATE)) == (60, 60)
    await asyncio.gather(first.callbacks.join(), second.callbacks.join())
    assert [row.state for row in await rows(store, tables.callback_events)] == ["done"] * 60

    # The second one dies in the middle.
    assert second.callbacks._worker is not None
    second.callbacks._worker.cancel()
    view = await mute(first, "bob")
    await world.outside_mute("bob", 3_600_000)
    assert await second.callbacks.accept(signed(muted(world.channel, "bob"), stamp)) is Receipt.ACCEPTED
    await first.callbacks.tidy()
    await first.callbacks.join()
    assert (await rows(store, tables.callback_events))[-1].state == "waiting"
    world.pass_time(seconds=61)
    await first.callbacks.tidy()
    await first.callbacks.join()
    assert (await rows(store, tables.callback_events))[-1].state == "done"
    assert (await first.cases.view(GUILD, view.id)).adopted
    await first.callbacks.stop(1)
    await second.callbacks.stop(1)
    await other.close()


async def test_processes_agree_on_what_the_feed_shows_and_lose_nothing_of_a_raid(world: World, store: Store) -> None:
    processes = [process(world, store) for _ in range(3)]
    sent = [MessageSent(world.channel, str(n), f"m{n % 9}", "txt", f"text {n}", world.clock.now()) for n in range(900)]

    async def take_in(services: Services, messages: list[MessageSent]) -> None:
        await services.settings.set_feed(GUILD, 4242)
        for start in range(0, len(messages), 50):
            prepared = await services.feed.prepare(messages[start : start + 50])
            await store.write(partial(services.feed.add, rows=prepared))

    await processes[0].settings.set_feed(GUILD, 4242)
    await asyncio.gather(*[take_in(services, sent[number::3]) for number, services in enumerate(processes)])
    shown: list[str] = []
    summarised = 0
    while (found := await asyncio.gather(*[services.feed.next_post(GUILD) for services in processes])) != [None] * 3:
        post = next(one for one in found if one is not None)
        assert found == [post] * 3
        await processes[post.id % 3].feed.shown(post, 10**6 + post.id)
        shown += [mirror.text for mirror in post.messages]
        summarised += post.summary.total if post.summary else 0
    assert len(shown) == len(set(shown))
    assert len(shown) + summarised == len(sent)


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
