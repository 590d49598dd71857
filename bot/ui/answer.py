"""The answer to one interaction: deferred at once, then shown, in the language of who asked."""

from collections.abc import Sequence

import discord

from bot.ui.funnel import ANSWERED, PRIVATE
from bot.ui.host import guild_id_of, keeps_private, services_of, staff_of, voice_of


class Answer:
    """What a command says; made at its start, which Discord must see within 3 s."""

    def __init__(self, interaction: discord.Interaction) -> None:
        self.interaction = interaction
        self.services = services_of(interaction)
        self.voice = voice_of(interaction)
        self.guild_id = guild_id_of(interaction)
        self.staff = staff_of(interaction)

    @classmethod
    async def private(cls, interaction: discord.Interaction) -> "Answer":
        """Defer an answer that only the person who asked sees: lists, looks, settings."""
        await _defer(interaction, private=True)
        return cls(interaction)

    @classmethod
    async def about_case(cls, interaction: discord.Interaction) -> "Answer":
        """Defer an answer that shows a case: private if the log channel shows it to the rest anyway, else public."""
        await _defer(interaction, private=keeps_private(interaction))
        return cls(interaction)

    @classmethod
    async def in_place(cls, interaction: discord.Interaction) -> "Answer":
        """Defer an answer that takes the place of the message that was pressed on, or whose form was sent."""
        await interaction.response.defer()
        return cls(interaction)

    @property
    def is_private(self) -> bool:
        """Tell whether only the person who asked sees the answer."""
        return bool(self.interaction.extras.get(PRIVATE))

    async def show(
        self,
        embed: discord.Embed | None = None,
        view: discord.ui.View | None = None,
        *,
        text: str | None = None,
        files: Sequence[discord.File] = (),
    ) -> discord.InteractionMessage:
        """Put this in place of what the answer showed before, and return the message."""
        attached = list(files) or discord.utils.MISSING
        message = await self.interaction.edit_original_response(
            content=text, embed=embed, view=view, attachments=attached
        )
        self.interaction.extras[ANSWERED] = True
        return message

    def reopen(self) -> None:
        """Treat what is shown as a step on the way: an error takes its place, as if nothing had been shown yet."""
        self.interaction.extras.pop(ANSWERED, None)


async def _defer(interaction: discord.Interaction, *, private: bool) -> None:
    interaction.extras[PRIVATE] = private
    await interaction.response.defer(ephemeral=private, thinking=True)
