"""Running on Discord: from logging in to the last thing closed, and registering the commands."""

from __future__ import annotations

import asyncio
import gc
import signal
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import structlog
from discord.gateway import DiscordWebSocket
from discord.http import Route
from prometheus_client import disable_created_metrics
from yarl import URL

from bot.app import build
from bot.bot import sync, tree_hash
from bot.store import StoreError

if TYPE_CHECKING:
    from bot.bot import WardenBot
    from bot.config import Settings
    from bot.machine import Warden

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_TREE_MARK = "command-tree"
_BAD_TOKEN = 4004


class LoginError(Exception):
    """Discord does not let us in; the text says what to do."""


def point_discord_at(settings: Settings) -> None:
    """Send discord.py to the configured API and gateway: Discord's own, a proxy, or a test double."""
    Route.BASE = settings.discord.api_base.rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.discord.gateway_url)


async def run_bot(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; return the exit code. Within 10 s of the signal everything is closed."""
    if settings.discord.shards > 1:
        raise LoginError("discord.shards above 1 is not supported yet: one connection serves up to 2,500 servers")
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    point_discord_at(settings)
    # A line for each figure on when it was begun would double the page, and Prometheus has no use for it.
    disable_created_metrics()
    warden = await build(settings)
    living = asyncio.create_task(_live(warden, settings), name="discord")
    stopped = asyncio.create_task(stopping.wait(), name="stop signal")
    try:
        await asyncio.wait({living, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not stopping.is_set():
            living.result()
        return 0
    finally:
        log.info("stopping")
        await warden.stop()
        await _end(living)
        await _end(stopped)
        log.info("stopped")


async def sync_commands(settings: Settings, guild_id: int | None = None) -> int:
    """Register the slash commands now, in one guild or where the settings say; return how many there are."""
    point_discord_at(settings)
    warden = await build(settings)
    try:
        await _log_in(warden.bot, settings, patient=False)
        guilds = warden.bot.guild_ids if guild_id is None else (guild_id,)
        count = await sync(warden.bot.tree, guilds)
        await warden.store.set_mark(_TREE_MARK, await tree_hash(warden.bot.tree, warden.bot.guild_ids))
        return count
    finally:
        await warden.stop()


async def _live(warden: Warden, settings: Settings) -> None:
    await warden.start()
    await _log_in(warden.bot, settings)
    announcing = asyncio.create_task(_announce(warden), name="register commands")
    try:
        await warden.bot.connect()
    except discord.ConnectionClosed as error:
        advice = "put the right bot token into discord.token" if error.code == _BAD_TOKEN else str(error)
        raise LoginError(f"Discord has closed the connection for good ({error.code}): {advice}") from None
    finally:
        await _end(announcing)


async def _log_in(bot: WardenBot, settings: Settings, *, patient: bool = True) -> None:
    """Log in; while Discord cannot be reached, try again: mutes end without it."""
    assert settings.discord.token is not None
    wait = 1.0
    while True:
        try:
            await bot.login(settings.discord.token.get_secret_value())
        except discord.LoginFailure:
            raise LoginError("Discord refuses the bot token: put the right one into discord.token") from None
        except (OSError, TimeoutError, aiohttp.ClientError, discord.DiscordServerError) as error:
            if not patient:
                raise LoginError(f"Discord cannot be reached at {settings.discord.api_base}: {error}") from None
            log.warning("Discord cannot be reached", next_try_seconds=wait, why=str(error))
            # discord.py opens a session a login and closes none that failed.
            await bot.http.close()
            bot.http.connector = discord.utils.MISSING
            await asyncio.sleep(wait)
            wait = min(wait * 2, 30.0)
        else:
            return


async def _announce(warden: Warden) -> None:
    """Register the commands if they have changed since the last time, then say once that we are ready."""
    bot = warden.bot
    wait = 1.0
    while True:
        try:
            fingerprint = await tree_hash(bot.tree, bot.guild_ids)
            if await warden.store.mark(_TREE_MARK) != fingerprint:
                await sync(bot.tree, bot.guild_ids)
                await warden.store.set_mark(_TREE_MARK, fingerprint)
            break
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError, StoreError) as error:
            log.warning("commands could not be registered", next_try_seconds=wait, why=str(error))
            await asyncio.sleep(wait)
            wait = min(wait * 2, 60.0)
    await bot.wait_until_ready()
    # What is there now stays: the collector need not look through it while somebody waits for an answer.
    gc.collect()
    gc.freeze()
    log.info("ready", user=str(bot.user), guilds=len(bot.guilds), commands=len(bot.tree.get_commands()))


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
