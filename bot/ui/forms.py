"""Forms that people fill in; one that was opened before a restart gets an answer as well."""

import secrets
from typing import Final, cast

import discord

from bot.ui.funnel import answered
from bot.ui.host import voice_of
from bot.ui.safe import cut

_LONGEST_TITLE: Final = 45
_OURS: Final = "cw:form:"
_THIS_PROCESS: Final = secrets.token_hex(4)


class Form(discord.ui.Modal):
    """A form with an id of its own: discord.py takes two open ones of the same id for one, whoever opened them."""

    def __init__(self, title: str, *, timeout: float | None = None) -> None:
        custom_id = f"{_OURS}{_THIS_PROCESS}:{secrets.token_hex(8)}"
        super().__init__(title=cut(title, _LONGEST_TITLE), timeout=timeout, custom_id=custom_id)


async def answer_lost_form(interaction: discord.Interaction) -> None:
    """Tell who sends a form that a former process opened that nothing came of it; nobody else would."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return
    custom_id = cast("str", (interaction.data or {}).get("custom_id", ""))
    if custom_id.startswith(_OURS) and not custom_id.startswith(f"{_OURS}{_THIS_PROCESS}:"):
        async with answered(interaction, "lost form"):
            await interaction.response.send_message(voice_of(interaction)("form-gone"), ephemeral=True)
