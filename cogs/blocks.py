"""/block."""

import discord
from discord import app_commands

from bot.ui import complete
from bot.ui.answer import Answer
from bot.ui.desk import Desk
from bot.ui.levels import admins
from bot.ui.pager import show_list
from bot.ui.people import complete as complete_people
from bot.ui.reply import show_case
from bot.ui.words import say

Name = app_commands.Range[str, 1, 128]


class Blocks(Desk):
    """Whom the IM's users block."""

    block = admins(app_commands.Group(name="block", description=say("command-block")))

    @admins
    @block.command(name="add", description=say("command-block-add"))
    @app_commands.describe(owner=say("option-owner"), members=say("option-members-block"))
    @app_commands.autocomplete(owner=complete.people, members=complete.people_lists)
    async def add_blocks(
        self, interaction: discord.Interaction, owner: Name, members: app_commands.Range[str, 1, 4000]
    ) -> None:
        """Block one or many for somebody."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.blocks.add(
            staff=answer.staff, guild_id=answer.guild_id, owner=owner, members=members
        )
        await show_case(answer, case)

    @admins
    @block.command(name="remove", description=say("command-block-remove"))
    @app_commands.describe(owner=say("option-owner"), member=say("option-member-blocked"))
    @app_commands.autocomplete(owner=complete.people, member=complete_people.blocked)
    async def remove_block(self, interaction: discord.Interaction, owner: Name, member: Name) -> None:
        """Unblock somebody."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.blocks.remove(
            staff=answer.staff, guild_id=answer.guild_id, owner=owner, member=member
        )
        await show_case(answer, case)

    @admins
    @block.command(name="list", description=say("command-block-list"))
    @app_commands.describe(owner=say("option-owner"))
    @app_commands.autocomplete(owner=complete.people)
    async def list_blocks(self, interaction: discord.Interaction, owner: Name) -> None:
        """List whom somebody blocks."""
        await show_list(await Answer.private(interaction), "b", owner)
