"""Cards for a thread, and for the reactions to a message."""

from typing import Final

import discord

from bot.services.mirrors import Mirror
from bot.services.reactions import ReactionInfo, ReactionList
from bot.services.thread_book import ThreadInfo
from bot.ui.face import BLUE
from bot.ui.safe import code, cut, escape
from bot.ui.words import Voice, stamp

_NAMED: Final = 5
_LONGEST_TEXT: Final = 4096


def thread_card(thread: ThreadInfo, mirror: Mirror | None, voice: Voice) -> discord.Embed:
    """Show a thread; `mirror` is the Discord message that shows the message it began with."""
    lines = [voice("thread-line-channel", channel=escape(thread.place.channel_name, 60))]
    if thread.owner_id:
        lines.append(voice("thread-line-owner", owner=escape(thread.owner_id, 64)))
    if thread.started_at is not None:
        lines.append(voice("thread-line-started", when=stamp(thread.started_at, "f")))
    if mirror is not None:
        lines.extend([voice("thread-line-message"), quote(mirror, voice)])
    elif thread.message_id:
        lines.append(voice("thread-line-message-id", id=code(thread.message_id)))
    lines.append(voice("thread-line-id", id=code(thread.thread_id)))
    title = voice("thread-title", thread=escape(thread.label, 50))
    return discord.Embed(title=title, description="\n".join(lines), colour=BLUE)


def reactions_card(found: ReactionList, voice: Voice) -> discord.Embed:
    """Show the reactions to a message, who added them, and which are the member's own."""
    lines = [_reaction_line(reaction, found.member_id, voice) for reaction in found.reactions]
    head = quote(found.mirror, voice) if found.mirror is not None else None
    parts = [head, "\n".join(lines) or voice("reactions-none")]
    title = voice("reactions-title", channel=escape(found.place.channel_name, 60))
    text = cut("\n\n".join(part for part in parts if part), _LONGEST_TEXT)
    card = discord.Embed(title=title, description=text, colour=BLUE)
    return card.set_footer(text=voice("reactions-seen-by", member=found.member_id))


def quote(mirror: Mirror, voice: Voice) -> str:
    """Quote the beginning of a message of the IM and say whose it is."""
    author = escape(mirror.author_id, 64)
    return f"> {voice('mirror-quote', member=author, text=escape(mirror.said, 120))}"


def _reaction_line(reaction: ReactionInfo, member_id: str, voice: Voice) -> str:
    others = [user for user in reaction.users if user.lower() != member_id]
    shown = others[: _NAMED - 1 if reaction.by_member else _NAMED]
    names = [f"**{escape(member_id, 64)}**"] if reaction.by_member else []
    names.extend(escape(user, 64) for user in shown)
    more = reaction.count - len(names)
    if more > 0:
        names.append(voice("reaction-more", count=more))
    return voice("reaction-line", emoji=escape(reaction.emoji, 60), count=reaction.count, members=", ".join(names))
