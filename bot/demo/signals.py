"""The signals that end a program, for programs that end in good order."""

import asyncio
import signal
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

Result = TypeVar("Result")

# The last one: its terminal was closed.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stop_signals() -> Generator[asyncio.Event]:
    """Let a signal set the event instead of ending the process."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for name in _SIGNALS:
        loop.add_signal_handler(name, stop.set)
    try:
        yield stop
    finally:
        for name in _SIGNALS:
            loop.remove_signal_handler(name)


async def unless_stopped(stop: asyncio.Event, work: Coroutine[Any, Any, Result]) -> Result | None:
    """Return the result of the work, or None if the event was set first; the work has been cancelled then."""
    working, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, stopped):
            task.cancel()
        await asyncio.gather(working, stopped, return_exceptions=True)
