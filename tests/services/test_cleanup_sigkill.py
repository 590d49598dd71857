"""SIGKILL in the middle of a cleanup and of a restore: real processes, killed at random (design section 8, C3, C4)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from typing import Any

import pytest
from sqlalchemy import select

from bot.im import NewUser
from bot.imservice import FaultAction, RequestInfo
from bot.imservice.domain import collections
from bot.services.cleanup.model import RunState
from bot.store import cleanup_tables
from tests.fault_table import Tell
from tests.services.conftest import ANNA, GUILD, World
from tests.services.cupboard import ADD, DAY, DELETE, LIST, NOW, Item, community, left, rule
from tests.services.workshop import Workshop, workshop

pytestmark = pytest.mark.slow

KILLS, KILLS_OF_RESTORE = 50, 8
MEMBERS = 9
ITEMS_OF_A_MEMBER = (0, 60, 199, 200, 201, *(1_200,) * (MEMBERS - 5))
MOST_REQUESTS, LONGEST_SECONDS = 6, 0.02
CUTOFF = NOW - 30 * DAY
TYPE = 1

Saved = dict[str, dict[str, Item]]


class Butcher:
    """Kills a worker at one of its requests, before or after that is carried out, or at a moment shortly after one."""

    def __init__(self, world: World, shop: Workshop, draw: random.Random) -> None:
        self._world = world
        self._shop = shop
        self._draw = draw
        self.kills = 0

    async def kill(self) -> bool:
        """Start a worker and kill it in the middle; return False if it was done before."""
        worker, left = await self._shop.start_worker(), self._draw.randint(1, MOST_REQUESTS)
        moment = self._draw.uniform(0, LONGEST_SECONDS) if self._draw.random() < 0.4 else None
        dead = self._draw.random() < 0.5

        def count(request: RequestInfo) -> FaultAction | None:
            nonlocal left
            left -= request.route in {LIST, DELETE, ADD}
            if left:
                return None
            self._world.service.fault = None
            if moment is not None:
                asyncio.get_running_loop().call_later(moment, _kill, worker)
                return None
            _kill(worker)
            return FaultAction.reset() if dead else None

        self._world.service.fault = count
        killed = await self._shop.ended()
        self._world.service.fault = None
        self.kills += killed
        return killed

    async def kill_often(self, times: int) -> int:
        """Kill so many workers; return how many of them were at it."""
        return sum([await self.kill() for _ in range(times)])

    async def let_live(self) -> None:
        """Let a worker do what is left."""
        await self._shop.start_worker()
        assert not await self._shop.ended()


def _kill(worker: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)


async def fill(world: World, draw: random.Random) -> Saved:
    """Save what fits and what does not, mixed in time; return it by owner."""
    owners = [f"m{number}" for number in range(MEMBERS)]
    await world.im.users.create(*[NewUser(username=name) for name in (*owners, "stranger")])
    for name in owners:
        await world.im.communities.join(world.community, name)
    for owner, count in zip([*owners, "stranger"], (*ITEMS_OF_A_MEMBER, 30), strict=True):
        new = [_item(draw, f"old{n}", TYPE, draw.choice([None, "a note"])) for n in range(count)]
        new += [_item(draw, f"kept{n}", TYPE, "please KEEP") for n in range(count // 20)]
        new += [_item(draw, f"other{n}", 2, None) for n in range(count // 20)]
        new += [_item(draw, f"new{n}", TYPE, None, CUTOFF + 1, NOW) for n in range(10)]
        draw.shuffle(new)
        await world.service.write(lambda connection, owner=owner, new=new: collections.add(connection, owner, new))
    return await everything(world)


def _item(
    draw: random.Random, name: str, kind: int, ext: str | None, first: int = CUTOFF - 1_000 * DAY, last: int = CUTOFF
) -> collections.NewCollection:
    # Some at the very same moment.
    created = draw.choice([first, last, draw.randint(first, last), draw.randint(first, last)])
    return collections.NewCollection(name, f"data {draw.random()}", kind, ext, created)


async def everything(world: World) -> Saved:
    owners = [f"m{number}" for number in range(MEMBERS)]
    return {owner: await left(world, owner) for owner in [*owners, "stranger"]}


def fits(owner: str, name: str) -> bool:
    return owner != "stranger" and name.startswith("old")


async def test_killed_50_times_a_cleanup_deletes_what_it_should_and_its_counts_and_restore_are_exact(
    world: World, fault: Tell
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    draw = random.Random(seed)
    before = await fill(world, draw)
    expected = {owner: sum(fits(owner, name) for name in items) for owner, items in before.items()}
    runs = world.services.cleanups._runs  # pyright: ignore[reportPrivateUsage]
    of = rule(target=community(world), item_type=TYPE)
    async with workshop(world) as shop:
        butcher = Butcher(world, shop, draw)
        run = await runs.begin(of, staff=ANNA, guild_id=GUILD, cutoff_ms=CUTOFF)
        kills = await butcher.kill_often(KILLS)
        assert kills == KILLS
        await butcher.let_live()
        after = await everything(world)
        view = await world.services.cleanups.view(GUILD, run.id)
        gone = [(owner, name) for owner, items in before.items() for name in items if name not in after[owner]]
        outside = sum(not fits(owner, name) for owner, name in gone)
        told = await by_owner(world, run.id)
        wrong = sum(told.get(owner, 0) != count for owner, count in expected.items())
        assert (view.state, view.tally.done, view.tally.owners_failed) == (RunState.DONE, len(gone), 0)
        assert view.tally.kept == sum(name.startswith("kept") for owner in told for name in before.get(owner, {}))

        restore = await world.services.cleanups.restore(run.id, staff=ANNA, guild_id=GUILD)
        kills += await butcher.kill_often(KILLS_OF_RESTORE)
        await butcher.let_live()
        restored = await world.services.cleanups.view(GUILD, restore.id)
        wrong += await everything(world) != before
        assert (restored.state, restored.tally.done, restored.tally.kept) == (RunState.DONE, len(gone), 0)
    fault(
        "SIGKILL in the middle of a cleanup",
        kills=kills,
        deleted=len(gone),
        outside_filter=outside,
        wrong=wrong,
        restored=restored.tally.done,
    )


async def by_owner(world: World, run_id: int) -> dict[str, int]:
    """What the run says that it deleted, by owner."""
    query = select(cleanup_tables.cleanup_owners.c.owner, cleanup_tables.cleanup_owners.c.done)
    rows: list[Any] = await world.store.read(
        lambda connection: list(connection.execute(query.where(cleanup_tables.cleanup_owners.c.run_id == run_id)))
    )
    return {row.owner: row.done for row in rows}
