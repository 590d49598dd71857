"""Connections, transactions and migrations of our own state."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, make_url, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as _PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.store.tables import marks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from sqlalchemy import Connection, Engine

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_TIMEOUT_SECONDS = 10
# Not the database's state but our own doing, or an answer that the caller asked for.
_DEFECTS = (IntegrityError, ProgrammingError, DataError, NotSupportedError)


class StoreError(Exception):
    """Our own state cannot be read or written; the text says what to do and holds no password."""


class NotMigratedError(StoreError):
    """The database's schema is not the one this program needs."""


class Store:
    """One database: SQLite for one process, PostgreSQL for several (design section 6).

    `url` is SQLAlchemy's (`sqlite+aiosqlite:///warden.db`, `postgresql+asyncpg://...`).
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self._url = parsed
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        options: dict[str, Any] = {}
        if self.is_sqlite:
            options = {"connect_args": {"timeout": _BUSY_TIMEOUT_SECONDS}, "pool_size": 4, "max_overflow": 0}
            if parsed.database and parsed.database != ":memory:":
                try:
                    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
                except OSError as error:
                    raise StoreError(f"the folder of the database {self!r} cannot be made: {error}") from error
        self._engine = create_async_engine(parsed, **options)
        # SQLite has one writer; waiting for it here costs no busy loop and keeps the order of arrival.
        self._writer = asyncio.Lock() if self.is_sqlite else None
        if self.is_sqlite:
            _tune_sqlite(self._engine.sync_engine)

    def __repr__(self) -> str:
        return f"Store({self._url.render_as_string(hide_password=True)!r})"

    @property
    def head(self) -> str:
        """The schema revision this program needs."""
        return ScriptDirectory(str(_MIGRATIONS)).get_current_head() or ""

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction that is committed at the end of the block, or rolled back by an exception.

        Raises StoreError when the database cannot be reached, is locked or full; IntegrityError is the caller's.
        """
        with self._plainly():
            async with self._writer or nullcontext(), self._connected() as connection:
                if self.is_sqlite:
                    await connection.execution_options(sqlite_immediate=True)
                async with connection.begin():
                    yield connection

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """Open a consistent view for reading; nothing is written. Raises StoreError like `write`."""
        with self._plainly():
            async with self._connected() as connection:
                yield connection

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[AsyncConnection]:
        connection = self._engine.connect()
        try:
            await connection.start()
        except OSError as error:
            # A server that is away. Inside the block an OSError would be the caller's own.
            raise StoreError(_plain(error, self._url.render_as_string(hide_password=True))) from error
        try:
            yield connection
        finally:
            await asyncio.shield(connection.close())

    @contextmanager
    def _plainly(self) -> Generator[None]:
        try:
            yield
        except _DEFECTS:
            raise
        except (DBAPIError, sqlite3.Error, _PoolTimeout) as error:
            raise StoreError(_plain(error, self._url.render_as_string(hide_password=True))) from error

    async def revision(self) -> str | None:
        """Return the schema revision found, None for an empty database; raises StoreError if it cannot be opened."""
        async with self.read() as connection:
            return await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())

    async def migrate(self) -> tuple[str | None, str]:
        """Bring the schema to `head`; return the revisions before and after.

        Raises StoreError when the database cannot be opened or was made by a newer program.
        """
        before = await self.revision()
        known = {script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}
        if before is not None and before not in known:
            raise NotMigratedError(
                f"the database {self!r} has schema {before}, which this version does not know: use a newer version"
            )
        if before != self.head:
            async with self.write() as connection:
                await connection.run_sync(_upgrade)
        return before, self.head

    async def require_migrated(self) -> None:
        """Raise NotMigratedError unless the schema is the one this program needs."""
        found = await self.revision()
        if found != self.head:
            raise NotMigratedError(
                f"the database {self!r} has schema {found or 'none'}, needed is {self.head}: run `warden migrate`"
            )

    async def check(self) -> None:
        """Answer at once if the database can be read; raises StoreError else."""
        async with self.read() as connection:
            await connection.execute(text("SELECT 1"))

    async def mark(self, name: str) -> str | None:
        """Return what was last noted under `name`."""
        async with self.read() as connection:
            return (await connection.execute(select(marks.c.value).where(marks.c.name == name))).scalar()

    async def set_mark(self, name: str, value: str) -> None:
        """Note `value` under `name`."""
        async with self.write() as connection:
            await connection.execute(marks.delete().where(marks.c.name == name))
            await connection.execute(marks.insert().values(name=name, value=value))

    async def close(self) -> None:
        """Close all connections; nothing is lost by leaving it out."""
        await self._engine.dispose()


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        # The driver would begin transactions by itself, late and deferred; we say BEGIN ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_TIMEOUT_SECONDS * 1000}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        immediate = connection.get_execution_options().get("sqlite_immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _plain(error: Exception, where: str) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    words = str(cause)
    if "locked" in words:
        kind = "is locked by another process"
    elif "full" in words:
        kind = "has no room left"
    else:
        kind = "cannot be used"
    return f"the database {where} {kind}: {words}"
