"""A world for service tests: real services, real SQLite, a real IM service on a socket, clocks that we move."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from bot.app import open_store, wire
from bot.config import Settings
from bot.im import EasemobAuth, IMClient, NewUser
from bot.imservice import IMService, IMServiceOptions
from bot.services import Services
from bot.services.clock import to_ms
from bot.services.model import CaseView, Staff
from bot.store import Store
from tests.empty_database import lay_empty_database

GUILD = 7001
ANNA = Staff(11, "anna")
BEN = Staff(12, "ben")
START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, **delta: float) -> None:
        self._now += timedelta(**delta)


class NoPatience(Random):
    """Any wait before a retry is beyond every deadline: the client gives up at once, however slow the machine."""

    def uniform(self, a: float, b: float) -> float:
        return 1e9


@dataclass
class World:
    """Everything a test needs; `clock` is ours, `im_clock` the IM's."""

    folder: Path
    settings: Settings
    clock: FakeClock
    im_clock: FakeClock
    service: IMService
    store: Store
    im: IMClient
    services: Services
    community: str = ""
    channel: str = ""
    armed: list[int] = field(default_factory=list)

    def pass_time(self, **delta: float) -> None:
        """Let true time pass, for us and for the IM."""
        self.clock.move(**delta)
        self.im_clock.move(**delta)

    async def mute(self, member: str = "bob", duration: str | None = "10m", **more: object) -> CaseView:
        order = {"staff": ANNA, "guild_id": GUILD, "channel": "general", "reason": ""} | more
        return await self.services.mutes.mute(member=member, duration=duration, **order)  # pyright: ignore

    async def unmute(self, member: str = "bob", **more: object) -> CaseView:
        order = {"staff": ANNA, "guild_id": GUILD, "channel": "general", "reason": ""} | more
        return await self.services.mutes.unmute(member=member, **order)  # pyright: ignore

    async def run_due(self) -> int:
        return await self.services.expiry.run_due()

    async def case(self, case_id: int) -> CaseView:
        return await self.services.cases.view(GUILD, case_id)

    async def listed(self) -> dict[str, int]:
        """The IM's own mute list: user to expire, in milliseconds."""
        return {m.user_id: m.expire async for m in self.im.mutes.list(self.community, self.channel)}

    async def outside_mute(self, member: str, duration_ms: int | None) -> None:
        await self.im.mutes.add(self.community, self.channel, member, duration_ms=duration_ms)

    async def restart(self) -> None:
        """Throw our process's memory away and start again on the same database."""
        await self.services.expiry.stop(0)
        await self.services.housekeeping.stop(0)
        await self.im.close()
        await self.store.close()
        await self.connect()
        await self.services.expiry.recover()
        await self.services.housekeeping.recover()

    async def connect(self) -> None:
        self.store = await open_store(self.settings)
        own = self.service.credentials
        # Gives up at once and never opens its circuit: what services do about faults is what is tried here.
        self.im = IMClient(
            self.service.url,
            EasemobAuth(own.org, own.app, own.client_id, own.client_secret),
            rng=NoPatience(),
            breaker_threshold=10**6,
            rate_per_second=None,
        )
        self.services = wire(self.settings, store=self.store, im=self.im, clock=self.clock, arm=self.armed.append)
        await self.services.settings.load()

    def calls(self, route: str) -> int:
        return self.service.count[route]


MakeWorld = Callable[..., Awaitable[World]]


@pytest.fixture
async def make_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MakeWorld]:
    made: list[World] = []

    async def make(**options: object) -> World:
        folder = tmp_path / f"world{len(made)}"
        folder.mkdir()
        clock, im_clock = FakeClock(), FakeClock()
        settings = Settings(storage={"url": f"sqlite+aiosqlite:///{folder}/warden.db"})  # pyright: ignore
        service = IMService(
            folder / "im",
            options=IMServiceOptions(**({"rate_limit": None} | options)),  # pyright: ignore
            now_ms=lambda: to_ms(im_clock.now()),
        )
        await service.start()
        await lay_empty_database(folder / "warden.db")
        world = World(folder, settings, clock, im_clock, service, None, None, None)  # pyright: ignore
        await world.connect()
        made.append(world)
        names = ["olga", "mia", "bob", "carl", "dora"]
        await world.im.users.create(*[NewUser(username=name) for name in names])
        world.community = await world.im.communities.create("olga", "Aurora")
        for name in names[1:]:
            await world.im.communities.join(world.community, name)
        await world.im.communities.set_role(world.community, "mia", 1)
        channel = await world.im.channels.create(world.community, "general")
        world.channel = channel.channel_id
        for name in names[1:]:
            await world.im.members.add(world.community, world.channel, name)
        return world

    yield make
    for world in made:
        await world.services.expiry.stop(0)
        await world.services.housekeeping.stop(0)
        await world.im.close()
        await world.store.close()
        await world.service.stop()


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    """A world whose IM keeps mutes past their end, so that our unmute can be told from a lapse."""
    return await make_world(keep_expired_mutes=True)


@pytest.fixture
async def home(make_world: MakeWorld) -> AsyncIterator[World]:
    """A world that takes callbacks in, and whose IM keeps mutes past their end."""
    from tests.services.signed import with_secret

    world = await with_secret(await make_world(keep_expired_mutes=True))
    yield world
    await world.services.callbacks.stop(1)
