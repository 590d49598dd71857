"""Noticing that one callback after the other is wrongly signed: our secret is not the IM's, or somebody else sends."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from bot.services.alerts import Trouble
from bot.services.clock import to_ms
from bot.services.complaints import Complaints
from bot.store import alerts as rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.services.alerts import Alerts
    from bot.services.clock import Clock
    from bot.services.posts import Posts
    from bot.services.settings import SettingsService

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

MANY, WITHIN = 20, timedelta(minutes=10)
WHY: Final = (
    "the secret in http.callback_secret is not the one of the IM's console, or somebody else is sending callbacks"
)


class Forgeries:
    """Raises an alert in every guild with a log channel when 20 callbacks within 10 minutes are wrongly signed.

    None that is right may have come within that time, and the next right one heals it: who merely sends wrong ones
    among those of the IM calls nobody.
    """

    def __init__(self, *, posts: Posts, alerts: Alerts, settings: SettingsService, clock: Clock) -> None:
        self._posts = posts
        self._alerts = alerts
        self._settings = settings
        self._clock = clock
        self._lately: deque[datetime] = deque(maxlen=MANY)
        self._genuine_at: datetime | None = None
        self._complaints = Complaints()
        self._raised = False
        # A former process may have raised it.
        self._healed = False
        self._task: asyncio.Task[None] | None = None

    def forged(self) -> None:
        """Note a callback that is wrongly signed."""
        now = self._clock.now()
        self._lately.append(now)
        alone = self._genuine_at is None or abs(now - self._genuine_at) >= WITHIN
        if alone and not self._raised and len(self._lately) == MANY and now - self._lately[0] <= WITHIN:
            self._change(self._raise)

    def genuine(self) -> None:
        """Note a callback that is rightly signed."""
        self._lately.clear()
        self._genuine_at = self._clock.now()
        if not self._healed:
            self._change(self._heal)

    async def join(self) -> None:
        """Wait until what was noted is written down."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def _change(self, work: Callable[[Connection], None]) -> None:
        """Write it down beside the answer, which does not wait for it; if that fails, the next callback tries again."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write(work), name="callbacks refused")

    async def _write(self, work: Callable[[Connection], None]) -> None:
        try:
            await self._posts.write(work)
        except Exception as error:  # noqa: BLE001 - said in the log; the next callback tries again
            self._complaints.say("alert of refused callbacks not written", error)
            return
        self._raised = work == self._raise
        self._healed = not self._raised

    def _raise(self, connection: Connection) -> None:
        log.warning("callbacks are refused: wrongly signed", count=MANY)
        now = to_ms(self._clock.now())
        for guild_id in self._settings.with_log():
            self._alerts.raise_alert(connection, guild_id, Trouble.CALLBACKS_REFUSED, why=WHY, now_ms=now)

    def _heal(self, connection: Connection) -> None:
        now = to_ms(self._clock.now())
        for guild_id in rows.troubled(connection, Trouble.CALLBACKS_REFUSED):
            self._alerts.heal_alert(connection, guild_id, Trouble.CALLBACKS_REFUSED, now_ms=now)
