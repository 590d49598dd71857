"""Alerts: raised once for one trouble, calling until somebody answers, healed visibly (T6).

Who is called is decided by whoever shows an alert; here is when, how often, and when no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import structlog

from bot.services.cleanup.model import RunKind, RunState
from bot.services.clock import from_ms, to_ms
from bot.services.durations import HOUR, MINUTE
from bot.services.model import CaseView, Staff
from bot.services.posts import ALERT
from bot.services.refusals import Refusal
from bot.store import alerts as rows
from bot.store import cleanup as run_rows
from bot.store import mutes, timers
from bot.store import posts as post_rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.services.cases import Cases
    from bot.services.clock import Clock
    from bot.services.meters import Meters
    from bot.services.posts import Posts
    from bot.services.rota import OnCall
    from bot.services.settings import SettingsService
    from bot.store import Store
    from bot.store.cleanup_rows import RunRow
    from bot.store.rows import AlertRow

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

CALLS_AT_MOST: Final = 6
SNOOZES_MS: Final = (30 * MINUTE, 2 * HOUR, 8 * HOUR)
_FIRST_WAIT_MS: Final = 10 * MINUTE
_WAITS_MS: Final = {1: _FIRST_WAIT_MS, 2: 20 * MINUTE}
_LONGEST_WAIT_MS: Final = HOUR
_SHOWN_AT_MOST: Final = 10


class Trouble(StrEnum):
    """What an alert is about."""

    STUCK = "stuck_unmutes"  # mutes are due and cannot be lifted
    RUN_FAILED = "run_failed"  # a cleanup or restore; the subject is its number
    CALLBACKS_REFUSED = "callbacks_refused"  # what the IM sends is not signed by our secret
    LOG_REFUSED = "log_refused"  # the log channel is gone or closed to us


@dataclass(frozen=True, slots=True)
class FailedRun:
    """The run that an alert is about."""

    id: int
    target: str  # a TargetKind
    name: str
    policy_id: int | None
    going: bool
    is_restore: bool = False


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert as people see it: what is wrong, since when, why, who takes care, and whom it calls."""

    id: int
    guild_id: int
    trouble: Trouble
    raised_at: datetime
    why: str  # the last error in the IM layer's words, untrusted; of a log channel one of LOG_PROBLEMS
    calls: int  # the how manieth call its message is; all but the first go to more people
    on_call: OnCall
    acknowledged_by: Staff | None = None
    acknowledged_at: datetime | None = None
    snoozed_by: Staff | None = None
    snoozed_until: datetime | None = None
    next_call_at: datetime | None = None
    healed_at: datetime | None = None
    stuck: tuple[CaseView, ...] = ()
    stuck_count: int = 0
    run: FailedRun | None = None

    @property
    def calling(self) -> bool:
        """Tell whether a message of it is to call somebody."""
        return self.healed_at is None and self.acknowledged_by is None and self.snoozed_until is None


