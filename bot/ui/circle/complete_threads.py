"""Autocomplete for threads and for messages that Discord shows."""

from collections.abc import Sequence

import discord

from bot.services.model import Suggestion
from bot.ui.complete import completer
from bot.ui.host import guild_id_of, services_of


async def _threads(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    return await services_of(interaction).thread_book.suggest(guild_id_of(interaction), typed)


async def _messages(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    channel = getattr(interaction.namespace, "channel", None)
    return await services_of(interaction).mirrors.suggest(guild_id_of(interaction), typed, channel or None)


threads = completer(_threads)
messages = completer(_messages)
