"""A real PostgreSQL for tests, and processes that share it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.app import wire
from bot.im import NewUser
from bot.services import Services
from bot.store import Store
from tests.services.conftest import ANNA, GUILD, World

pgserver = pytest.importorskip("pgserver")
pytest.importorskip("asyncpg")

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
