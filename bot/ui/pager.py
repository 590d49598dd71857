"""Back and forth in a list: the buttons carry list, page and subject, so they outlive restarts and never time out."""

from typing import Final

import discord

from bot.services.access import Level
from bot.ui.answer import Answer
from bot.ui.host import voice_of
from bot.ui.lists import ADMIN_SHEETS, SHEETS
from bot.ui.live import LiveButton
from bot.ui.sheet import Sheet

_LONGEST_ID: Final = 100


class PageButton(
    LiveButton,
    template=r"cw:p:(?P<kind>[a-z]):(?P<page>\d{1,4}):(?P<subject>.+)",
):
    """Shows another page of the list on the same message."""

    def __init__(
        self, kind: str, page: int | str, subject: str, *, label: str | None = None, emoji: str | None = None
    ) -> None:
        super().__init__(f"cw:p:{kind}:{page}:{subject}", label=label, emoji=emoji)
        self.needed = Level.ADMIN if kind in ADMIN_SHEETS else Level.MODERATOR
        self._kind = kind
        self._page = int(page)
        self._subject = subject

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Draw the page anew, with what the list holds now."""
        if not _is_of(interaction):
            await interaction.response.send_message(voice_of(interaction)("list-not-yours"), ephemeral=True)
            return
        await interaction.response.defer()
        await show_list(Answer(interaction), self._kind, self._subject, page=self._page)


async def show_list(answer: Answer, kind: str, subject: str, *, page: int = 0) -> None:
    """Show one page of a list (`bot.ui.lists.SHEETS`) with its buttons; a page past the end is the last one."""
    sheet = await SHEETS[kind](answer, subject, page)
    await answer.show(sheet.card, _buttons(answer, kind, sheet))


def _buttons(answer: Answer, kind: str, sheet: Sheet) -> discord.ui.View | None:
    view = discord.ui.View(timeout=None)
    for extra in sheet.extras:
        view.add_item(extra)
    if sheet.pages == 1 or len(f"cw:p:{kind}:9999:{sheet.subject}") > _LONGEST_ID:
        return view if sheet.extras else None
    if sheet.page > 0:
        view.add_item(PageButton(kind, sheet.page - 1, sheet.subject, label=answer.voice("button-previous"), emoji="◀️"))
    if sheet.page < sheet.pages - 1:
        view.add_item(PageButton(kind, sheet.page + 1, sheet.subject, label=answer.voice("button-next"), emoji="▶️"))
    return view


def _is_of(interaction: discord.Interaction) -> bool:
    """Tell whether the list was asked for by the person who presses; a message that does not say is a private one."""
    metadata = None if interaction.message is None else interaction.message.interaction_metadata
    return metadata is None or metadata.user.id == interaction.user.id
