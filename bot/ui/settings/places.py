"""Discord channels and roles that are chosen for us: whether we can do there what they are chosen for."""

from typing import Final

import discord

from bot.services.refusals import Refusal
from bot.ui.answer import Answer
from bot.ui.safe import escape

# What a channel needs in which we show something, and how Discord's own settings call it.
_NEEDED: Final = {
    "view_channel": "permission-view-channel",
    "send_messages": "permission-send-messages",
    "embed_links": "permission-embed-links",
}


def check_place(answer: Answer, channel: discord.TextChannel) -> None:
    """Raise Refusal if we may not write in a channel."""
    allowed = channel.permissions_for(channel.guild.me)
    missing = [answer.voice(key) for name, key in _NEEDED.items() if not getattr(allowed, name)]
    if missing:
        raise Refusal("refusal-log-channel", channel=channel.name, permissions=", ".join(missing))


def duty_note(answer: Answer, member: discord.Member) -> str | None:
    """Say so if somebody does not see the log channel, where Discord lets no message call them."""
    log = answer.services.settings.get(answer.guild_id).log_channel_id
    channel = None if log is None else member.guild.get_channel(log)
    if channel is None or channel.permissions_for(member).view_channel:
        return None
    return answer.voice("rota-unseen", member=escape(member.name, 60), channel=channel.mention)


def oncall_note(answer: Answer, role: discord.Role) -> str | None:
    """Say so if a message of ours in the log channel does not reach a role."""
    log = answer.services.settings.get(answer.guild_id).log_channel_id
    channel = None if log is None else role.guild.get_channel(log)
    ours = role.guild.me.guild_permissions if channel is None else channel.permissions_for(role.guild.me)
    if role.mentionable or ours.mention_everyone:
        return None
    return answer.voice("settings-oncall-silent", role=escape(role.name, 60))
