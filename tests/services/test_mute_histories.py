"""Random histories of mutes against a model of who is muted until when (design section 7).

The same few hundred histories are tried every time, each as its seed makes it; what fails is shortened to the steps
that matter. `HISTORIES=20000 FIRST_HISTORY=1000 pytest -n 0 tests/services/test_mute_histories.py` looks for others.
(Hypothesis draws short and repetitive lists here, which hardly ever come to an interrupted extension.)
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from sqlalchemy import event

from bot.app import wire
from bot.config import Settings
from bot.im.errors import IMError
from bot.services import Services
from bot.services.clock import to_ms
from bot.services.judgement import PERMANENT_MS, TOLERANCE_MS
from bot.services.model import MuteState, Outcome
from bot.services.refusals import Refusal, Unsettled
from bot.store import Store, StoreError, tables
from tests.effort import tries
from tests.services import histories as h
from tests.services import history_steps as s
from tests.services.conftest import ANNA, GUILD, FakeClock

_HISTORIES = int(os.environ.get("HISTORIES", "0")) or tries(100)
_FIRST = int(os.environ.get("FIRST_HISTORY", "0"))
_ENDINGS = {"ended", "lifted", "outside", "gone", "extended"}
_LIVE = ("pending", "active", "lifting")
_TRIES = 8


class Desk:
    """One history: the truth, the process that lives now, and what must hold."""

    def __init__(self, store: Store, books: sqlite3.Connection, config: Settings, *, keeps: bool) -> None:
        self.jitter = Random(0)  # the waits between tries are part of the history
        self.store = store
        self.books = books
        self.config = config
        self.clock = FakeClock()
        self.truth = h.Truth(FakeClock(), keeps)
        self.truth.run = self.nested
        self.deep = False
        self.case_of: dict[object, int] = {}
        self.never_happened: list[int] = []  # cases whose request the IM never carried out
        self.disturbed = False  # by what makes the IM's list tell less: other people's mutes, another clock
        self.jumped = False
        self.boot()

    # The process

    def boot(self) -> None:
        self.life = h.Life()
        self.services: Services = wire(
            self.config,
            store=h.MortalStore(self.store, self.life),  # pyright: ignore
            im=h.HistoryIM(self.truth, self.life),  # pyright: ignore
            clock=self.clock,
            arm=lambda _ms: None,
        )
        self.services.expiry._random = self.jitter

    async def restart(self) -> None:
        old = self.services
        self.life.dead = True
        await asyncio.gather(*old.expiry._tasks, return_exceptions=True)
        await self.store.write(lambda _connection: None)  # behind what was being committed when it died
        self.boot()
        await self.services.settings.load()
        await self.services.expiry.recover()

    def clear(self) -> None:
        for table in reversed(tables.metadata.sorted_tables):
            self.books.execute(f"DELETE FROM {table}")

    # Steps

    async def nested(self, steps: list[Any]) -> None:
        outer, step = h.actor.get(), self.truth.step
        self.deep = True
        try:
            for inner in steps:
                await self.take(inner)
        finally:
            self.deep = False
            self.truth.step = step
            h.actor.set(outer)

    async def play(self, step: Any) -> None:
        try:
            await self.take(step)
        except h.Killed:
            await self.restart()
        except StoreError:
            pass  # a job says so in the log and comes again
        if self.life.dead:
            await self.restart()
        await self.check()

    async def take(self, step: Any) -> None:
        name = type(step).__name__.lower()
        await getattr(self, f"_{name}")(step)

    async def _staff(self, step: Any, act: Any) -> None:
        token = object()
        self.truth.step = token
        h.actor.set("staff")
        before = await self._latest_case()
        try:
            await act
        except (Refusal, Unsettled, IMError, StoreError):
            pass
        finally:
            self.case_of[token] = before
            self.truth.step = None
            if isinstance(step, s.Mute) and token not in self.truth.carried_out and await self._latest_case() > before:
                self.never_happened.append(before)

    async def _latest_case(self) -> int:
        return max([row.id for row in self.rows(tables.cases)], default=0) + 1

    async def _mute(self, step: s.Mute) -> None:
        duration = "permanent" if step.seconds is None else f"{step.seconds}s"
        await self._staff(
            step,
            self.services.mutes.mute(
                staff=ANNA, guild_id=GUILD, channel="general", member=step.member, duration=duration, reason=""
            ),
        )

    async def _unmute(self, step: s.Unmute) -> None:
        await self._staff(
            step,
            self.services.mutes.unmute(staff=ANNA, guild_id=GUILD, channel="general", member=step.member, reason=""),
        )

    async def _extend(self, step: s.Extend) -> None:
        live = await self.live(step.member)
        if live is not None:
            add = None if step.seconds is None else step.seconds * 1000
            await self._staff(
                step, self.services.mutes.extend(staff=ANNA, guild_id=GUILD, case_id=live.case_id, add_ms=add)
            )

    async def _undo(self, step: s.Undo) -> None:
        found = await self.services.cases.reversible_by(GUILD, ANNA.id)
        mine = [view for view in found if view.member_id == step.member]
        if mine:
            await self._staff(step, self.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=mine[0].id))

    async def _outsidemute(self, step: s.OutsideMute) -> None:
        await self._outside(step.member, None if step.seconds is None else self.truth.now() + step.seconds * 1000)

    async def _outsideprolong(self, step: s.OutsideProlong) -> None:
        entry = self.truth.in_force(step.member)
        if entry is not None and entry.end != PERMANENT_MS:
            await self._outside(step.member, max(entry.end, self.truth.now()) + step.seconds * 1000)

    async def _outside(self, member: str, end: int | None) -> None:
        self.disturbed = True
        before = self.truth.in_force(member)
        live = await self.live(member)
        ours: bool | None = False
        if live is not None or self.deep:
            # While we are in the middle of something, either reading of what somebody else does is right.
            certain = not self.deep and live is not None and live.state == "active" and before is not None
            ours = before.ours if certain and before is not None else None
        ending = PERMANENT_MS if end is None else end
        # Changed is what differs from our books: another end that we never saw and that was taken back is none.
        booked = None if live is None else live.due_ms or PERMANENT_MS
        changed = booked is not None and (bool(live.adopted) or abs(booked - ending) > 2 * TOLERANCE_MS)
        self.truth.entries[member] = h.Entry(ending, "outside", ours, changed, await self._latest_case())

    async def _outsidelift(self, step: s.OutsideLift) -> None:
        self.truth.entries.pop(step.member, None)

    async def _pass(self, step: s.Pass) -> None:
        h.moved(self.clock, step.seconds)
        h.moved(self.truth.clock, step.seconds)

    async def _jump(self, step: s.Jump) -> None:
        h.moved(self.clock, step.seconds)
        self.jumped = self.disturbed = True
        skewed = abs(to_ms(self.clock.now()) - self.truth.now())
        # A Date header is cut to a second: a small difference cannot be told from none.
        self.truth.slack_ms = TOLERANCE_MS if skewed > 0 else 0
        for member in h.MEMBERS:
            live = await self.live(member)
            entry = self.truth.entries.get(member)
            if live is not None and live.state == "pending" and entry is not None:
                entry.ours = None  # an intent was written down by a clock that nobody has any more

    async def _fault(self, step: s.Fault) -> None:
        self.truth.fault, self.truth.fault_times = step.kind, step.times

    async def _kill(self, step: s.Kill) -> None:
        self.life.die_in(step.instants)

    async def _sick(self, step: s.Sick) -> None:
        self.life.fall_sick_after(step.after)

    async def _restart(self, _step: s.Restart) -> None:
        if not self.deep:
            await self.services.expiry.stop(0)
            await self.restart()

    async def _drain(self, _step: s.Drain) -> None:
        h.actor.set("timer")
        expiry = self.services.expiry
        before = set(expiry._tasks)
        try:
            await expiry.dispatch()
        finally:
            done = await asyncio.gather(*(expiry._tasks - before), return_exceptions=True)
        for ended in done:
            if isinstance(ended, BaseException):
                raise ended

    async def _reconcile(self, _step: s.Reconcile) -> None:
        h.actor.set("reconcile")
        await self.services.reconcile.run()

    async def _renew(self, _step: s.Renew) -> None:
        h.actor.set("renew")
        await self.services.expiry.renew()

    async def _retry(self, _step: s.Retry) -> None:
        for alert in self.rows(tables.alerts):
            if alert.healed_ms is None:
                await self.services.alerts.retry(GUILD, alert.id, ANNA)

    async def _meanwhile(self, step: s.Meanwhile) -> None:
        self.truth.meanwhile = (step.call, step.when, list(step.steps))

    # What must hold

    def rows(self, table: Any) -> list[Any]:
        """What is committed; by a connection of our own, which is many times faster than through the loop."""
        cursor = self.books.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description]
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor]

    async def live(self, member: str) -> Any:
        mutes = self.rows(tables.mutes)
        return next((m for m in mutes if m.member_id == member and m.state in _LIVE), None)

    async def check(self) -> None:
        """What holds at every moment between two steps, after a crash too."""
        assert not self.truth.problems, self.truth.problems
        self.books.execute("BEGIN")
        mutes = {row.id: row for row in self.rows(tables.mutes)}
        timers = {row.mute_id: row for row in self.rows(tables.timers)}
        self.books.execute("COMMIT")
        live = {mute_id: mute for mute_id, mute in mutes.items() if mute.state in _LIVE}
        per_member = Counter((mute.channel_id, mute.member_id) for mute in live.values())
        assert all(count == 1 for count in per_member.values()), "two live mutes of one member"
        assert set(timers) <= set(live), "a timer without a live mute"
        for mute in live.values():
            endless = mute.state == "active" and mute.due_ms is None
            assert (mute.id in timers) is not endless, f"timer of {mute}"
        events = self.rows(tables.case_events)
        for case in self.rows(tables.cases):
            kinds = Counter(row.kind for row in events if row.case_id == case.id)
            assert kinds["failed"] + kinds["applied"] <= 1, f"case {case.id} both failed and applied"
            assert kinds["undone"] <= kinds["applied"], case.id
            assert kinds["verified"] <= kinds["applied"], case.id
        ended = Counter(row.case_id for row in events if row.kind in _ENDINGS)
        for mute in mutes.values():
            if mute.state == "lifted" and mute.lifting_case_id != mute.case_id:
                assert ended[mute.case_id] == 1, f"{ended[mute.case_id]} endings of {mute}"
            elif mute.state in {"active", "failed"}:
                assert ended[mute.case_id] == 0, f"an ending of {mute}"

    async def settle(self) -> None:
        """All faults are over and a minute passes, as the alarm clock would let it."""
        self.truth.fault_times, self.truth.meanwhile, self.life._left = 0, None, None
        self.life.fall_sick_after(None)
        for second in range(0, 80, 10):
            await self.take(s.Renew())
            if second % 30 == 0:
                await self.take(s.Reconcile())
            if any(timer.wake_ms <= to_ms(self.clock.now()) for timer in self.rows(tables.timers)):
                await self.take(s.Drain())
            await self.take(s.Pass(10))
        await self.play(s.Reconcile())
        await self.play(s.Drain())
        await self.quiet()

    async def quiet(self) -> None:
        """What holds a minute after the last trouble."""
        now = self.truth.now()
        timers = self.rows(tables.timers)
        assert not [t for t in timers if t.owner is not None], "a lease without work"
        for case in await self._views():
            assert case.outcome is not Outcome.INTENDED, f"case {case.id} was never settled"
            if case.id in self.never_happened and not self.disturbed:
                assert case.outcome is Outcome.FAILED, f"case {case.id} says {case.outcome}, and never happened"
            if case.undo_of is not None and case.outcome is not Outcome.FAILED:
                undone = await self.services.cases.view(GUILD, case.undo_of)
                assert undone.outcome is Outcome.UNDONE, f"case {undone.id} was undone by {case.id} and does not say so"
        for member in h.MEMBERS:
            await self._quiet_member(member, now)
        stuck = [t for t in timers if t.attempts >= _TRIES]
        alerts = [a for a in self.rows(tables.alerts) if a.healed_ms is None]
        assert len(alerts) == (1 if stuck else 0), f"{len(alerts)} open alerts, {len(stuck)} stuck"
        assert not stuck, "stuck although nothing is wrong"

    async def _views(self) -> Any:
        numbers = [row.id for row in self.rows(tables.cases)]
        return await self.store.read(lambda connection: self.services.cases.views(connection, numbers))

    async def _quiet_member(self, member: str, now: int) -> None:
        live, entry = await self.live(member), self.truth.in_force(member)
        if live is None:
            assert entry is None or not entry.ours, f"nobody ends the mute of {member}"
            return
        assert entry is not None, f"{member} is muted by our books only"
        assert live.state == MuteState.ACTIVE, live
        if entry.end == PERMANENT_MS:
            assert live.due_ms is None, f"{member} is muted for good, not by our books"
            return
        assert entry.end > now - 10_000, f"{member} is muted {now - entry.end} ms past the end"
        skew = to_ms(self.clock.now()) - now
        # One second of the Date header and two of tolerance; 0 skew is exact.
        assert abs(live.due_ms - skew - entry.end) <= (TOLERANCE_MS + 2_000 if skew else TOLERANCE_MS), (
            f"{member} is due {live.due_ms - skew - entry.end} ms after the IM's end"
        )
        if entry.changed and entry.ours and not self.jumped and live.case_id < entry.next_case:
            assert live.adopted, "somebody else changed it, and its case does not say so"
        if not self.jumped and entry.setter != "outside":
            assert entry.setter in self.case_of
            assert live.case_id >= self.case_of[entry.setter], "muted by one case, watched for another"
            assert not live.adopted, "nobody else changed it"

    async def finish(self) -> None:
        """Let all terms pass: nobody stays muted, no timer is left, and the next mute works at once."""
        await self.settle()
        ends = [e.end for e in self.truth.entries.values() if e.end != PERMANENT_MS]
        ends += [m.due_ms for m in self.rows(tables.mutes) if m.state in _LIVE and m.due_ms is not None]
        left = max([0, *(end - min(self.truth.now(), to_ms(self.clock.now())) for end in ends)])
        await self.play(s.Pass(left / 1000 + 1))
        await self.settle()
        assert not self.rows(tables.timers), "a timer is left"
        for member in h.MEMBERS:
            live = await self.live(member)
            if live is None:
                await self.play(s.Mute(member, 60))
                begun = await self.live(member)
                assert begun is not None, f"{member} cannot be muted any more"
                assert begun.state == MuteState.ACTIVE
            else:
                await self.play(s.Unmute(member))
                assert await self.live(member) is None, f"{member} cannot be unmuted any more"


Bench = tuple[asyncio.Runner, Store, sqlite3.Connection, Settings]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A loop and a migrated database for all histories; each begins with empty tables."""
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        config = Settings(storage={"url": f"sqlite+aiosqlite:///{Path(folder)}/warden.db"})  # pyright: ignore
        store = Store(config.storage.url.get_secret_value())
        # A process dies here, never the machine: what was committed is there without waiting for the disk.
        event.listen(store._backend._engine, "connect", lambda c, _r: c.execute("PRAGMA synchronous=OFF"))
        runner.get_loop().set_exception_handler(lambda _loop, _context: None)
        runner.run(store.migrate())
        books = sqlite3.connect(Path(folder) / "warden.db", isolation_level=None)
        books.execute("PRAGMA synchronous=OFF")
        yield runner, store, books, config
        books.close()
        runner.run(store.close())


@pytest.mark.parametrize("keeps", [True, False], ids=["kept-past-the-end", "lapsing"])
def test_whatever_happens_everybody_is_muted_until_the_end_that_was_asked_for_last(bench: Bench, keeps: bool) -> None:
    runner, store, books, config = bench

    async def play(steps: list[Any]) -> None:
        desk = Desk(store, books, config, keeps=keeps)
        desk.clear()
        for step in steps:
            await desk.play(step)
        await desk.finish()

    def failure(steps: list[Any]) -> Exception | None:
        try:
            with structlog.testing.capture_logs():
                runner.run(play(steps))
        except Exception as error:  # noqa: BLE001 - whatever it is, its history is wanted
            return error
        return None

    for seed in range(_FIRST, _FIRST + _HISTORIES // 2):
        steps = s.history(Random(seed))
        if (first := failure(steps)) is not None:
            shortest = s.shortest(steps, lambda fewer: failure(fewer) is not None)
            raise AssertionError(f"seed {seed}, at its shortest: {shortest}") from (failure(shortest) or first)
