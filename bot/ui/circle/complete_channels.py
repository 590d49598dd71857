"""Autocomplete for what channels are made of."""

from collections.abc import Sequence

import discord

from bot.services.model import Suggestion
from bot.ui.complete import completer
from bot.ui.host import guild_id_of, services_of


async def _categories(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    community = getattr(interaction.namespace, "community", None)
    return await services_of(interaction).channels.suggest_categories(
        guild_id_of(interaction), typed, community or None
    )


categories = completer(_categories)
