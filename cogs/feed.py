"""The feed: shows what is said in the IM in the Discord channel that a guild has chosen for it."""

import asyncio
from collections import defaultdict
from typing import Final

import aiohttp
import discord
import structlog
from discord.ext import commands

from bot.services.feed import FeedPost
from bot.services.posts import FORBIDDEN, GONE
from bot.store import StoreError
from bot.ui.circle.feed_cards import feed_notice
from bot.ui.circle.pace import Pace
from bot.ui.host import guild_voice
from bot.ui.watch import Watch

log = structlog.get_logger(__name__)

# Until somebody changes something in Discord, no retry helps.
_HOPELESS: Final = {403: FORBIDDEN, 404: GONE}
_BAD_REQUEST: Final = 400
_TOO_LARGE: Final = 413
_UNREACHABLE: Final = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError)
_ASK_AGAIN_SECONDS: Final = 5.0
_AFTER_FAULT: Final = 5.0


class Feed(Watch):
    """Empties `services.feed` into Discord."""

    # Messages of one moment are shown together, and what a command has just said is known to be shown by its answer.
    gathers = 0.4

    def __init__(self, bot: commands.Bot) -> None:
        super().__init__(bot)
        self._paces: defaultdict[int, Pace] = defaultdict(Pace)
        self._monotonic = asyncio.get_running_loop().time

    @property
    def changed(self) -> asyncio.Event:
        """What is set when there may be something new."""
        return self._host.services.feed.changed

    async def show_all(self) -> float | None:
        """Show what every guild's feed may show now."""
        feed = self._host.services.feed
        placed = await feed.place()
        naps = await asyncio.gather(*[self._show_guild(guild_id) for guild_id in await feed.guilds()])
        waits = [nap for nap in naps if nap is not None]
        if not placed:
            waits.append(_ASK_AGAIN_SECONDS)
        return min(waits, default=None)

    async def _show_guild(self, guild_id: int) -> float | None:
        try:
            return await self._show_all(guild_id)
        except StoreError as error:
            self._complaints.say("feed not shown yet", error)
            return _AFTER_FAULT

    async def _show_all(self, guild_id: int) -> float | None:
        feed, pace, now = self._host.services.feed, self._paces[guild_id], self._monotonic
        while True:
            wait = pace.wait(now())
            if wait > 0:
                return wait
            post = await feed.next_post(guild_id)
            if post is None:
                return await feed.next_in(guild_id)
            pace.took(now())
            try:
                await self._show(post)
            except _UNREACHABLE as error:
                pace.failed(now())
                log.warning("feed not shown yet", guild=guild_id, why=repr(error))
            else:
                pace.worked()

    async def _show(self, post: FeedPost) -> None:
        """Show a post, or note that it cannot be; raises what a later try may mend."""
        feed = self._host.services.feed
        try:
            notice = feed_notice(post, guild_voice(self._host, post.guild_id))
        except Exception as error:  # noqa: BLE001 - what cannot be drawn must not keep the others away
            self._complaints.say("feed message cannot be drawn", error, guild=post.guild_id, post=post.id)
            await feed.unshowable(post)
            return
        channel = self.bot.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        try:
            message = await channel.send(
                embed=notice.card,
                view=notice.view or discord.utils.MISSING,
                nonce=f"cwf{post.id}",
                allowed_mentions=discord.AllowedMentions.none(),
                silent=True,
            )
        except discord.HTTPException as error:
            why = _HOPELESS.get(error.status)
            if why is None and error.status not in {_BAD_REQUEST, _TOO_LARGE}:
                raise
            log.warning("feed given up", guild=post.guild_id, post=post.id, why=why or repr(error))
            await (feed.unshowable(post) if why is None else feed.refused(post, why))
        else:
            await feed.shown(post, message.id)
