"""The sweep: what has lapsed goes in many small writes, between which requests are answered."""

import sqlite3
from collections.abc import Callable

from bot.imservice.database import Database
from bot.imservice.domain import messages, mutes
from bot.imservice.options import IMServiceOptions

AT_ONCE = 1000
_DAY_MS = 24 * 3600 * 1000


async def sweep(database: Database, options: IMServiceOptions, now: int) -> int:
    """Delete lapsed mutes and old messages, unless the options keep them, and return how many there were.

    `now` is Unix milliseconds. What is deleted before an error stays deleted: raises ApiError 503 when the database is
    locked, full or closed.
    """
    deleted = 0
    if not options.keep_expired_mutes:
        deleted += await _in_batches(database, lambda connection: mutes.sweep(connection, now, AT_ONCE))
    if options.message_days:
        before = now - options.message_days * _DAY_MS
        deleted += await _in_batches(database, lambda connection: messages.sweep(connection, before, AT_ONCE))
    return deleted


async def _in_batches(database: Database, work: Callable[[sqlite3.Connection], int]) -> int:
    total = deleted = await database.write(work)
    while deleted == AT_ONCE:
        deleted = await database.write(work)
        total += deleted
    return total
