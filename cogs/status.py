"""/status."""

import discord
from discord import app_commands

from bot.ui.answer import Answer
from bot.ui.desk import Desk
from bot.ui.levels import moderators
from bot.ui.looks import status_card
from bot.ui.words import say


class Status(Desk):
    """The bot's own health."""

    @moderators
    @app_commands.command(name="status", description=say("command-status"))
    async def status(self, interaction: discord.Interaction) -> None:
        """Show how the bot, the IM and the timers are doing."""
        answer = await Answer.private(interaction)
        await answer.show(status_card(await answer.services.status.status(answer.guild_id), answer.voice))
