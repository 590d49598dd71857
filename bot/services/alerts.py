"""One alert for one trouble: raised once, acknowledged by somebody, healed visibly (T6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.services.clock import from_ms, to_ms
from bot.services.model import CaseView, Staff
from bot.services.refusals import Refusal
from bot.store import mutes, posts, timers

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.services.cases import Cases
    from bot.services.clock import Clock
    from bot.services.posts import Posts
    from bot.store import Store
    from bot.store.rows import AlertRow

STUCK = "stuck_unmutes"
_SHOWN_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert as people see it: which mutes cannot be ended, since when, why, and who takes care."""

    id: int
    guild_id: int
    raised_at: datetime
    acknowledged_by: Staff | None
    healed_at: datetime | None
    stuck: tuple[CaseView, ...]
    stuck_count: int
    why: str  # the last error in the IM layer's words; untrusted


class Alerts:
    """The alerts of all guilds; `load` first. `arm` is told when stuck timers are to be tried now."""

    def __init__(
        self, *, store: Store, clock: Clock, posts: Posts, cases: Cases, max_attempts: int, arm: Callable[[int], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._posts = posts
        self._cases = cases
        self._arm = arm
        self.max_attempts = max_attempts

    def _now(self) -> int:
        return to_ms(self._clock.now())

    def raise_stuck(self, connection: Connection, guild_id: int, why: str, now_ms: int) -> None:
        """Raise the alert that mutes of a guild cannot be ended, unless it is raised already or none is.

        Within the transaction that put the last one back, so that no crash leaves a stuck mute without its alert.
        """
        if not timers.count_stuck(connection, guild_id, self.max_attempts):
            return
        if posts.open_alert(connection, guild_id, STUCK) is not None:
            return
        alert_id = posts.add_alert(connection, guild_id, STUCK, now_ms, why)
        if alert_id is not None:
            self._posts.want_alert(connection, guild_id, alert_id, now_ms)

    def heal(self, connection: Connection, guild_id: int, now_ms: int) -> None:
        """Close the guild's alert if nothing is stuck any more, within the transaction that ended the last one."""
        alert = posts.open_alert(connection, guild_id, STUCK)
        if alert is None or timers.count_stuck(connection, guild_id, self.max_attempts):
            return
        if posts.heal(connection, alert.id, now_ms):
            self._posts.want_alert(connection, guild_id, alert.id, now_ms)

    async def view(self, alert_id: int) -> AlertView:
        """Return an alert as it stands now; raises Refusal if there is no such alert."""

        def look(connection: Connection) -> AlertView:
            alert = posts.get_alert(connection, alert_id)
            if alert is None:
                raise Refusal("refusal-unknown-alert", alert=alert_id)
            rows, count = mutes.stuck_mutes(connection, alert.guild_id, self.max_attempts, _SHOWN_AT_MOST)
            views = self._cases.views(connection, [row.case_id for row in rows])
            return _view(alert, tuple(views), count)

        return await self._store.read(look)

    async def acknowledge(self, guild_id: int, alert_id: int, staff: Staff) -> AlertView:
        """Note that somebody takes care; who came first stays. Raises Refusal for an unknown alert."""
        now = self._now()

        def put(connection: Connection) -> None:
            self._check_guild(connection, guild_id, alert_id)
            if posts.acknowledge(connection, alert_id, now, staff.id, staff.name):
                self._posts.want_alert(connection, guild_id, alert_id, now)

        await self._posts.write(put)
        return await self.view(alert_id)

    async def retry(self, guild_id: int, alert_id: int, staff: Staff) -> AlertView:
        """Try all stuck unmutes of the guild now; whoever asks for it takes care of the alert."""
        now = self._now()

        def put(connection: Connection) -> None:
            self._check_guild(connection, guild_id, alert_id)
            timers.wake_stuck(connection, guild_id, self.max_attempts, now)

        await self._store.write(put)
        self._arm(now)
        return await self.acknowledge(guild_id, alert_id, staff)

    @staticmethod
    def _check_guild(connection: Connection, guild_id: int, alert_id: int) -> None:
        alert = posts.get_alert(connection, alert_id)
        if alert is None or alert.guild_id != guild_id:
            raise Refusal("refusal-unknown-alert", alert=alert_id)


def _view(alert: AlertRow, stuck: tuple[CaseView, ...], count: int) -> AlertView:
    by = None if alert.acknowledged_by is None else Staff(alert.acknowledged_by, alert.acknowledged_name)
    return AlertView(
        id=alert.id,
        guild_id=alert.guild_id,
        raised_at=from_ms(alert.raised_ms),
        acknowledged_by=by,
        healed_at=None if alert.healed_ms is None else from_ms(alert.healed_ms),
        stuck=stuck,
        stuck_count=count,
        why=alert.why,
    )
