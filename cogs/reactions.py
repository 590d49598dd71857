"""/reaction."""

import discord
from discord import app_commands

from bot.ui import complete
from bot.ui.answer import Answer
from bot.ui.circle import complete_threads
from bot.ui.circle.thread_looks import reactions_card
from bot.ui.desk import Desk
from bot.ui.levels import moderators
from bot.ui.reply import show_case
from bot.ui.words import say

Name = app_commands.Range[str, 1, 128]


class Reactions(Desk):
    """The reactions to messages of the IM."""

    reaction = moderators(app_commands.Group(name="reaction", description=say("command-reaction")))

    @moderators
    @reaction.command(name="add", description=say("command-reaction-add"))
    @app_commands.describe(
        message_id=say("option-message-id"), emoji=say("option-emoji"), member=say("option-member-reacts")
    )
    @app_commands.autocomplete(message_id=complete_threads.messages, member=complete.members)
    async def add_reaction(self, interaction: discord.Interaction, message_id: Name, emoji: Name, member: Name) -> None:
        """React to a message for a member."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.reactions.add(
            staff=answer.staff, guild_id=answer.guild_id, message_id=message_id, emoji=emoji, member=member
        )
        await show_case(answer, case)

    @moderators
    @reaction.command(name="remove", description=say("command-reaction-remove"))
    @app_commands.describe(
        message_id=say("option-message-id"), emoji=say("option-emoji"), member=say("option-member-reacts")
    )
    @app_commands.autocomplete(message_id=complete_threads.messages, member=complete.members)
    async def remove_reaction(
        self, interaction: discord.Interaction, message_id: Name, emoji: Name, member: Name
    ) -> None:
        """Take a member's reaction back."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.reactions.remove(
            staff=answer.staff, guild_id=answer.guild_id, message_id=message_id, emoji=emoji, member=member
        )
        await show_case(answer, case)

    @moderators
    @reaction.command(name="list", description=say("command-reaction-list"))
    @app_commands.describe(
        message_id=say("option-message-id"), channel=say("option-channel"), member=say("option-member-sees")
    )
    @app_commands.autocomplete(message_id=complete_threads.messages, channel=complete.channels, member=complete.members)
    async def list_reactions(
        self, interaction: discord.Interaction, message_id: Name, channel: Name, member: Name
    ) -> None:
        """Show the reactions to a message as a member sees them."""
        answer = await Answer.private(interaction)
        found = await answer.services.reactions.of_message(
            guild_id=answer.guild_id, channel=channel, message_id=message_id, member=member
        )
        await answer.show(reactions_card(found, answer.voice))
