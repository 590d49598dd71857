# ruff: noqa: E402
"""What a program imports and reads at its start, for processes that begin as a copy of one that has done so."""

import gc
import logging

# SimCord tries discord.py out, which warns about voice.
logging.disable()

import bot.__main__
import bot.cli.start
import bot.config
import bot.demo.page
import bot.demo.tour
import bot.imservice
import bot.logs
import bot.running
import bot.store.upgrade  # noqa: F401
from bot.ui.texts import shipped_texts

logging.disable(logging.NOTSET)
shipped_texts()
# Or the first collection in each copy would write to all of this, and the copy be a real one.
gc.collect()
gc.freeze()
