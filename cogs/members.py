"""/member."""

import discord
from discord import app_commands

from bot.ui import complete
from bot.ui.answer import Answer
from bot.ui.circle.purge_question import ask_purge
from bot.ui.desk import Desk
from bot.ui.levels import admins, moderators
from bot.ui.looks import member_card
from bot.ui.pager import show_list
from bot.ui.reply import show_case
from bot.ui.words import say

Name = app_commands.Range[str, 1, 128]
Reason = app_commands.Range[str, 1, 400]


class Members(Desk):
    """The members of the IM's channels."""

    member = moderators(app_commands.Group(name="member", description=say("command-member")))

    @moderators
    @member.command(name="list", description=say("command-member-list"))
    @app_commands.describe(channel=say("option-channel"))
    @app_commands.autocomplete(channel=complete.channels)
    async def list_members(self, interaction: discord.Interaction, channel: Name) -> None:
        """List the members of a channel."""
        await show_list(await Answer.private(interaction), "m", channel)

    @moderators
    @member.command(name="show", description=say("command-member-show"))
    @app_commands.describe(channel=say("option-channel"), member=say("option-member"))
    @app_commands.autocomplete(channel=complete.channels, member=complete.members)
    async def show_member(self, interaction: discord.Interaction, channel: Name, member: Name) -> None:
        """Show whether somebody is in a channel, as what, and muted or not."""
        answer = await Answer.private(interaction)
        found, seen = await answer.services.memberships.show(guild_id=answer.guild_id, channel=channel, member=member)
        await answer.show(member_card(found, seen, answer.voice))

    @moderators
    @member.command(name="add", description=say("command-member-add"))
    @app_commands.describe(channel=say("option-channel"), member=say("option-member-add"), reason=say("option-reason"))
    @app_commands.autocomplete(channel=complete.channels, member=complete.people)
    async def add_member(
        self, interaction: discord.Interaction, channel: Name, member: Name, reason: Reason = ""
    ) -> None:
        """Put somebody into a channel."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.memberships.add(
            staff=answer.staff, guild_id=answer.guild_id, channel=channel, member=member, reason=reason
        )
        await show_case(answer, case)

    @moderators
    @member.command(name="remove", description=say("command-member-remove"))
    @app_commands.describe(channel=say("option-channel"), member=say("option-member"), reason=say("option-reason"))
    @app_commands.autocomplete(channel=complete.channels, member=complete.members)
    async def remove_member(
        self, interaction: discord.Interaction, channel: Name, member: Name, reason: Reason = ""
    ) -> None:
        """Take somebody out of a channel."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.memberships.remove(
            staff=answer.staff, guild_id=answer.guild_id, channel=channel, member=member, reason=reason
        )
        await show_case(answer, case)

    @admins
    @member.command(name="purge", description=say("command-member-purge"))
    @app_commands.describe(
        channel=say("option-channel"), members=say("option-members-purge"), reason=say("option-reason")
    )
    @app_commands.autocomplete(channel=complete.channels, members=complete.member_lists)
    async def purge_members(
        self,
        interaction: discord.Interaction,
        channel: Name,
        members: app_commands.Range[str, 1, 6000],
        reason: Reason = "",
    ) -> None:
        """Take many members out of a channel, after a look at who that would be."""
        await ask_purge(await Answer.about_case(interaction), channel, members, reason)
