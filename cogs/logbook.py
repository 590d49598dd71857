"""The log channel: shows every case and alert, and keeps what it has shown up to date."""

import asyncio
import contextlib
import contextvars
from typing import Final

import aiohttp
import discord
import structlog
from discord.ext import commands

from bot.services.complaints import Complaints
from bot.services.posts import Post
from bot.services.refusals import Refusal
from bot.store import StoreError
from bot.ui.desk import Desk
from bot.ui.host import host_in
from bot.ui.in_person import tell_in_person
from bot.ui.posting import Notice, edit_notice, notice_of, send_notice

log = structlog.get_logger(__name__)

# Unknown channel; missing access; a person who takes no messages; missing permissions: no retry helps until somebody
# changes something in Discord.
_HOPELESS: Final = {10003: "gone", 50001: "forbidden", 50007: "forbidden", 50013: "forbidden"}
_UNREACHABLE: Final = (discord.DiscordServerError, discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError)
_LONGEST_NAP: Final = 60.0
_LONGEST_AWAY: Final = 15.0
_AFTER_FAULT: Final = 5.0


class Logbook(Desk):
    """Empties the outbox `services.posts` into Discord."""

    def __init__(self, bot: commands.Bot) -> None:
        super().__init__(bot)
        self._host = host_in(bot)
        self._one_at_a_time = asyncio.Lock()
        self._away = 0
        self._complaints = Complaints()
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

    @commands.Cog.listener("on_ready")
    @commands.Cog.listener("on_resumed")
    async def catch_up(self) -> None:
        """Show at once what has waited for Discord."""
        self._away = 0
        self._host.services.posts.changed.set()

    async def _run(self) -> None:
        while True:
            try:
                await self._wait(await self.show_due())
            except Exception as error:  # noqa: BLE001 - this task must go on
                self._complaints.say("logbook failed", error)
                await asyncio.sleep(_AFTER_FAULT)

    async def show_due(self) -> float | None:
        """Show everything that is due; return the seconds until there is more, None if nothing waits."""
        posts = self._host.services.posts
        async with self._one_at_a_time:
            posts.changed.clear()
            for post in await posts.due():
                if not await self._show(post):
                    # It is Discord rather than this post: the others would fare no better now.
                    self._away += 1
                    return min(2.0 ** min(self._away - 1, 8), _LONGEST_AWAY)
                self._away = 0
            return await posts.next_due_in()

    async def _wait(self, seconds: float | None) -> None:
        nap = _LONGEST_NAP if seconds is None else min(seconds, _LONGEST_NAP)
        # Not wait_for: it can take a cancellation for the event that comes at the same moment, and we would go on.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(nap):
                await self._host.services.posts.changed.wait()

    async def _show(self, post: Post) -> bool:
        """Show a post if that is possible; return False if Discord does not answer."""
        posts = self._host.services.posts
        try:
            notice = await notice_of(self.bot, self._host, post)
            try:
                await self._place(post, notice)
            except discord.HTTPException as error:
                if (why := _HOPELESS.get(error.code)) is None:
                    raise
                await self._refused(post, notice, why)
        except Refusal as refusal:
            await posts.failed(post, permanent=True, why=refusal.key)
        except _UNREACHABLE as error:
            await self._later(post, error)
            return False
        except discord.HTTPException as error:
            await self._later(post, error)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - what cannot be drawn must not keep the others away
            self._complaints.say("post cannot be drawn", error, post=post.id, guild=post.guild_id)
            await self._later(post, error)
        return True

    async def _refused(self, post: Post, notice: Notice, why: str) -> None:
        """Note that a channel refuses us for good; an alert finds another way to somebody."""
        log.warning("post given up", post=post.id, guild=post.guild_id, why=why)
        tried = post.channel_id or self._host.services.settings.get(post.guild_id).log_channel_id or notice.home
        await self._host.services.posts.failed(post, permanent=True, why=why, channel_id=tried)
        if notice.urgent and self._host.services.settings.log_problem(post.guild_id) is not None:
            await tell_in_person(self.bot, self._host, post, notice, f"cw{post.id}r{post.revision}")

    async def _later(self, post: Post, error: Exception) -> None:
        log.warning("post not shown yet", post=post.id, guild=post.guild_id, why=repr(error))
        await self._host.services.posts.failed(post, permanent=False, why=repr(error))

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
            if notice.urgent and not services.alerts.on_call(post.guild_id).nobody:
                await self._tell(post, notice)
                return
            # A deleted answer stays deleted; anything else waits until there is a log channel.
            await services.posts.failed(post, permanent=deleted, why="message-gone" if deleted else "no-log-channel")
            return
        # The nonce of a second message differs: Discord must not give us the deleted one back, or another channel's.
        nonce = f"cw{post.id}c{channel_id % 10**6}"
        if deleted:
            nonce += f"r{post.revision}"
        message_id = await send_notice(self._channel(channel_id, post.guild_id), notice, nonce)
        await services.posts.shown(post, channel_id=channel_id, message_id=message_id)

    async def _tell(self, post: Post, notice: Notice) -> None:
        """Tell an alert in person where there is no log channel."""
        if not await tell_in_person(self.bot, self._host, post, notice, f"cw{post.id}r{post.revision}"):
            await self._host.services.posts.set_aside(post)

    def _channel(self, channel_id: int, guild_id: int) -> discord.PartialMessageable:
        return self.bot.get_partial_messageable(channel_id, guild_id=guild_id)
