"""What our commands, buttons and tasks expect of the bot they live in."""

from typing import Protocol, cast

import discord

from bot.services import Services
from bot.services.access import Level
from bot.services.model import Staff
from bot.ui.texts import Texts, pick
from bot.ui.words import Voice


class Host(Protocol):
    """Any discord.py bot with these attributes can load the extension `cogs`."""

    services: Services
    texts: Texts
    default_locale: str


def host_of(interaction: discord.Interaction) -> Host:
    """Return the bot that received an interaction, as our code knows it."""
    return cast("Host", interaction.client)


def services_of(interaction: discord.Interaction) -> Services:
    """Return what the bot can do."""
    return host_of(interaction).services


def voice_of(interaction: discord.Interaction) -> Voice:
    """Return the language of the person who acts."""
    return Voice(host_of(interaction).texts, pick(interaction.locale.value))


def guild_voice(host: Host, guild_id: int) -> Voice:
    """Return the language of a guild: what everybody there reads, such as the log."""
    return Voice(host.texts, pick(host.services.settings.get(guild_id).language or host.default_locale))


def guild_id_of(interaction: discord.Interaction) -> int:
    """Return the guild of an interaction; our commands exist in guilds only, and the level check comes first."""
    if interaction.guild_id is None:
        raise RuntimeError("an interaction outside of a guild passed the level check")
    return interaction.guild_id


def staff_of(interaction: discord.Interaction) -> Staff:
    """Return the person who acts."""
    return Staff(interaction.user.id, interaction.user.name)


def level_of(interaction: discord.Interaction) -> Level:
    """Return what the person who acts may ask of us; nothing outside of a guild."""
    if interaction.guild_id is None or not isinstance(interaction.user, discord.Member):
        return Level.NONE
    return services_of(interaction).access.level(
        guild_id=interaction.guild_id,
        role_ids=[role.id for role in interaction.user.roles],
        permissions=_Allowed(interaction.permissions),
    )


class _Allowed:
    """The names of the permissions that are set, aliases too; asked for two of them, so all fifty are not listed."""

    def __init__(self, permissions: discord.Permissions) -> None:
        self._permissions = permissions

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and getattr(self._permissions, name, False) is True


def keeps_private(interaction: discord.Interaction) -> bool:
    """Tell whether answers about cases are private, because the log channel shows the cases to everybody else."""
    return services_of(interaction).settings.get(guild_id_of(interaction)).log_channel_id is not None
