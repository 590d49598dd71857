"""Forms that were opened before a restart."""

import discord
from discord.ext import commands

from bot.ui.desk import Desk
from bot.ui.forms import answer_lost_form


class Forms(Desk):
    """Answers forms that nobody here has opened."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer the form if it is one of ours from before a restart."""
        await answer_lost_form(interaction)
