"""The form that saves a mirrored message among somebody's collections: one field."""

from typing import Final, Self

import discord

from bot.services.access import Level
from bot.services.mirrors import Mirror
from bot.services.saved.mirrored import item_of
from bot.ui.answer import Answer
from bot.ui.forms import Form
from bot.ui.funnel import answered
from bot.ui.levels import check
from bot.ui.reply import show_case
from bot.ui.safe import plain
from bot.ui.words import Voice

_SECONDS: Final = 900.0
_LONGEST_OWNER: Final = 128


class SaveForm(Form):
    """Asks among whose collections a mirrored message is to be saved; for admins, as /collection add is."""

    def __init__(self, mirror: Mirror, voice: Voice) -> None:
        super().__init__(voice("save-form-title"), timeout=_SECONDS)
        self._mirror = mirror
        self._owner: discord.ui.TextInput[Self] = discord.ui.TextInput(
            custom_id="owner",
            placeholder=voice("save-form-placeholder"),
            min_length=1,
            max_length=_LONGEST_OWNER,
        )
        quoted = plain(f"{mirror.author_id}: {mirror.said}", 100)
        self.add_item(discord.ui.Label(text=voice("save-form-owner"), description=quoted, component=self._owner))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Save the message and show the case."""
        async with answered(interaction, type(self).__name__):
            check(interaction, Level.ADMIN)
            answer = await Answer.about_case(interaction)
            data, item_type, ext = item_of(self._mirror)
            case = await answer.services.saved.add(
                staff=answer.staff,
                guild_id=answer.guild_id,
                owner=self._owner.value,
                data=data,
                type=item_type,
                ext=ext,
            )
            await show_case(answer, case)
