"""The tables of the embedded IM service and their versions (`PRAGMA user_version`)."""

import sqlite3

from bot.imservice import tables
from bot.imservice.options import StartupError

MIGRATIONS: tuple[str, ...] = (tables.V1, tables.V2)
"""One script a version: script number n leads from version n to n + 1. Append only."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to the newest version, each step in its own transaction.

    Raises StartupError when the file was written by a newer release.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StartupError(
            f"the IM service's database has schema version {version}, this release knows versions up to "
            f"{len(MIGRATIONS)}: use the release that wrote it, or another data directory"
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        try:
            connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
