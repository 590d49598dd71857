"""The form that starts a thread at a message: one field, filled in already."""

from typing import Final

import discord

from bot.services.access import Level
from bot.services.mirrors import Mirror
from bot.services.threads import LONGEST_NAME
from bot.ui.answer import Answer
from bot.ui.forms import Form
from bot.ui.funnel import answered
from bot.ui.levels import check
from bot.ui.reply import show_case
from bot.ui.safe import plain
from bot.ui.words import Voice

_SECONDS: Final = 900.0


class ThreadForm(Form):
    """Asks for the name of a thread at a mirrored message; its owner is the message's author."""

    def __init__(self, mirror: Mirror, voice: Voice) -> None:
        super().__init__(voice("thread-form-title"), timeout=_SECONDS)
        self._mirror = mirror
        self._name: discord.ui.TextInput[ThreadForm] = discord.ui.TextInput(
            custom_id="name",
            min_length=1,
            max_length=LONGEST_NAME,
            default=plain(mirror.said, LONGEST_NAME) if mirror.said else None,
        )
        self.add_item(discord.ui.Label(text=voice("thread-form-name"), component=self._name))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Start the thread and show its case."""
        async with answered(interaction, type(self).__name__):
            check(interaction, Level.MODERATOR)
            answer = await Answer.about_case(interaction)
            case = await answer.services.threads.create(
                staff=answer.staff,
                guild_id=answer.guild_id,
                channel=self._mirror.place.channel_id,
                message_id=self._mirror.im_message_id,
                name=self._name.value,
                owner=self._mirror.author_id,
            )
            await show_case(answer, case)
