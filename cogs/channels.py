"""/channel."""

from functools import partial

import discord
from discord import app_commands

from bot.services.channels import APP_SENDER, NewChannel
from bot.services.mirrors import ImMessage
from bot.ui import complete
from bot.ui.account import reference
from bot.ui.answer import Answer
from bot.ui.circle import complete_channels
from bot.ui.circle.channel_form import open_form
from bot.ui.circle.mirror import claim_mirror, post_mirror
from bot.ui.confirm import confirmed
from bot.ui.desk import Desk
from bot.ui.funnel import note
from bot.ui.levels import admins, moderators
from bot.ui.looks import channel_card
from bot.ui.pager import show_list
from bot.ui.reply import show_case
from bot.ui.words import say

Name = app_commands.Range[str, 1, 128]


class Channels(Desk):
    """The channels of the IM."""

    channel = moderators(app_commands.Group(name="channel", description=say("command-channel")))

    @moderators
    @channel.command(name="list", description=say("command-channel-list"))
    @app_commands.describe(visibility=say("option-visibility"), community=say("option-community"))
    @app_commands.choices(
        visibility=[
            app_commands.Choice(name=say("choice-all"), value="all"),
            app_commands.Choice(name=say("choice-public"), value="public"),
            app_commands.Choice(name=say("choice-private"), value="private"),
        ]
    )
    @app_commands.autocomplete(community=complete.communities)
    async def list_channels(
        self,
        interaction: discord.Interaction,
        visibility: str = "all",
        community: Name = "",
    ) -> None:
        """List the channels of a community, by default of the server's own."""
        await show_list(await Answer.private(interaction), "c", f"{visibility}:{community}")

    @moderators
    @channel.command(name="show", description=say("command-channel-show"))
    @app_commands.describe(channel=say("option-channel"))
    @app_commands.autocomplete(channel=complete.channels)
    async def show_channel(self, interaction: discord.Interaction, channel: Name) -> None:
        """Show one channel."""
        answer = await Answer.private(interaction)
        found = await answer.services.directory.channel(answer.guild_id, channel)
        await answer.show(channel_card(found, answer.voice))

    @moderators
    @channel.command(name="created", description=say("command-channel-created"))
    @app_commands.describe(member=say("option-member-channels"), community=say("option-community"))
    @app_commands.autocomplete(member=complete.people, community=complete.communities)
    async def list_created(self, interaction: discord.Interaction, member: Name, community: Name = "") -> None:
        """List the channels that somebody created in a community."""
        await show_list(await Answer.private(interaction), "o", _subject(member, community))

    @moderators
    @channel.command(name="joined", description=say("command-channel-joined"))
    @app_commands.describe(member=say("option-member-channels"), community=say("option-community"))
    @app_commands.autocomplete(member=complete.people, community=complete.communities)
    async def list_joined(self, interaction: discord.Interaction, member: Name, community: Name = "") -> None:
        """List the channels of a community that somebody is in."""
        await show_list(await Answer.private(interaction), "j", _subject(member, community))

    @admins
    @channel.command(name="create", description=say("command-channel-create"))
    @app_commands.describe(
        name=say("option-channel-name"),
        type=say("option-channel-type"),
        mode=say("option-channel-mode"),
        max_users=say("option-channel-room"),
        description=say("option-channel-description"),
        category=say("option-category"),
        community=say("option-community"),
    )
    @app_commands.choices(
        type=[
            app_commands.Choice(name=say("choice-public"), value="public"),
            app_commands.Choice(name=say("choice-private"), value="private"),
        ],
        mode=[
            app_commands.Choice(name=say("choice-text"), value="text"),
            app_commands.Choice(name=say("choice-voice"), value="voice"),
        ],
    )
    @app_commands.autocomplete(category=complete_channels.categories, community=complete.communities)
    async def create_channel(  # noqa: PLR0917 - one argument an option
        self,
        interaction: discord.Interaction,
        name: Name,
        type: str = "public",  # noqa: A002 - the option's name
        mode: str = "text",
        max_users: app_commands.Range[int, 1, 2000] | None = None,
        description: app_commands.Range[str, 1, 1000] = "",
        category: Name = "",
        community: Name = "",
    ) -> None:
        """Create a channel."""
        answer = await Answer.about_case(interaction)
        wanted = NewChannel(name, type == "public", mode == "voice", max_users, description, category)
        create = partial(
            answer.services.channels.create,
            wanted,
            staff=answer.staff,
            guild_id=answer.guild_id,
            community=community,
        )
        await confirmed(answer, create, show_case)

    @admins
    @channel.command(name="edit", description=say("command-channel-edit"))
    @app_commands.describe(channel=say("option-channel"))
    @app_commands.autocomplete(channel=complete.channels)
    async def edit_channel(self, interaction: discord.Interaction, channel: Name) -> None:
        """Open the form of a channel."""
        await open_form(interaction, channel)

    @admins
    @channel.command(name="delete", description=say("command-channel-delete"))
    @app_commands.describe(channel=say("option-channel"))
    @app_commands.autocomplete(channel=complete.channels)
    async def delete_channel(self, interaction: discord.Interaction, channel: Name) -> None:
        """Delete a channel for good."""
        answer = await Answer.about_case(interaction)
        delete = partial(answer.services.channels.delete, staff=answer.staff, guild_id=answer.guild_id, channel=channel)
        await confirmed(answer, delete, show_case)

    @moderators
    @channel.command(name="say", description=say("command-channel-say"))
    @app_commands.describe(channel=say("option-channel"), text=say("option-channel-text"))
    @app_commands.autocomplete(channel=complete.channels)
    async def say_in_channel(
        self, interaction: discord.Interaction, channel: Name, text: app_commands.Range[str, 1, 6000]
    ) -> None:
        """Say something in a channel, as the app."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.channels.say(
            staff=answer.staff, guild_id=answer.guild_id, channel=channel, text=text
        )
        message_id, said = str(case.details["message_id"]), str(case.details["text"])
        claim_mirror(answer, message_id)
        await show_case(answer, case)
        try:
            await post_mirror(answer, ImMessage(case.place, message_id, APP_SENDER, said, case.at))
        except discord.HTTPException as error:
            # It was said, and the answer shows it: nobody should say it again because the mirror is missing.
            note(error, reference(), interaction)


def _subject(member: str, community: str) -> str:
    # The colon separates; a name that has one is none, and is refused as one with a slash.
    return f"{member.replace(':', '/')}:{community}"
