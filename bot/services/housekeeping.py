"""What is due by itself: policies, runs to go on with, and forgetting what is too old to be of use."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.services.clock import to_ms

if TYPE_CHECKING:
    from datetime import datetime

    from bot.services.alerts import Alerts
    from bot.services.callbacks.service import Callbacks
    from bot.services.cleanup.engine import Engine
    from bot.services.cleanup.policies import Policies
    from bot.services.cleanup.runs import Runs
    from bot.services.clock import Clock
    from bot.services.mirrors import Mirrors
    from bot.services.settings import SettingsService

MIRRORS_KEPT: Final = timedelta(days=30)
_FORGOTTEN_EVERY: Final = timedelta(days=1)


class Housekeeping:
    """What the alarm clock wakes besides mutes: cleanups, the calls of alerts, what is to be forgotten."""

    def __init__(
        self,
        *,
        policies: Policies,
        engine: Engine,
        runs: Runs,
        mirrors: Mirrors,
        alerts: Alerts,
        callbacks: Callbacks,
        settings: SettingsService,
        clock: Clock,
    ) -> None:
        self._policies = policies
        self._engine = engine
        self._runs = runs
        self._mirrors = mirrors
        self._alerts = alerts
        self._callbacks = callbacks
        self._settings = settings
        self._clock = clock
        self._forgotten_at: datetime | None = None

    async def recover(self) -> int:
        """Take over the runs of a former process; return how many. Once, at start."""
        await self._forget_mirrors()
        return await self._engine.recover()

    async def dispatch(self) -> int:
        """Start what is due, without waiting for it; return how many runs are being worked on."""
        await self._settings.keep_up()
        await self._alerts.call_due()
        await self._policies.start_due()
        await self._runs.purge()
        await self._callbacks.tidy()
        if self._forgotten_at is not None and abs(self._clock.now() - self._forgotten_at) >= _FORGOTTEN_EVERY:
            await self._forget_mirrors()
        return await self._engine.dispatch()

    async def next_wake(self) -> int | None:
        """Return when something is due next, in milliseconds; None if nothing is scheduled."""
        wakes = [await self._policies.next_wake(), await self._engine.next_wake(), await self._alerts.next_wake()]
        return min((wake for wake in wakes if wake is not None), default=None)

    async def join(self) -> None:
        """Wait until nothing is being worked on."""
        await self._engine.join()

    async def run_due(self) -> int:
        """Do all that is due now and wait for it; return how many runs were worked on."""
        started = await self.dispatch()
        await self.join()
        return started

    async def _forget_mirrors(self) -> None:
        now = self._clock.now()
        await self._mirrors.forget_before(to_ms(now - MIRRORS_KEPT))
        self._forgotten_at = now

    async def stop(self, grace_seconds: float) -> None:
        """Let requests under way finish for so long, then leave the rest to the next start."""
        await self._engine.stop(grace_seconds)
