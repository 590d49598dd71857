"""The context menus on messages that show a message of the IM."""

from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.answer import Answer
from bot.ui.circle.feed_choices import which_message
from bot.ui.circle.mute_author import ask_how_long
from bot.ui.circle.thread_form import ThreadForm
from bot.ui.desk import Desk
from bot.ui.funnel import answered
from bot.ui.host import guild_id_of, services_of, voice_of
from bot.ui.levels import check, level_needed, moderators
from bot.ui.pager import show_list
from bot.ui.words import say

_MESSAGE: Final = discord.AppCommandType.message


class Menus(Desk):
    """What one can do about a message and its author without typing.

    discord.py runs no check of a cog before a context menu and none of its error handlers after: each does both itself.
    """

    def __init__(self, bot: commands.Bot) -> None:
        super().__init__(bot)
        # discord.py knows no context menus inside of a class.
        self.menus = (
            moderators(app_commands.ContextMenu(name=say("menu-mute-author"), callback=self.mute_author)),
            moderators(app_commands.ContextMenu(name=say("menu-history"), callback=self.show_history)),
            moderators(app_commands.ContextMenu(name=say("menu-start-thread"), callback=self.start_thread)),
        )

    async def cog_load(self) -> None:
        """Add the menus to the tree."""
        for menu in self.menus:
            self.bot.tree.add_command(menu)

    async def cog_unload(self) -> None:
        """Take the menus away again."""
        for menu in self.menus:
            self.bot.tree.remove_command(menu.name, type=_MESSAGE)

    async def mute_author(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Ask for how long the author is to be muted."""
        async with answered(interaction):
            check(interaction, level_needed(interaction.command))
            answer = await Answer.private(interaction)
            mirrors = await answer.services.mirrors.shown_by(answer.guild_id, message.id)
            if len(mirrors) > 1:
                await answer.show(view=which_message("mute", mirrors, answer.voice))
                return
            await ask_how_long(answer, mirrors[0])

    async def show_history(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """List the author's cases."""
        async with answered(interaction):
            check(interaction, level_needed(interaction.command))
            answer = await Answer.private(interaction)
            mirrors = await answer.services.mirrors.shown_by(answer.guild_id, message.id)
            if len(mirrors) > 1:
                await answer.show(view=which_message("history", mirrors, answer.voice))
                return
            await show_list(answer, "h", mirrors[0].author_id)

    async def start_thread(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Ask for the name of a thread that begins with the message."""
        async with answered(interaction):
            check(interaction, level_needed(interaction.command))
            # A form must be the very first answer, so nothing is deferred; the look-up is in our own database.
            mirrors = await services_of(interaction).mirrors.shown_by(guild_id_of(interaction), message.id)
            voice = voice_of(interaction)
            if len(mirrors) > 1:
                await interaction.response.send_message(view=which_message("thread", mirrors, voice), ephemeral=True)
                return
            await interaction.response.send_modal(ThreadForm(mirrors[0], voice))
