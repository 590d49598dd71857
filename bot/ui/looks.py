"""Cards for a single thing: a channel, a member, the bot's own health."""

from typing import Final

import discord

from bot.services.directory import ChannelInfo, MemberInfo
from bot.services.model import MutedMember
from bot.services.status import Status
from bot.ui.cards import AMBER, BLUE, GREEN, RED
from bot.ui.safe import code, escape
from bot.ui.words import Voice, mention, stamp, when

_ROLES: Final = {"owner": "role-owner", "moderator": "role-moderator", "member": "role-member"}
_LOG_PROBLEMS: Final = {
    "forbidden": "log-problem-forbidden",
    "gone": "log-problem-gone",
}
_FEED_PROBLEMS: Final = {"forbidden": "feed-problem-forbidden", "gone": "feed-problem-gone"}
# Somebody deleted a message of ours; the log channel itself is all right.
_NO_PROBLEMS: Final = frozenset({"message-gone"})


def feed_problem(problem: str | None, voice: Voice) -> str | None:
    """Say why a guild's feed channel refused us, None if it did not."""
    return None if problem is None else voice(_FEED_PROBLEMS.get(problem, "feed-problem-forbidden"))


def channel_card(channel: ChannelInfo, voice: Voice) -> discord.Embed:
    """Show a channel of the IM."""
    lines = [escape(channel.description, 400)] if channel.description else []
    lines.append(voice("channel-line-public" if channel.public else "channel-line-private"))
    if channel.voice:
        lines.append(voice("channel-line-is-voice"))
    if channel.is_default:
        lines.append(voice("channel-line-default"))
    if channel.owner_id:
        lines.append(voice("channel-line-owner", owner=escape(channel.owner_id, 64)))
    if channel.max_users:
        lines.append(voice("channel-line-room", count=channel.max_users))
    if channel.created_at is not None:
        lines.append(voice("channel-line-created", when=stamp(channel.created_at, "D")))
    lines.append(voice("channel-line-id", id=code(channel.place.channel_id)))
    title = voice("channel-title", channel=escape(channel.place.channel_name, 80))
    return discord.Embed(title=title, description="\n".join(lines), colour=BLUE)


def member_card(channel: ChannelInfo, member: MemberInfo, voice: Voice) -> discord.Embed:
    """Show a member of a channel: there or not, role, muted or not."""
    name = escape(channel.place.channel_name, 60)
    lines = [voice("member-line-in" if member.in_channel else "member-line-not-in", channel=name)]
    if member.role is not None:
        lines.append(voice(_ROLES[member.role]))
    lines.append(_muted(member.muted, voice))
    if member.muted is not None:
        lines.append(_muted_by(member.muted, voice))
    title = voice("member-title", member=escape(member.member_id, 64), channel=name)
    colour = BLUE if member.muted is None else AMBER
    return discord.Embed(title=title, description="\n".join(lines), colour=colour)


def status_card(status: Status, voice: Voice) -> discord.Embed:
    """Show how the bot and what it depends on are doing, what is wrong first to the eye."""
    lines = [_im_line(status, voice), voice("status-database-ok" if status.database_ok else "status-database-down")]
    lines.extend(_setting_lines(status, voice))
    lines.append("")
    lines.append(voice("status-mutes", count=status.mutes_active))
    if status.mutes_stuck:
        lines.append(voice("status-stuck", count=status.mutes_stuck))
    if status.alerts_open:
        lines.append(voice("status-alerts", count=status.alerts_open))
    if status.alerts_unseen:
        lines.append(voice("status-alerts-unseen", count=status.alerts_unseen))
    if status.oldest_due_lag_s >= 1:
        lines.append(voice("status-lag", duration=voice.duration(int(status.oldest_due_lag_s * 1000))))
    if status.last_reconcile_at is not None:
        checked = stamp(status.last_reconcile_at, "R")
        if status.last_reconcile_findings or not status.last_reconcile_unread:
            lines.append(voice("status-checked", when=checked, count=status.last_reconcile_findings))
        if status.last_reconcile_unread:
            lines.append(voice("status-unchecked", when=checked, count=status.last_reconcile_unread))
    lines.append(voice("status-since", when=stamp(status.started_at, "R")))
    return discord.Embed(title=voice("status-title"), description="\n".join(lines), colour=_health(status))


def _muted(muted: MutedMember | None, voice: Voice) -> str:
    if muted is None:
        return voice("member-line-not-muted")
    if muted.permanent:
        return voice("member-line-muted-permanent")
    if muted.ends_at is None:
        return voice("member-line-muted")
    return voice("member-line-muted-until", until=when(muted.ends_at))


def _muted_by(muted: MutedMember, voice: Voice) -> str:
    if muted.case is None:
        return voice("muted-line-outside")
    return voice("muted-line-by", staff=mention(muted.case.staff), case=str(muted.case.id))


def _health(status: Status) -> discord.Colour:
    if not (status.im_ok and status.database_ok):
        return RED
    troubled = status.feed_problem or (status.log_problem and status.log_problem not in _NO_PROBLEMS)
    return AMBER if status.mutes_stuck or status.alerts_open or troubled or status.community is None else GREEN


def _im_line(status: Status, voice: Voice) -> str:
    kind = escape(status.im_kind, 30)
    if not status.im_ok:
        return voice("status-im-down", kind=kind, why=escape(status.im_detail, 150))
    if status.im_latency_ms is None:
        return voice("status-im-ok", kind=kind)
    return voice("status-im-quick", kind=kind, count=status.im_latency_ms)


def _setting_lines(status: Status, voice: Voice) -> list[str]:
    lines: list[str] = []
    if status.community is not None:
        name = status.community.name or status.community.community_id
        lines.append(voice("status-community", community=escape(name, 60)))
    elif status.im_ok:
        lines.append(voice("status-no-community"))
    if status.log_problem and status.log_problem not in _NO_PROBLEMS:
        known = _LOG_PROBLEMS.get(status.log_problem)
        lines.append(voice(known) if known else voice("log-problem", why=escape(status.log_problem, 150)))
    elif status.log_channel_id is None:
        lines.append(voice("status-no-log"))
    else:
        lines.append(voice("status-log", channel=f"<#{status.log_channel_id}>"))
    if status.feed_channel_id is not None:
        lines.append(
            feed_problem(status.feed_problem, voice) or voice("status-feed", channel=f"<#{status.feed_channel_id}>")
        )
    return lines
