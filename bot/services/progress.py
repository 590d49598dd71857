"""How far a deed of many parts has come, told to whoever waits for it.

Whoever waits says so around the call (`watched_by`), whoever works tells it (`advanced`); in between nobody need know.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    Watcher = Callable[[int, int], Awaitable[None]]

_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watched_by(watcher: Watcher) -> Generator[None]:
    """Let `watcher(done, total)` be told how far what is called in here has come."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


async def advanced(done: int, total: int) -> None:
    """Tell that so many parts of all are done, whether anybody watches or not."""
    watcher = _watcher.get()
    if watcher is not None:
        await watcher(done, total)
