"""Ending mutes on time: claims what is due, reads each channel's list once, lifts what is still on it.

The alarm clock (bot/jobs) only wakes this; everything that must not be forgotten is in the timers table.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

import structlog
from structlog.contextvars import bound_contextvars

from bot.im import Lane
from bot.im.errors import IMError, NotFound
from bot.services.clock import to_ms
from bot.services.complaints import Complaints
from bot.services.judgement import Reading, Trace, Verdict, judge_active, judge_pending
from bot.services.ledger import LEASE_MS
from bot.services.model import Ending, Failure, MuteState
from bot.services.readings import read_mutes, says_channel_gone
from bot.store import mutes, timers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

    from sqlalchemy import Connection

    from bot.im import IMClient
    from bot.services.alerts import Alerts
    from bot.services.clock import Clock
    from bot.services.ledger import MuteLedger
    from bot.store import Store
    from bot.store.rows import MuteRow, TimerRow

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

CLAIM_AT_ONCE = 100
IN_WORK_AT_MOST = 2_000
LIFTS_AT_ONCE = 64
FIRST_RETRY_MS, LONGEST_RETRY_MS, JITTER = 1_000, 30_000, 0.2
_CLOCKS_DIFFER_RECHECK_MS = 30_000


class Expiry:
    """Ends mutes whose time is up, and settles what a crash left in between (T1-T8, T10)."""

    def __init__(
        self,
        *,
        store: Store,
        im: IMClient,
        clock: Clock,
        ledger: MuteLedger,
        alerts: Alerts,
        random: Random,
        arm: Callable[[int], None],
    ) -> None:
        self._store = store
        self._im = im
        self._clock = clock
        self._ledger = ledger
        self._alerts = alerts
        self._random = random
        self._arm = arm
        self._complaints = Complaints()
        self._claiming = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def _now(self) -> int:
        return to_ms(self._clock.now())

    async def recover(self) -> int:
        """Take over what a former process left unfinished; return how much. Once, at start."""
        now = self._now()

        def free(connection: Connection) -> int:
            if self._store.is_sqlite:
                return timers.release_all_others(connection, self._ledger.owner, now)
            return timers.release_expired(connection, now, 2 * LEASE_MS)

        return await self._store.write(free)

    async def renew(self) -> None:
        """Prolong our leases, take over what was lost sight of, wake what a clock set back has put to sleep."""
        now = self._now()
        ours = sorted(self._ledger.in_hand)

        def tidy(connection: Connection) -> tuple[int, int]:
            timers.renew(connection, self._ledger.owner, ours, now + LEASE_MS)
            freed = timers.release_expired(connection, now, 2 * LEASE_MS)
            return freed, timers.wake_overslept(connection, now, 2 * LONGEST_RETRY_MS)

        freed, woken = await self._store.write(tidy)
        if freed or woken:
            log.warning("timers taken over", freed=freed, woken=woken)
            self._arm(now)

    async def next_wake(self) -> int | None:
        """Return when the next timer is due, in milliseconds."""
        return await self._store.read(timers.next_wake)

    async def dispatch(self) -> int:
        """Claim all that is due and start working on it, a task a channel; return how many were claimed.

        A channel whose IM calls hang keeps no other channel waiting.
        """
        async with self._claiming:
            batch: list[tuple[MuteRow, TimerRow]] = []
            try:
                # In small bites, so that the event loop comes round; together, so that a channel is read once.
                while len(self._ledger.in_hand) < IN_WORK_AT_MOST and (bite := await self._claim()):
                    batch += bite
                    self._ledger.take(mute.id for mute, _timer in bite)
            finally:
                # What was claimed is worked on, even if the database failed at a later bite.
                for group in _by_channel(batch):
                    task = asyncio.create_task(self._work(group), name=f"expiry {group[0][0].channel_id}")
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
        return len(batch)

    async def join(self) -> None:
        """Wait until nothing is being worked on."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def run_due(self) -> int:
        """Do all that is due now and wait for it; return how many timers were worked on."""
        claimed = await self.dispatch()
        await self.join()
        return claimed

    async def stop(self, grace_seconds: float) -> None:
        """Let work in flight finish for so long, then leave it to the next start (its leases run out)."""
        if self._tasks:
            _done, late = await asyncio.wait(list(self._tasks), timeout=grace_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _claim(self) -> list[tuple[MuteRow, TimerRow]]:
        now = self._now()

        def claim(connection: Connection) -> list[tuple[MuteRow, TimerRow]]:
            found = timers.claim_due(connection, self._ledger.owner, now, now + LEASE_MS, CLAIM_AT_ONCE)
            ids = [timer.mute_id for timer in found]
            if not ids:
                return []
            mutes.mark_lifting(connection, ids, now)
            rows = mutes.get_mutes(connection, ids)
            return [(rows[timer.mute_id], timer) for timer in found]

        return await self._store.write(claim)

    async def _work(self, group: list[tuple[MuteRow, TimerRow]]) -> None:
        attempts = {mute.id: timer.attempts for mute, timer in group}
        rows = [mute for mute, _timer in group]
        try:
            await self._settle(rows, attempts)
        except Exception as error:  # noqa: BLE001 - said in the log
            # The database failed, or a defect: the leases run out, and what was in hand is taken up again.
            self._complaints.say("expiry failed", error, channel=rows[0].channel_id, mutes=len(rows))
        finally:
            self._ledger.let_go(row.id for row in rows)

    async def _settle(self, rows: list[MuteRow], attempts: dict[int, int]) -> None:
        place = rows[0]
        with self._im.lane(Lane.URGENT):
            try:
                reading = await read_mutes(self._im, self._clock, place.community_id, place.channel_id)
            except NotFound as error:
                if says_channel_gone(error):
                    await self._channel_gone(rows)
                    return
                await self._put_back(rows, attempts, error)
                return
            except IMError as error:
                await self._put_back(rows, attempts, error)
                return
            await self._close_lapsed([row for row in rows if _lapsed(row, reading)])
            rest = iter([row for row in rows if not _lapsed(row, reading)])
            async with asyncio.TaskGroup() as hands:
                for _ in range(min(LIFTS_AT_ONCE, len(rows))):
                    hands.create_task(self._settle_each(rest, reading, attempts))

    async def _close_lapsed(self, rows: Sequence[MuteRow]) -> None:
        for start in range(0, len(rows), 50):
            await self._ledger.close(rows[start : start + 50], Ending.ENDED)

    async def _channel_gone(self, rows: Sequence[MuteRow]) -> None:
        for row in rows:
            if row.state == MuteState.PENDING:
                await self._ledger.failed(row, Failure.INTERRUPTED, announce=True)
            elif row.lifting_case_id is not None:
                await self._ledger.lifted_by_staff(row)
        await self._ledger.close([row for row in rows if _by_timer(row)], Ending.GONE)

    async def _settle_each(self, rows: Iterator[MuteRow], reading: Reading, attempts: dict[int, int]) -> None:
        for row in rows:
            with bound_contextvars(case=row.lifting_case_id or row.case_id):
                await self._settle_one(row, reading, attempts)

    async def _settle_one(self, mute: MuteRow, reading: Reading, attempts: dict[int, int]) -> None:
        if mute.state == MuteState.PENDING:
            await self._settle_pending(mute, reading)
        elif mute.lifting_case_id is not None:
            await self._settle_staff_lift(mute, reading)
        elif _by_timer(mute):
            await self._settle_due(mute, reading, attempts)

    async def _settle_pending(self, mute: MuteRow, reading: Reading) -> None:
        """Compare an intent that was never confirmed with the IM; it is never applied late (T5)."""
        before = None
        if mute.supersedes is not None:
            before = await self._store.read(partial(mutes.get_mute, mute_id=mute.supersedes))
        trace, end = judge_pending(mute, reading, self._now(), before)
        if trace is Trace.ABSENT:
            await self._ledger.failed(mute, Failure.INTERRUPTED, announce=True)
            return
        applied = await self._ledger.applied(mute, end)
        if applied is not None and trace is Trace.LATER:
            await self._ledger.adopt(applied, end, reading.entries[mute.member_id])

    async def _settle_staff_lift(self, mute: MuteRow, reading: Reading) -> None:
        """Compare an unmute that was never confirmed with the IM; it is never carried out late (T5)."""
        if mute.member_id in reading.entries:
            await self._ledger.lift_failed(mute, Failure.INTERRUPTED, announce=True)
        else:
            await self._ledger.lifted_by_staff(mute)

    async def _settle_due(self, mute: MuteRow, reading: Reading, attempts: dict[int, int]) -> None:
        now = self._now()
        judgement = judge_active(mute, reading, now)
        if judgement.verdict is Verdict.LIFT:
            await self._lift(mute, attempts)
        elif judgement.verdict is Verdict.ADOPT:
            await self._ledger.adopt(mute, judgement.due_ms, reading.entries[mute.member_id])
        elif judgement.verdict is Verdict.WAIT:
            assert judgement.due_ms is not None
            await self._ledger.wait(mute, min(judgement.due_ms, now + _CLOCKS_DIFFER_RECHECK_MS))
        else:
            await self._ledger.wait(mute, judgement.due_ms or now + _CLOCKS_DIFFER_RECHECK_MS)

    async def _lift(self, mute: MuteRow, attempts: dict[int, int]) -> None:
        try:
            await self._im.mutes.remove(mute.community_id, mute.channel_id, mute.member_id)
        except NotFound:
            await self._ledger.close([mute], Ending.ENDED)
        except IMError as error:
            await self._put_back([mute], attempts, error)
        else:
            await self._ledger.close([mute], Ending.ENDED)

    async def _put_back(self, rows: Sequence[MuteRow], attempts: dict[int, int], error: IMError) -> None:
        now = self._now()
        wakes = {row.id: now + self._backoff(attempts[row.id]) for row in rows}
        log.warning("unmutes put back", channel=rows[0].channel_id, mutes=len(rows), why=error.summary)
        stuck = {row.guild_id for row in rows if attempts[row.id] + 1 >= self._alerts.max_attempts}
        await self._ledger.put_back(rows, wakes, error.description or str(error), stuck)

    def _backoff(self, attempts: int) -> int:
        """Return the wait before the next try: from 1 s, doubling to 30 s, +-20 % (T6)."""
        wait = min(FIRST_RETRY_MS * 2 ** min(attempts, 10), LONGEST_RETRY_MS)
        return int(wait * self._random.uniform(1 - JITTER, 1 + JITTER))


def _by_channel(batch: Sequence[tuple[MuteRow, TimerRow]]) -> list[list[tuple[MuteRow, TimerRow]]]:
    groups: dict[tuple[str, str], list[tuple[MuteRow, TimerRow]]] = defaultdict(list)
    for mute, timer in batch:
        groups[mute.community_id, mute.channel_id].append((mute, timer))
    return list(groups.values())


def _by_timer(mute: MuteRow) -> bool:
    return mute.state == MuteState.ACTIVE or (mute.state == MuteState.LIFTING and mute.lifting_case_id is None)


def _lapsed(mute: MuteRow, reading: Reading) -> bool:
    return _by_timer(mute) and mute.member_id not in reading.entries
