"""Works on runs: several owners at once, in the background lane, through crashes, refusals and outages (C2, C3).

All that must not be forgotten is in the tables; the alarm clock (bot/jobs) only wakes this.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol
from weakref import WeakValueDictionary

import structlog
from structlog.contextvars import bind_contextvars

from bot.im import Lane
from bot.im.errors import BadResponse, CircuitOpen, IMError, NotFound, RateLimited, Unauthorized, Unavailable
from bot.services.cleanup.model import RunKind, RunState, TargetKind
from bot.services.cleanup.restore import Restorer
from bot.services.cleanup.rules import rule_of
from bot.services.cleanup.work import Cleaner, Shift
from bot.services.complaints import Complaints
from bot.store import cleanup as rows

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from random import Random

    from sqlalchemy import Connection

    from bot.im import IMClient
    from bot.services.cleanup.model import Target
    from bot.services.cleanup.runs import Runs
    from bot.services.posts import Posts
    from bot.store import Store
    from bot.store.cleanup_rows import OwnerRow, RunRow

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

RUNS_AT_ONCE = 4
OWNERS_AT_ONCE = 8
LEASE_MS = 120_000
FIRST_RETRY_MS, LONGEST_RETRY_MS, JITTER = 1_000, 30_000, 0.2
TRIES_OF_AN_OWNER = 5
"""How often an owner is tried whose requests fail while the IM answers others."""

_MOST_TRIED = 100
"""If so many fail, it is not a matter of single owners."""
_PROBES = 3

_NO_SUCH_APP = "organization_application_not_found"


class Worker(Protocol):
    """What is done with one owner of a run."""

    async def work(self, shift: Shift, owner: OwnerRow) -> None:
        """Do it until nothing is left, or the shift is to stop; raises IMError."""
        ...

    async def unsettled(self, shift: Shift) -> list[str]:
        """Return the owners of whom it is not known what became of a request."""
        ...

    async def settle(self, shift: Shift, owner: str) -> None:
        """Find out what became of them; raises IMError."""
        ...


class Engine:
    """Carries runs out; `holder` names this process, `arm` wakes us at a moment in ms."""

    def __init__(
        self,
        *,
        store: Store,
        im: IMClient,
        runs: Runs,
        posts: Posts,
        holder: str,
        random: Random,
        arm: Callable[[int], None],
    ) -> None:
        self._store = store
        self._im = im
        self._runs = runs
        self._posts = posts
        self._holder = holder
        self._random = random
        self._arm = arm
        self._cleaner = Cleaner(store=store, im=im, runs=runs, holder=holder)
        self._workers: dict[str, Worker] = {
            RunKind.CLEANUP: self._cleaner,
            RunKind.RESTORE: Restorer(store=store, im=im, runs=runs, cleaner=self._cleaner, holder=holder),
        }
        self._shifts: dict[int, Shift] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._complaints = Complaints()
        self._stopping = False

    async def recover(self) -> int:
        """Take over the runs that a former process worked on; return how many. Once, at start."""
        return await self._take_over(None if self._store.is_sqlite else self._runs.now())

    async def dispatch(self) -> int:
        """Start working on the runs that are due; return how many are being worked on."""
        now = self._runs.now()
        await self._store.write(lambda connection: rows.renew(connection, self._holder, now + LEASE_MS))
        if not self._store.is_sqlite:
            await self._take_over(now)
        free = RUNS_AT_ONCE - len(self._shifts)
        if free > 0 and not self._stopping:
            claimed = await self._store.write(
                lambda connection: rows.claim(
                    connection,
                    self._holder,
                    now_ms=now,
                    latest_ms=now + round(LONGEST_RETRY_MS * (1 + JITTER)),
                    lease_until_ms=now + LEASE_MS,
                    limit=free,
                    besides=list(self._shifts),
                )
            )
            for run in claimed:
                shift = self._shifts[run.id] = Shift(run)
                task = asyncio.create_task(self._work(shift), name=f"run {run.id}")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return len(self._shifts)

    async def next_wake(self) -> int | None:
        """Return when the next run is to be worked on that nobody here works on yet, in milliseconds."""
        return await self._store.read(lambda connection: rows.next_wake(connection, list(self._shifts)))

    def stop_run(self, run_id: int) -> None:
        """Let a run that is being worked on here end at its next request."""
        if run_id in self._shifts:
            self._shifts[run_id].stop = True

    async def join(self) -> None:
        """Wait until nothing is being worked on."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def stop(self, grace_seconds: float) -> None:
        """Let requests under way finish for so long, then leave the rest to the next start."""
        self._stopping = True
        for shift in self._shifts.values():
            shift.stop = True
        if self._tasks:
            _done, late = await asyncio.wait(list(self._tasks), timeout=grace_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if not self._store.is_sqlite:
            # Another process need not wait for our leases to run out.
            now = self._runs.now()
            await self._store.write(lambda connection: rows.renew(connection, self._holder, now))

    async def _take_over(self, lapsed_by_ms: int | None) -> int:
        now = self._runs.now()

        def take(connection: Connection) -> int:
            orphans = rows.orphans(connection, self._holder, lapsed_by_ms=lapsed_by_ms)
            found = [run for run in orphans if rows.release(connection, run)]
            for run in found:
                home = run.home_channel_id is not None
                self._posts.renew_run(connection, run.guild_id, run.id, now, home=home)
            return len(found)

        return await self._posts.write(take)

    # One run

    async def _work(self, shift: Shift) -> None:
        run = shift.run
        bind_contextvars(run=run.id, case=run.case_id, **({"policy": run.policy_id} if run.policy_id else {}))
        try:
            await self._runs.entered(run.id)
            with self._im.lane(Lane.BACKGROUND):
                await self._carry_on(shift)
        except Exception as error:  # noqa: BLE001 - said in the log
            # The database failed, or a defect: the run is taken up again a moment later.
            self._complaints.say("run interrupted", error, run=run.id)
            shift.paused = True
        finally:
            self._shifts.pop(run.id, None)
        if not self._stopping:
            await self._hand_in(shift)

    async def _hand_in(self, shift: Shift) -> None:
        """Put a run that is to be tried again back on the alarm clock."""
        wake = self._runs.now()
        try:
            if shift.paused:
                wake += self._backoff(shift.run)
                await self._runs.write(lambda connection: rows.postpone(connection, shift.run.id, wake))
            self._arm(wake)
        except Exception as error:  # noqa: BLE001 - said in the log
            self._complaints.say("run not put back", error, run=shift.run.id)

    async def _carry_on(self, shift: Shift) -> None:
        run = shift.run
        if run.state == RunState.RUNNING:
            if not run.listed and not await self._list(shift):
                return
            async with asyncio.TaskGroup() as hands:
                for _ in range(OWNERS_AT_ONCE):
                    hands.create_task(self._hand(shift))
            # Who gave trouble is tried again a moment later.
            shift.paused = shift.paused or bool(shift.tried)
            if shift.paused or self._stopping:
                return
        now = await self._store.read(lambda connection: rows.get_run(connection, run.id))
        assert now is not None
        if now.holder != self._holder or (now.state == RunState.RUNNING and shift.stop):
            return
        await self._settle_rest(shift)
        if not shift.paused:
            end = RunState.CANCELLED if now.state == RunState.CANCELLING else RunState.DONE
            await self._runs.write(lambda connection: self._runs.finish(connection, run, end))

    async def _hand(self, shift: Shift) -> None:
        """Do one owner after the other."""
        while not (shift.stop or shift.paused):
            owner = await self._next_owner(shift)
            if owner is None:
                return
            try:
                async with self._turn(owner.owner):
                    await self._workers[shift.run.kind].work(shift, owner)
                await self._calm(shift)
            except IMError as error:
                await self._trouble(shift, owner, error)
            finally:
                shift.in_hand.discard(owner.number)

    async def _next_owner(self, shift: Shift) -> OwnerRow | None:
        async with shift.choosing:
            besides = list(shift.in_hand | shift.tried)
            found = await self._store.read(lambda connection: rows.waiting_owners(connection, shift.run.id, 1, besides))
            if not found:
                return None
            shift.in_hand.add(found[0].number)
            return found[0]

    @asynccontextmanager
    async def _turn(self, owner: str) -> AsyncGenerator[None]:
        """Let one run after another work on an owner, so that two do not delete the same items."""
        lock = self._turns.get(owner)
        if lock is None:
            lock = self._turns[owner] = asyncio.Lock()
        async with lock:
            yield

    async def _list(self, shift: Shift) -> bool:
        """Write down whose items the run is about; return whether there is anything to go on with."""
        run = shift.run
        try:
            names = await members_of(self._im, rule_of(run).target)
        except IMError as error:
            if _is_outage(error):
                self._pause(shift, error)
            else:
                why = error.description
                await self._runs.write(lambda connection: self._runs.finish(connection, run, RunState.FAILED, why))
            return False
        await self._runs.write(lambda connection: rows.list_owners(connection, run.id, names))
        return True

    async def _settle_rest(self, shift: Shift) -> None:
        """At the end: find out what became of requests whose answer was lost."""
        worker = self._workers[shift.run.kind]
        for owner in await worker.unsettled(shift):
            try:
                async with self._turn(owner):
                    await worker.settle(shift, owner)
            except IMError as error:
                if _is_outage(error) and not await self._answers_others():
                    self._pause(shift, error)
                    return
                log.warning("batch not settled", run=shift.run.id, why=error.summary)

    # Trouble

    async def _trouble(self, shift: Shift, owner: OwnerRow, error: IMError) -> None:
        """Decide whether the IM is in trouble or refuses this one owner, who then stops nobody else."""
        waiting_helps = _is_outage(error)
        if waiting_helps and (shift.paused or not await self._answers_others()):
            self._pause(shift, error)
            return
        failed = not waiting_helps or owner.attempts + 1 >= TRIES_OF_AN_OWNER
        log.info("owner not cleaned up", run=shift.run.id, failed=failed, why=error.summary)
        why = error.description or type(error).__name__
        await self._runs.write(lambda connection: rows.troubled(connection, owner, why[:300], failed=failed))
        if not failed:
            shift.tried.add(owner.number)
            if len(shift.tried) >= _MOST_TRIED:
                self._pause(shift, error)

    def _pause(self, shift: Shift, error: IMError) -> None:
        if not shift.paused:
            log.warning("run waits for the IM", run=shift.run.id, why=error.summary)
        shift.paused = True

    async def _answers_others(self) -> bool:
        """Tell whether the IM answers at all: then it is one owner's requests that it cannot carry out."""
        for _ in range(_PROBES):
            try:
                await self._im.communities.list().page(limit=1)
            except CircuitOpen as error:
                # It may be that owner's failures in a row that have opened it: whoever asks next finds out.
                await asyncio.sleep(error.retry_after or 0)
            except IMError as error:
                return not _is_outage(error)
            else:
                return True
        return False

    async def _calm(self, shift: Shift) -> None:
        if shift.run.attempts:
            shift.run = replace(shift.run, attempts=0)
            await self._runs.write(lambda connection: rows.calm(connection, shift.run.id))

    def _backoff(self, run: RunRow) -> int:
        base = min(FIRST_RETRY_MS * 2 ** min(run.attempts, 10), LONGEST_RETRY_MS)
        return round(base * self._random.uniform(1 - JITTER, 1 + JITTER))


async def members_of(im: IMClient, target: Target) -> list[str]:
    """Return whose items a target means, in lower case (fact 3); raises IMError."""
    if target.kind is TargetKind.OWNER:
        return [target.name.lower()]
    if target.kind is TargetKind.CHANNEL:
        found = {member.user_id.lower() async for member in im.members.list(target.community_id, target.channel_id)}
    else:
        found = {member.user_id.lower() async for member in im.communities.members(target.community_id)}
    return sorted(found)


def _is_outage(error: IMError) -> bool:
    """Tell whether an error says nothing about the one it was about, so that waiting helps."""
    if isinstance(error, NotFound):
        return error.error == _NO_SUCH_APP
    return isinstance(error, (Unavailable, RateLimited, Unauthorized, BadResponse))
