"""Pages of cases: a member's history, and whatever `/case list` is asked for."""

from collections.abc import Sequence
from typing import Final

import discord

from bot.services.clock import from_ms, to_ms
from bot.services.model import Action, CaseView
from bot.services.records import GROUPS, ActionGroup, Sought
from bot.ui.answer import Answer
from bot.ui.cards import BLUE, case_brief
from bot.ui.safe import cut, escape
from bot.ui.sheet import PER_PAGE, Sheet, last_page, sheet_footer
from bot.ui.words import Voice, stamp

_LONGEST_TEXT: Final = 4096
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_ORDER: Final = tuple(ActionGroup)

_COUNTS: Final = {
    Action.MUTE: "history-count-mutes",
    Action.UNMUTE: "history-count-unmutes",
    Action.EXTEND: "history-count-extensions",
}
_GROUP_COUNTS: Final = {
    ActionGroup.MEMBERS: "history-count-members",
    ActionGroup.CHANNELS: "history-count-channels",
    ActionGroup.THREADS: "history-count-threads",
    ActionGroup.REACTIONS: "history-count-reactions",
    ActionGroup.FRIENDS: "history-count-friends",
    ActionGroup.BLOCKS: "history-count-blocks",
    ActionGroup.COLLECTIONS: "history-count-collections",
    ActionGroup.CLEANUP: "history-count-cleanup",
    ActionGroup.SETTINGS: "history-count-settings",
}
_GROUP_NAMES: Final = {
    ActionGroup.MUTES: "choice-action-mutes",
    ActionGroup.MEMBERS: "choice-action-members",
    ActionGroup.CHANNELS: "choice-action-channels",
    ActionGroup.THREADS: "choice-action-threads",
    ActionGroup.REACTIONS: "choice-action-reactions",
    ActionGroup.FRIENDS: "choice-action-friends",
    ActionGroup.BLOCKS: "choice-action-blocks",
    ActionGroup.COLLECTIONS: "choice-action-collections",
    ActionGroup.CLEANUP: "choice-action-cleanup",
    ActionGroup.SETTINGS: "choice-action-settings",
}


async def history_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw a member's cases, newest first; the subject is the member."""
    # Pages are found by number, as everywhere: what came before is read along, and it is our own database.
    history = await answer.services.cases.history(answer.guild_id, subject, limit=(page + 1) * PER_PAGE)
    voice = answer.voice
    at = min(page, last_page(history.total))
    shown = history.cases[at * PER_PAGE : (at + 1) * PER_PAGE]
    card = discord.Embed(
        title=voice("history-title", member=escape(history.member_id, 64)),
        description=_cases(_counts(history.counts, voice), shown, voice) or voice("history-none"),
        colour=BLUE,
    )
    pages = last_page(history.total) + 1
    card.set_footer(text=sheet_footer(voice, at, pages, "count-cases", history.total))
    return Sheet(card, history.member_id, at, pages)


async def case_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw the cases that are sought, newest first; the subject is `case_subject` of it."""
    sought = _sought(subject)
    found = await answer.services.records.find(answer.guild_id, sought, page=page, per_page=PER_PAGE)
    voice = answer.voice
    head = _filter(sought, voice)
    card = discord.Embed(
        title=voice("case-list-title"),
        description=_cases(head, found.cases, voice, named=True) if found.cases else _none(head, voice),
        colour=BLUE,
    )
    pages = last_page(found.total) + 1
    card.set_footer(text=sheet_footer(voice, found.at, pages, "count-cases", found.total))
    return Sheet(card, subject, found.at, pages)


def case_subject(sought: Sought) -> str:
    """Write down what is sought in at most 88 characters, which is what a button has room for.

    Group, since, staff, member: numbers in base 36, the moment in seconds; the longest name has 64 characters.
    """
    group = "" if sought.group is None else str(_ORDER.index(sought.group))
    since = "" if sought.since is None else _short(to_ms(sought.since) // 1000)
    staff = "" if sought.staff_id is None else _short(sought.staff_id)
    return f"{group}:{since}:{staff}:{sought.member or ''}"


def _sought(subject: str) -> Sought:
    group, since, staff, member = subject.split(":", 3)
    return Sought(
        member=member or None,
        staff_id=int(staff, 36) if staff else None,
        group=_ORDER[int(group)] if group else None,
        since=from_ms(int(since, 36) * 1000) if since else None,
    )


def _short(number: int) -> str:
    digits = ""
    left = abs(number)
    while left or not digits:
        left, digit = divmod(left, 36)
        digits = _DIGITS[digit] + digits
    return f"-{digits}" if number < 0 else digits


def _filter(sought: Sought, voice: Voice) -> str:
    parts: list[str] = []
    if sought.member is not None:
        parts.append(escape(sought.member, 64))
    if sought.group is not None:
        parts.append(voice(_GROUP_NAMES[sought.group]))
    if sought.staff_id is not None:
        parts.append(voice("case-list-by", staff=f"<@{sought.staff_id}>"))
    if sought.since is not None:
        parts.append(voice("case-list-since", when=stamp(sought.since)))
    return " · ".join(parts)


def _none(head: str, voice: Voice) -> str:
    return f"{head}\n\n{voice('case-list-none')}" if head else voice("case-list-none")


def _counts(counts: dict[Action, int], voice: Voice) -> str:
    parts = [voice(key, count=counts[action]) for action, key in _COUNTS.items() if counts.get(action)]
    for group, key in _GROUP_COUNTS.items():
        total = sum(counts.get(action, 0) for action in GROUPS[group])
        if total:
            parts.append(voice(key, count=total))
    return " · ".join(parts)


def _cases(head: str, cases: Sequence[CaseView], voice: Voice, *, named: bool = False) -> str:
    """Put cases below a head line; where long reasons would be too much for Discord, they are cut shorter."""
    text = ""
    for reason in (120, 40, 0):
        parts = [head, *(case_brief(case, voice, reason=reason, named=named) for case in cases)]
        text = "\n\n".join(part for part in parts if part)
        if len(text) <= _LONGEST_TEXT:
            break
    return cut(text, _LONGEST_TEXT)
