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
from collections.abc import Callable, Iterator
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
from tests.services import histories as h
from tests.services.conftest import ANNA, GUILD, FakeClock

_HISTORIES = int(os.environ.get("HISTORIES", "240"))
_FIRST = int(os.environ.get("FIRST_HISTORY", "0"))
_ENDINGS = {"ended", "lifted", "outside", "gone", "extended"}
_LIVE = ("pending", "active", "lifting")
_TRIES = 8


class Desk:
    """One history: the truth, the process that lives now, and what must hold."""

    def __init__(self, store: Store, books: sqlite3.Connection, config: Settings, *, keeps: bool) -> None:
        self.store = store
        self.books = books
        self.config = config
        self.clock = FakeClock()
        self.truth = h.Truth(FakeClock(), keeps)
        self.truth.run = self.nested
        self.deep = False
        self.case_of: dict[object, int] = {}
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

    async def restart(self) -> None:
        old = self.services
        self.life.dead = True
        await asyncio.gather(*old.expiry._tasks, return_exceptions=True)
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

    async def _latest_case(self) -> int:
        return max([row.id for row in self.rows(tables.cases)], default=0) + 1

    async def _mute(self, step: h.Mute) -> None:
        duration = "permanent" if step.seconds is None else f"{step.seconds}s"
        await self._staff(
            step,
            self.services.mutes.mute(
                staff=ANNA, guild_id=GUILD, channel="general", member=step.member, duration=duration, reason=""
            ),
        )

    async def _unmute(self, step: h.Unmute) -> None:
        await self._staff(
            step,
            self.services.mutes.unmute(staff=ANNA, guild_id=GUILD, channel="general", member=step.member, reason=""),
        )

    async def _extend(self, step: h.Extend) -> None:
        live = await self.live(step.member)
        if live is not None:
            add = None if step.seconds is None else step.seconds * 1000
            await self._staff(
                step, self.services.mutes.extend(staff=ANNA, guild_id=GUILD, case_id=live.case_id, add_ms=add)
            )

    async def _undo(self, step: h.Undo) -> None:
        found = await self.services.cases.reversible_by(GUILD, ANNA.id)
        mine = [view for view in found if view.member_id == step.member]
        if mine:
            await self._staff(step, self.services.mutes.undo(staff=ANNA, guild_id=GUILD, case_id=mine[0].id))

    async def _outsidemute(self, step: h.OutsideMute) -> None:
        await self._outside(step.member, None if step.seconds is None else self.truth.now() + step.seconds * 1000)

    async def _outsideprolong(self, step: h.OutsideProlong) -> None:
        entry = self.truth.in_force(step.member)
        if entry is not None and entry.end != PERMANENT_MS:
            await self._outside(step.member, max(entry.end, self.truth.now()) + step.seconds * 1000)

    async def _outside(self, member: str, end: int | None) -> None:
        before = self.truth.in_force(member)
        live = await self.live(member)
        ours: bool | None = False
        if live is not None or self.deep:
            # While we are in the middle of something, either reading of what somebody else does is right.
            certain = not self.deep and live is not None and live.state == "active" and before is not None
            ours = before.ours if certain and before is not None else None
        ending = PERMANENT_MS if end is None else end
        changed = before is not None and (before.changed or abs(before.end - ending) > 2 * TOLERANCE_MS)
        self.truth.entries[member] = h.Entry(ending, "outside", ours, changed)

    async def _outsidelift(self, step: h.OutsideLift) -> None:
        self.truth.entries.pop(step.member, None)

    async def _pass(self, step: h.Pass) -> None:
        h.moved(self.clock, step.seconds)
        h.moved(self.truth.clock, step.seconds)

    async def _jump(self, step: h.Jump) -> None:
        h.moved(self.clock, step.seconds)
        self.jumped = True
        skewed = abs(to_ms(self.clock.now()) - self.truth.now())
        # A Date header is cut to a second: a small difference cannot be told from none.
        self.truth.slack_ms = TOLERANCE_MS if skewed > 0 else 0
        for member in h.MEMBERS:
            live = await self.live(member)
            entry = self.truth.entries.get(member)
            if live is not None and live.state == "pending" and entry is not None:
                entry.ours = None  # an intent was written down by a clock that nobody has any more

    async def _fault(self, step: h.Fault) -> None:
        self.truth.fault, self.truth.fault_times = step.kind, step.times

    async def _kill(self, step: h.Kill) -> None:
        self.life.die_in(step.instants)

    async def _sick(self, step: h.Sick) -> None:
        self.life.fall_sick_after(step.after)

    async def _restart(self, _step: h.Restart) -> None:
        if not self.deep:
            await self.services.expiry.stop(0)
            await self.restart()

    async def _drain(self, _step: h.Drain) -> None:
        h.actor.set("timer")
        expiry = self.services.expiry
        before = set(expiry._tasks)
        await expiry.dispatch()
        for ended in await asyncio.gather(*(expiry._tasks - before), return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended

    async def _reconcile(self, _step: h.Reconcile) -> None:
        h.actor.set("reconcile")
        await self.services.reconcile.run()

    async def _renew(self, _step: h.Renew) -> None:
        h.actor.set("renew")
        await self.services.expiry.renew()

    async def _retry(self, _step: h.Retry) -> None:
        for alert in self.rows(tables.alerts):
            if alert.healed_ms is None:
                await self.services.alerts.retry(GUILD, alert.id, ANNA)

    async def _meanwhile(self, step: h.Meanwhile) -> None:
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
        mutes = {row.id: row for row in self.rows(tables.mutes)}
        timers = {row.mute_id: row for row in self.rows(tables.timers)}
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
            await self.take(h.Renew())
            if second % 30 == 0:
                await self.take(h.Reconcile())
            if any(timer.wake_ms <= to_ms(self.clock.now()) for timer in self.rows(tables.timers)):
                await self.take(h.Drain())
            await self.take(h.Pass(10))
        await self.play(h.Reconcile())
        await self.play(h.Drain())
        await self.quiet()

    async def quiet(self) -> None:
        """What holds a minute after the last trouble."""
        now = self.truth.now()
        timers = self.rows(tables.timers)
        assert not [t for t in timers if t.owner is not None], "a lease without work"
        for case in await self._views():
            assert case.outcome is not Outcome.INTENDED, f"case {case.id} was never settled"
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
        if entry.changed and entry.ours and not self.jumped:
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
        await self.play(h.Pass(left / 1000 + 1))
        await self.settle()
        assert not self.rows(tables.timers), "a timer is left"
        for member in h.MEMBERS:
            live = await self.live(member)
            if live is None:
                await self.play(h.Mute(member, 60))
                begun = await self.live(member)
                assert begun is not None, f"{member} cannot be muted any more"
                assert begun.state == MuteState.ACTIVE
            else:
                await self.play(h.Unmute(member))
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


def _history(rng: Random) -> list[Any]:
    """Return some steps; the weights are such that most of them find something to do."""
    steps: list[Any] = [h.Mute(rng.choice(h.MEMBERS), 600)]
    makers, weights = zip(*_MAKERS, strict=True)
    for maker in rng.choices(makers, weights, k=rng.randint(6, 28)):
        steps += maker(rng)
    return steps


def _member(rng: Random) -> str:
    return rng.choice(h.MEMBERS)


def _term(rng: Random) -> int | None:
    return rng.choice([1, 5, 60, 60, 600, 600, 600, 3600, None])


def _order(rng: Random) -> Any:
    kind = rng.choices([h.Mute, h.Extend, h.Undo, h.Unmute], [3, 3, 3, 2])[0]
    return kind(_member(rng), _term(rng)) if kind in {h.Mute, h.Extend} else kind(_member(rng))


def _work(rng: Random) -> Any:
    return rng.choice([h.Drain(), h.Drain(), h.Reconcile(), h.Renew()])


def _pass(rng: Random) -> Any:
    return h.Pass(rng.choice([0.3, 1, 2, 5, 5, 31, 31, 60, 60, 300, 601, 3600]))


def _outside(rng: Random) -> Any:
    if rng.random() < 0.4:
        return h.OutsideProlong(_member(rng), rng.choice([1, 3, 60, 3600]))
    return h.OutsideMute(_member(rng), _term(rng))


def _fault(rng: Random, times: int = 1) -> Any:
    return h.Fault(rng.choice(["down", "refused", "lost request", "lost answer", "garbage"]), times)


def _meanwhile(rng: Random) -> Any:
    call, when = rng.choice(["add", "remove", "list"]), rng.choice(["before", "after"])
    makers = [_pass, _order, _work, lambda rng: h.OutsideLift(_member(rng))]
    if (call, when) in {("add", "before"), ("add", "after"), ("list", "before")}:
        # Between reading the list and lifting nobody can know of a new mute; everywhere else outsiders may mute.
        makers.append(_outside)
    return h.Meanwhile(call, when, tuple(rng.choice(makers)(rng) for _ in range(rng.randint(1, 3))))


def _weary(_rng: Random) -> list[Any]:
    return [h.Fault("down", 20), *([h.Drain(), h.Pass(31)] * 9)]


_MAKERS: list[tuple[Callable[[Random], list[Any]], float]] = [
    (lambda rng: [_order(rng)], 10),
    (lambda rng: [_work(rng)], 4),
    (lambda rng: [_pass(rng)], 3),
    (lambda rng: [_pass(rng), h.Drain()], 4),
    (lambda rng: [_outside(rng)], 3),
    (lambda rng: [h.OutsideLift(_member(rng))], 1),
    (lambda rng: [_fault(rng), _order(rng)], 5),
    (lambda rng: [_fault(rng), _work(rng)], 2),
    (lambda rng: [_fault(rng, rng.choice([2, 5]))], 1),
    (lambda rng: [h.Kill(rng.randint(1, 6)), _order(rng)], 4),
    (lambda rng: [h.Kill(rng.randint(1, 6)), _pass(rng), _work(rng)], 3),
    (lambda rng: [_meanwhile(rng), _order(rng)], 4),
    (lambda rng: [_meanwhile(rng), _pass(rng), _work(rng)], 3),
    (lambda rng: [h.Sick(rng.randint(0, 2)), _order(rng)], 2),
    (lambda rng: [h.Sick(rng.randint(0, 2)), _pass(rng), _work(rng)], 2),
    (lambda _rng: [h.Restart()], 0.5),
    (lambda rng: [h.Jump(rng.choice([-7200, -60, -1.5, 1.5, 60, 7200]))], 1.5),
    (_weary, 0.5),
    (lambda rng: [_fault(rng), _order(rng), *_weary(rng)], 0.7),
    (lambda _rng: [h.Retry()], 0.3),
]


def _shortest(steps: list[Any], fails: Callable[[list[Any]], bool]) -> list[Any]:
    """Leave out what does not matter for the failure."""
    size = len(steps) // 2
    while size:
        at = 0
        while at < len(steps):
            fewer = steps[:at] + steps[at + size :]
            if fails(fewer):
                steps = fewer
            else:
                at += size
        size //= 2
    return steps


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
        steps = _history(Random(seed))
        if failure(steps) is not None:
            shortest = _shortest(steps, lambda fewer: failure(fewer) is not None)
            raise AssertionError(f"seed {seed}, at its shortest: {shortest}") from failure(shortest)
