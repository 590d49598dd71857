"""The command tree: its last door for errors, its fingerprint, its registration with Discord."""

import hashlib
import json
from collections.abc import Collection
from typing import Any

import discord
from discord import app_commands

from bot.ui.account import accounted
from bot.ui.funnel import answer_error, is_answered


class WardenTree(app_commands.CommandTree[Any]):
    """A tree whose errors end in the funnel."""

    async def on_error(self, interaction: discord.Interaction, error: app_commands.AppCommandError, /) -> None:
        """Answer an error of a command, or of one that Discord still shows and we no longer have."""
        if interaction.type is not discord.InteractionType.autocomplete and not is_answered(interaction, error):
            # A command that is not ours any more has no cog that would have begun to account for it.
            with accounted(interaction, "unknown"):
                await answer_error(interaction, error)


async def tree_hash(tree: app_commands.CommandTree[Any], guild_ids: Collection[int] = ()) -> str:
    """Return a fingerprint of what `sync` would register, localisations included; the same after every restart."""
    translator = tree.translator
    payloads = [
        command.to_dict(tree) if translator is None else await command.get_translated_payload(tree, translator)
        for command in tree.get_commands()
    ]
    payloads.sort(key=lambda payload: (payload["type"], payload["name"]))
    canonical = json.dumps([sorted(guild_ids), payloads], sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


async def sync(tree: app_commands.CommandTree[Any], guild_ids: Collection[int] = ()) -> int:
    """Register the commands with Discord: in the given guilds, or everywhere if there are none; return how many.

    Raises discord.HTTPException, and discord.app_commands.TranslationError if a text is missing.
    """
    if not guild_ids:
        return len(await tree.sync())
    registered = 0
    for guild_id in guild_ids:
        guild = discord.Object(guild_id)
        tree.copy_global_to(guild=guild)
        registered = len(await tree.sync(guild=guild))
    return registered
