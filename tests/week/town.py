"""A community, its bot and its log channel in simulated time: real services, real SQLite, the real IM service."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bot.config import Settings
from bot.im import NewUser
from bot.imservice import FaultAction, IMService, IMServiceOptions, RequestInfo
from bot.services.clock import from_ms, to_ms
from bot.services.model import Staff
from bot.services.posts import CASE, Post
from tests.empty_database import lay_empty_database
from tests.faults.database import PretendedDisk
from tests.services.conftest import GUILD, FakeClock, World

MODERATORS = (Staff(11, "anna"), Staff(12, "ben"), Staff(13, "chi"))
CHANNELS = ("general", "strategy", "off-topic")
MEMBERS = tuple(f"member{number}" for number in range(12))
LOG_CHANNEL = 99
NONCE_MS = 300_000
SUMMER_TIME = datetime(2026, 3, 28, tzinfo=UTC)
"""The Saturday before summer time begins in Europe."""

Place = tuple[str, str]
"""A channel's id and a member."""


class Board:
    """The log channel: what stands in it, as Discord would show it; nobody gets through while it is `away`.

    A message sent again within minutes is the one that was sent before (its nonce); `twice` counts what was sent again
    when Discord had forgotten that, after a process that died between sending it and writing that down.
    """

    def __init__(self) -> None:
        self.away = False
        self._messages: dict[tuple[str, int], tuple[int, int]] = {}
        self.sent = self.edited = self.twice = 0

    async def show(self, world: World) -> None:
        posts = world.services.posts
        posts.changed.clear()
        for post in await posts.due(100):
            if self.away:
                await posts.failed(post, permanent=False, why="Discord is away")
            else:
                message_id = self._message(post, to_ms(world.clock.now()))
                await posts.shown(post, channel_id=LOG_CHANNEL, message_id=message_id)

    def _message(self, post: Post, now: int) -> int:
        if post.message_id is not None:
            self.edited += 1
            return post.message_id
        known, sent_at = self._messages.get((post.kind, post.subject_id), (0, 0))
        if known and now - sent_at < NONCE_MS:
            return known
        self.twice += bool(known) and post.kind == CASE
        self.sent += 1
        self._messages[post.kind, post.subject_id] = self.sent, now
        return self.sent


class Sword:
    """SIGKILL at the `at`-th write from now, before or behind its commit: nothing is written from then on."""

    def __init__(self, world: World, at: int, *, committed: bool) -> None:
        self._left, self._committed, self.dead = at, committed, False
        self._write = world.store.write
        world.store.write = self._stab  # pyright: ignore

    async def _stab(self, work: Any) -> Any:
        self._left -= 1
        if self.dead or (self._left == 0 and not self._committed):
            self.dead = True
            raise asyncio.CancelledError
        result = await self._write(work)
        if self._left == 0:
            self.dead = True
            raise asyncio.CancelledError
        return result


