"""Cleanups, alerts, callbacks and the feed of processes that share a real PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.imservice import FaultAction, RequestInfo
from bot.services import Services
from bot.services.alerts import Trouble
from bot.services.callbacks.model import MessageSent
from bot.services.callbacks.service import Receipt
from bot.services.cleanup.engine import LEASE_MS as RUN_LEASE_MS
from bot.services.clock import to_ms
from bot.services.posts import CASE
from bot.services.refusals import Refusal
from bot.store import Store, alerts, cleanup, posts, tables
from tests.services.conftest import ANNA, GUILD, MakeWorld, World
from tests.services.cupboard import LIST, community, forget, left, rule, save
from tests.services.postgres import mute, process, rows, server, store
from tests.services.signed import SECRET, muted, said, signed

__all__ = ["server", "store"]

pytestmark = pytest.mark.slow


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
