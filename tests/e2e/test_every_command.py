"""Every command of the table over real sockets: the whole bot, a wire-level Discord, the IM service."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import build
from bot.config import Settings
from bot.imservice import IMService, IMServiceOptions
from bot.machine import Warden
from bot.running import _live as live
from bot.running import point_discord_at
from tests.cogs.all_rows import FAMILIES
from tests.cogs.conftest import people_the_im
from tests.cogs.table import Row, stock
from tests.e2e.processes import eventually
from tests.empty_database import lay_empty_database
from tests.wire import Channel, FakeDiscord, Member, Reply, Role, Upload

READY_SECONDS = 30.0
ANSWER_SECONDS = 15.0


@dataclass
class Place:
    """A guild as rows know it."""

    discord: FakeDiscord
    id: int

    def create_role(self, name: str, *, mentionable: bool) -> Role:
        assert mentionable
        return self.discord.add_role(name)


@dataclass
class WireWorld:
    """What rows know of a world (tests/cogs/conftest.py), on the wire."""

    discord: FakeDiscord
    warden: Warden
    guild: Place
    room: Channel
    log: Channel
    mod: Member
    mod2: Member
    admin: Member
    community: str = ""
    general: str = ""
    message_id: str = ""
    thread_id: str = ""
    collection_id: str = ""

    async def give(self, row: Row) -> Reply:
        """Give a row's command, fill its form, press Confirm; return the reply that shows the outcome."""
        reply = await self.discord.slash(
            self.admin, self.room, row.command, _sent(row.given(self)), timeout=ANSWER_SECONDS
        )
        shown = reply
        if reply.modal is not None:
            shown = await self.discord.submit(self.admin, reply, row.modal or {}, timeout=ANSWER_SECONDS)
        message = shown.message
        if row.confirms:
            assert message is not None
            confirm = next(one for one in message.buttons if one["custom_id"].endswith(":yes"))
            await self.discord.click(self.admin, message, confirm["custom_id"], timeout=ANSWER_SECONDS)
            await eventually(f"{row.says!r} is said", lambda: row.says in self.said(shown), ANSWER_SECONDS)
        return shown

    def said(self, reply: Reply) -> str:
        return "\n".join(message.text for message in (reply.message, *reply.followups) if message is not None)


def _sent(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Upload(*value) if isinstance(value, tuple) else value for name, value in options.items()}


@pytest.fixture
async def wired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WireWorld]:
    # What the program sets for its whole process.
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    service = IMService(tmp_path / "im", options=IMServiceOptions(rate_limit=None))
    await service.start()
    async with FakeDiscord() as discord, contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(service.stop)
        settings = Settings(
            discord={"token": discord.token, "api_base": discord.api_base, "gateway_url": discord.gateway_url},  # pyright: ignore
            storage={"url": f"sqlite+aiosqlite:///{tmp_path}/warden.db"},  # pyright: ignore
        )
        point_discord_at(settings)
        await lay_empty_database(tmp_path / "warden.db")
        warden = await build(settings, im_service=service)
        living = asyncio.create_task(live(warden, settings))
        stack.push_async_callback(_end, warden, living)
        await discord.wait_synced(1, READY_SECONDS)
        await discord.wait_connected(READY_SECONDS)
        people = [discord.add_member(name, administrator=True) for name in ("mod", "mod2", "admin")]
        channel = discord.channel
        world = WireWorld(
            discord, warden, Place(discord, channel.guild.id), channel, discord.add_channel("log"), *people
        )
        await people_the_im(world)  # pyright: ignore
        await stock(world)  # pyright: ignore
        yield world
        discord.assert_clean()


async def _end(warden: Warden, living: asyncio.Task[None]) -> None:
    await warden.stop()
    living.cancel()
    await asyncio.gather(living, return_exceptions=True)


@pytest.mark.parametrize("family", FAMILIES)
async def test_every_command_goes_from_discord_to_the_im_and_back(wired: WireWorld, family: str):
    wrong = []
    for row in FAMILIES[family]:
        if row.before is not None:
            await row.before(wired)  # pyright: ignore
        reply = await wired.give(row)
        text = wired.said(reply)
        if row.says not in text or "Reference `" in text or not text:
            wrong.append((row.command, row.says, text))
    assert wrong == []
