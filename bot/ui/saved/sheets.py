"""The list of what a user saved; only what a page needs is asked for, so nobody knows how much is behind it."""

from datetime import datetime
from typing import Final

import discord

from bot.services.moments import parse_moment
from bot.services.refusals import Refusal
from bot.services.saved.items import SavedItem
from bot.services.saved.service import SavedPage, Wanted
from bot.ui.answer import Answer
from bot.ui.face import BLUE
from bot.ui.safe import escape
from bot.ui.saved.item import ItemSelect
from bot.ui.sheet import PER_PAGE, Sheet, sheet_footer
from bot.ui.words import Voice, stamp

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
# Seven digits of base 36, which last until the year 4453.
_LATEST_SECOND: Final = 36**7 - 1


def saved_subject(owner: str, kind: int | None, since: str | None, until: str | None, *, now: datetime) -> str:
    """Return the subject of a list: `owner:type:since:until`, as short as a button needs it.

    Times are whole seconds, so that a list begun with `7d` stays the same while one pages. Raises Refusal.
    """
    earliest = None if since is None else int(parse_moment(since, now=now).timestamp())
    latest = None if until is None else int(parse_moment(until, now=now, last=True).timestamp())
    if earliest is not None and latest is not None and earliest > latest:
        raise Refusal("refusal-span")
    return f"{owner}:{_short(kind)}:{_short(_bounded(earliest))}:{_short(_bounded(latest))}"


async def saved_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw what a user saved, newest first; the subject is that of `saved_subject`."""
    owner, kind, since, until = subject.rsplit(":", 3)
    earliest, latest = _number(since), _number(until)
    wanted = Wanted(
        _number(kind),
        None if earliest is None else earliest * 1000,
        None if latest is None else latest * 1000 + 999,
    )
    found = await answer.services.saved.page(owner, wanted, page, PER_PAGE)
    voice = answer.voice
    parts = [_filter_line(wanted, voice), *(_entry(item, voice) for item in found.items)]
    card = discord.Embed(
        title=voice("saved-title", owner=escape(found.owner_id, 64)),
        description="\n\n".join(part for part in (parts if found.items else [parts[0], voice("saved-none")]) if part),
        colour=BLUE,
    )
    card.set_footer(text=_footer(found, voice))
    pages = found.page + 1 if found.total is not None else found.page + 2
    subject = f"{found.owner_id}:{kind}:{since}:{until}"
    extras = (ItemSelect(found.owner_id, found.items, voice),) if found.items else ()
    return Sheet(card, subject, found.page, pages, extras)


def _entry(item: SavedItem, voice: Voice) -> str:
    when = "—" if item.created_at is None else stamp(item.created_at, "R")
    line = voice("saved-line", when=when, type=str(item.type))
    ext = f" · {escape(item.ext[:80], 40)}" if item.ext else ""
    return f"**{escape(item.beginning, 80)}**\n{line}{ext}"


def _filter_line(wanted: Wanted, voice: Voice) -> str:
    parts: list[str] = []
    if wanted.type is not None:
        parts.append(voice("saved-only-type", type=str(wanted.type)))
    if wanted.since_ms is not None:
        parts.append(voice("saved-only-since", when=f"<t:{wanted.since_ms // 1000}:f>"))
    if wanted.until_ms is not None:
        parts.append(voice("saved-only-until", when=f"<t:{wanted.until_ms // 1000}:f>"))
    return " · ".join(parts)


def _footer(found: SavedPage, voice: Voice) -> str:
    if found.total is not None:
        return sheet_footer(voice, found.page, found.page + 1, "count-saved", found.total)
    return f"{voice('saved-at-least', count=found.seen)} · {voice('page-number', page=found.page + 1)}"


def _bounded(second: int | None) -> int | None:
    return None if second is None else min(max(second, 0), _LATEST_SECOND)


def _short(number: int | None) -> str:
    """Write a number with the digits of base 36, None as nothing."""
    if number is None:
        return ""
    digits = ""
    rest = abs(number)
    while rest or not digits:
        rest, digit = divmod(rest, 36)
        digits = _DIGITS[digit] + digits
    return f"-{digits}" if number < 0 else digits


def _number(text: str) -> int | None:
    return int(text, 36) if text else None