class Town:
    """The world and what is wrong with it at present; `troubles` are its times of trouble so far, in ms."""

    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self.random = random
        self.board = Board()
        self.places: dict[str, str] = {}
        self.told: Counter[str] = Counter()
        self.troubles: list[tuple[int, int]] = []
        self.sword: Sword | None = None
        self._disk = PretendedDisk(world.folder)
        self._trouble_since: int | None = None

    @property
    def services(self) -> Any:
        return self.world.services

    @property
    def now(self) -> int:
        return to_ms(self.world.clock.now())

    def move_to(self, moment: int) -> None:
        self.world.pass_time(milliseconds=moment - self.now)

    # Trouble

    @property
    def in_trouble(self) -> bool:
        return self._trouble_since is not None

    def well_after(self, moment: int) -> int:
        """The moment, or the end of the trouble that it lies in."""
        for begin, end in self.troubles:
            if begin <= moment < end:
                moment = end
        return moment

    def trouble_begins(self) -> None:
        assert self._trouble_since is None
        self._trouble_since = self.now

    def trouble_ends(self) -> None:
        assert self._trouble_since is not None
        self.troubles.append((self._trouble_since, self.now))
        self._trouble_since = None

    def im_in_trouble(self, kind: str) -> None:
        """down, 429, slow, or flaky: connections break, half of them after the work is done."""
        self.trouble_begins()
        self.told[f"outages: {kind}"] += 1
        actions = {"down": [FaultAction.reset()], "429": [FaultAction.answer(429, retry_after=1)]}
        actions["slow"] = [FaultAction.delay(5)]
        actions["flaky"] = [FaultAction.hang_up(), FaultAction.hang_up(carried_out=True)]

        def fault(_request: RequestInfo) -> FaultAction:
            return self.random.choice(actions[kind])

        self.world.service.fault = fault

    def im_well(self) -> None:
        self.world.service.fault = None
        self.trouble_ends()

    def disk_full(self) -> None:
        self.trouble_begins()
        self.told["hours with a full disk"] += 1
        self._disk.fill(self.world.store)

    def disk_has_room(self) -> None:
        self._disk.clear(self.world.store)
        self.trouble_ends()

    def draw_sword(self) -> None:
        """Let the process die in the middle of what it does next."""
        self.sword = Sword(self.world, self.random.randint(1, 9), committed=self.random.random() < 0.5)

    async def rise(self, after: timedelta) -> None:
        """Start the dead process again, so much later."""
        self.told["restarts in the middle of work"] += 1
        self.trouble_begins()
        self.sword = None
        self.world.pass_time(seconds=after.total_seconds())
        await self.world.restart()
        self.trouble_ends()

    # What the IM says, past its API

    async def listed(self) -> dict[Place, int]:
        """Who is muted where, and until when."""
        query = (
            "SELECT ch.id, u.username, m.expire FROM mutes m"
            " JOIN channels ch ON ch.seq = m.channel JOIN users u ON u.seq = m.user"
        )
        rows = await self._ask(query)
        return {(channel, member): expire for channel, member, expire in rows}

    async def saved(self) -> dict[tuple[str, str], int]:
        """All collections: owner and id, and when they were made."""
        query = "SELECT u.username, c.id, c.created FROM collections c JOIN users u ON u.seq = c.user"
        return {(owner, item): created for owner, item, created in await self._ask(query)}

    async def _ask(self, query: str) -> list[Any]:
        def ask(connection: sqlite3.Connection) -> list[Any]:
            return connection.execute(query).fetchall()

        return await self.world.service.write(ask)

    async def books(self, query: str) -> list[Any]:
        """Look into the bot's database."""
        return await self.world.store.read(lambda connection: list(connection.exec_driver_sql(query).all()))


@asynccontextmanager
async def founded(folder: Path, begin: datetime, seed: int) -> AsyncIterator[Town]:
    """A town with three channels, all members in each, and a log channel; everything is closed in the end."""
    clock, im_clock = FakeClock(begin), FakeClock(begin)
    settings = Settings(storage={"url": f"sqlite+aiosqlite:///{folder}/warden.db"})  # pyright: ignore
    options = IMServiceOptions(rate_limit=None, keep_expired_mutes=True)
    service = IMService(folder / "im", options=options, now_ms=lambda: to_ms(im_clock.now()))
    await service.start()
    await lay_empty_database(folder / "warden.db")
    world = World(folder, settings, clock, im_clock, service, None, None, None)  # pyright: ignore
    await world.connect()
    town = Town(world, Random(seed))
    try:
        await _people(town)
        await town.services.settings.set_log_channel(GUILD, LOG_CHANNEL)
        yield town
    finally:
        service.fault = None
        with contextlib.suppress(asyncio.CancelledError):
            await world.services.expiry.stop(0)
            await world.services.housekeeping.stop(0)
        await world.im.close()
        await world.store.close()
        await service.stop()


async def _people(town: Town) -> None:
    im = town.world.im
    await im.users.create(*[NewUser(username=name) for name in ("olga", *MEMBERS)])
    town.world.community = await im.communities.create("olga", "Aurora")
    for member in MEMBERS:
        await im.communities.join(town.world.community, member)
    for name in CHANNELS:
        channel = await im.channels.create(town.world.community, name)
        town.places[name] = channel.channel_id
        for member in MEMBERS:
            await im.members.add(town.world.community, channel.channel_id, member)


def told(moment: int) -> str:
    """A moment for people."""
    return from_ms(moment).strftime("%a %d %H:%M:%S")
