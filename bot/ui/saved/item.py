"""One saved item, opened from the list with a tap: all of it, and what can be done about it."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import discord

from bot.services.access import Level
from bot.services.saved.items import SavedItem
from bot.services.saved.service import handle
from bot.ui.answer import Answer
from bot.ui.confirm import confirmed
from bot.ui.face import BLUE
from bot.ui.live import LiveButton, LiveSelect
from bot.ui.reply import show_case
from bot.ui.safe import code, escape, plain
from bot.ui.saved.forms import show_ext_form
from bot.ui.words import Voice, when

_OWNER: Final = r"(?P<owner>[a-z0-9_.-]{1,64})"
_NAMED: Final = rf"{_OWNER}:(?P<name>~[0-9a-f]{{8}})"
_LONGEST_SHOWN: Final = 900


class ItemSelect(LiveSelect, template=rf"cw:saved:{_OWNER}"):
    """Opens one of a page's items."""

    needed = Level.ADMIN

    def __init__(self, owner: str, items: Sequence[SavedItem] = (), voice: Voice | None = None) -> None:
        shown = {handle(item.id): item for item in items}
        super().__init__(
            f"cw:saved:{owner}",
            placeholder=None if voice is None else voice("saved-open"),
            options=[discord.SelectOption(label=plain(item.beginning), value=name) for name, item in shown.items()],
        )
        self._owner_id = owner

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Show the item to the presser alone."""
        answer = await Answer.private(interaction)
        owner_id, item = await answer.services.saved.item(self._owner_id, self.chosen)
        view = discord.ui.View(timeout=None)
        view.add_item(EditButton(owner_id, handle(item.id), answer.voice("button-edit-ext")))
        view.add_item(DeleteButton(owner_id, handle(item.id), answer.voice("button-delete-item")))
        await answer.show(_card(owner_id, item, answer.voice), view)


class EditButton(LiveButton, template=rf"cw:saved-edit:{_NAMED}"):
    """Opens the form for an item's ext."""

    needed = Level.ADMIN

    def __init__(self, owner: str, name: str, label: str | None = None) -> None:
        super().__init__(f"cw:saved-edit:{owner}:{name}", label=label, emoji="✏️")
        self._owner_id = owner
        self._name = name

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Do what /collection edit does."""
        await show_ext_form(interaction, self._owner_id, self._name)


class DeleteButton(LiveButton, template=rf"cw:saved-delete:{_NAMED}"):
    """Asks, and deletes an item."""

    needed = Level.ADMIN

    def __init__(self, owner: str, name: str, label: str | None = None) -> None:
        super().__init__(f"cw:saved-delete:{owner}:{name}", label=label, style=discord.ButtonStyle.danger, emoji="🗑️")
        self._owner_id = owner
        self._name = name

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Do what /collection delete does."""
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
