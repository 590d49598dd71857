"""A database that another process holds, a disk without room."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.config import Settings
from bot.store import Store, database
from tests.services.conftest import World

SHORT_PATIENCE_SECONDS = 0.15

_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
print("let go", flush=True)
"""


class Lock:
    """Another process that holds a write transaction on a SQLite file until it is told to let go."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._process: asyncio.subprocess.Process | None = None

    async def hold(self) -> None:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", "-c", _HOLD, str(self._file), stdin=pipe, stdout=pipe
        )
        assert self._process.stdout is not None
        assert await self._process.stdout.readline() == b"held\n"

    async def let_go(self) -> None:
        if self._process is not None:
            await self._process.communicate(b"\n")
            self._process = None


@asynccontextmanager
async def locked(file: Path) -> AsyncIterator[Lock]:
    """Hold a write transaction on a file, until the end or until `let_go`."""
    lock = Lock(file)
    await lock.hold()
    try:
        yield lock
    finally:
        await lock.let_go()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let stores that are opened from now on wait for a lock for a moment instead of 10 s."""
    monkeypatch.setattr(database, "_BUSY_TIMEOUT_SECONDS", SHORT_PATIENCE_SECONDS)


class Disk:
    """A small file system; `fill` leaves not one block of it free, `clear` gives the room back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, store: Store) -> None:
        block = b"\0" * 4096
        with contextlib.suppress(OSError), self._ballast.open("ab", buffering=0) as file:
            while True:
                file.write(block)

    def clear(self, store: Store) -> None:
        self._ballast.unlink(missing_ok=True)


class PretendedDisk(Disk):
    """The same for where nobody may mount anything: SQLite is made to say what it says on a full disk."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._full = False
        self._watched: set[int] = set()

    def fill(self, store: Store) -> None:
        self._full = True
        engine = store._backend._engine  # pyright: ignore
        if id(engine) not in self._watched:
            self._watched.add(id(engine))
            event.listen(engine, "before_cursor_execute", self._refuse)

    def clear(self, store: Store) -> None:
        self._full = False

    def _refuse(self, connection: Any, _cursor: object, statement: str, *_: object) -> None:
        if self._full and not statement.lstrip().upper().startswith(("SELECT", "BEGIN", "PRAGMA")):
            raise sqlite3.OperationalError("database or disk is full")


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """A file system of 3 MB in a folder, or one that is pretended."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False, capture_output=True).returncode:
        yield PretendedDisk(folder)
        return
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as found:
        yield found


async def move_to(world: World, disk: Disk) -> None:
    """Let a world begin anew with its database on a disk of its own."""
    await world.services.expiry.stop(0)
    await world.im.close()
    await world.store.close()
    world.settings = Settings(storage={"url": f"sqlite+aiosqlite:///{disk.folder}/warden.db"})  # pyright: ignore
    await world.connect()
