"""A cog that shows in Discord what a service has to show: one task, from the cog's loading to its unloading."""

import asyncio
import contextlib
import contextvars
from typing import ClassVar, Final

from discord.ext import commands

from bot.services.complaints import Complaints
from bot.ui.desk import Desk
from bot.ui.host import host_in

_LONGEST_NAP: Final = 60.0
_AFTER_FAULT: Final = 5.0


class Watch(Desk):
    """Shows what there is whenever `changed` is set, and when what waits is due; whatever fails, it goes on."""

    gathers: ClassVar[float] = 0.0
    """Seconds to wait before anything new is shown, for what comes with it."""

    def __init__(self, bot: commands.Bot) -> None:
        super().__init__(bot)
        self._host = host_in(bot)
        self._complaints = Complaints()
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @property
    def changed(self) -> asyncio.Event:
        """What is set when there is something new."""
        raise NotImplementedError

    async def show_due(self) -> float | None:
        """Show all that may be shown now; return the seconds until there may be more, None if nothing waits."""
        async with self._one_at_a_time:
            self.changed.clear()
            return await self.show_all()

    async def show_all(self) -> float | None:
        """Do what `show_due` says, one at a time."""
        raise NotImplementedError

    async def cog_load(self) -> None:
        """Begin to watch."""
        # A clean context: the task outlives whatever started it and must not carry its log fields along.
        self._task = contextvars.Context().run(asyncio.create_task, self._run(), name=self.__cog_name__)

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
                self._complaints.say(f"{self.__cog_name__} failed", error)
                await asyncio.sleep(_AFTER_FAULT)

    async def _wait(self, seconds: float | None) -> None:
        nap = _LONGEST_NAP if seconds is None else min(seconds, _LONGEST_NAP)
        # Not wait_for: it can take a cancellation for the event that comes at the same moment, and we would go on.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(nap):
                await self.changed.wait()
        await asyncio.sleep(self.gathers)
