"""What all our cogs share: the level check before, the error funnel after."""

import asyncio

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.account import close_account, open_account
from bot.ui.funnel import answer_error
from bot.ui.levels import check, level_needed
from bot.ui.tree import WardenTree


class Desk(commands.Cog):
    """A cog whose commands are for those of the declared level, are accounted for, and end in the funnel if they fail.

    The account of one that succeeds is closed by `cogs.accounts`.
    """

    def __init_subclass__(cls) -> None:
        """Give the cog a name of its own: another bot's may well have a cog called Settings already."""
        super().__init_subclass__()
        cls.__cog_name__ = f"Warden{cls.__name__}"

    def __init__(self, bot: commands.Bot) -> None:
        self.bot = bot

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Let in who has the level that the command declares; raises NotAllowed."""
        open_account(interaction)
        check(interaction, level_needed(interaction.command))
        return True

    async def cog_app_command_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError
    ) -> None:
        """Answer an error of any of the cog's commands."""
        await answer_error(interaction, error)
        close_account(interaction)
        if not isinstance(self.bot.tree, WardenTree):
            # discord.py asks the tree too, which would answer a second time in another bot; only this keeps it from it.
            raise asyncio.CancelledError
