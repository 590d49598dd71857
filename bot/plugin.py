"""Living in somebody else's bot: what `bot.app` builds for ours is built for it as well, and closed with the extension.

Nothing of the other bot is changed: its token, intents, tree, error handlers, translator and logging stay its own.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from bot.app import assemble, hints
from bot.config import load_settings
from bot.logs import register_secrets, speak_plainly
from bot.ui.host import Host, dismiss, enlist, is_host
from bot.ui.texts import shipped_texts
from bot.ui.words import CommandWords

if TYPE_CHECKING:
    from discord.ext import commands

    from bot.machine import Machine

CONFIG_VARIABLE = "WARDEN_CONFIG"
"""Names the configuration file, where it is not `config.toml`."""


@dataclass(frozen=True, slots=True)
class _Guest:
    machine: Machine
    words: CommandWords | None  # None: the bot has a translator of its own


_guests: WeakKeyDictionary[commands.Bot, _Guest] = WeakKeyDictionary()


async def open_machine(bot: commands.Bot) -> None:
    """Build and start all that the commands need, by `config.toml` and WARDEN_ variables; nothing to do in our own bot.

    Raises ConfigError, StoreError or StartupError with a sentence, and leaves nothing open then.
    """
    if is_host(bot):
        return
    named = os.environ.get(CONFIG_VARIABLE)
    settings = load_settings(Path(named) if named else None)
    register_secrets(settings.secrets())
    speak_plainly()
    machine = await assemble(settings)
    try:
        await machine.start()
        words = CommandWords(shipped_texts()) if bot.tree.translator is None else None
        if words is not None:
            await bot.tree.set_translator(words)
    except BaseException:
        await machine.stop()
        raise
    _guests[bot] = _Guest(machine, words)
    enlist(bot, Host(machine.services, shipped_texts(), settings.locale.default, hints(settings)))


async def shut_machine(bot: commands.Bot) -> None:
    """Close what `open_machine` has built: what is in flight finishes, or settles by itself at the next start."""
    guest = _guests.pop(bot, None)
    if guest is None:
        return
    try:
        await guest.machine.stop()
    finally:
        dismiss(bot)
        if guest.words is not None and bot.tree.translator is guest.words:
            await bot.tree.set_translator(None)
