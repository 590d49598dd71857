"""Lists, ten entries a page: each is drawn from its subject and a page number alone, so any page can be drawn anew."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import discord

from bot.services.directory import ChannelInfo, CommunityInfo
from bot.services.model import Action, CaseView, MutedMember
from bot.ui.answer import Answer
from bot.ui.cards import AMBER, BLUE, case_brief
from bot.ui.safe import code, cut, escape
from bot.ui.words import Voice, mention, stamp

if TYPE_CHECKING:
    from bot.services.directory import Visibility

PER_PAGE: Final = 10
_LONGEST_TEXT: Final = 4096

_COUNTS: Final = {
    Action.MUTE: "history-count-mutes",
    Action.UNMUTE: "history-count-unmutes",
    Action.EXTEND: "history-count-extensions",
}
_VISIBILITIES: Final = {"all": "channels-all", "public": "channels-public", "private": "channels-private"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a list; `subject` is what the list is about, in a form that finds it again."""

    card: discord.Embed
    subject: str
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class _Texts:
    """What a list is called, and the keys of its count and of its being empty."""

    title: str
    counted: str
    nothing: str


async def channel_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw the channels of a community; the subject is `visibility:community`, the community possibly empty."""
    visibility, _, wanted = subject.partition(":")
    community, channels = await answer.services.directory.channels(
        answer.guild_id, cast("Visibility", visibility), wanted or None
    )
    names = Counter(channel.place.channel_name for channel in channels)
    entries = [
        _channel_line(channel, answer.voice, twins=names[channel.place.channel_name] > 1) for channel in channels
    ]
    title = answer.voice(_VISIBILITIES[visibility], community=escape(_name(community), 60))
    texts = _Texts(title, "count-channels", "channels-none")
    return _sheet(answer.voice, texts, f"{visibility}:{community.community_id}", page, entries)


async def member_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw the members of a channel, owners first as the service orders them; the subject is the channel."""
    channel = await answer.services.directory.channel(answer.guild_id, subject)
    members = await answer.services.directory.members(channel.place)
    entries = [
        answer.voice("member-line-owner" if is_owner else "member-line", member=escape(member_id, 64))
        for member_id, is_owner in members
    ]
    title = answer.voice("members-title", channel=escape(channel.place.channel_name, 60))
    texts = _Texts(title, "count-members", "members-none")
    return _sheet(answer.voice, texts, channel.place.channel_id, page, entries)


async def muted_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw who is muted in a channel; the subject is the channel."""
    muted = await answer.services.mutes.muted(guild_id=answer.guild_id, channel=subject)
    entries = [muted_line(entry, answer.voice) for entry in muted.entries]
    title = answer.voice("muted-title", channel=escape(muted.place.channel_name, 60))
    texts = _Texts(title, "count-muted", "muted-none" if muted.reachable else "muted-none-known")
    sheet = _sheet(answer.voice, texts, muted.place.channel_id, page, entries)
    if not muted.reachable:
        sheet.card.colour = AMBER
        sheet.card.description = f"{answer.voice('muted-unreachable')}\n\n{sheet.card.description}"
    return sheet


async def history_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw a member's cases, newest first; the subject is the member."""
    # Pages are found by number, as everywhere: what came before is read along, and it is our own database.
    history = await answer.services.cases.history(answer.guild_id, subject, limit=(page + 1) * PER_PAGE)
    voice = answer.voice
    counts = [voice(key, count=history.counts[action]) for action, key in _COUNTS.items() if history.counts.get(action)]
    at = min(page, _last_page(history.total))
    shown = history.cases[at * PER_PAGE : (at + 1) * PER_PAGE]
    card = discord.Embed(
        title=voice("history-title", member=escape(history.member_id, 64)),
        description=_cases(" · ".join(counts), shown, voice) or voice("history-none"),
        colour=BLUE,
    )
    pages = _last_page(history.total) + 1
    card.set_footer(text=_footer(voice, at, pages, "count-cases", history.total))
    return Sheet(card, history.member_id, at, pages)


SHEETS: Final[dict[str, Callable[[Answer, str, int], Awaitable[Sheet]]]] = {
    "c": channel_sheet,
    "m": member_sheet,
    "u": muted_sheet,
    "h": history_sheet,
}


def muted_line(entry: MutedMember, voice: Voice) -> str:
    """Say until when somebody is muted, and by whom if we know."""
    member = escape(entry.member_id, 64)
    if entry.permanent:
        line = voice("muted-line-permanent", member=member)
    elif entry.ends_at is None:
        line = voice("muted-line-unknown", member=member)
    else:
        line = voice("muted-line-until", member=member, until=stamp(entry.ends_at, "R"))
    if entry.case is None:
        return f"{line}\n{voice('muted-line-outside')}"
    by = voice("muted-line-by", staff=mention(entry.case.staff), case=str(entry.case.id))
    return f"{line}\n{by}\n{voice('case-line-stuck')}" if entry.case.stuck else f"{line}\n{by}"


def _cases(head: str, cases: Sequence[CaseView], voice: Voice) -> str:
    """Put cases below a head line; where long reasons would be too much for Discord, they are cut shorter."""
    text = ""
    for reason in (120, 40, 0):
        parts = [head, *(case_brief(case, voice, reason=reason) for case in cases)]
        text = "\n\n".join(part for part in parts if part)
        if len(text) <= _LONGEST_TEXT:
            break
    return cut(text, _LONGEST_TEXT)


def _channel_line(channel: ChannelInfo, voice: Voice, *, twins: bool) -> str:
    name = escape(channel.place.channel_name, 60)
    line = voice("channel-line-voice" if channel.voice else "channel-line-text", channel=name)
    if not channel.public:
        line += f" · {voice('channel-private')}"
    if channel.is_default:
        line += f" · {voice('channel-default')}"
    # Two channels of one name can only be told apart by id, and only then is it worth its width.
    return f"{line}\n{code(channel.place.channel_id)}" if twins else line


def _name(community: CommunityInfo) -> str:
    return community.name or community.community_id


def _sheet(voice: Voice, texts: _Texts, subject: str, page: int, entries: Sequence[str]) -> Sheet:
    pages = _last_page(len(entries)) + 1
    at = min(page, pages - 1)
    shown = entries[at * PER_PAGE : (at + 1) * PER_PAGE]
    card = discord.Embed(title=texts.title, description="\n".join(shown) or voice(texts.nothing), colour=BLUE)
    card.set_footer(text=_footer(voice, at, pages, texts.counted, len(entries)))
    return Sheet(card, subject, at, pages)


def _footer(voice: Voice, page: int, pages: int, counted: str, total: int) -> str:
    count = voice(counted, count=total)
    return count if pages == 1 else f"{count} · {voice('page-of', page=page + 1, pages=pages)}"


def _last_page(total: int) -> int:
    return max(0, (total - 1) // PER_PAGE)
