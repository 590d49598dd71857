"""The complete bot: a discord.py bot with our tree, our extension, and nothing that needs a privilege."""

import asyncio
import sys
from collections.abc import Collection
from typing import Final, Literal

import discord
import structlog
from discord.backoff import ExponentialBackoff
from discord.ext import commands

from bot.ui.host import Host, enlist, host_in
from bot.ui.tree import WardenTree, sync, tree_hash
from bot.ui.words import CommandWords

__all__ = ["WardenBot", "sync", "tree_hash"]

log = structlog.get_logger(__name__)

LONGEST_AWAY_SECONDS: Final = 30.0


class _SoonAgain(ExponentialBackoff[Literal[False]]):
    """How long discord.py waits before it tries to connect again: not up to 17 minutes, as it would by itself.

    It forgets no failed try within half an hour, and a second outage would leave commands unanswered long after it.
    """

    def delay(self) -> float:
        """Return the seconds to wait now."""
        return min(super().delay(), LONGEST_AWAY_SECONDS)


class WardenBot(commands.Bot):
    """The bot of `warden run` and `warden demo`.

    `guild_ids`: where the commands are registered, nowhere in particular if empty.
    """

    def __init__(self, host: Host, *, guild_ids: Collection[int] = ()) -> None:
        intents = discord.Intents.none()
        intents.guilds = True
        # Nobody speaks here: no advice about voice libraries at every start.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        discord.client.ExponentialBackoff = _SoonAgain  # pyright: ignore[reportPrivateImportUsage]
        super().__init__(
            command_prefix=(),
            help_command=None,
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            tree_cls=WardenTree,
            allowed_contexts=discord.app_commands.AppCommandContext(guild=True),
            allowed_installs=discord.app_commands.AppInstallationType(guild=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            guild_ready_timeout=0,
        )
        enlist(self, host)
        self.guild_ids = tuple(guild_ids)

    async def setup_hook(self) -> None:
        """Add commands, translations and the logbook, before the gateway is there."""
        await self.tree.set_translator(CommandWords(host_in(self).texts))
        if "cogs" not in self.extensions:
            await self.load_extension("cogs")

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected to Discord, also where the first try fails: discord.py falls over that after its wait."""
        wait = 1.0
        while True:
            try:
                return await super().connect(reconnect=reconnect)
            except AttributeError:
                if getattr(self, "ws", None) is not None:
                    raise
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_AWAY_SECONDS)

    def is_connected(self) -> bool:
        """Tell whether Discord is there, as far as is known: a connection that died silently shows within a minute."""
        return self.is_ready() and self.ws.open

    async def on_message(self, message: discord.Message, /) -> None:
        """Ignore messages: there are no prefix commands, and no intent to read any."""

    async def on_error(self, event_method: str, /, *_args: object, **_kwargs: object) -> None:
        """Log what a gateway event broke; nobody waits for an answer here."""
        log.error("gateway event failed", event_name=event_method, exc_info=sys.exception())
