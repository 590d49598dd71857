"""What our commands, buttons and tasks expect of the bot they live in."""

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import discord

from bot.services import Services
from bot.services.access import Level
from bot.services.model import Staff
from bot.ui.texts import Texts, pick
from bot.ui.words import Voice


@dataclass(frozen=True, slots=True)
class Host:
    """What our commands, buttons and tasks need of the bot they live in.

    `hints` is which Discord permission shows the commands of a level (None: shown to everybody); the level itself is
    checked in code.
    """

    services: Services
    texts: Texts
    default_locale: str = "en-US"
    hints: Mapping[Level, str | None] | None = None


# Kept beside the bot and not on it: it may be somebody else's, with attributes of its own.
_hosts: WeakKeyDictionary[discord.Client, Host] = WeakKeyDictionary()


def enlist(bot: discord.Client, host: Host) -> None:
    """Note what lives in a bot; `host_of` finds it from then on."""
    _hosts[bot] = host


def dismiss(bot: discord.Client) -> None:
    """Forget what lived in a bot."""
    _hosts.pop(bot, None)


def is_host(bot: discord.Client) -> bool:
    """Tell whether we live in a bot already."""
    return bot in _hosts


def host_in(bot: discord.Client) -> Host:
    """Return what lives in a bot; raises RuntimeError if nothing of ours does (any more)."""
    host = _hosts.get(bot)
    if host is None:
        raise RuntimeError("the extension has been unloaded from this bot")
    return host


def host_of(interaction: discord.Interaction) -> Host:
    """Return what lives in the bot that received an interaction."""
    return host_in(interaction.client)


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


async def level_from_afar(interaction: discord.Interaction, guild_id: int) -> Level:
    """Return what the person who acts may ask of us in a guild, also where they act outside of it, as in a DM."""
    if interaction.guild_id == guild_id:
        return level_of(interaction)
    guild = interaction.client.get_guild(guild_id)
    return Level.NONE if guild is None else await level_in(host_of(interaction), guild, interaction.user.id)


async def level_in(host: Host, guild: discord.Guild, person: int) -> Level:
    """Return what somebody may ask of us in a guild, nothing if they are not in it; raises discord.HTTPException."""
    try:
        member = await guild.fetch_member(person)
    except discord.NotFound:
        return Level.NONE
    return level_of_member(host, member)


def level_of_member(host: Host, member: discord.Member) -> Level:
    """Return what a member of a guild may ask of us."""
    return host.services.access.level(
        guild_id=member.guild.id,
        role_ids=[role.id for role in member.roles],
        permissions=_Allowed(member.guild_permissions),
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
