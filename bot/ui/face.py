"""How one kind of deed is told: what a family of commands says about its own cases."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import discord

from bot.services.model import CaseView
from bot.ui.words import Voice

AMBER: Final = discord.Colour(0xF0B232)  # in force
GREEN: Final = discord.Colour(0x23A55A)  # lifted, given back
RED: Final = discord.Colour(0xF23F43)  # failed, or gone for good
GREY: Final = discord.Colour(0x80848E)  # over
BLUE: Final = discord.Colour(0x5865F2)  # for information


def _nothing(_case: CaseView, _voice: Voice) -> list[str]:
    return []


def _no_values(_case: CaseView) -> dict[str, str | int]:
    return {}


@dataclass(frozen=True, slots=True)
class Face:
    """The looks of one action.

    `done` is the key of a finished card's title; `deed` that of the same in the imperative, for everything else: what
    failed, is under way, was undone, a line of a list. Both know $member and $channel and what `values` adds: raw
    texts (they are escaped where they are shown) and numbers. `lines` are further lines of the card, escaped already.
    """

    emoji: str
    done: str
    deed: str
    colour: discord.Colour = BLUE
    values: Callable[[CaseView], dict[str, str | int]] = _no_values
    lines: Callable[[CaseView, Voice], list[str]] = _nothing
