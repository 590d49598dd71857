"""Mirrors: a message of the IM shown in Discord, so that one tap there can be about it."""

from typing import Final

import discord

from bot.services.mirrors import ImMessage
from bot.ui.answer import Answer
from bot.ui.face import GREY
from bot.ui.host import guild_voice, host_of
from bot.ui.safe import cut, escape, plain
from bot.ui.words import Voice

_MOST_LINES: Final = 20
_LONGEST_LINE: Final = 150


def mirror_card(message: ImMessage, voice: Voice) -> discord.Embed:
    """Show a message of the IM: whose it is, what it says, in which channel, and when."""
    card = discord.Embed(description=_text(message.text) or voice("mirror-no-text"), colour=GREY)
    card.set_author(name=plain(message.author_id, 64))
    card.set_footer(text=f"#{plain(message.place.channel_name, 60)}")
    card.timestamp = message.sent_at
    return card


async def post_mirror(answer: Answer, message: ImMessage) -> None:
    """Show a message of the IM to everybody below an answer, and remember it for the context menus.

    For a command that has said something in the IM, such as /channel say: call it after `show_case`, once the answer
    is shown. A feed does the same with its own `send`: `mirror_card` first, then `services.mirrors.note` with the id
    of the message that Discord made. Raises discord.HTTPException.
    """
    voice = guild_voice(host_of(answer.interaction), answer.guild_id)
    posted = await answer.interaction.followup.send(embed=mirror_card(message, voice), wait=True)
    await answer.services.mirrors.note(guild_id=answer.guild_id, message_id=posted.id, shows=message)


def _text(text: str) -> str:
    """Keep the lines of a text; each is escaped, and too many or too long ones are cut."""
    lines = [escape(line, _LONGEST_LINE) for line in text.splitlines() if line.strip()]
    # Escaping may double them.
    return cut("\n".join([*lines[:_MOST_LINES], "…"] if len(lines) > _MOST_LINES else lines), 4096)
