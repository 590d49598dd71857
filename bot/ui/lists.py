"""Lists, ten entries a page: each is drawn from its subject and a page number alone, so any page can be drawn anew."""

from collections.abc import Awaitable, Callable
from typing import Final

from bot.services.model import MutedMember
from bot.ui.answer import Answer
from bot.ui.cards import AMBER
from bot.ui.cases.sheets import case_sheet, history_sheet
from bot.ui.circle.channel_sheets import channel_sheet, created_sheet, joined_sheet
from bot.ui.circle.thread_sheets import thread_sheet
from bot.ui.cleanup.sheets import job_sheet, policy_sheet
from bot.ui.people.sheets import block_sheet, friend_sheet
from bot.ui.safe import escape
from bot.ui.saved.sheets import saved_sheet
from bot.ui.sheet import Sheet, SheetTexts, list_sheet
from bot.ui.words import Voice, mention, stamp


async def member_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw the members of a channel, owners first as the service orders them; the subject is the channel."""
    channel = await answer.services.directory.channel(answer.guild_id, subject)
    members = await answer.services.directory.members(channel.place)
    entries = [
        answer.voice("member-line-owner" if is_owner else "member-line", member=escape(member_id, 64))
        for member_id, is_owner in members
    ]
    title = answer.voice("members-title", channel=escape(channel.place.channel_name, 60))
    texts = SheetTexts(title, "count-members", "members-none")
    return list_sheet(answer.voice, texts, channel.place.channel_id, page, entries)


async def muted_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw who is muted in a channel; the subject is the channel."""
    muted = await answer.services.mutes.muted(guild_id=answer.guild_id, channel=subject)
    entries = [muted_line(entry, answer.voice) for entry in muted.entries]
    title = answer.voice("muted-title", channel=escape(muted.place.channel_name, 60))
    texts = SheetTexts(title, "count-muted", "muted-none" if muted.reachable else "muted-none-known")
    sheet = list_sheet(answer.voice, texts, muted.place.channel_id, page, entries)
    if not muted.reachable:
        sheet.card.colour = AMBER
        sheet.card.description = f"{answer.voice('muted-unreachable')}\n\n{sheet.card.description}"
    return sheet


SHEETS: Final[dict[str, Callable[[Answer, str, int], Awaitable[Sheet]]]] = {
    "c": channel_sheet,
    "m": member_sheet,
    "u": muted_sheet,
    "h": history_sheet,
    "s": saved_sheet,
    "t": thread_sheet,
    "q": policy_sheet,
    "z": job_sheet,
    "l": case_sheet,
    "o": created_sheet,
    "j": joined_sheet,
    "f": friend_sheet,
    "b": block_sheet,
}

# Lists of commands that are for admins: their page buttons ask for that level too.
ADMIN_SHEETS: Final[frozenset[str]] = frozenset({"q", "s", "z", "f", "b"})


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
