"""The feed in Discord: one message, several in one list, or a summary of too many."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import discord

from bot.services.feed import FeedPost, Summary
from bot.services.mirrors import Mirror
from bot.ui.circle.feed_actions import act_buttons
from bot.ui.circle.feed_choices import ActSelect, TalkerSelect, talkers_to_choose
from bot.ui.circle.mirror import mirror_card, mirror_line
from bot.ui.face import AMBER, GREY
from bot.ui.safe import escape
from bot.ui.words import Voice

_LONGEST: Final = 4096
# Tried one after the other until all fits: escaping may double a text.
_LINES: Final = (200, 120, 60, 30)


@dataclass(frozen=True, slots=True)
class FeedNotice:
    """A Discord message of the feed."""

    card: discord.Embed
    view: discord.ui.View | None


def feed_notice(post: FeedPost, voice: Voice) -> FeedNotice:
    """Draw a post of the feed in the guild's language."""
    if post.summary is not None:
        return _summary(post.summary, voice)
    if len(post.messages) == 1:
        (mirror,) = post.messages
        return FeedNotice(mirror_card(mirror, voice), act_buttons(mirror, voice))
    view = discord.ui.View(timeout=None).add_item(ActSelect(post.messages, voice))
    return FeedNotice(_list(post.messages, voice), view)


def _list(mirrors: Sequence[Mirror], voice: Voice) -> discord.Embed:
    text = ""
    for limit in _LINES:
        text = "\n".join(_entries(mirrors, voice, limit))
        if len(text) <= _LONGEST:
            break
    card = discord.Embed(description=text, colour=GREY)
    card.timestamp = mirrors[-1].at
    return card


def _entries(mirrors: Sequence[Mirror], voice: Voice, limit: int) -> list[str]:
    """Return the lines of a list; whose and where is said once for messages in a row."""
    lines: list[str] = []
    before: tuple[str, str] | None = None
    for mirror in mirrors:
        origin = (mirror.author_id, mirror.place.channel_id)
        if origin != before:
            author, channel = escape(mirror.author_id, 64), escape(mirror.place.channel_name, 60)
            lines.append(voice("feed-line-from", member=author, channel=channel))
        lines.append(mirror_line(mirror, voice, limit))
        before = origin
    return lines


def _summary(summary: Summary, voice: Voice) -> FeedNotice:
    lines = [voice("feed-summary", count=summary.total, duration=voice.duration(max(1, summary.seconds) * 1000))]
    channels = [voice("feed-summary-channel", channel=escape(name, 60), count=n) for name, n in summary.channels]
    if channels:
        lines.append(" · ".join(channels))
    talkers = [voice("feed-summary-talker", member=escape(name, 64), count=n) for name, n in summary.authors]
    if talkers:
        lines.append(voice("feed-summary-most", members=" · ".join(talkers)))
    able = talkers_to_choose(summary)
    view = discord.ui.View(timeout=None).add_item(TalkerSelect(able, voice)) if able else None
    return FeedNotice(discord.Embed(description="\n".join(lines), colour=AMBER), view)
