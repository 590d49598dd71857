"""A page of a list, however it was found: ten entries, a title, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.ui.face import BLUE
from bot.ui.words import Voice

PER_PAGE: Final = 10


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a list; `subject` is what the list is about, in a form that finds it again.

    `extras` are what stands above the buttons for back and forth: dynamic items that know the entries of the page.
    """

    card: discord.Embed
    subject: str
    page: int
    pages: int
    extras: tuple[discord.ui.Item[Any], ...] = ()


@dataclass(frozen=True, slots=True)
class SheetTexts:
    """What a list is called, and the keys of its count ($count) and of its being empty."""

    title: str
    counted: str
    nothing: str


def list_sheet(voice: Voice, texts: SheetTexts, subject: str, page: int, entries: Sequence[str]) -> Sheet:
    """Draw one page of entries that are all at hand, a line or two each; a page past the end is the last one."""
    pages = last_page(len(entries)) + 1
    at = min(page, pages - 1)
    shown = entries[at * PER_PAGE : (at + 1) * PER_PAGE]
    card = discord.Embed(title=texts.title, description="\n".join(shown) or voice(texts.nothing), colour=BLUE)
    card.set_footer(text=sheet_footer(voice, at, pages, texts.counted, len(entries)))
    return Sheet(card, subject, at, pages)


def sheet_footer(voice: Voice, page: int, pages: int, counted: str, total: int) -> str:
    """Say how many entries there are, and which page this is if there is more than one."""
    count = voice(counted, count=total)
    return count if pages == 1 else f"{count} · {voice('page-of', page=page + 1, pages=pages)}"


def last_page(total: int) -> int:
    """Return the number of the last page, from 0, of so many entries."""
    return max(0, (total - 1) // PER_PAGE)
