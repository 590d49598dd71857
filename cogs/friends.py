"""/friend."""

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


class Friends(Desk):
    """The friends of the IM's users."""

    friend = admins(app_commands.Group(name="friend", description=say("command-friend")))

    @admins
    @friend.command(name="add", description=say("command-friend-add"))
    @app_commands.describe(owner=say("option-owner"), friend=say("option-friend-add"))
    @app_commands.autocomplete(owner=complete.people, friend=complete.people)
    async def add_friend(self, interaction: discord.Interaction, owner: Name, friend: Name) -> None:
        """Make two users friends."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.friends.add(
            staff=answer.staff, guild_id=answer.guild_id, owner=owner, friend=friend
        )
        await show_case(answer, case)

    @admins
    @friend.command(name="remove", description=say("command-friend-remove"))
    @app_commands.describe(owner=say("option-owner"), friend=say("option-friend"))
    @app_commands.autocomplete(owner=complete.people, friend=complete_people.friends)
    async def remove_friend(self, interaction: discord.Interaction, owner: Name, friend: Name) -> None:
        """End a friendship."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.friends.remove(
            staff=answer.staff, guild_id=answer.guild_id, owner=owner, friend=friend
        )
        await show_case(answer, case)

    @admins
    @friend.command(name="remark", description=say("command-friend-remark"))
    @app_commands.describe(owner=say("option-owner"), friend=say("option-friend"), remark=say("option-remark"))
    @app_commands.autocomplete(owner=complete.people, friend=complete_people.friends)
    async def remark_friend(self, interaction: discord.Interaction, owner: Name, friend: Name, remark: str) -> None:
        """Set what somebody calls a friend."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.friends.remark(
            staff=answer.staff, guild_id=answer.guild_id, owner=owner, friend=friend, remark=remark
        )
        await show_case(answer, case)

    @admins
    @friend.command(name="list", description=say("command-friend-list"))
    @app_commands.describe(owner=say("option-owner"))
    @app_commands.autocomplete(owner=complete.people)
    async def list_friends(self, interaction: discord.Interaction, owner: Name) -> None:
        """List somebody's friends."""
        await show_list(await Answer.private(interaction), "f", owner)
