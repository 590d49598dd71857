"""The feed: shows what is said in the IM in the Discord channel that a guild has chosen for it."""

import asyncio
import contextlib
import contextvars
from collections import defaultdict
from typing import Final

import aiohttp
import discord
import structlog
from discord.ext import commands

from bot.services.complaints import Complaints
from bot.services.feed import FeedPost
from bot.services.posts import FORBIDDEN, GONE
from bot.store import StoreError
from bot.ui.circle.feed_cards import feed_notice
from bot.ui.circle.pace import Pace
from bot.ui.desk import Desk
from bot.ui.host import guild_voice, host_in

log = structlog.get_logger(__name__)

# Until somebody changes something in Discord, no retry helps.
_HOPELESS: Final = {403: FORBIDDEN, 404: GONE}
_BAD_REQUEST: Final = 400
_TOO_LARGE: Final = 413
_UNREACHABLE: Final = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError)
_LONGEST_NAP: Final = 60.0
_GATHER_SECONDS: Final = 0.4
"""Messages of one moment are shown together, and what a command has just said is known to be shown by its answer."""
_ASK_AGAIN_SECONDS: Final = 5.0
_AFTER_FAULT: Final = 5.0


class Feed(Desk):
    """Empties `services.feed` into Discord."""

    def __init__(self, bot: commands.Bot) -> None:
        super().__init__(bot)
        self._host = host_in(bot)
        self._paces: defaultdict[int, Pace] = defaultdict(Pace)
        self._complaints = Complaints()
        self._monotonic = asyncio.get_running_loop().time
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def cog_load(self) -> None:
        """Begin to watch the feed."""
        # A clean context: the task outlives whatever started it and must not carry its log fields along.
        self._task = contextvars.Context().run(asyncio.create_task, self._run(), name="feed")

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
            except Exception as error:  # noqa: BLE001 - this task must go on
                self._complaints.say("feed failed", error)
                await asyncio.sleep(_AFTER_FAULT)

    async def show_due(self) -> float | None:
        """Show all that may be shown now; return the seconds until there may be more, None if nothing waits."""
        feed = self._host.services.feed
        async with self._one_at_a_time:
            feed.changed.clear()
            placed = await feed.place()
            naps = await asyncio.gather(*[self._show_guild(guild_id) for guild_id in await feed.guilds()])
            waits = [nap for nap in naps if nap is not None]
            if not placed:
                waits.append(_ASK_AGAIN_SECONDS)
            return min(waits, default=None)

    async def _wait(self, seconds: float | None) -> None:
        nap = _LONGEST_NAP if seconds is None else min(seconds, _LONGEST_NAP)
        # Not wait_for: it can take a cancellation for the event that comes at the same moment, and we would go on.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(nap):
                await self._host.services.feed.changed.wait()
        await asyncio.sleep(_GATHER_SECONDS)

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
        notice = feed_notice(post, guild_voice(self._host, post.guild_id))
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
