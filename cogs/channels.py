"""/channel."""

import discord
from discord import app_commands

from bot.ui import complete
from bot.ui.answer import Answer
from bot.ui.desk import Desk
from bot.ui.levels import moderators
from bot.ui.looks import channel_card
from bot.ui.pager import show_list
from bot.ui.words import say


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
        community: app_commands.Range[str, 1, 128] = "",
    ) -> None:
        """List the channels of a community, by default of the server's own."""
        await show_list(await Answer.private(interaction), "c", f"{visibility}:{community}")

    @moderators
    @channel.command(name="show", description=say("command-channel-show"))
    @app_commands.describe(channel=say("option-channel"))
    @app_commands.autocomplete(channel=complete.channels)
    async def show_channel(self, interaction: discord.Interaction, channel: app_commands.Range[str, 1, 128]) -> None:
        """Show one channel."""
        answer = await Answer.private(interaction)
        found = await answer.services.directory.channel(answer.guild_id, channel)
        await answer.show(channel_card(found, answer.voice))
