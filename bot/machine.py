"""The machine while it runs: what is started together, and stopped in an order that loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.services.complaints import Complaints

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.bot import WardenBot
    from bot.im import IMClient
    from bot.imservice import IMService
    from bot.jobs.alarm import Alarm
    from bot.services import Services
    from bot.store import Store
    from bot.web.server import WebServer

STOP_WITHIN_SECONDS = 8.0


@dataclass(slots=True, kw_only=True)
class Machine:
    """All but Discord: IM client, state, services, alarm clock; `start` and `stop` it once."""

    store: Store
    im: IMClient
    services: Services
    alarm: Alarm
    im_service: IMService | None = None
    web: WebServer | None = None
    _begun: bool = field(default=False, init=False)
    _starting: asyncio.Task[None] | None = field(default=None, init=False)

    async def start(self) -> None:
        """Bring the state up to date and begin to end mutes; Discord comes later and is not needed for that."""
        self._starting = asyncio.create_task(self._start(), name="start")
        await self._starting

    async def _start(self) -> None:
        await self.services.settings.load()
        if self.web is not None:
            # First: if another one of us runs here, it has the port, and nothing of its work is to be taken over.
            await self.web.start()
        self._begun = True
        await self.services.callbacks.start()
        self.services.health.start()
        await self.alarm.start(self.services)

    async def stop(self) -> None:
        """Take nothing more in, let what is in flight finish, close everything; safe to call at any point."""
        begun = time.monotonic()
        if self._starting is not None:
            # What is half started would go on to start what is closed here.
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        if self.web is not None:
            await _close(self.web.stop)
        grace = STOP_WITHIN_SECONDS / 2 - (time.monotonic() - begun)
        ends = await asyncio.gather(
            self.alarm.stop(grace) if self._begun else asyncio.sleep(0),
            self.services.callbacks.stop(grace),
            _finish_commands(grace),
            return_exceptions=True,
        )
        for error in ends:
            if isinstance(error, Exception):
                # Such as a database that is away: the rest is to be closed all the same.
                Complaints().say("stopped in the middle", error)
        await self.services.health.stop()
        await _close(self.im.close)
        # What still waited for the IM has been told; it writes down that nobody knows the outcome, and says so.
        await _finish_commands(STOP_WITHIN_SECONDS / 8)
        await self.leave_discord()
        await _close(self.store.close)
        if self.im_service is not None:
            await _close(self.im_service.stop, STOP_WITHIN_SECONDS / 4)

    async def leave_discord(self) -> None:
        """Close the connection to Discord, where it is ours."""


@dataclass(slots=True, kw_only=True)
class Warden(Machine):
    """The whole machine with the Discord bot."""

    bot: WardenBot

    async def leave_discord(self) -> None:
        """Close the bot."""
        await _close(self.bot.close)


async def _finish_commands(grace_seconds: float) -> None:
    """Let the commands, buttons and forms that discord.py has begun finish for so long."""
    names = ("CommandTree-invoker", "discord-ui-")
    begun = {task for task in asyncio.all_tasks() if task.get_name().startswith(names)}
    # A command of somebody else's bot may be what takes us down.
    begun.discard(asyncio.current_task())
    if begun:
        await asyncio.wait(begun, timeout=grace_seconds)


async def _close(close: Callable[[], Awaitable[None]], seconds: float = STOP_WITHIN_SECONDS / 8) -> None:
    with contextlib.suppress(Exception):
        await asyncio.wait_for(close(), seconds)
