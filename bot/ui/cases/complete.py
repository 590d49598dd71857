"""Autocomplete for cases."""

from collections.abc import Sequence

import discord

from bot.services.model import Suggestion
from bot.ui.cards import case_option
from bot.ui.complete import completer
from bot.ui.host import guild_id_of, services_of, voice_of


async def _cases(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    voice = voice_of(interaction)
    found = await services_of(interaction).records.suggest(guild_id_of(interaction), typed)
    return [Suggestion(str(case.id), case_option(case, voice)) for case in found]


cases = completer(_cases)
