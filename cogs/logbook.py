"""The log channel: shows every case and alert, and keeps what it has shown up to date."""

import asyncio
import contextlib
import contextvars
from typing import Final

import aiohttp
import discord
import structlog
from discord.ext import commands

from bot.services.posts import Post
from bot.services.refusals import Refusal
from bot.ui.desk import Desk
from bot.ui.funnel import new_reference, note
from bot.ui.host import host_in
from bot.ui.posting import Notice, edit_notice, notice_of, send_notice

log = structlog.get_logger(__name__)

# Unknown channel; missing access; missing permissions: no retry helps until somebody changes something in Discord.
_HOPELESS: Final = {10003: "gone", 50001: "forbidden", 50013: "forbidden"}
_UNREACHABLE: Final = (discord.DiscordServerError, discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError)
_LONGEST_NAP: Final = 60.0
_AFTER_FAULT: Final = 5.0


class Logbook(Desk):
    """Empties the outbox `services.posts` into Discord."""

    def __init__(self, bot: commands.Bot) -> None:
        super().__init__(bot)
        self._host = host_in(bot)
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def cog_load(self) -> None:
        """Begin to watch the outbox."""
        # A clean context: the task outlives whatever started it and must not carry its log fields along.
        self._task = contextvars.Context().run(asyncio.create_task, self._run(), name="logbook")

    async def cog_unload(self) -> None:
        """Stop; a post cut off in its middle is shown at the next start, and its nonce keeps it single."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                await self._wait(await self.show_due())
            except Exception as error:  # noqa: BLE001 - the funnel's door for this task: it must go on
                note(error, new_reference())
                await asyncio.sleep(_AFTER_FAULT)

    async def show_due(self) -> float | None:
        """Show everything that is due; return the seconds until there is more, None if nothing waits."""
        posts = self._host.services.posts
        async with self._one_at_a_time:
            posts.changed.clear()
            for post in await posts.due():
                await self._show(post)
            return await posts.next_due_in()

    async def _wait(self, seconds: float | None) -> None:
        nap = _LONGEST_NAP if seconds is None else min(seconds, _LONGEST_NAP)
        # Not wait_for: it can take a cancellation for the event that comes at the same moment, and we would go on.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(nap):
                await self._host.services.posts.changed.wait()

    async def _show(self, post: Post) -> None:
        posts = self._host.services.posts
        try:
            await self._place(post, await notice_of(self._host, post))
        except Refusal as refusal:
            await posts.failed(post, permanent=True, why=refusal.key)
        except _UNREACHABLE as error:
            await self._later(post, repr(error))
        except discord.HTTPException as error:
            why = _HOPELESS.get(error.code)
            if why is None:
                await self._later(post, repr(error))
            else:
                log.warning("post given up", post=post.id, guild=post.guild_id, why=why)
                await posts.failed(post, permanent=True, why=why)

    async def _later(self, post: Post, why: str) -> None:
        log.warning("post not shown yet", post=post.id, guild=post.guild_id, why=why)
        await self._host.services.posts.failed(post, permanent=False, why=why)

    async def _place(self, post: Post, notice: Notice) -> None:
        services = self._host.services
        deleted = False
        if post.channel_id is not None and post.message_id is not None:
            if await edit_notice(self._channel(post.channel_id, post.guild_id), post.message_id, notice):
                await services.posts.shown(post, channel_id=post.channel_id, message_id=post.message_id)
                return
            deleted = True
        channel_id = services.settings.get(post.guild_id).log_channel_id or notice.home
        if channel_id is None:
            # A deleted answer stays deleted; anything else waits until there is a log channel.
            await services.posts.failed(post, permanent=deleted, why="message-gone" if deleted else "no-log-channel")
            return
        # The nonce of a second message differs: Discord must not give us the deleted one back.
        nonce = f"cw{post.id}r{post.revision}" if deleted else f"cw{post.id}"
        message_id = await send_notice(self._channel(channel_id, post.guild_id), notice, nonce)
        await services.posts.shown(post, channel_id=channel_id, message_id=message_id)

    def _channel(self, channel_id: int, guild_id: int) -> discord.PartialMessageable:
        return self.bot.get_partial_messageable(channel_id, guild_id=guild_id)
