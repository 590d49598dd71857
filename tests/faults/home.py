"""The whole bot on a wire-level Discord that can go away, with the services on a clock of their own."""

from __future__ import annotations

import asyncio
import functools
import time
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import build
from bot.config import Settings
from bot.im import IMClient, NewUser
from bot.imservice import IMService, IMServiceOptions
from bot.machine import Warden
from bot.running import point_discord_at
from bot.services.clock import to_ms
from tests.empty_database import lay_empty_database
from tests.services.conftest import ANNA, FakeClock
from tests.wire import FakeDiscord

AT_ONCE, WINDOW_SECONDS = 5, 0.1
"""Discord's bucket for edits in one channel, 5 in 5 s, fifty times as fast."""


class Bucket:
    """Discord's rate limit for a channel's messages: told in headers, enforced with 429."""

    def __init__(self) -> None:
        self.refused = 0
        self._recent: deque[float] = deque()

    def add_to(self, app: web.Application, _discord: FakeDiscord) -> None:
        app.middlewares.append(self._limit)

    @web.middleware
    async def _limit(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.method != "PATCH" or "/messages/" not in request.path:
            return await handler(request)
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - WINDOW_SECONDS:
            self._recent.popleft()
        left = AT_ONCE - len(self._recent)
        wait = WINDOW_SECONDS - (now - self._recent[0]) if self._recent else WINDOW_SECONDS
        headers = {
            "X-RateLimit-Bucket": "edits",
            "X-RateLimit-Limit": str(AT_ONCE),
            "X-RateLimit-Remaining": str(max(0, left - 1)),
            "X-RateLimit-Reset-After": f"{wait:.3f}",
        }
        if left <= 0:
            self.refused += 1
            body = {"message": "You are being rate limited.", "retry_after": wait, "global": False}
            return web.json_response(body, status=429, headers=headers | {"Via": "1.1 google"})
        self._recent.append(now)
        response = await handler(request)
        response.headers.update(headers)
        return response


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
async def discord(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeDiscord]:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    fake = FakeDiscord()
    await fake.start(control=bucket.add_to)
    yield fake
    await fake.stop()
    fake.assert_clean()


class Home:
    """The whole bot on that Discord, its services on a clock that stands still until it is moved."""

    def __init__(self, warden: Warden, service: IMService, clock: FakeClock, discord: FakeDiscord) -> None:
        self.warden, self.service, self.clock, self.discord = warden, service, clock, discord
        self.channel = ""
        self.community = ""

    def now(self) -> int:
        return to_ms(self.clock.now())

    async def people(self, names: list[str]) -> None:
        im = self.warden.im
        await im.users.create(*[NewUser(username=name) for name in ("olga", *names)])
        self.community = await im.communities.create("olga", "Aurora")
        self.channel = (await im.channels.create(self.community, "general")).channel_id
        for name in names:
            await im.communities.join(self.community, name)
            await im.members.add(self.community, self.channel, name)

    async def mute(self, member: str, duration: str) -> int:
        """Mute somebody by staff and return the end, in ms."""
        guild = self.discord.guild.id
        order = {"staff": ANNA, "guild_id": guild, "channel": "general", "reason": ""}
        view = await self.warden.services.mutes.mute(member=member, duration=duration, **order)  # pyright: ignore
        assert view.ends_at is not None
        return to_ms(view.ends_at)

    async def listed(self) -> set[str]:
        """Who is muted, by the IM's own database."""
        query = "SELECT u.username FROM mutes m JOIN users u ON u.seq = m.user"
        return {name for (name,) in await self.service.write(lambda connection: connection.execute(query).fetchall())}

    async def show_all(self) -> None:
        """Let the logbook do what it does by itself, in the time of the services."""
        logbook: Any = self.warden.bot.get_cog("WardenLogbook")
        while (wait := await logbook.show_due()) is not None:
            self.clock.move(seconds=wait)


@pytest.fixture
async def home(tmp_path: Path, discord: FakeDiscord, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Home]:
    monkeypatch.setattr("bot.app.IMClient", functools.partial(IMClient, rate_per_second=None))
    clock = FakeClock()
    service = IMService(
        tmp_path / "im",
        options=IMServiceOptions(keep_expired_mutes=True, rate_limit=None),
        now_ms=lambda: to_ms(clock.now()),
    )
    await service.start()
    await lay_empty_database(tmp_path / "warden.db")
    settings = Settings(  # pyright: ignore
        discord={"token": discord.token, "api_base": discord.api_base, "gateway_url": discord.gateway_url},
        storage={"url": f"sqlite+aiosqlite:///{tmp_path}/warden.db"},
    )
    point_discord_at(settings)
    warden = await build(settings, clock=clock, im_service=service)
    await warden.services.settings.load()
    living = asyncio.create_task(warden.bot.start(discord.token))
    await discord.wait_connected()
    yield Home(warden, service, clock, discord)
    await warden.services.expiry.stop(0)
    await warden.bot.close()
    # It may be napping before it tries the gateway again.
    living.cancel()
    await asyncio.gather(living, return_exceptions=True)
    await warden.im.close()
    await warden.store.close()
    await service.stop()
