"""The books of cleanup runs: how they begin, how far they are, how they end; each is a case as well."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from bot.services.alerts import Trouble
from bot.services.cleanup.model import GOING, Rule, RunKind, RunState, RunView
from bot.services.cleanup.rules import counts_of, order_of, rule_of
from bot.services.cleanup.speed import Speed, seconds_left
from bot.services.clock import from_ms, to_ms
from bot.services.model import Failure, Staff
from bot.services.orders import add_case, failure_detail
from bot.services.refusals import Refusal
from bot.store import alerts as alert_rows
from bot.store import cases as case_rows
from bot.store import cleanup as rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from bot.services.alerts import Alerts
    from bot.services.clock import Clock
    from bot.services.meters import Meters
    from bot.services.posts import Posts
    from bot.store import Store
    from bot.store.cleanup_rows import RunRow

T = TypeVar("T")

SHOWN_EVERY_MS = 2_000
"""Discord sees a run's message change at most this often (design section 2, rule 9)."""

_STOPPED = frozenset({RunState.CANCELLED, RunState.FAILED})
_SHOWN_FAILURES = 5
_PURGED_AT_ONCE = 2_000
"""Batches: a run of a million items is forgotten in parts, so that no unmute waits for the database."""


class Runs:
    """Writes down and reads runs; working on them is the engine's. `arm` wakes the engine at a moment in ms."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        posts: Posts,
        alerts: Alerts,
        meters: Meters,
        restore_days: int,
        arm: Callable[[int], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._posts = posts
        self._alerts = alerts
        self._arm = arm
        self.restore_days = restore_days
        self._speed = Speed()
        self._writing = asyncio.Lock()
        self._items = meters.collections
        self._counted: Counter[str] = Counter()
        self._last_shown: dict[int, int] = {}

    def now(self) -> int:
        """Return the present moment in milliseconds."""
        return to_ms(self._clock.now())

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Carry out a transaction of those who work on runs, one at a time: an unmute waits for one of them at most."""
        async with self._writing:
            self._counted.clear()
            result = await self._posts.write(work)
            # Only now: what is rolled back did not happen.
            for outcome, count in self._counted.items():
                self._items.labels(outcome).inc(count)
            return result

    def count(self, **items: int) -> None:
        """Count items by what became of them, within a transaction of `write`."""
        self._counted.update(items)

    # Beginning

    async def begin(
        self,
        rule: Rule,
        *,
        staff: Staff,
        guild_id: int,
        cutoff_ms: int,
        planned: int | None = None,
        home_channel_id: int | None = None,
    ) -> RunView:
        """Begin a cleanup; what it deletes is fixed from now on."""
        now = self.now()

        def put(connection: Connection) -> int:
            return self.add_cleanup(
                connection,
                rule,
                staff=staff,
                guild_id=guild_id,
                cutoff_ms=cutoff_ms,
                planned=planned,
                home_channel_id=home_channel_id,
                now_ms=now,
            )

        run_id = await self._posts.write(put)
        self._arm(now)
        return await self.view(guild_id, run_id)

    def add_cleanup(
        self,
        connection: Connection,
        rule: Rule,
        *,
        staff: Staff,
        guild_id: int,
        cutoff_ms: int,
        now_ms: int,
        planned: int | None = None,
        home_channel_id: int | None = None,
        policy_id: int | None = None,
    ) -> int:
        """Write a cleanup down within a transaction and return its number; the engine is to be woken after it."""
        values: dict[str, Any] = {
            "kind": RunKind.CLEANUP,
            "policy_id": policy_id,
            "cutoff_ms": cutoff_ms,
            "planned": planned,
            "home_channel_id": home_channel_id,
        }
        return self._add(connection, rule, staff=staff, guild_id=guild_id, now=now_ms, values=values)

    async def begin_restore(
        self, run_id: int, *, staff: Staff, guild_id: int, home_channel_id: int | None = None
    ) -> RunView:
        """Begin to put back what a cleanup deleted; raises Refusal if there is nothing to put back."""
        now = self.now()

        def put(connection: Connection) -> int:
            # Locked: of two who ask at once, in two processes, the second finds the restore of the first.
            run = self._restorable(connection, _found(connection, guild_id, run_id, lock=True), now)
            values = {
                "kind": RunKind.RESTORE,
                "of_run": run.id,
                "cutoff_ms": run.cutoff_ms,
                "planned": rows.count_to_restore(connection, run.id),
                "home_channel_id": home_channel_id,
            }
            restore = self._add(connection, rule_of(run), staff=staff, guild_id=guild_id, now=now, values=values)
            rows.list_owners(connection, restore, rows.owners_to_restore(connection, run.id))
            self._posts.refresh_run(connection, run.id, now)
            self._alerts.settle_runs(connection, guild_id, lambda failed: run.id in {failed.id, failed.of_run}, now)
            return restore

        restore_id = await self._posts.write(put)
        self._arm(now)
        return await self.view(guild_id, restore_id)

    async def restorable(self, guild_id: int, run_id: int) -> tuple[RunView, int]:
        """Return a cleanup and how many items can be put back; raises Refusal if there are none."""
        now = self.now()

        def look(connection: Connection) -> tuple[RunView, int]:
            run = self._restorable(connection, _found(connection, guild_id, run_id), now)
            return self._view(connection, run), rows.count_to_restore(connection, run.id)

        return await self._store.read(look)

    def _restorable(self, connection: Connection, run: RunRow, now: int) -> RunRow:
        run_id = run.id
        if run.kind != RunKind.CLEANUP:
            raise Refusal("refusal-run-is-restore", run=run_id)
        if run.state in GOING:
            raise Refusal("refusal-run-going", run=run_id)
        _refuse_while_restored(connection, run_id)
        if run.purged or (run.ended_ms is not None and run.ended_ms + self._kept_ms <= now):
            raise Refusal("refusal-restore-late", run=run_id, count=self.restore_days)
        if not rows.count_to_restore(connection, run_id):
            raise Refusal("refusal-restore-nothing", run=run_id)
        return run

    def _add(
        self, connection: Connection, rule: Rule, *, staff: Staff, guild_id: int, now: int, values: dict[str, Any]
    ) -> int:
        target = rule.target
        case_id = add_case(connection, order_of(rule, staff, guild_id, values), now)
        run_id = rows.add_run(
            connection,
            guild_id=guild_id,
            case_id=case_id,
            staff_id=staff.id,
            staff_name=staff.name,
            target=target.kind,
            community_id=target.community_id,
            channel_id=target.channel_id,
            name=target.name,
            older_than_ms=rule.older_than_ms,
            item_type=rule.item_type,
            keep=rule.keep,
            state=RunState.RUNNING,
            begun_ms=now,
            wake_ms=now,
            **values,
        )
        self._posts.want_new_run(connection, guild_id, run_id, now)
        return run_id

    # Going on and ending

    async def cancel(self, guild_id: int, run_id: int) -> RunView:
        """Stop a run at its next request; what it has done stays. Raises Refusal if it is over."""
        now = self.now()

        def put(connection: Connection) -> None:
            run = _found(connection, guild_id, run_id)
            if run.state not in GOING:
                raise Refusal("refusal-run-over", run=run_id)
            self.stop(connection, run, now)

        await self._posts.write(put)
        self._arm(now)
        return await self.view(guild_id, run_id)

    def stop(self, connection: Connection, run: RunRow, now_ms: int) -> None:
        """Ask a run to stop, within a transaction."""
        rows.set_state(connection, run.id, [RunState.RUNNING], RunState.CANCELLING, wake_ms=now_ms)
        self._posts.refresh_run(connection, run.id, now_ms)

    async def resume(self, guild_id: int, run_id: int, staff: Staff) -> RunView:
        """Go on with a run that was cancelled or has failed, as a new case; raises Refusal if it is neither."""
        now = self.now()

        def put(connection: Connection) -> None:
            run = _found(connection, guild_id, run_id)
            if run.state in GOING:
                raise Refusal("refusal-run-going-already", run=run_id)
            if run.state == RunState.DONE:
                raise Refusal("refusal-run-done", run=run_id)
            if run.purged:
                raise Refusal("refusal-restore-late", run=run_id, count=self.restore_days)
            # Neither against a restore, nor two restores of one cleanup.
            cleaned = run_id if run.of_run is None else run.of_run
            _found(connection, guild_id, cleaned, lock=True)
            _refuse_while_restored(connection, cleaned)
            if rows.restores_of(connection, run_id):
                raise Refusal("refusal-run-put-back", run=run_id)
            values = {"kind": run.kind, "of_run": run.of_run, "policy_id": run.policy_id}
            case_id = add_case(connection, order_of(rule_of(run), staff, guild_id, values), now)
            before = [RunState.CANCELLED, RunState.FAILED]
            again = {"wake_ms": now, "ended_ms": None, "why": "", "attempts": 0, "case_id": case_id}
            if not rows.set_state(connection, run_id, before, RunState.RUNNING, **again):
                raise Refusal("refusal-run-going-already", run=run_id)  # another process was quicker
            self._posts.want_new_run(connection, guild_id, run_id, now)
            self._posts.refresh_run(connection, run_id, now)
            self._alerts.run_resumed(connection, run, staff, now)

        await self._posts.write(put)
        self._arm(now)
        return await self.view(guild_id, run_id)

    def finish(self, connection: Connection, run: RunRow, state: RunState, why: str = "") -> None:
        """Write down how a run has ended, in the same transaction as its case's outcome."""
        now = self.now()
        ended = rows.set_state(
            connection, run.id, list(GOING), state, ended_ms=now, why=why[:500], holder=None, lease_until_ms=None
        )
        if not ended:
            return
        tally = rows.tally(connection, run.id)
        if state is RunState.FAILED:
            case_rows.add_event(connection, run.case_id, now, "failed", failure_detail(Failure.REFUSED, why))
        else:
            told = counts_of(run, tally) | {"cancelled": state is RunState.CANCELLED}
            case_rows.add_event(connection, run.case_id, now, "applied", json.dumps(told, ensure_ascii=False))
        self._alerts.run_ended(connection, run, state, why=why, now_ms=now)
        for shown in (run.id, run.of_run):
            if shown is not None:
                self._posts.refresh_run(connection, shown, now)
        self.left(run.id)

    def give_up(self, connection: Connection, guild_id: int, policy_id: int) -> None:
        """Wait for nobody to go on with what has failed of a policy that is removed, within a transaction."""
        self._alerts.settle_runs(connection, guild_id, lambda failed: failed.policy_id == policy_id, self.now())

    def progressed(self, connection: Connection, run_id: int) -> None:
        """Ask for a run's message to be brought up to date, if that was not done a moment ago."""
        now = self.now()
        if abs(now - self._last_shown.get(run_id, 0)) >= SHOWN_EVERY_MS:
            self._last_shown[run_id] = now
            self._posts.refresh_run(connection, run_id, now)

    async def entered(self, run_id: int) -> None:
        """Note that this process works on a run from now on: its speed is measured from here."""
        tally = await self._store.read(lambda connection: rows.tally(connection, run_id))
        self._speed.entered(run_id, tally, self.now())

    def left(self, run_id: int) -> None:
        """Note that this process does not work on a run any more."""
        self._speed.left(run_id)
        self._last_shown.pop(run_id, None)

    async def show_anew(self, guild_id: int, run_id: int) -> None:
        """Ask for a run to be shown in a message of its own, in the log channel or where it was started."""
        now = self.now()
        await self._posts.write(lambda connection: self._posts.want_run(connection, guild_id, run_id, now))

    # Looking

    async def view(self, guild_id: int, run_id: int) -> RunView:
        """Return a run of this guild; raises Refusal if there is none."""
        return await self._store.read(lambda connection: self._view(connection, _found(connection, guild_id, run_id)))

    async def list(self, guild_id: int, *, going: bool | None = None, limit: int = 25) -> list[RunView]:
        """Return a guild's runs, newest first; `going`: only those under way, or only the others."""

        def look(connection: Connection) -> list[RunView]:
            found = rows.runs_of(connection, guild_id, going=going, limit=limit)
            return [self._view(connection, run) for run in found]

        return await self._store.read(look)

    @property
    def _kept_ms(self) -> int:
        return timedelta(days=self.restore_days) // timedelta(milliseconds=1)

    async def purge(self) -> int:
        """Forget some of what runs deleted too long ago to be restored or gone on with; return how many batches."""
        now = self.now()

        def put(connection: Connection) -> int:
            forgotten = rows.purge(connection, now - self._kept_ms, _PURGED_AT_ONCE)
            for guild_id in alert_rows.troubled(connection, Trouble.RUN_FAILED):
                self._alerts.settle_runs(connection, guild_id, lambda failed: bool(failed.purged), now)
            return forgotten

        return await self._posts.write(put)

    def _view(self, connection: Connection, run: RunRow) -> RunView:
        tally = rows.tally(connection, run.id)
        rate = self._speed.rate(run.id, tally, self.now())
        over = run.state not in GOING
        restores = rows.restores_of(connection, run.id) if over else []
        restorable = over and run.kind == RunKind.CLEANUP and tally.done > 0 and not run.purged
        restorable = restorable and not _put_back(connection, restores)
        return RunView(
            id=run.id,
            guild_id=run.guild_id,
            kind=RunKind(run.kind),
            of_run=run.of_run,
            policy_id=run.policy_id,
            case_id=run.case_id,
            staff=Staff(run.staff_id, run.staff_name),
            rule=rule_of(run),
            cutoff=from_ms(run.cutoff_ms),
            state=RunState(run.state),
            why=run.why,
            begun_at=from_ms(run.begun_ms),
            ended_at=None if run.ended_ms is None else from_ms(run.ended_ms),
            planned=run.planned,
            tally=tally,
            failures=tuple(rows.failures(connection, run.id, _SHOWN_FAILURES)) if tally.owners_failed else (),
            retry_at=from_ms(run.wake_ms) if run.attempts and not over else None,
            rate=rate,
            seconds_left=None if over else seconds_left(run, tally, rate, self.now()),
            restorable_until=from_ms(run.ended_ms + self._kept_ms) if restorable and run.ended_ms else None,
            resumable=run.state in _STOPPED and not run.purged and not restores,
            home_channel_id=run.home_channel_id,
        )


def _found(connection: Connection, guild_id: int, run_id: int, *, lock: bool = False) -> RunRow:
    run = rows.get_run(connection, run_id, lock=lock)
    if run is None or run.guild_id != guild_id:
        raise Refusal("refusal-unknown-run", run=run_id)
    return run


def _put_back(connection: Connection, restores: list[RunRow]) -> bool:
    """Tell whether a restore puts back what a run deleted, or has done so for all of it."""
    return any(
        one.state in GOING or (one.state == RunState.DONE and not rows.tally(connection, one.id).owners_failed)
        for one in restores
    )


def _refuse_while_restored(connection: Connection, run_id: int) -> None:
    if any(restore.state in GOING for restore in rows.restores_of(connection, run_id)):
        raise Refusal("refusal-restore-going", run=run_id)
