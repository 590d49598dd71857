"""How things are measured: ratios to a floor of the same run, interleaved, the first round dropped, medians."""

from __future__ import annotations

import asyncio
import os
import platform
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Run = Callable[[], Awaitable[float]]


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    what: str
    ours: str
    floor: str
    ratio: str
    goal: str
    held: bool | None


class LoopGap:
    """The longest time the event loop did not come round, in seconds."""

    def __init__(self) -> None:
        self.largest = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> LoopGap:
        self._task = asyncio.create_task(self._watch())
        await asyncio.sleep(0.05)
        self.largest = 0.0
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()

    async def _watch(self) -> None:
        step = 0.001
        while True:
            before = time.perf_counter()
            await asyncio.sleep(step)
            self.largest = max(self.largest, time.perf_counter() - before - step)


async def interleaved(rounds: int, *runs: Run) -> list[float]:
    """Run all in turn, `rounds` times after a first one that is dropped; return the median of each."""
    taken: list[list[float]] = [[] for _ in runs]
    for number in range(rounds + 1):
        for run, values in zip(runs, taken, strict=True):
            value = await run()
            if number:
                values.append(value)
    return [statistics.median(values) for values in taken]


def machine() -> str:
    """Say what this was measured on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {platform.system()}"
