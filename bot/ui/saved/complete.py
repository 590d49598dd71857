"""Autocomplete for what a user saved: how long ago, and how it begins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import discord

from bot.services.durations import DAY, HOUR, MINUTE, SECOND, WEEK
from bot.services.model import Suggestion
from bot.services.name_lists import last_name, split_names
from bot.services.saved.items import SavedItem
from bot.services.saved.service import aside, handle, name_of, without_asides
from bot.ui.complete import LONGEST, completer
from bot.ui.host import services_of, voice_of
from bot.ui.safe import cut, plain
from bot.ui.words import Voice

_ROOM_WORTH_USING: Final = 12


async def _items(interaction: discord.Interaction, typed: str) -> Sequence[SavedItem]:
    owner = getattr(interaction.namespace, "owner", None)
    if not isinstance(owner, str) or not owner.strip():
        return []
    return await services_of(interaction).saved.suggest(owner, typed)


async def _one(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    voice, now = voice_of(interaction), services_of(interaction).clock.now()
    return [Suggestion(name_of(item), _label(item, voice, now)) for item in await _items(interaction, typed)]


async def _several(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    """Complete the last of several by its handle, of which ten have room.

    Discord puts the label into the field, and whoever types on goes on from there: so the label begins with the whole
    list, and what it says besides can be told apart from it.
    """
    voice, now = voice_of(interaction), services_of(interaction).clock.now()
    before, last = last_name(without_asides(typed))
    taken = split_names(before)
    found: list[Suggestion] = []
    for item in await _items(interaction, last):
        name = handle(item.id)
        if name in taken or item.id in taken:
            continue
        value = " ".join((*taken, name))
        room = LONGEST - len(value) - 3
        label = f"{value} {aside(cut(_label(item, voice, now), room))}" if room >= _ROOM_WORTH_USING else value
        found.append(Suggestion(value, label))
    return found


def _label(item: SavedItem, voice: Voice, now: datetime) -> str:
    data = plain(item.beginning, 70)
    if item.created_at is None:
        return data
    passed = max(int((now - item.created_at).total_seconds()), 1) * SECOND
    unit = next(size for size in (WEEK, DAY, HOUR, MINUTE, SECOND) if passed >= size)
    age = voice.duration(passed // unit * unit)
    return voice("saved-option", age=age, data=data)


collection = completer(_one)
collections = completer(_several)
