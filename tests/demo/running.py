"""`warden demo` as a process of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.copied_process import CopiedProcess

ROOT = Path(__file__).parents[2]
START_SECONDS = 30
STOP_SECONDS = 15


@dataclass
class RunningDemo:
    """A demo that has said where its pages are."""

    process: asyncio.subprocess.Process | CopiedProcess
    lines: list[str] = field(default_factory=list)

    def url(self, name: str = "Open") -> str:
        return next(line.split()[1] for line in self.lines if line.startswith(name))

    async def read_until(self, start: str) -> None:
        assert self.process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            while line := (await self.process.stdout.readline()).decode():
                self.lines.append(line.rstrip("\n"))
                if line.startswith(start):
                    return
        raise AssertionError(f"the demo ended: {self.lines} {await self.errors()}")

    async def errors(self) -> str:
        assert self.process.stderr is not None
        return (await self.process.stderr.read()).decode()

    async def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal and wait; what the demo still says goes to `lines`."""
        assert self.process.stdout is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(STOP_SECONDS):
            self.lines += (await self.process.stdout.read()).decode().splitlines()
            return await self.process.wait()


@asynccontextmanager
async def running_demo(
    folder: Path,
    *arguments: str,
    until: str = "Stop",
    environment: Mapping[str, str] | None = None,
    copied: bool = False,
) -> AsyncIterator[RunningDemo]:
    """Start `warden demo` in an empty folder of its own, with a folder of its own for temporary files.

    `copied`: as a copy of a process that has imported everything, which is quicker.
    """
    here, temporary = folder / "here", folder / "tmp"
    for each in (here, temporary):
        each.mkdir(exist_ok=True)
    whole = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), **(environment or {})}
    if copied:
        process = await CopiedProcess.start("demo", *arguments, cwd=here, environment=whole)
    else:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "demo",
            *arguments,
            cwd=here,
            env=whole,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    demo = RunningDemo(process)
    try:
        await demo.read_until(until)
        yield demo
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
