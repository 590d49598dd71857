"""The log channel: shows every case and alert, and keeps what it has shown up to date."""

import asyncio
from typing import Final

import aiohttp
import discord
import structlog
from discord.ext import commands

from bot.services.posts import Post
from bot.services.refusals import Refusal
from bot.store import StoreError
from bot.ui.in_person import tell_in_person
from bot.ui.posting import Notice, edit_notice, notice_of, send_notice
from bot.ui.watch import Watch

log = structlog.get_logger(__name__)

# Unknown channel; missing access; a person who takes no messages; missing permissions: no retry helps until somebody
# changes something in Discord.
_HOPELESS: Final = {10003: "gone", 50001: "forbidden", 50007: "forbidden", 50013: "forbidden"}
_UNREACHABLE: Final = (discord.DiscordServerError, discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError)
_LONGEST_AWAY: Final = 15.0


class Logbook(Watch):
    """Empties the outbox `services.posts` into Discord."""

    def __init__(self, bot: commands.Bot) -> None:
        super().__init__(bot)
        self._away = 0

    @property
    def changed(self) -> asyncio.Event:
        """What is set when there is something new in the outbox."""
        return self._host.services.posts.changed

    @commands.Cog.listener("on_ready")
    @commands.Cog.listener("on_resumed")
    async def catch_up(self) -> None:
        """Show at once what has waited for Discord."""
        self._away = 0
        self._host.services.posts.changed.set()

    async def show_all(self) -> float | None:
        """Show everything that is due."""
        posts = self._host.services.posts
        for post in await posts.due():
            if not await self._show(post):
                # It is Discord rather than this post: the others would fare no better now.
                self._away += 1
                return min(2.0 ** min(self._away - 1, 8), _LONGEST_AWAY)
            self._away = 0
        return await posts.next_due_in()

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
