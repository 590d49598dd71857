"""What is due by itself: policies, runs to go on with, and forgetting what cannot be restored any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.services.cleanup.engine import Engine
    from bot.services.cleanup.policies import Policies
    from bot.services.cleanup.runs import Runs


class Housekeeping:
    """What the alarm clock wakes for cleanups."""

    def __init__(self, *, policies: Policies, engine: Engine, runs: Runs) -> None:
        self._policies = policies
        self._engine = engine
        self._runs = runs

    async def recover(self) -> int:
        """Take over the runs of a former process; return how many. Once, at start."""
        return await self._engine.recover()

    async def dispatch(self) -> int:
        """Start what is due, without waiting for it; return how many runs are being worked on."""
        await self._policies.start_due()
        await self._runs.purge()
        return await self._engine.dispatch()

    async def next_wake(self) -> int | None:
        """Return when something is due next, in milliseconds; None if nothing is scheduled."""
        wakes = [await self._policies.next_wake(), await self._engine.next_wake()]
        return min((wake for wake in wakes if wake is not None), default=None)

    async def join(self) -> None:
        """Wait until nothing is being worked on."""
        await self._engine.join()

    async def run_due(self) -> int:
        """Do all that is due now and wait for it; return how many runs were worked on."""
        started = await self.dispatch()
        await self.join()
        return started

    async def stop(self, grace_seconds: float) -> None:
        """Let requests under way finish for so long, then leave the rest to the next start."""
        await self._engine.stop(grace_seconds)
