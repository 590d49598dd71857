"""A process that forks workers, each the whole machine without Discord: `python -m tests.services.workshop`.

A line to it starts a worker, which works until no cleanup is under way; it answers with the number of the worker's
process, and with how that ended. All is imported before the first fork, so that a worker costs little but its work.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import bot.app
from bot.config import Settings
from bot.im import IMClient
from tests.services.conftest import GUILD, World

ROOT = Path(__file__).parents[2]
LOOKS_EVERY_SECONDS = 0.05
LONGEST_SECONDS = 60


class Workshop:
    """The forking process, as a test sees it; one worker at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def start_worker(self) -> int:
        """Return the number of a new worker's process."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        return int(await self._said())

    async def ended(self) -> bool:
        """Wait for the worker's end; return whether it was killed. Raises AssertionError if it failed by itself."""
        said = await self._said()
        assert said in {"done", "killed"}, said
        return said == "killed"

    async def _said(self) -> str:
        assert self._process.stdout is not None
        async with asyncio.timeout(LONGEST_SECONDS):
            return (await self._process.stdout.readline()).decode().strip()


@contextlib.asynccontextmanager
async def workshop(world: World) -> AsyncIterator[Workshop]:
    """Open a workshop on a world's database and IM."""
    own = world.service.credentials
    environment = os.environ | {
        "WARDEN_STORAGE__URL": world.settings.storage.url.get_secret_value(),
        "WARDEN_IM__KIND": "easemob",
        "WARDEN_IM__BASE_URL": world.service.url,
        "WARDEN_IM__ORG": own.org,
        "WARDEN_IM__APP": own.app,
        "WARDEN_IM__CLIENT_ID": own.client_id,
        "WARDEN_IM__CLIENT_SECRET": own.client_secret,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.services.workshop",
        cwd=ROOT, env=environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Workshop(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _work(settings: Settings) -> None:
    bot.app.IMClient = functools.partial(IMClient, rate_per_second=None)  # pyright: ignore
    machine = await bot.app.assemble(settings)
    await machine.start()
    while await machine.services.cleanups.list(GUILD, going=True):
        await asyncio.sleep(LOOKS_EVERY_SECONDS)


def _fork(settings: Settings) -> str:
    worker = os.fork()
    if not worker:
        code = 1
        try:
            # What is logged is no answer of ours.
            os.dup2(2, 1)
            asyncio.run(asyncio.wait_for(_work(settings), LONGEST_SECONDS))
            code = 0
        finally:
            os._exit(code)
    print(worker, flush=True)
    _pid, status = os.waitpid(worker, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return "killed"
    return "done" if status == 0 else f"failed: {status}"


if __name__ == "__main__":
    given = Settings()
    for _line in sys.stdin:
        print(_fork(given), flush=True)
