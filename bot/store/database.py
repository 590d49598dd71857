"""Connections, transactions and migrations of our own state."""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from threading import local
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as _PoolTimeout
from sqlalchemy.pool import NullPool

from bot.store.tables import REVISION, marks

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")

_VERSIONS = "alembic_version"
_BUSY_TIMEOUT_SECONDS = 10
_READERS = 2
_TRIED = "tried to write"
# Not the database's state but our own doing, or an answer that the caller asked for.
_DEFECTS = (IntegrityError, ProgrammingError, DataError, NotSupportedError)


class StoreTrouble(StrEnum):
    """Why our own state cannot be read or written."""

    LOCKED = "locked"
    FULL = "full"
    UNUSABLE = "unusable"


class StoreError(Exception):
    """Our own state cannot be read or written; the text says what to do and holds no password."""

    def __init__(self, text: str, trouble: StoreTrouble = StoreTrouble.UNUSABLE) -> None:
        super().__init__(text)
        self.trouble = trouble


class ServerAway(Exception):  # noqa: N818 - becomes a StoreError at once
    """The database server does not answer."""


class NotMigratedError(StoreError):
    """The database's schema is not the one this program needs."""


class Store:
    """One database: SQLite for one process, PostgreSQL for several (design section 6).

    `url` is SQLAlchemy's (`sqlite+aiosqlite:///warden.db`, `postgresql+asyncpg://...`). A transaction is a function of
    a connection, handed over as a whole: it holds nothing while the event loop is busy, and on SQLite costs one
    change of threads instead of one a statement. It must not touch what belongs to the event loop.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self._url = parsed
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database and parsed.database != ":memory:":
            try:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(f"the folder of the database {self!r} cannot be made: {error}") from error
        self._backend = _SQLite(parsed) if self.is_sqlite else _Server(parsed)
        self._unwritable = False
        self._trying: asyncio.Task[bool] | None = None

    def __repr__(self) -> str:
        return f"Store({self._url.render_as_string(hide_password=True)!r})"

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Carry out a transaction and return its result; an exception rolls it back.

        Raises StoreError when the database cannot be reached, is locked or full; IntegrityError is the caller's.
        """
        try:
            with self._plainly():
                result = await self._backend.write(work)
        except StoreError:
            self._unwritable = True
            raise
        self._unwritable = False
        return result

    async def writable(self, patience: float) -> bool:
        """Tell within so many seconds whether it can be written.

        Nothing is tried as long as the last transaction was carried out; after a failed one a small one is, one at a
        time however many ask: a full disk and a lock leave everything readable.
        """
        if not self._unwritable:
            return True
        if self._trying is None or self._trying.done():
            self._trying = asyncio.create_task(self._try_to_write(), name="trying to write")
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                return await asyncio.shield(self._trying)
        return False

    async def _try_to_write(self) -> bool:
        try:
            await self.set_mark(_TRIED, "")
        except StoreError:
            return False
        return True

    async def rewrite(self, work: Callable[[Connection], T]) -> T:
        """Carry out a transaction that deletes rows to write them anew, also if another process does so right now.

        Whoever is later sees what the other has written at the second try, and wins. Raises what `write` raises.
        """
        try:
            return await self.write(work)
        except IntegrityError:
            return await self.write(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Look at a consistent view and return what was found; nothing is written. Raises StoreError like `write`."""
        with self._plainly():
            return await self._backend.read(work)

    @contextmanager
    def _plainly(self) -> Generator[None]:
        try:
            yield
        except _DEFECTS:
            raise
        except (DBAPIError, sqlite3.Error, _PoolTimeout, ServerAway) as error:
            raise _plain(error, self._url.render_as_string(hide_password=True)) from error

    @property
    def head(self) -> str:
        """The schema revision this program needs."""
        return REVISION

    async def revision(self) -> str | None:
        """Return the schema revision found, None for an empty database; raises StoreError if it cannot be opened."""
        return await self.read(_revision)

    async def migrate(self) -> tuple[str | None, str]:
        """Bring the schema to `head`; return the revisions before and after.

        Raises StoreError when the database cannot be opened or was made by a newer program.
        """
        before = await self.revision()
        if before != self.head:
            # Alembic takes a fifth of a second to import, which a start that has nothing to migrate can do without.
            from bot.store.upgrade import is_known, upgrade  # noqa: PLC0415

            if before is not None and not is_known(before):
                raise NotMigratedError(
                    f"the database {self!r} has schema {before}, which this version does not know: use a newer version"
                )
            await self.write(upgrade)
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
        await self.read(lambda connection: connection.execute(text("SELECT 1")).scalar())

    async def mark(self, name: str) -> str | None:
        """Return what was last noted under `name`."""
        query = select(marks.c.value).where(marks.c.name == name)
        return await self.read(lambda connection: connection.execute(query).scalar())

    async def set_mark(self, name: str, value: str) -> None:
        """Note `value` under `name`."""

        def replace(connection: Connection) -> None:
            connection.execute(marks.delete().where(marks.c.name == name))
            connection.execute(marks.insert().values(name=name, value=value))

        await self.rewrite(replace)

    async def compact(self) -> bool:
        """Write SQLite's file anew, so that nothing deleted is left in it; False if somebody else is using it.

        PostgreSQL does so by itself in time (autovacuum).
        """
        with self._plainly():
            return await self._backend.compact()

    async def close(self) -> None:
        """Close all connections; nothing is lost by leaving it out."""
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.wait([self._trying])
        await self._backend.close()


class _SQLite:
    """One thread that writes, a few that read, each with a connection of its own."""

    def __init__(self, url: URL) -> None:
        # What is written may be private, and errors go to the log.
        self._engine = create_engine(
            url.set(drivername="sqlite+pysqlite"),
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={"timeout": _BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        )
        _tune_sqlite(self._engine)
        self._file = url.database or ":memory:"
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-write")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-read")
        self._thread = local()
        self._open: list[Connection] = []

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._carry_out, work, "BEGIN IMMEDIATE")

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._carry_out, work, "BEGIN")

    async def compact(self) -> bool:
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._compact)

    def _compact(self) -> bool:
        # Readers of our own would keep the log of changes from being emptied; neither works inside a transaction.
        with closing(sqlite3.connect(self._file, timeout=_BUSY_TIMEOUT_SECONDS, isolation_level=None)) as connection:
            try:
                connection.execute("VACUUM")
                busy, _log, _done = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
                return False
            return not busy

    def _carry_out(self, work: Callable[[Connection], T], begin: str) -> T:
        connection: Connection | None = getattr(self._thread, "connection", None)
        if connection is None:
            connection = self._engine.connect().execution_options(begin=begin)
            self._thread.connection = connection
            self._open.append(connection)
        with connection.begin():
            return work(connection)

    async def close(self) -> None:
        for executor in (self._writer, self._readers):
            await asyncio.to_thread(executor.shutdown)
        for connection in self._open:
            connection.close()
        self._engine.dispose()


class _Server:
    """PostgreSQL over asyncpg."""

    def __init__(self, url: URL) -> None:
        # An eighth of what there is to import, which a start on SQLite can do without.
        from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

        self._engine: AsyncEngine = create_async_engine(url, hide_parameters=True)

    async def write(self, work: Callable[[Connection], T]) -> T:
        connection = self._engine.connect()
        try:
            await connection.start()
        except OSError as error:
            # Inside the transaction an OSError would be the caller's own.
            raise ServerAway(str(error)) from error
        try:
            async with connection.begin():
                return await connection.run_sync(work)
        finally:
            await asyncio.shield(connection.close())

    read = write

    async def compact(self) -> bool:
        return True

    async def close(self) -> None:
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
        connection.exec_driver_sql(connection.get_execution_options()["begin"])


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSIONS):
        return None
    return connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar()  # noqa: S608 - a constant


def _plain(error: Exception, where: str) -> StoreError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    words = str(cause)
    if "locked" in words:
        said, trouble = "is locked by another process", StoreTrouble.LOCKED
    elif "full" in words or "No space left" in words:
        said, trouble = "has no room left", StoreTrouble.FULL
    else:
        said, trouble = "cannot be used", StoreTrouble.UNUSABLE
    return StoreError(f"the database {where} {said}: {words}", trouble)
