"""One saved item, opened from the list with a tap: all of it, and what can be done about it."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, Final, Self

import discord

from bot.services.access import Level
from bot.services.saved import handle
from bot.services.saved_items import SavedItem
from bot.ui.answer import Answer
from bot.ui.confirm import confirmed
from bot.ui.face import BLUE
from bot.ui.funnel import press
from bot.ui.reply import show_case
from bot.ui.safe import code, escape, plain
from bot.ui.saved_forms import show_ext_form
from bot.ui.words import Voice, when

_OWNER: Final = r"(?P<owner>[a-z0-9_.-]{1,64})"
_NAMED: Final = rf"{_OWNER}:(?P<name>~[0-9a-f]{{8}})"
_LONGEST_SHOWN: Final = 1_000


class ItemSelect(discord.ui.DynamicItem[discord.ui.Select[discord.ui.View]], template=rf"cw:saved:{_OWNER}"):
    """Opens one of a page's items."""

    def __init__(self, owner_id: str, items: Sequence[SavedItem] = (), voice: Voice | None = None) -> None:
        select: discord.ui.Select[discord.ui.View] = discord.ui.Select(custom_id=f"cw:saved:{owner_id}")
        if voice is not None:
            select.placeholder = voice("saved-open")
            select.options = [
                discord.SelectOption(label=plain(item.beginning), value=name)
                for name, item in {handle(item.id): item for item in items}.items()
            ]
        super().__init__(select)
        self._owner_id = owner_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the select again from a message."""
        _ = interaction, item
        return cls(match["owner"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show the item to the presser alone."""
        async with press(interaction, Level.ADMIN):
            answer = await Answer.private(interaction)
            owner_id, item = await answer.services.saved.item(self._owner_id, self.item.values[0])
            view = discord.ui.View(timeout=None)
            view.add_item(EditButton(owner_id, handle(item.id), answer.voice("button-edit-ext")))
            view.add_item(DeleteButton(owner_id, handle(item.id), answer.voice("button-delete-item")))
            await answer.show(_card(owner_id, item, answer.voice), view)


class EditButton(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=rf"cw:saved-edit:{_NAMED}"):
    """Opens the form for an item's ext."""

    def __init__(self, owner_id: str, name: str, label: str = "…") -> None:
        custom_id = f"cw:saved-edit:{owner_id}:{name}"
        super().__init__(discord.ui.Button(label=label, custom_id=custom_id, emoji="✏️"))
        self._owner_id = owner_id
        self._name = name

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button again from a message."""
        _ = interaction, item
        return cls(match["owner"], match["name"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do what /collection edit does."""
        async with press(interaction, Level.ADMIN):
            await show_ext_form(interaction, self._owner_id, self._name)


class DeleteButton(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=rf"cw:saved-delete:{_NAMED}"):
    """Asks, and deletes an item."""

    def __init__(self, owner_id: str, name: str, label: str = "…") -> None:
        custom_id = f"cw:saved-delete:{owner_id}:{name}"
        super().__init__(
            discord.ui.Button(style=discord.ButtonStyle.danger, label=label, custom_id=custom_id, emoji="🗑️")
        )
        self._owner_id = owner_id
        self._name = name

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button again from a message."""
        _ = interaction, item
        return cls(match["owner"], match["name"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do what /collection delete does."""
        async with press(interaction, Level.ADMIN):
            answer = await Answer.about_case(interaction)
            delete = partial(
                answer.services.saved.delete,
                staff=answer.staff,
                guild_id=answer.guild_id,
                owner=self._owner_id,
                collections=self._name,
            )
            await confirmed(answer, delete, show_case)


def _card(owner_id: str, item: SavedItem, voice: Voice) -> discord.Embed:
    lines = [escape(item.data[: _LONGEST_SHOWN * 2], _LONGEST_SHOWN), ""]
    if item.ext:
        lines.append(voice("saved-card-ext", ext=escape(item.ext[: _LONGEST_SHOWN * 2], _LONGEST_SHOWN)))
    lines.append(voice("saved-item-type", type=str(item.type)))
    if item.created_at is not None:
        lines.append(voice("saved-item-since", when=when(item.created_at)))
    lines.append(voice("saved-card-id", id=code(item.id)))
    title = voice("saved-item-title", owner=escape(owner_id, 64))
    return discord.Embed(title=title, description="\n".join(lines), colour=BLUE)
