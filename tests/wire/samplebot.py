"""What the tests of the fake put on it: a discord.py bot to fill with commands, a clock to move."""

from collections.abc import Awaitable, Callable

import discord as dpy
from discord import app_commands


class SampleBot(dpy.Client):
    """A discord.py bot; the test puts its commands on `tree` before it starts."""

    def __init__(self, *, members: bool = False, guild_ready_timeout: float = 0) -> None:
        intents = dpy.Intents.default()
        intents.members = members
        super().__init__(intents=intents, guild_ready_timeout=guild_ready_timeout)
        self.tree = app_commands.CommandTree(self)
        self.dynamic: list[type[dpy.ui.DynamicItem]] = []
        self.sync_on_start = True

    async def setup_hook(self) -> None:
        self.add_dynamic_items(*self.dynamic)
        if self.sync_on_start:
            await self.tree.sync()


StartBot = Callable[[SampleBot], Awaitable[SampleBot]]


class MovableClock:
    """Seconds since 1970 that a test may move on."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now
