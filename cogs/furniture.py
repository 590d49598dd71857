"""What an extension brings into a bot and takes out of it again."""

from discord import app_commands
from discord.ext import commands

from bot.plugin import open_machine, shut_machine
from bot.ui.buttons import BUTTONS
from bot.ui.confirm import drop_questions
from bot.ui.host import host_in
from bot.ui.levels import set_hints
from cogs.catalogue import COGS


class NameTakenError(Exception):
    """The bot has a command of the same name already; the text says which."""


async def move_in(bot: commands.Bot) -> None:
    """Add buttons and cogs; before that, build what they need if the bot is not ours."""
    await open_machine(bot)
    bot.add_dynamic_items(*BUTTONS)
    for cog in COGS:
        try:
            await bot.add_cog(cog(bot))
        except app_commands.CommandAlreadyRegistered as taken:
            raise NameTakenError(
                f"this bot has a command called {taken.name!r} already, and Circle Warden has one too: rename yours"
            ) from None
    if (hints := host_in(bot).hints) is not None:
        set_hints(bot.tree, hints)


async def move_out(bot: commands.Bot) -> None:
    """Take the buttons away, and close what was built for a bot that is not ours."""
    bot.remove_dynamic_items(*BUTTONS)
    drop_questions(bot)
    await shut_machine(bot)
