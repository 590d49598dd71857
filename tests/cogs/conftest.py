"""A world for command tests: the whole bot as `bot.app` builds it, the real IM service, a simulated Discord."""

import asyncio
import contextvars
import functools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic as true_monotonic
from typing import Any

import discord
import pytest
import simcord

from bot.app import build
from bot.config import Settings
from bot.im import IMClient, NewUser
from bot.im.clock import SystemClock
from bot.im.errors import IMError
from bot.imservice import FaultAction, IMService, IMServiceOptions
from bot.machine import Warden
from bot.services.refusals import Refusal, Unsettled
from bot.ui.funnel import unwrapped
from bot.ui.levels import NotAllowed
from tests.cogs.limits import complaints
from tests.empty_database import lay_empty_database

ODD_NAME = "**odd** [x](https://evil.example) @everyone <@1> `c` ||s|| \u202egnp"


class TrueClock:
    """The true time for the IM client: SimCord stops the clocks and holds the timers of what runs inside the bot."""

    def monotonic(self) -> float:
        return true_monotonic()

    async def sleep(self, seconds: float) -> None:
        over = asyncio.get_running_loop().create_future()
        timer = self.call_later(seconds, lambda: over.done() or over.set_result(None))
        try:
            await over
        finally:
            timer.cancel()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        return contextvars.Context().run(asyncio.get_running_loop().call_later, seconds, callback)


@dataclass
class World:
    """Everything a command test needs."""

    settings: Settings
    im_service: IMService
    warden: Warden
    env: simcord.Env
    guild: Any
    room: Any
    log: Any
    mod: Any
    mod2: Any
    admin: Any
    guest: Any
    community: str = ""
    general: str = ""
    message_id: str = ""
    thread_id: str = ""
    collection_id: str = ""
    locale: str = "en-US"
    expected: tuple[type[BaseException], ...] = (Refusal, Unsettled, NotAllowed, IMError, discord.HTTPException)

    async def log_here(self) -> None:
        """Choose #log as the log channel."""
        await self.warden.services.settings.set_log_channel(self.guild.id, self.log.id)

    def im_down(self) -> None:
        self.im_service.fault = lambda _request: FaultAction.reset()

    def im_up(self) -> None:
        self.im_service.fault = None

    async def restart(self) -> None:
        """Stop the whole machine and start a new one on the same database."""
        old = self.warden
        self.warden = await build(self.settings, im_service=self.im_service)
        await self.warden.services.settings.load()
        await logbook_of(old.bot).cog_unload()
        await feed_of(old.bot).cog_unload()
        await self.env.restart_bot(self.warden.bot)
        await old.im.close()
        await old.store.close()

    async def show_posts(self) -> None:
        """Let the logbook do what it would do by itself a moment later."""
        await logbook_of(self.warden.bot).show_due()

    async def muted(self) -> set[str]:
        """Who is muted in #general, by the IM itself."""
        return {mute.user_id async for mute in self.warden.im.mutes.list(self.community, self.general)}


def logbook_of(bot: discord.Client) -> Any:
    return bot.get_cog("WardenLogbook")  # pyright: ignore[reportAttributeAccessIssue]


def feed_of(bot: discord.Client) -> Any:
    return bot.get_cog("WardenFeed")  # pyright: ignore[reportAttributeAccessIssue]


def text_of(message: Any) -> str:
    """Everything that people read in a message."""
    parts = [message.content or ""]
    for embed in message.embeds:
        parts += [embed.title or "", embed.description or "", embed.footer.text or ""]
    return "\n".join(part for part in parts if part)


def said(result: Any) -> str:
    """Everything that an interaction's answer and follow-ups say."""
    messages = [message for message in [result.response, *result.followups] if message is not None]
    return "\n".join(dict.fromkeys(text_of(message) for message in messages))


def buttons_of(message: Any) -> list[str]:
    return [child.get("custom_id", "") for row in message.components for child in row.get("components", [])]


