"""The slash commands: `await bot.load_extension("cogs")` adds them to any discord.py bot (docs/plugin.md).

Nothing else is imported with this package: where a bot has a folder of this name, this is the first thing to be found.
"""

import sys
from importlib.util import find_spec
from pathlib import Path
from pkgutil import extend_path

from discord.ext import commands

# A bot's own folder `cogs` without an `__init__.py` would be hidden by this package; this way both can be had.
__path__ = extend_path(__path__, __name__)


class ShadowedError(ImportError):
    """Another module or package called `bot` is found instead of ours; the text says what to do."""


async def setup(bot: commands.Bot) -> None:
    """Add commands, buttons, translations and the logbook; called by discord.py.

    A bot that is not ours gets everything they need as well, by its configuration (`bot.plugin`).
    """
    _find_ours()
    from cogs.furniture import move_in  # noqa: PLC0415 - see above

    await move_in(bot)


async def teardown(bot: commands.Bot) -> None:
    """Close and take away what `setup` has brought; discord.py removes the cogs itself, before."""
    # Called after a failed setup too, and then perhaps of a bot in which ours cannot be imported.
    furniture = sys.modules.get(f"{__name__}.furniture")
    if furniture is not None:
        await furniture.move_out(bot)


def _find_ours() -> None:
    """Look whether the package `bot` is ours, without importing it: a bot's own bot.py would run a second time."""
    name = f"{__name__.removesuffix('cogs')}bot"
    found = find_spec(name)
    if found is None or found.origin is None or Path(found.origin).parent.parent != Path(__file__).parent.parent:
        raise ShadowedError(
            f"another `{name}` is found before Circle Warden's: load the extension as `circle_warden` instead of `cogs`"
        )
