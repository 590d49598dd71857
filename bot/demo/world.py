"""What the demo plays in: the sample community in an embedded IM service, the real bot, a small Discord server."""

import socket
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import discord
import simcord
from pydantic import SecretStr
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle

from bot.app import build
from bot.bot import sync
from bot.config import HttpSettings, Settings, StorageSettings
from bot.demo.realtime import set_clock, speak, start_with_real_timers
from bot.imservice import IMService, IMServiceOptions, seed_sample
from bot.machine import Warden
from bot.web.setup import callback_options, with_callbacks

BOT_NAME: Final = "Circle Warden"
SERVER_NAME: Final = "Aurora Games staff"
_HOST: Final = "127.0.0.1"
_SETTLE_SECONDS: Final = 4.0


@dataclass(frozen=True, slots=True)
class Demo:
    """Everything that a demo needs; `community` is the id of the sample community."""

    warden: Warden
    service: IMService
    env: simcord.Env
    guild: GuildHandle
    moderation: ChannelHandle
    log: ChannelHandle
    feed: ChannelHandle
    moderator: MemberActor
    chinese_moderator: MemberActor
    admin: MemberActor
    community: str


@asynccontextmanager
async def open_demo(data: Path | None, *, keep_expired_mutes: bool = False) -> AsyncGenerator[Demo]:
    """Start everything, and take it all down again.

    `data`: where to keep it, None for a temporary folder that is removed. `keep_expired_mutes`: the IM service ends no
    mute by itself. Raises StartupError, StoreError or OSError with a sentence when the folder cannot be used.
    """
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(_folder(data))
        settings = with_callbacks(_settings(folder))
        options = IMServiceOptions(keep_expired_mutes=keep_expired_mutes, **callback_options(settings))
        service = IMService(folder / "im", options=options)
        await service.start()
        stack.push_async_callback(service.stop)
        community = await seed_sample(service)
        warden = await build(settings, im_service=service)
        stack.push_async_callback(warden.stop)
        env = simcord.Env(warden.bot, check_errors=False, settle_timeout=_SETTLE_SECONDS)
        env.backend.bot_user.name = BOT_NAME
        await start_with_real_timers(env, warden.bot.tree)
        stack.push_async_callback(env.shutdown)
        await sync(warden.bot.tree)
        demo = _inhabited(warden, service, env, community)
        set_clock(env)
        await warden.start()
        await warden.services.settings.set_community(demo.guild.id, community)
        if warden.services.settings.own(demo.guild.id).feed_channel_id is None:
            await warden.services.settings.set_feed(demo.guild.id, demo.feed.id)
        yield demo


def _settings(folder: Path) -> Settings:
    # Constructed, not read: a configuration meant for `warden run` must not lead the demo to somebody's real data.
    return Settings.model_construct(
        storage=StorageSettings(url=SecretStr(f"sqlite+aiosqlite:///{folder / 'warden.db'}")),
        http=HttpSettings(port=_free_port()),
    )


def _free_port() -> int:
    """Return a port that nobody listens on, for the IM service's callbacks to the bot."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return probe.getsockname()[1]


@contextmanager
def _folder(data: Path | None) -> Generator[Path]:
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        yield data.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="warden-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _inhabited(warden: Warden, service: IMService, env: simcord.Env, community: str) -> Demo:
    """Make the Discord server; its ids are the same in every run, so that kept data still fits."""
    guild = env.create_guild(SERVER_NAME)
    moderators = guild.create_role("Moderators", permissions=discord.Permissions(moderate_members=True))
    admins = guild.create_role("Admins", permissions=discord.Permissions(manage_guild=True, moderate_members=True))
    mira = guild.add_member(env.create_user("mira", global_name="Mira"), roles=[moderators])
    chen = guild.add_member(env.create_user("xiaochen", global_name="小陈"), roles=[moderators])
    ada = guild.add_member(env.create_user("ada", global_name="Ada"), roles=[admins])
    speak(env, {chen.id: "zh-CN"})
    return Demo(
        warden=warden,
        service=service,
        env=env,
        guild=guild,
        moderation=guild.create_text_channel("moderation", topic="The community Aurora Games, moderated from here"),
        log=guild.create_text_channel("warden-log", topic="Every case, kept up to date by the bot"),
        feed=guild.create_text_channel("circle-feed", topic="What is said in Aurora Games, with one-tap actions"),
        moderator=mira,
        chinese_moderator=chen,
        admin=ada,
        community=community,
    )
