"""SQLite for many small durable writes: one writer thread that commits in groups, one reader connection."""

import asyncio
import contextlib
import logging
import queue
import shutil
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar

from bot.imservice.errors import unavailable
from bot.imservice.options import StartupError
from bot.imservice.schema import migrate

if sys.platform == "win32":

    def _hold(handle: IO[str]) -> bool:
        """Without advisory locks nothing stops a second service on the same directory."""
        return not handle.closed

else:
    import fcntl

    def _hold(handle: IO[str]) -> bool:
        """Take the lock unless another process has it; the system lets go of it even after SIGKILL."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


_log = logging.getLogger("bot.imservice")

T = TypeVar("T")
Write = Callable[[sqlite3.Connection], T]

FILE_NAME = "imservice.db"
_LOCK_NAME = "imservice.lock"
_MAX_GROUP = 512
_MAX_WAITING = 20_000
_CACHE_KIB = 32 * 1024  # at most; with the usual 2 MB, deleting from a large table reads the same pages again and again
_CHECKPOINT_PAGES = 4000  # a checkpoint syncs twice more; at 16 MB it is rare and a start after a crash still quick


class _Job:
    """One write: its function, the future that waits for it and what came out."""

    __slots__ = ("error", "future", "result", "work")

    def __init__(self, work: Write[Any], future: asyncio.Future[Any]) -> None:
        self.work = work
        self.future = future
        self.result: Any = None
        self.error: Exception | None = None


class Database:
    """The data of one service.

    A write is acknowledged after its commit has reached the disk (WAL, synchronous=FULL). Without a directory the
    data lives in a temporary one, removed at close; as nothing of it is to survive, it is not synced.
    """

    def __init__(self, directory: Path | None, *, busy_timeout_ms: int = 2000) -> None:
        self._temporary = directory is None
        self._directory = directory
        self._busy_seconds = busy_timeout_ms / 1000
        self._jobs: queue.SimpleQueue[list[_Job] | None] = queue.SimpleQueue()
        self._fresh: list[_Job] = []
        self._waiting = 0
        self._lock: IO[str] | None = None
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._accepting = False
        self.commits = 0

    @property
    def reader(self) -> sqlite3.Connection:
        """The connection for small indexed reads on the event loop; it cannot write."""
        if self._reader is None:
            raise unavailable()
        return self._reader

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open or create the database and start the writer.

        Raises StartupError when the directory cannot be used, is in use, or was written by a newer release.
        """
        directory = self._directory
        try:
            if directory is None:
                directory = self._directory = Path(tempfile.mkdtemp(prefix="imservice-"))
            directory.mkdir(parents=True, exist_ok=True)
            self._lock_directory(directory)
            path = directory / FILE_NAME
            writer = self._writer = self._connect(path)
            writer.execute("PRAGMA journal_mode = WAL")
            writer.execute(f"PRAGMA synchronous = {'OFF' if self._temporary else 'FULL'}")
            writer.execute("PRAGMA foreign_keys = ON")
            writer.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            writer.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            migrate(writer)
            self._reader = self._connect(path)
            self._reader.execute("PRAGMA query_only = ON")
        except (OSError, sqlite3.Error) as error:
            self._release()
            reason = getattr(error, "strerror", None) or error
            raise StartupError(f"cannot use the data directory {directory}: {reason}") from error
        except StartupError:
            self._release()
            raise
        self._loop = loop
        self._thread = threading.Thread(target=self._run, args=(writer, loop), name="imservice-writer", daemon=True)
        self._thread.start()
        self._accepting = True

    async def close(self) -> None:
        """Finish the writes that were handed over, then close everything."""
        self._accepting = False
        if self._thread is not None:
            self._hand_over()
            self._jobs.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None
        self._release()

    def write(self, work: Write[T]) -> asyncio.Future[T]:
        """Hand a write to the writer; the future is done once it is durable.

        `work` may be called twice before that, when a neighbour in its group had to be undone: it must depend on the
        database alone. The future raises what `work` raised (its changes are undone, its neighbours' are not), or
        ApiError 503 when the database is locked, full or closed: then nothing of it was written.
        """
        loop = self._loop
        if loop is None or not self._accepting or self._waiting >= _MAX_WAITING:
            raise unavailable()
        future: asyncio.Future[T] = loop.create_future()
        if not self._fresh:
            # One hand-over for all writes of this turn of the loop: the writer wakes up once, to a larger group.
            loop.call_soon(self._hand_over)
        self._fresh.append(_Job(work, future))
        self._waiting += 1
        return future

    def _hand_over(self) -> None:
        if self._fresh:
            self._jobs.put(self._fresh)
            self._fresh = []

    def _connect(self, path: Path) -> sqlite3.Connection:
        return sqlite3.connect(
            path,
            timeout=self._busy_seconds,
            isolation_level=None,
            check_same_thread=False,  # the writer is opened here and then used by its thread alone
            cached_statements=512,
        )

    def _lock_directory(self, directory: Path) -> None:
        handle = self._lock = (directory / _LOCK_NAME).open("a")
        if not _hold(handle):
            raise StartupError(f"the data directory {directory} is in use by another IM service")

    def _release(self) -> None:
        for connection in (self._reader, self._writer):
            if connection is not None:
                with contextlib.suppress(sqlite3.Error):
                    connection.close()
        self._reader = self._writer = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        if self._temporary and self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    def _run(self, connection: sqlite3.Connection, loop: asyncio.AbstractEventLoop) -> None:
        open_ended = True
        while open_ended:
            group, open_ended = self._next_group()
            if not group:
                break
            try:
                self._commit(connection, group)
            except sqlite3.Error as error:
                _undo(connection)
                _log.error("nothing of %d writes was stored: %s", len(group), error)
                for job in group:
                    job.error = unavailable()
            with contextlib.suppress(RuntimeError):  # the loop may be gone when the process ends
                loop.call_soon_threadsafe(self._resolve, group)

    def _next_group(self) -> tuple[list[_Job], bool]:
        """Return the waiting jobs (at least one, unless it was the end) and whether more may come."""
        group: list[_Job] = []
        jobs = self._jobs.get()
        while jobs is not None:
            group += jobs
            if len(group) >= _MAX_GROUP:
                return group, True
            try:
                jobs = self._jobs.get_nowait()
            except queue.Empty:
                return group, True
        return group, False

    def _resolve(self, group: list[_Job]) -> None:
        self._waiting -= len(group)
        for job in group:
            if job.future.done():
                continue
            if job.error is None:
                job.future.set_result(job.result)
            else:
                job.future.set_exception(job.error)

    def _commit(self, connection: sqlite3.Connection, group: list[_Job]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        if not _run_plain(connection, group):
            connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
            _run_guarded(connection, group)
        connection.execute("COMMIT")
        self.commits += 1


def _run_plain(connection: sqlite3.Connection, group: list[_Job]) -> bool:
    """Run the jobs without savepoints, which cost as much as a small write; False if one has to be undone.

    Nearly every refusal comes before the first change, and then there is nothing to undo.
    """
    for job in group:
        changes = connection.total_changes
        try:
            job.result = job.work(connection)
        except Exception as error:
            if _concerns_all(error):
                raise
            if connection.total_changes != changes:
                return False
            job.error = error
    return True


def _run_guarded(connection: sqlite3.Connection, group: list[_Job]) -> None:
    """Run the jobs, each in a savepoint, so that one which fails half-way is undone alone."""
    for job in group:
        job.error = None
        connection.execute("SAVEPOINT job")
        try:
            job.result = job.work(connection)
        except Exception as error:
            if _concerns_all(error):
                raise
            job.error = error
            connection.execute("ROLLBACK TO job")
        connection.execute("RELEASE job")


def _concerns_all(error: Exception) -> bool:
    """Whether the whole transaction may be lost: disk full, locked, I/O error; not a single faulty statement."""
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_ERROR


def _undo(connection: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")
