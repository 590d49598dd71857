"""`warden erase`: one member's personal data deleted, after a look at how much there is."""

import random
import sys
from collections.abc import Callable

from bot.cli import CommandError
from bot.config import StorageSettings
from bot.services.clock import SystemClock
from bot.services.erasure import Erasure, Holdings
from bot.store import Store


async def erase_member(
    storage: StorageSettings, member: str, *, agreed: Callable[[Holdings], bool], say: Callable[[str], None]
) -> bool:
    """Erase a member if `agreed` says yes to what there is; return whether it was done or there was nothing to do.

    Raises CommandError if there is no database of this version, NotErasableError, StoreError.
    """
    if storage.sqlite_file is not None and not storage.sqlite_file.exists():
        raise CommandError(f"there is nothing to erase: {storage.display_url} does not exist")
    store = Store(storage.url.get_secret_value())
    try:
        if await store.revision() != store.head:
            raise CommandError(f"{storage.display_url} has not the schema of this version: run `warden migrate` first")
        erasure = Erasure(store=store, clock=SystemClock(), random=random.SystemRandom())
        found = await erasure.holdings(member)
        if found.nothing:
            say(f"nothing is known of {member}")
        else:
            if not agreed(found):
                return False
            name = await erasure.erase(member)
            say(f"{member} is {name} from now on; the log messages follow as soon as the bot runs")
            say("backups, exported files and what stands in Discord otherwise are not touched")
        # Also after an erasure whose traces could not be removed then, because the bot was running.
        if not await store.compact():
            say("the database is in use, and its file may still hold traces: stop the bot and give this command again")
        return True
    finally:
        await store.close()


def sentence(found: Holdings) -> str:
    """Say how much there is of a member."""
    parts = [
        _counted(found.cases, "case"),
        _counted(found.subjects, "case of others with them in it", "cases of others with them in them"),
        _counted(found.mutes, "mute"),
        _counted(found.mirrors, "mirrored message"),
        _counted(found.batches, "kept batch of deleted collections", "kept batches of deleted collections"),
    ]
    return ", ".join(part for part in parts if part)


def is_interactive() -> bool:
    """Tell whether somebody can be asked."""
    return sys.stdin.isatty()


def _counted(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}" if count else ""
