"""What can be pressed on a message for as long as the message is there, restarts included.

discord.py makes such an item anew for every press, from its custom id alone: `cw:` and what the class's template names.
"""

import re
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast

import discord

from bot.services.access import Level
from bot.ui.funnel import answered
from bot.ui.levels import check

if TYPE_CHECKING:
    from collections.abc import Callable

_NEVER = r"(?!)"


class _Live:
    """Level first, errors in the funnel, and made again from what its template found."""

    needed: Level = Level.MODERATOR

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the item again: its arguments are called as the groups of its template, and take their text."""
        _ = interaction, item
        return cast("Callable[..., Self]", cls)(**match.groupdict())

    async def callback(self, interaction: discord.Interaction) -> None:
        """Carry out a press, if the presser has the level; never raises an Exception."""
        async with answered(interaction, type(self).__name__):
            await self.authorise(interaction)
            await self.pressed(interaction)

    async def authorise(self, interaction: discord.Interaction) -> None:
        """Raise NotAllowed if the presser has not the level."""
        check(interaction, self.needed)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Do what the item is for; errors are answered."""
        raise NotImplementedError


class LiveButton(_Live, discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=_NEVER):
    """A button that outlives the program."""

    def __init__(
        self,
        custom_id: str,
        *,
        label: str | None = None,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        emoji: str | None = None,
    ) -> None:
        super().__init__(discord.ui.Button(style=style, label=label or "…", custom_id=custom_id, emoji=emoji))


class LiveSelect(_Live, discord.ui.DynamicItem[discord.ui.Select[discord.ui.View]], template=_NEVER):
    """A select menu that outlives the program; without options it only takes what was chosen."""

    def __init__(
        self, custom_id: str, *, placeholder: str | None = None, options: list[discord.SelectOption] | None = None
    ) -> None:
        select: discord.ui.Select[discord.ui.View] = discord.ui.Select(custom_id=custom_id, placeholder=placeholder)
        select.options = options or []
        super().__init__(select)

    @property
    def chosen(self) -> str:
        """The value of the one option that was chosen."""
        return self.item.values[0]


Picker: TypeAlias = discord.ui.ChannelSelect[Any] | discord.ui.RoleSelect[Any] | discord.ui.UserSelect[Any]


class LivePicker(_Live, discord.ui.DynamicItem[Any], template=_NEVER):
    """A select menu of Discord's own channels, roles or people that outlives the program."""

    def __init__(self, picker: Picker) -> None:
        super().__init__(picker)
