"""A process that begins as a copy of one that has imported everything: most of what a start costs is importing.

From then on it is a process like any other: its own memory, files and signals, and SIGKILL takes nothing with it.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

import pytest

ROOT = Path(__file__).parents[1]
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.everything_imported"])


class CopiedProcess:
    """`python -m bot ...`, with what tests use of asyncio's own processes."""

    def __init__(self, process: multiprocessing.process.BaseProcess) -> None:
        self._process = process
        self._over = asyncio.Event()
        self.stdout = asyncio.StreamReader(limit=1 << 22)
        self.stderr = asyncio.StreamReader(limit=1 << 22)

    @classmethod
    async def start(cls, *arguments: str, cwd: Path, environment: Mapping[str, str]) -> Self:
        ours, theirs = zip(*(_context.Pipe(duplex=False) for _ in range(2)), strict=True)
        settings = (arguments, str(cwd), dict(environment))
        process = _context.Process(target=_live, args=(*theirs, *settings), daemon=True)
        # The first one waits for the imports. Not in a thread: two that ask for an exit code at once get it wrong.
        _start(process)
        for end in theirs:
            end.close()
        copied = cls(process)
        loop = asyncio.get_running_loop()
        loop.add_reader(process.sentinel, copied._end)
        for end, reader in zip(ours, (copied.stdout, copied.stderr), strict=True):
            pipe = os.fdopen(os.dup(end.fileno()), "rb")
            end.close()
            await loop.connect_read_pipe(lambda reader=reader: asyncio.StreamReaderProtocol(reader), pipe)
        return copied

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self._process.join()
        self._over.set()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        await self._over.wait()
        assert self.returncode is not None
        return self.returncode


def _start(process: multiprocessing.process.BaseProcess) -> None:
    """Start it; where the modules are is told by the environment to the process that is copied."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        process.start()


def _live(out: Connection, err: Connection, arguments: tuple[str, ...], cwd: str, environment: dict[str, str]) -> None:
    """Be `python -m bot` with these arguments."""
    for end, number in ((out, 1), (err, 2)):
        os.dup2(end.fileno(), number)
        end.close()
    # Not the streams of the process that was copied, which may think that they are a terminal or a file.
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1, errors="backslashreplace") for number in (1, 2))
    tempfile.tempdir = None
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = ["warden", *arguments]

    from bot.__main__ import main

    main()
