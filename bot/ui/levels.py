"""Who may give a command: declared on the command, checked in code.

Discord's `default_permissions` hides a command from most people, but is a hint: servers override it, it does not reach
subcommands, and no check runs before autocomplete. So each of our entry points asks here.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar, cast

import discord
from discord import app_commands

from bot.services.access import Level
from bot.ui.host import level_of

LEVEL: Final = "level"
_HINTS: Final = {Level.MODERATOR: "moderate_members", Level.ADMIN: "manage_guild"}

AnyCommand = TypeVar(
    "AnyCommand", bound="app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu"
)


class NotAllowed(app_commands.CheckFailure):
    """Somebody asked for more than their level gives; `needed` would have been enough."""

    def __init__(self, needed: Level) -> None:
        super().__init__(needed.name)
        self.needed = needed


class Levelled:
    """Decorator for a command, group or context menu: who may use it, and in servers only."""

    def __init__(self, needed: Level) -> None:
        self._needed = needed

    def __call__(self, command: AnyCommand) -> AnyCommand:
        """Mark `command`; on the top level the hint for Discord is set as well."""
        command.extras[LEVEL] = self._needed
        if isinstance(command, app_commands.ContextMenu) or command.parent is None:
            command.default_permissions = discord.Permissions(**{_HINTS[self._needed]: True})
            command.guild_only = True
        return command


moderators = Levelled(Level.MODERATOR)
admins = Levelled(Level.ADMIN)


def level_needed(command: object) -> Level:
    """Return the level that a command declares; an undeclared one is for admins."""
    extras = cast("dict[Any, Any]", getattr(command, "extras", {}))
    return cast("Level", extras.get(LEVEL, Level.ADMIN))


def may(interaction: discord.Interaction, needed: Level) -> bool:
    """Tell whether the acting person has the level `needed`."""
    return level_of(interaction) >= needed


def check(interaction: discord.Interaction, needed: Level) -> None:
    """Raise NotAllowed if the acting person has not the level `needed`."""
    if not may(interaction, needed):
        raise NotAllowed(needed)


def set_hints(tree: app_commands.CommandTree[Any], hints: Mapping[Level, str | None]) -> None:
    """Tell Discord which permission shows our commands, where the configuration differs from the usual.

    None shows them to everybody: people who have their level by role only could not even see the commands otherwise.
    """
    for command in tree.get_commands():
        level: object = command.extras.get(LEVEL)
        if not isinstance(level, Level):
            # Somebody else's, in a bot that is not ours.
            continue
        permission = hints[level]
        command.default_permissions = None if permission is None else discord.Permissions(**{permission: True})
