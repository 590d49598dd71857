"""Fixtures: a fake Discord, a discord.py bot on it, a raw bot on it, a clock to move."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.wire import FakeDiscord
from tests.wire.rawbot import RawBot
from tests.wire.samplebot import MovableClock, SampleBot, StartBot


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        yield fake


@pytest.fixture
async def timed(clock: MovableClock) -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(clock=clock) as fake:
        yield fake


@pytest.fixture
def endpoints(discord: FakeDiscord) -> Iterator[None]:
    """Point discord.py at the fake, and back afterwards."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = discord.api_base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(discord.gateway_url)
    yield
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@pytest.fixture
async def start_bot(discord: FakeDiscord, endpoints: None) -> AsyncIterator[StartBot]:
    """Start bots; they are closed in the end, and an error that ended one fails the test."""
    running: list[tuple[SampleBot, asyncio.Task[None]]] = []

    async def start(bot: SampleBot) -> SampleBot:
        running.append((bot, asyncio.create_task(bot.start(discord.token))))
        await discord.wait_connected()
        return bot

    yield start
    for bot, task in running:
        await bot.close()
        await asyncio.wait_for(task, 5)


@pytest.fixture
async def raw(discord: FakeDiscord) -> AsyncIterator[RawBot]:
    bot = RawBot(discord)
    yield bot
    await bot.close()


@pytest.fixture
async def timed_raw(timed: FakeDiscord) -> AsyncIterator[RawBot]:
    bot = RawBot(timed)
    yield bot
    await bot.close()
