"""Collections for cleanup tests: saved without the API, read without it, and counted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any

from bot.imservice import FaultAction, RequestInfo
from bot.imservice.domain import collections
from bot.services.cleanup.model import Rule, RunView, Target, TargetKind
from bot.services.clock import to_ms
from tests.services.conftest import ANNA, GUILD, START, World

DAY = 86_400_000
NOW = to_ms(START)
LIST, DELETE = "GET /users/{user_id}/collections", "DELETE /users/{user_id}/collections"
ADD = "POST /collections"

Item = tuple[str, int, int, str | None]
"""Id, type, created, ext."""


async def save(
    world: World,
    owner: str,
    count: int,
    *,
    days: float = 60,
    item_type: int = 0,
    ext: str | None = None,
    name: str = "i",
) -> list[str]:
    """Save items, a second apart, the last one `days` old; return their ids."""
    newest = to_ms(START - timedelta(days=days))
    new = [
        collections.NewCollection(f"{name}{n}", f"data {n}", item_type, ext, newest - (count - 1 - n) * 1000)
        for n in range(count)
    ]
    await world.service.write(lambda connection: collections.add(connection, owner, new))
    return [item.id for item in new]


async def forget(world: World, owner: str, ids: Iterable[str]) -> None:
    await world.service.write(lambda connection: collections.delete(connection, owner, list(ids)))


async def left(world: World, owner: str) -> dict[str, Item]:
    """What an owner has, by the IM itself."""
    listed = world.im.collections.list(owner)
    return {item.collection_id: (item.data, item.type, item.created, item.ext) async for item in listed}  # pyright: ignore


def rule(owner: str = "bob", *, days: int = 30, **more: Any) -> Rule:
    target = Target(TargetKind.OWNER, "", "", owner)
    given: dict[str, Any] = {"target": target, "older_than_ms": days * DAY, "item_type": None, "keep": "keep"}
    return Rule(**(given | more))


def community(world: World) -> Target:
    return Target(TargetKind.COMMUNITY, world.community, "", "Aurora")


async def start(world: World, of: Rule, **more: Any) -> RunView:
    """Begin a cleanup without a preview, as a policy does."""
    runs = world.services.cleanups._runs  # pyright: ignore[reportPrivateUsage]
    cutoff = to_ms(world.clock.now()) - of.older_than_ms
    return await runs.begin(of, staff=ANNA, guild_id=GUILD, cutoff_ms=cutoff, **more)


async def clean(world: World, of: Rule) -> RunView:
    """Carry a cleanup out and return how it ended."""
    run = await start(world, of)
    await world.services.housekeeping.run_due()
    return await world.services.cleanups.view(GUILD, run.id)


async def finished(world: World, run: RunView) -> RunView:
    """Let time pass until a run is over."""
    for _ in range(60):
        await world.services.housekeeping.run_due()
        view = await world.services.cleanups.view(GUILD, run.id)
        if not view.going:
            return view
        world.clock.move(seconds=40)
    raise AssertionError("the run does not end")


async def restore(world: World, run_id: int) -> RunView:
    """Put back what a run deleted and return how that ended."""
    run = await world.services.cleanups.restore(run_id, staff=ANNA, guild_id=GUILD)
    return await finished(world, run)


def calls(world: World) -> dict[str, int]:
    return {route: world.calls(route) for route in (LIST, DELETE, ADD)}


def spent(world: World, before: dict[str, int]) -> int:
    return sum(world.calls(route) - count for route, count in before.items())


def down(_request: RequestInfo) -> FaultAction:
    return FaultAction.reset()


def during_the_first_delete(world: World, act: Callable[[], Awaitable[Any]]) -> None:
    """Do something while the first deletion is under way; each takes so long that it is done before the last of ten."""
    begun: list[asyncio.Future[Any]] = []

    def fault(request: RequestInfo) -> FaultAction | None:
        if request.route != DELETE:
            return None
        if not begun:
            begun.append(asyncio.ensure_future(act()))
        return FaultAction.delay(50)

    world.service.fault = fault
