"""The slash commands: `await bot.load_extension("cogs")` adds them to any discord.py bot that is a `Host`."""

from typing import TYPE_CHECKING, cast

from discord.ext import commands

from bot.ui.buttons import BUTTONS
from bot.ui.words import CommandWords
from cogs.channels import Channels
from cogs.logbook import Logbook
from cogs.members import Members
from cogs.mutes import Mutes
from cogs.records import Records
from cogs.settings import Settings
from cogs.status import Status

if TYPE_CHECKING:
    from bot.ui.host import Host

COGS = (Mutes, Records, Channels, Members, Settings, Status, Logbook)


async def setup(bot: commands.Bot) -> None:
    """Add commands, buttons, translations and the logbook; called by discord.py."""
    bot.add_dynamic_items(*BUTTONS)
    for cog in COGS:
        await bot.add_cog(cog(bot))
    if bot.tree.translator is None:
        await bot.tree.set_translator(CommandWords(cast("Host", bot).texts))


async def teardown(bot: commands.Bot) -> None:
    """Take the buttons away again; discord.py removes the cogs itself."""
    bot.remove_dynamic_items(*BUTTONS)
