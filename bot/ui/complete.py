"""Autocomplete: quick, and silent towards those who may not see.

No check runs before autocomplete in discord.py, so each list asks for the command's level itself. Discord gives 3 s and
shows an error afterwards; an empty list after 2 s is kinder.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final

import discord
from discord import app_commands

from bot.services.durations import compact_duration, parse_duration
from bot.services.model import Suggestion
from bot.services.name_lists import last_name, split_names
from bot.services.refusals import Refusal
from bot.ui.account import reference
from bot.ui.cards import case_option
from bot.ui.case_buttons import PERMANENT, PRESETS_MS
from bot.ui.funnel import note, unwrapped
from bot.ui.host import guild_id_of, services_of, voice_of
from bot.ui.levels import level_needed, may
from bot.ui.safe import plain

SECONDS: Final = 2.0
MOST: Final = 25
LONGEST: Final = 100

Choices = list[app_commands.Choice[str]]
Finder = Callable[[discord.Interaction, str], Awaitable[Sequence[Suggestion]]]
Completer = Callable[[discord.Interaction[Any], str], Coroutine[Any, Any, Choices]]


def completer(find: Finder) -> Completer:
    """Make an autocomplete callback of a finder: level first, bounded in time and size, never an error."""

    async def complete(interaction: discord.Interaction[Any], typed: str) -> Choices:
        try:
            if not may(interaction, level_needed(interaction.command)):
                return []
            async with asyncio.timeout(SECONDS):
                return _choices(await find(interaction, typed))
        except TimeoutError:
            return []
        except Exception as error:  # noqa: BLE001 - the funnel's door for autocomplete
            note(error, None if isinstance(unwrapped(error), Refusal) else reference(), interaction)
            return []

    return complete


def of_last_name(find: Finder) -> Finder:
    """Make a finder for the last name of a list (`bot.services.name_lists`) out of a finder for one name.

    A value is the whole text with its last name completed; names that stand before it are not offered again. Discord
    puts the label into the field, and whoever types on goes on from there: so the label is the whole text too.
    """

    async def find_last(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
        before, last = last_name(typed)
        taken = {name.casefold() for name in split_names(before)}
        return [
            Suggestion(before + found.value, before + found.value)
            for found in await find(interaction, last)
            if found.value.casefold() not in taken
        ]

    return find_last


def _choices(suggestions: Sequence[Suggestion]) -> Choices:
    # A value that Discord would cut is no value: what comes back must be what was offered.
    fitting = [suggestion for suggestion in suggestions if 1 <= len(suggestion.value) <= LONGEST]
    return [
        app_commands.Choice(name=plain(suggestion.label, LONGEST), value=suggestion.value)
        for suggestion in fitting[:MOST]
    ]


async def _channels(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    return await services_of(interaction).directory.suggest_channels(
        guild_id_of(interaction), typed, _filled(interaction, "community")
    )


async def _members(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    return await services_of(interaction).directory.suggest_members(
        guild_id_of(interaction), typed, _filled(interaction, "channel")
    )


async def _people(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    return await services_of(interaction).directory.suggest_members(guild_id_of(interaction), typed)


async def _communities(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    return await services_of(interaction).directory.suggest_communities(typed)


async def _cases_to_undo(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    voice = voice_of(interaction)
    cases = await services_of(interaction).cases.suggest_undo(guild_id_of(interaction), interaction.user.id, typed)
    return [Suggestion(str(case.id), case_option(case, voice)) for case in cases]


async def _durations(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    voice = voice_of(interaction)
    presets = [Suggestion(compact_duration(preset), voice.duration(preset)) for preset in PRESETS_MS]
    presets.append(Suggestion(PERMANENT, voice("duration-permanent")))
    if not typed.strip():
        return presets
    try:
        meant = parse_duration(typed)
    except Refusal:
        wanted = typed.strip().casefold()
        return [preset for preset in presets if wanted in preset.value or wanted in preset.label.casefold()] or presets
    value = PERMANENT if meant is None else compact_duration(meant)
    return [Suggestion(value, voice.duration(meant)), *(preset for preset in presets if preset.value != value)]


async def _usual_durations(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    return [found for found in await _durations(interaction, typed) if found.value != PERMANENT]


def _filled(interaction: discord.Interaction, option: str) -> str | None:
    value = getattr(interaction.namespace, option, None)
    return value if isinstance(value, str) and value.strip() else None


channels = completer(_channels)
members = completer(_members)
member_lists = completer(of_last_name(_members))
people = completer(_people)
people_lists = completer(of_last_name(_people))
communities = completer(_communities)
cases_to_undo = completer(_cases_to_undo)
durations = completer(_durations)
usual_durations = completer(_usual_durations)
