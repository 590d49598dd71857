"""Autocomplete for friends and block lists: what the owner chosen before has on them."""

from collections.abc import Sequence

import discord

from bot.services.model import Suggestion
from bot.services.refusals import Refusal
from bot.ui.complete import completer
from bot.ui.host import services_of


async def _friends(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    try:
        return await services_of(interaction).friends.suggest(_owner(interaction), typed)
    except Refusal:
        return []  # the owner is still being typed


async def _blocked(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    try:
        return await services_of(interaction).blocks.suggest(_owner(interaction), typed)
    except Refusal:
        return []


def _owner(interaction: discord.Interaction) -> str:
    owner = getattr(interaction.namespace, "owner", None)
    return owner if isinstance(owner, str) else ""


friends = completer(_friends)
blocked = completer(_blocked)