async def people_the_im(world: World) -> None:
    im = world.warden.im
    names = ["olga", "mia", "bob", "bob_92", "carl", "dora", "x" * 64]
    await im.users.create(*[NewUser(username=name) for name in names])
    world.community = await im.communities.create("olga", "Aurora")
    for name in names[1:]:
        await im.communities.join(world.community, name)
    await im.communities.set_role(world.community, "mia", 1)
    world.general = (await im.channels.create(world.community, "general", description="Talk")).channel_id
    for name in names[1:]:
        await im.members.add(world.community, world.general, name)
    await im.channels.create(world.community, ODD_NAME[:50])


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    for name in ("monotonic", "sleep", "call_later"):
        monkeypatch.setattr(SystemClock, name, getattr(TrueClock, name))
    # So that a test of an IM that is down does not wait for all the patience of production.
    monkeypatch.setattr("bot.app.IMClient", functools.partial(IMClient, deadline_seconds=1.0))
    service = IMService(tmp_path / "im", options=IMServiceOptions(rate_limit=None))
    await service.start()
    # Patience is not what is tried here: a down IM is told of after 4 s instead of 20.
    settings = Settings(storage={"url": f"sqlite+aiosqlite:///{tmp_path}/warden.db"}, im={"timeout_seconds": 2})  # pyright: ignore
    await lay_empty_database(tmp_path / "warden.db")
    warden = await build(settings, im_service=service)
    await warden.services.settings.load()
    env = simcord.Env(warden.bot, settle_timeout=12)
    await env.start()
    await register(warden.bot)
    world = inhabited(settings, service, warden, env)
    speak_as(world, monkeypatch)
    await people_the_im(world)
    yield world
    service.fault = None
    await logbook_of(world.warden.bot).cog_unload()
    await feed_of(world.warden.bot).cog_unload()
    await env.shutdown()
    await world.warden.im.close()
    await world.warden.store.close()
    await service.stop()
    assert complaints(env.backend.http_requests) == []
    surprises = [error for error in env.errors if not isinstance(unwrapped(error), world.expected)]
    assert not surprises, surprises


_COMMANDS: list[Any] = []


async def register(bot: Any) -> None:
    """Register the commands as `tree.sync` does; what is sent is the same in every world, so it is made once."""
    if not _COMMANDS:
        commands = bot.tree.get_commands()
        _COMMANDS.extend([await one.get_translated_payload(bot.tree, bot.tree.translator) for one in commands])
    await bot.http.bulk_upsert_global_commands(bot.application_id, payload=_COMMANDS)


def inhabited(settings: Settings, service: IMService, warden: Warden, env: simcord.Env) -> World:
    """A Discord server with moderators, an admin, a guest without any right, and two channels."""
    guild = env.create_guild()
    moderate = guild.create_role("mods", permissions=discord.Permissions(moderate_members=True))
    manage = guild.create_role("admins", permissions=discord.Permissions(manage_guild=True, moderate_members=True))
    roles = {"mod": [moderate], "mod2": [moderate], "admin": [manage], "guest": []}
    actors = {name: guild.add_member(env.create_user(name), roles=given) for name, given in roles.items()}
    rooms = {"room": guild.create_text_channel("mods"), "log": guild.create_text_channel("log")}
    world = World(settings, service, warden, env, guild, **rooms, **actors)
    allow_guest(world)
    return world


def allow_guest(world: World) -> None:
    """Let Discord show every command to the guest: our own check is what is tested."""
    for kind in (discord.AppCommandType.chat_input, discord.AppCommandType.message):
        visible = world.env.backend.visible_commands(user_id=world.admin.id, channel_id=world.room.id, type=kind.value)
        for command in visible:
            world.guild.set_command_permissions(int(command["id"]), {world.guest: True, world.mod: True})


def speak_as(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `world.locale` the language of whoever acts; SimCord's people all speak English."""
    original = discord.Interaction._from_data

    def in_locale(interaction: discord.Interaction, data: Any) -> None:
        data["locale"] = world.locale
        original(interaction, data)

    monkeypatch.setattr(discord.Interaction, "_from_data", in_locale)
