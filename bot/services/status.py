"""How everything is doing, in one look."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.im.errors import IMError
from bot.services.clock import to_ms
from bot.services.refusals import Refusal
from bot.store import StoreError, mutes, timers

if TYPE_CHECKING:
    from datetime import datetime

    from bot.im import IMClient
    from bot.services.alerts import Alerts
    from bot.services.clock import Clock
    from bot.services.directory import CommunityInfo, Directory
    from bot.services.reconcile import Reconcile
    from bot.services.settings import SettingsService
    from bot.store import Store

_PATIENCE_SECONDS = 5.0
_WRITE_PATIENCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Status:
    """What `/status` shows of one guild and of the program."""

    im_ok: bool
    im_detail: str  # why the IM is not all right; untrusted
    im_kind: str
    im_latency_ms: int | None
    database_ok: bool
    community: CommunityInfo | None
    log_channel_id: int | None
    log_problem: str | None
    feed_channel_id: int | None
    feed_problem: str | None
    alerts_open: int
    alerts_unseen: int  # how many of them nobody can see at the moment
    mutes_active: int
    mutes_stuck: int
    oldest_due_lag_s: float
    last_reconcile_at: datetime | None
    last_reconcile_findings: int
    last_reconcile_unread: int  # channels that could not be compared
    started_at: datetime


class StatusService:
    """Looks at the IM, the database and the timers."""

    def __init__(
        self,
        *,
        store: Store,
        im: IMClient,
        im_kind: str,
        clock: Clock,
        directory: Directory,
        settings: SettingsService,
        reconcile: Reconcile,
        alerts: Alerts,
        max_attempts: int,
    ) -> None:
        self._store = store
        self._im = im
        self._im_kind = im_kind
        self._clock = clock
        self._directory = directory
        self._settings = settings
        self._reconcile = reconcile
        self._alerts = alerts
        self._max_attempts = max_attempts
        self._started_at = clock.now()

    async def status(self, guild_id: int) -> Status:
        """Return the state of things; what cannot be reached is said, never raised."""
        latency, detail = await self._ask_im()
        active = stuck = alerts = unseen = 0
        oldest: int | None = None
        now = to_ms(self._clock.now())
        try:
            active, stuck, oldest = await self._store.read(
                lambda connection: (
                    mutes.count_active(connection, guild_id),
                    timers.count_stuck(connection, guild_id, self._max_attempts),
                    timers.oldest_due(connection, now),
                )
            )
            alerts, unseen = await self._alerts.told(guild_id)
            database_ok = await self._store.writable(_WRITE_PATIENCE_SECONDS)
        except StoreError:
            database_ok = False
        last = self._reconcile.last
        return Status(
            im_ok=latency is not None,
            im_detail=detail,
            im_kind=self._im_kind,
            im_latency_ms=latency,
            database_ok=database_ok,
            community=await self._community(guild_id) if latency is not None else None,
            log_channel_id=self._settings.get(guild_id).log_channel_id,
            log_problem=self._settings.log_problem(guild_id),
            feed_channel_id=self._settings.get(guild_id).feed_channel_id,
            feed_problem=self._settings.feed_problem(guild_id),
            alerts_open=alerts,
            alerts_unseen=unseen,
            mutes_active=active,
            mutes_stuck=stuck,
            oldest_due_lag_s=0.0 if oldest is None else max(0.0, (now - oldest) / 1000),
            last_reconcile_at=None if last is None else last.at,
            last_reconcile_findings=0 if last is None else last.findings,
            last_reconcile_unread=0 if last is None else last.unread,
            started_at=self._started_at,
        )

    async def _ask_im(self) -> tuple[int | None, str]:
        begun = self._clock.now()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._im.communities.list().page(limit=1)
        except IMError as error:
            return None, error.description
        except TimeoutError:
            return None, f"no answer within {_PATIENCE_SECONDS:.0f} s"
        return max(1, (self._clock.now() - begun) // timedelta(milliseconds=1)), ""

    async def _community(self, guild_id: int) -> CommunityInfo | None:
        try:
            return await self._directory.community(guild_id)
        except (Refusal, IMError):
            return None
