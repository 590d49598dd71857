"""Mirrors: a message of the IM shown in Discord, so that one tap there can be about it."""

from typing import Final

import discord

from bot.services.mirrors import TEXT, ImMessage, Mirror
from bot.ui.answer import Answer
from bot.ui.face import GREY
from bot.ui.host import guild_voice, host_of
from bot.ui.safe import cut, escape, plain
from bot.ui.words import Voice

_MOST_LINES: Final = 20
_LONGEST_SHOWN: Final = 1_500
# What bodies are called in requests and in callbacks (facts 5 and 7). None is ever shown as a link.
_KINDS: Final = {
    "img": "mirror-image",
    "image": "mirror-image",
    "audio": "mirror-voice",
    "voice": "mirror-voice",
    "video": "mirror-video",
    "file": "mirror-file",
    "loc": "mirror-location",
    "location": "mirror-location",
}


def mirror_card(message: ImMessage | Mirror, voice: Voice) -> discord.Embed:
    """Show a message of the IM: whose it is, what it says, in which channel, and when."""
    text = message.text if message.kind == TEXT else ""
    card = discord.Embed(description=_text(text) or _instead(message.kind, voice), colour=GREY)
    card.set_author(name=plain(message.author_id, 64))
    card.set_footer(text=f"#{plain(message.place.channel_name, 60)}")
    card.timestamp = message.sent_at if isinstance(message, ImMessage) else message.at
    return card


def mirror_line(mirror: Mirror, voice: Voice, limit: int) -> str:
    """Say in one line what a message says, escaped; `limit` is how many characters of it."""
    text = escape(mirror.text[:_LONGEST_SHOWN], limit) if _has_words(mirror) else ""
    return text or _instead(mirror.kind, voice)


def mirror_option(mirror: Mirror, voice: Voice) -> discord.SelectOption:
    """Show a message as one of a select, whose value is the mirror's number."""
    said = plain(mirror.said, 100) if _has_words(mirror) else _instead(mirror.kind, voice)
    return discord.SelectOption(
        label=plain(f"{plain(mirror.author_id, 40)}: {said}", 100),
        value=str(mirror.id),
        description=plain(f"#{mirror.place.channel_name}", 100),
    )


def claim_mirror(answer: Answer, im_message_id: str) -> None:
    """Keep the feed from showing here what a command has said and `post_mirror` is about to show here."""
    if answer.services.feed.shows_in(answer.guild_id, answer.interaction.channel_id):
        answer.services.feed.said_here(answer.guild_id, im_message_id)


async def post_mirror(answer: Answer, message: ImMessage) -> None:
    """Show a message of the IM to everybody below an answer, and remember it for the context menus.

    For a command that has said something in the IM, such as /channel say: call it after `show_case`, once the answer
    is shown. Raises discord.HTTPException.
    """
    voice = guild_voice(host_of(answer.interaction), answer.guild_id)
    posted = await answer.interaction.followup.send(embed=mirror_card(message, voice), wait=True)
    await answer.services.mirrors.note(
        guild_id=answer.guild_id, message_id=posted.id, shows=message, shown_in=posted.channel.id
    )


def _has_words(mirror: Mirror) -> bool:
    return mirror.kind == TEXT and bool(mirror.said.strip())


def _instead(kind: str, voice: Voice) -> str:
    if kind == TEXT:
        return voice("mirror-no-text")
    return voice(_KINDS.get(kind, "mirror-other"))


def _text(text: str) -> str:
    """Keep the lines of a text; each is escaped. What is cut off, of the text or of its lines, leaves an ellipsis."""
    shown = cut(text, _LONGEST_SHOWN)
    lines = [escape(line, _LONGEST_SHOWN) for line in shown.splitlines() if line.strip()]
    # Escaping may double them.
    return cut("\n".join([*lines[:_MOST_LINES], "…"] if len(lines) > _MOST_LINES else lines), 4096)
