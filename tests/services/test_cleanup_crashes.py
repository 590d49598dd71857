"""Cleanups and restores that are killed at each of their writes, in this process (design section 8, C3, C4)."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from bot.imservice import FaultAction, RequestInfo
from bot.services.cleanup.model import RunState
from tests.services.conftest import ANNA, GUILD, World
from tests.services.cupboard import (
    ADD,
    DELETE,
    clean,
    community,
    finished,
    forget,
    left,
    restore,
    rule,
    save,
    start,
)


class Death:
    """SIGKILL at the `at`-th write to the database, before or behind its commit: nothing is written from then on."""

    def __init__(self, world: World, at: int, *, committed: bool) -> None:
        self.left, self.committed, self.dead = at, committed, False
        self._write = world.store.write
        world.store.write = self.write  # pyright: ignore

    async def write(self, work: Any) -> Any:
        self.left -= 1
        if self.dead or (self.left == 0 and not self.committed):
            self.dead = True
            raise asyncio.CancelledError
        result = await self._write(work)
        if self.left == 0:
            self.dead = True
            raise asyncio.CancelledError
        return result


async def run_until_death(world: World, at: int, *, committed: bool) -> bool:
    """Work on what is due until we are killed; return whether we were."""
    death = Death(world, at, committed=committed)
    with contextlib.suppress(asyncio.CancelledError):
        await world.services.housekeeping.run_due()
    return death.dead


@pytest.mark.parametrize("committed", [False, True], ids=["before the commit", "behind the commit"])
async def test_killed_at_every_point_the_counts_stay_exact_and_nothing_else_goes(world: World, committed: bool) -> None:
    for owner in ("bob", "carl"):
        await save(world, owner, 215)
        await save(world, owner, 7, days=50, ext="keep", name="kept")
        await save(world, owner, 6, days=10, name="young")
    everything = {owner: await left(world, owner) for owner in ("bob", "carl")}
    run = await start(world, rule(target=community(world)))
    deaths = 0
    for at in [*range(1, 9), *range(1, 9), *range(8, 0, -1)]:
        deaths += await run_until_death(world, at, committed=committed)
        await world.restart()
    view = await finished(world, run)
    assert deaths > 8
    assert (view.state, view.tally.done, view.tally.kept) == (RunState.DONE, 430, 14)
    for owner in ("bob", "carl"):
        assert len(await left(world, owner)) == 13
    restored = await restore(world, view.id)
    assert restored.tally.done == 430
    assert {owner: await left(world, owner) for owner in ("bob", "carl")} == everything


@pytest.mark.parametrize("carried_out", [False, True], ids=["not carried out", "carried out"])
async def test_an_answer_that_is_lost_changes_no_count(world: World, carried_out: bool) -> None:
    await save(world, "bob", 60)

    def lost(request: RequestInfo) -> FaultAction | None:
        return (
            FaultAction.reset(carried_out=carried_out) if request.route == DELETE and request.number % 3 == 2 else None
        )

    world.service.fault = lost
    view = await finished(world, await start(world, rule()))
    assert (view.state, view.tally.done) == (RunState.DONE, 60)
    assert await left(world, "bob") == {}
    assert (await restore(world, view.id)).tally.done == 60


async def test_what_got_the_keep_word_while_we_were_dead_stays(world: World) -> None:
    await save(world, "bob", 30)
    run = await start(world, rule())
    # Intended, not deleted: the first DELETE is never answered, and we die of it.
    world.service.fault = lambda request: FaultAction.reset() if request.route == DELETE else None
    await world.services.housekeeping.run_due()
    await world.restart()
    world.service.fault = None
    await world.im.collections.update("bob", "i3", "keep it")
    view = await finished(world, run)
    assert set(await left(world, "bob")) == {"i3"}
    assert (view.tally.done, view.tally.kept) == (29, 1)


async def test_a_restart_gives_a_run_a_new_message_and_leaves_a_note_in_the_old_one(world: World) -> None:
    await world.services.settings.set_log_channel(GUILD, 99)
    await save(world, "bob", 5)
    run = await start(world, rule())
    (post,) = await world.services.posts.due()
    assert (post.kind, post.subject_id) == ("run", run.id)
    await world.services.posts.shown(post, channel_id=99, message_id=500)
    assert await run_until_death(world, 7, committed=True)
    await world.restart()
    posts = {post.kind: post for post in await world.services.posts.due()}
    assert posts["run"].message_id is None
    assert posts["run"].id != post.id
    assert posts["run-before"].message_id == 500
    assert (await finished(world, run)).tally.done == 5


@pytest.mark.parametrize("committed", [False, True])
async def test_a_restore_killed_at_every_point_is_complete_and_counted_right(world: World, committed: bool) -> None:
    await save(world, "bob", 250)
    before = await left(world, "bob")
    view = await clean(world, rule())
    await save(world, "bob", 1, days=60, name="i249-")
    await forget(world, "bob", ["i249-0"])
    run = await world.services.cleanups.restore(view.id, staff=ANNA, guild_id=GUILD)
    for at in [6, 7, 6, 8, *range(1, 9), 6]:
        await run_until_death(world, at, committed=committed)
        await world.restart()
    restored = await finished(world, run)
    assert (restored.tally.done, restored.tally.kept) == (250, 0)
    assert await left(world, "bob") == before


async def test_a_restore_that_was_killed_and_is_cancelled_then_counts_what_is_there(world: World) -> None:
    await save(world, "bob", 250)
    view = await clean(world, rule())
    run = await world.services.cleanups.restore(view.id, staff=ANNA, guild_id=GUILD)
    at = 4
    while not world.calls(ADD):
        # In the end at the write that notes what was put back.
        assert await run_until_death(world, at, committed=False)
        await world.restart()
        at += 1
    await world.services.cleanups.cancel(GUILD, run.id)
    stopped = await finished(world, run)
    there = len(await left(world, "bob"))
    assert (stopped.state, stopped.tally.done) == (RunState.CANCELLED, there)
    assert there == 200
    assert (await restore(world, view.id)).tally.done == 250 - there
