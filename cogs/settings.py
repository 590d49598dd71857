"""/settings."""

import discord
from discord import app_commands

from bot.services.refusals import Refusal
from bot.ui import complete
from bot.ui.answer import Answer
from bot.ui.cards import GREEN
from bot.ui.desk import Desk
from bot.ui.levels import admins
from bot.ui.notes import note_card
from bot.ui.safe import escape
from bot.ui.words import Voice, say

# What the log needs, and how Discord's own settings call it.
_NEEDED = {
    "view_channel": "permission-view-channel",
    "send_messages": "permission-send-messages",
    "embed_links": "permission-embed-links",
}


class Settings(Desk):
    """What a Discord server sets for itself."""

    settings = admins(app_commands.Group(name="settings", description=say("command-settings")))

    @admins
    @settings.command(name="community", description=say("command-settings-community"))
    @app_commands.describe(community=say("option-community-settings"))
    @app_commands.autocomplete(community=complete.communities)
    async def set_community(self, interaction: discord.Interaction, community: app_commands.Range[str, 1, 128]) -> None:
        """Choose the community that the server's commands are about."""
        answer = await Answer.private(interaction)
        found = await answer.services.directory.find_community(community)
        await answer.services.settings.set_community(answer.guild_id, found.community_id)
        name = escape(found.name or found.community_id, 60)
        await answer.show(note_card(answer.voice("settings-community-set", community=name), colour=GREEN))

    @admins
    @settings.command(name="log", description=say("command-settings-log"))
    @app_commands.describe(channel=say("option-log-channel"))
    async def set_log(self, interaction: discord.Interaction, channel: discord.TextChannel) -> None:
        """Choose the Discord channel that shows every case; refused if the bot may not write there."""
        answer = await Answer.private(interaction)
        missing = _missing(channel, answer.voice)
        if missing:
            raise Refusal("refusal-log-channel", channel=channel.name, permissions=missing)
        await answer.services.settings.set_log_channel(answer.guild_id, channel.id)
        await answer.show(note_card(answer.voice("settings-log-set", channel=channel.mention), colour=GREEN))


def _missing(channel: discord.TextChannel, voice: Voice) -> str:
    allowed = channel.permissions_for(channel.guild.me)
    return ", ".join(voice(key) for name, key in _NEEDED.items() if not getattr(allowed, name))
