"""What is noted of a command that went well."""

from typing import Any

import discord
from discord.ext import commands

from bot.ui.account import close_account
from bot.ui.desk import Desk


class Accounts(Desk):
    """Counts and logs each command of ours at its end; what fails is counted by its desk."""

    @commands.Cog.listener()
    async def on_app_command_completion(self, interaction: discord.Interaction, _command: Any) -> None:
        """Close the account of the command, which discord.py tells us of in the command's own context."""
        close_account(interaction)