class Alerts:
    """The alerts of all guilds. `arm` is told when stuck timers are to be tried now."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        posts: Posts,
        cases: Cases,
        settings: SettingsService,
        meters: Meters,
        max_attempts: int,
        arm: Callable[[int], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._posts = posts
        self._cases = cases
        self._settings = settings
        self._meters = meters
        self._arm = arm
        self._resume: Callable[[int, int, Staff], Awaitable[object]] | None = None
        self.max_attempts = max_attempts
        posts.watch_log(self._log_told)
        settings.watch_log(self._log_moved, posts.write)

    def resumes_by(self, resume: Callable[[int, int, Staff], Awaitable[object]]) -> None:
        """Go on with a failed run by this (guild, run, who asks), which raises Refusal."""
        self._resume = resume

    def _now(self) -> int:
        return to_ms(self._clock.now())

    def on_call(self, guild_id: int) -> OnCall:
        """Return whom an alert of a guild calls now."""
        return self._settings.on_call(guild_id, self._clock.now())

    # Raising and healing, each within the transaction that found the trouble or its end

    def raise_alert(
        self, connection: Connection, guild_id: int, trouble: Trouble, *, why: str, now_ms: int, subject: str = ""
    ) -> None:
        """Raise the alert of a trouble, unless it is open already.

        Within the caller's `posts.write` transaction, so that no crash leaves a trouble without its alert.
        """
        if rows.open_alert(connection, guild_id, trouble, subject) is not None:
            return
        call_ms = now_ms + _FIRST_WAIT_MS
        alert_id = rows.add_alert(connection, guild_id, trouble, now_ms, why[:500], subject=subject, call_ms=call_ms)
        if alert_id is not None:
            self._posts.want_alert(connection, guild_id, alert_id, now_ms)
            self._note(connection, trouble, "raised")

    def heal_alert(
        self, connection: Connection, guild_id: int, trouble: Trouble, *, now_ms: int, subject: str = ""
    ) -> None:
        """Close the alert of a trouble that is over, if there is one; within the caller's transaction likewise."""
        alert = rows.open_alert(connection, guild_id, trouble, subject)
        if alert is not None:
            self._heal(connection, alert, now_ms)

    def _heal(self, connection: Connection, alert: AlertRow, now_ms: int) -> None:
        if rows.heal(connection, alert.id, now_ms):
            self._posts.want_alert(connection, alert.guild_id, alert.id, now_ms)
            self._note(connection, alert.kind, "healed")

    def raise_stuck(self, connection: Connection, guild_id: int, why: str, now_ms: int) -> None:
        """Raise the alert that mutes of a guild cannot be ended, unless none is."""
        if timers.count_stuck(connection, guild_id, self.max_attempts):
            self.raise_alert(connection, guild_id, Trouble.STUCK, why=why, now_ms=now_ms)

    def heal(self, connection: Connection, guild_id: int, now_ms: int) -> None:
        """Close the guild's alert about mutes if none is stuck any more."""
        alert = rows.open_alert(connection, guild_id, Trouble.STUCK)
        if alert is not None and not timers.count_stuck(connection, guild_id, self.max_attempts):
            self._heal(connection, alert, now_ms)

    def run_ended(self, connection: Connection, run: RunRow, state: RunState, *, why: str, now_ms: int) -> None:
        """Raise the alert of a run that has failed, or close those that are over with it: its own, and its policy's."""
        subject = str(run.id)
        if state is RunState.FAILED:
            before = rows.open_alert(connection, run.guild_id, Trouble.RUN_FAILED, subject)
            if before is None:
                self.raise_alert(connection, run.guild_id, Trouble.RUN_FAILED, why=why, now_ms=now_ms, subject=subject)
            else:
                self._call_anew(connection, before, why, now_ms)
            return

        def over(failed: RunRow) -> bool:
            same_policy = run.policy_id is not None and failed.policy_id == run.policy_id
            return failed.id == run.id or (same_policy and state is RunState.DONE)

        self.settle_runs(connection, run.guild_id, over, now_ms)

    def settle_runs(self, connection: Connection, guild_id: int, over: Callable[[RunRow], bool], now_ms: int) -> None:
        """Close the alerts of the failed runs with which nobody has to go on, or can."""
        for alert in rows.open_alerts(connection, guild_id, Trouble.RUN_FAILED):
            failed = run_rows.get_run(connection, int(alert.subject))
            if failed is not None and over(failed):
                self._heal(connection, alert, now_ms)

    def run_resumed(self, connection: Connection, run: RunRow, staff: Staff, now_ms: int) -> None:
        """Note that whoever goes on with a run takes care of its alert, which closes when the run ends."""
        alert = rows.open_alert(connection, run.guild_id, Trouble.RUN_FAILED, str(run.id))
        if alert is not None:
            self._acknowledge(connection, alert, staff, now_ms)

    def _call_anew(self, connection: Connection, alert: AlertRow, why: str, now_ms: int) -> None:
        """Call about a trouble that somebody thought was taken care of, and that came back."""
        seen = {"acknowledged_ms": None, "acknowledged_by": None, "acknowledged_name": "", "snoozed_until_ms": None}
        rows.change(connection, alert.id, calls=1, call_ms=now_ms + _FIRST_WAIT_MS, why=why[:500], **seen)
        self._posts.renew_alert(connection, alert.guild_id, alert.id, now_ms)
        self._note(connection, alert.kind, "called")

    def _log_told(self, connection: Connection, guild_id: int, why: str | None, now_ms: int) -> None:
        if why is not None:
            self.raise_alert(connection, guild_id, Trouble.LOG_REFUSED, why=why, now_ms=now_ms)
        else:
            self._bring_to_log(connection, guild_id, self._settings.get(guild_id).log_channel_id, now_ms)

    def _log_moved(self, connection: Connection, guild_id: int, channel_id: int | None) -> None:
        now = self._now()
        if channel_id is None:
            self.heal_alert(connection, guild_id, Trouble.LOG_REFUSED, now_ms=now)
        else:
            self._posts.wake_parked(connection, guild_id, now)
            self._bring_to_log(connection, guild_id, channel_id, now)

    def _bring_to_log(self, connection: Connection, guild_id: int, channel_id: int | None, now_ms: int) -> None:
        """Show the alerts that are open where everybody sees them from now on; that about the log is over."""
        for alert in rows.open_alerts(connection, guild_id):
            if alert.kind == Trouble.LOG_REFUSED:
                self._heal(connection, alert, now_ms)
            elif post_rows.place_of(connection, ALERT, alert.id) != channel_id:
                self._posts.renew_alert(connection, guild_id, alert.id, now_ms)

    # Calling

    async def next_wake(self) -> int | None:
        """Return when somebody is to be called next, in milliseconds; None if nobody is."""
        return await self._store.read(rows.next_call)

    async def call_due(self) -> int:
        """Call those who are on call about what nobody has answered; return how many alerts call anew.

        Each call is a new message, and is counted in the transaction that asks for it. What nobody has seen yet,
        because Discord was away or nobody is on call, is no call.
        """
        now = self._now()
        latest = now + _LONGEST_WAIT_MS + MINUTE
        if not await self._store.read(lambda connection: rows.to_call(connection, now, latest)):
            return 0

        def put(connection: Connection) -> int:
            found = rows.to_call(connection, now, latest)
            return sum(self._call(connection, alert, now) for alert in found)

        return await self._posts.write(put)

    def _call(self, connection: Connection, alert: AlertRow, now: int) -> bool:
        seen = post_rows.place_of(connection, ALERT, alert.id) is not None
        if not seen or self.on_call(alert.guild_id).nobody:
            stale = not seen or alert.snoozed_until_ms is not None
            if rows.set_call(connection, alert, now + _FIRST_WAIT_MS, alert.calls) and stale:
                self._posts.want_alert(connection, alert.guild_id, alert.id, now)
            return False
        calls = alert.calls + 1
        next_ms = None if calls >= CALLS_AT_MOST else now + _WAITS_MS.get(calls, _LONGEST_WAIT_MS)
        if not rows.set_call(connection, alert, next_ms, calls):
            return False
        self._posts.renew_alert(connection, alert.guild_id, alert.id, now)
        self._note(connection, alert.kind, "called")
        return True

    # What people do about it

    async def view(self, alert_id: int) -> AlertView:
        """Return an alert as it stands now; raises Refusal if there is no such alert."""

        def look(connection: Connection) -> AlertView:
            alert = rows.get_alert(connection, alert_id)
            if alert is None:
                raise Refusal("refusal-unknown-alert", alert=alert_id)
            return self._view(connection, alert, self.on_call(alert.guild_id))

        return await self._store.read(look)

    async def acknowledge(self, guild_id: int, alert_id: int, staff: Staff) -> AlertView:
        """Note that somebody takes care; who came first stays. Raises Refusal for an unknown alert."""
        now = self._now()
        await self._posts.write(
            lambda connection: self._acknowledge(connection, _found(connection, guild_id, alert_id), staff, now)
        )
        return await self.view(alert_id)

    def _acknowledge(self, connection: Connection, alert: AlertRow, staff: Staff, now_ms: int) -> None:
        if rows.acknowledge(connection, alert.id, now_ms, staff.id, staff.name):
            self._posts.want_alert(connection, alert.guild_id, alert.id, now_ms)
            self._note(connection, alert.kind, "acknowledged")

    async def snooze(self, guild_id: int, alert_id: int, staff: Staff, wait_ms: int) -> AlertView:
        """Call nobody for so long, then begin to call anew if it is not over; raises Refusal for an unknown alert."""
        now = self._now()
        until = now + min(max(wait_ms, MINUTE), max(SNOOZES_MS))
        changes = {"snoozed_by": staff.id, "snoozed_name": staff.name, "snoozed_until_ms": until, "call_ms": until}

        def put(connection: Connection) -> None:
            alert = _found(connection, guild_id, alert_id)
            if alert.acknowledged_ms is None and rows.change(connection, alert_id, calls=0, **changes):
                self._posts.want_alert(connection, guild_id, alert_id, now)
                self._note(connection, alert.kind, "snoozed")

        await self._posts.write(put)
        return await self.view(alert_id)

    async def retry(self, guild_id: int, alert_id: int, staff: Staff) -> AlertView:
        """Try again what an alert is about; whoever asks for it takes care. Raises Refusal where that is not possible.

        Stuck unmutes are tried now, a failed run goes on.
        """
        now = self._now()

        def put(connection: Connection) -> AlertRow:
            alert = _found(connection, guild_id, alert_id)
            if alert.kind == Trouble.STUCK:
                timers.wake_stuck(connection, guild_id, self.max_attempts, now)
                self._acknowledge(connection, alert, staff, now)
            return alert

        alert = await self._posts.write(put)
        if alert.kind == Trouble.STUCK:
            self._arm(now)
        elif alert.kind == Trouble.RUN_FAILED and self._resume is not None:
            await self._resume(guild_id, int(alert.subject), staff)
        return await self.view(alert_id)

    async def told(self, guild_id: int) -> tuple[int, int]:
        """Return how many alerts of a guild are open, and how many of them nobody cares for and nobody can see."""

        def look(connection: Connection) -> tuple[int, int]:
            found = rows.open_alerts(connection, guild_id)
            open_yet = [alert.id for alert in found if alert.acknowledged_ms is None]
            return len(found), sum(post_rows.place_of(connection, ALERT, number) is None for number in open_yet)

        return await self._store.read(look)

    def _note(self, connection: Connection, kind: str, event: str) -> None:
        self._posts.once_written(connection, self._meters.alerts.labels(kind, event).inc)
        self._posts.once_written(connection, lambda: log.info("alert", kind=kind, what=event))

    def _view(self, connection: Connection, alert: AlertRow, on_call: OnCall) -> AlertView:
        trouble = Trouble(alert.kind)
        stuck: tuple[CaseView, ...] = ()
        count = 0
        if trouble is Trouble.STUCK:
            found, count = mutes.stuck_mutes(connection, alert.guild_id, self.max_attempts, _SHOWN_AT_MOST)
            stuck = tuple(self._cases.views(connection, [row.case_id for row in found]))
        snoozed = alert.snoozed_until_ms is not None and alert.snoozed_until_ms > self._now()
        return AlertView(
            id=alert.id,
            guild_id=alert.guild_id,
            trouble=trouble,
            raised_at=from_ms(alert.raised_ms),
            why=alert.why,
            calls=alert.calls,
            on_call=on_call,
            acknowledged_by=_staff(alert.acknowledged_by, alert.acknowledged_name),
            acknowledged_at=_moment(alert.acknowledged_ms),
            snoozed_by=_staff(alert.snoozed_by, alert.snoozed_name) if snoozed else None,
            snoozed_until=_moment(alert.snoozed_until_ms) if snoozed else None,
            next_call_at=_moment(alert.call_ms),
            healed_at=_moment(alert.healed_ms),
            stuck=stuck,
            stuck_count=count,
            run=_run(connection, alert) if trouble is Trouble.RUN_FAILED else None,
        )


def _found(connection: Connection, guild_id: int, alert_id: int) -> AlertRow:
    alert = rows.get_alert(connection, alert_id)
    if alert is None or alert.guild_id != guild_id:
        raise Refusal("refusal-unknown-alert", alert=alert_id)
    return alert


def _run(connection: Connection, alert: AlertRow) -> FailedRun | None:
    run = run_rows.get_run(connection, int(alert.subject))
    if run is None:
        return None
    going = run.state in (RunState.RUNNING, RunState.CANCELLING)
    return FailedRun(run.id, run.target, run.name, run.policy_id, going, run.kind == RunKind.RESTORE)


def _staff(staff_id: int | None, name: str) -> Staff | None:
    return None if staff_id is None else Staff(staff_id, name)


def _moment(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else from_ms(at_ms)
