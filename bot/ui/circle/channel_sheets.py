"""Lists of channels: those of a community, and those that one user created or is in."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from bot.services.directory import ChannelInfo, CommunityInfo
from bot.ui.answer import Answer
from bot.ui.safe import code, escape
from bot.ui.sheet import Sheet, SheetTexts, list_sheet
from bot.ui.words import Voice

if TYPE_CHECKING:
    from bot.services.channels import Standing
    from bot.services.directory import Visibility

_VISIBILITIES = {"all": "channels-all", "public": "channels-public", "private": "channels-private"}
_STANDINGS = {"created": "channels-created", "joined": "channels-joined"}


async def channel_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw the channels of a community; the subject is `visibility:community`, the community possibly empty."""
    visibility, _, wanted = subject.partition(":")
    community, channels = await answer.services.directory.channels(
        answer.guild_id, cast("Visibility", visibility), wanted or None
    )
    title = answer.voice(_VISIBILITIES[visibility], community=escape(_name(community), 60))
    texts = SheetTexts(title, "count-channels", "channels-none")
    subject = f"{visibility}:{community.community_id}"
    return list_sheet(answer.voice, texts, subject, page, _lines(channels, answer.voice))


async def created_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw the channels that a user created; the subject is `member:community`, the community possibly empty."""
    return await _members_sheet(answer, subject, page, "created")


async def joined_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw the channels that a user is in; the subject is `member:community`, the community possibly empty."""
    return await _members_sheet(answer, subject, page, "joined")


async def _members_sheet(answer: Answer, subject: str, page: int, standing: "Standing") -> Sheet:
    # A user's name has no colon, a community's may.
    member, _, wanted = subject.partition(":")
    community, user_id, channels = await answer.services.channels.of_member(answer.guild_id, member, standing, wanted)
    title = answer.voice(_STANDINGS[standing], member=escape(user_id, 64), community=escape(_name(community), 60))
    texts = SheetTexts(title, "count-channels", "channels-none")
    subject = f"{user_id}:{community.community_id}"
    return list_sheet(answer.voice, texts, subject, page, _lines(channels, answer.voice))


def _lines(channels: Iterable[ChannelInfo], voice: Voice) -> list[str]:
    shown = list(channels)
    names = Counter(channel.place.channel_name for channel in shown)
    return [_line(channel, voice, twins=names[channel.place.channel_name] > 1) for channel in shown]


def _line(channel: ChannelInfo, voice: Voice, *, twins: bool) -> str:
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
