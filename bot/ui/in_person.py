"""Telling an alert to somebody in person, where no channel shows it."""

from typing import Final

import discord
import structlog
from discord.ext import commands

from bot.services.posts import Post
from bot.ui.host import Host, guild_voice
from bot.ui.posting import Notice, send_notice
from bot.ui.safe import escape

log = structlog.get_logger(__name__)

_LONGEST_NAME: Final = 100


async def tell_in_person(bot: commands.Bot, host: Host, post: Post, notice: Notice, nonce: str) -> bool:
    """Send an alert to who is on duty, or else to the guild's owner; False if neither can be told.

    The second call and every other one after it go to the owner first. Raises what Discord answers when it is down.
    """
    guild = bot.get_guild(post.guild_id)
    owner = None if guild is None else guild.owner_id
    people = [person for person in (notice.person, owner) if person is not None]
    if notice.owner_first:
        people.reverse()
    name = "" if guild is None else guild.name
    said = guild_voice(host, post.guild_id)("alert-in-person", server=escape(name, _LONGEST_NAME))
    for person in dict.fromkeys(people):
        try:
            channel = await bot.create_dm(discord.Object(person))
            place = bot.get_partial_messageable(channel.id)
            message_id = await send_notice(place, notice, f"{nonce}u{person % 10_000}", said=said)
        except (discord.Forbidden, discord.NotFound) as refusal:
            # They take no messages from us, or have left.
            log.warning("nobody could be told in person", post=post.id, guild=post.guild_id, why=refusal.code)
            continue
        await host.services.posts.shown(post, channel_id=channel.id, message_id=message_id)
        return True
    return False
