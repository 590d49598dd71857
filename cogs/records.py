"""/history."""

import discord
from discord import app_commands

from bot.ui import complete
from bot.ui.answer import Answer
from bot.ui.desk import Desk
from bot.ui.levels import moderators
from bot.ui.pager import show_list
from bot.ui.words import say


class Records(Desk):
    """Looking at what was done."""

    @moderators
    @app_commands.command(name="history", description=say("command-history"))
    @app_commands.describe(member=say("option-member-history"))
    @app_commands.autocomplete(member=complete.members)
    async def history(self, interaction: discord.Interaction, member: app_commands.Range[str, 1, 128]) -> None:
        """List a member's cases, newest first."""
        await show_list(await Answer.private(interaction), "h", member)
