"""Small cards that are no case: a plain sentence with a colour."""

import discord

from bot.ui.cards import BLUE


def note_card(text: str, *, title: str | None = None, colour: discord.Colour = BLUE) -> discord.Embed:
    """Show a sentence or a few lines."""
    return discord.Embed(title=title, description=text, colour=colour)
