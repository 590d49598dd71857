"""Random histories in which everybody acts at once: staff, timers, comparisons, callbacks, other people (T3, T5).

Whatever asks the database or the IM waits there until it is let on, one at a time and in an order that the seed draws;
time passes in between. The IM tells of each change by callback, and each of these comes late, twice, never, or before
an earlier one. `tests/services/test_mute_histories.py` has what the model is made of; there one thing happens wholly
within another, here they overlap.

`AT_ONCE=5000 FIRST_AT_ONCE=1000 pytest -n 0 tests/services/test_mutes_all_at_once.py` looks at others.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from random import Random
from typing import Any

import structlog

from bot.app import wire
from bot.im.errors import IMError
from bot.services.callbacks.model import MutesChanged
from bot.services.refusals import Refusal, Unsettled
from bot.store import Store, StoreError, tables
from tests.effort import tries
from tests.services import histories as h
from tests.services import history_steps as s
from tests.services.test_mute_histories import Bench, Desk, bench

__all__ = ["bench"]

_HISTORIES = int(os.environ.get("AT_ONCE", "0")) or tries(30)
_FIRST = int(os.environ.get("FIRST_AT_ONCE", "0"))
_TERMS = (1, 5, 20, 60, 60, 300, 600, None)

step: ContextVar[object] = ContextVar("step", default=None)
"""Which step of staff makes the calls of this moment."""
seen: ContextVar[list[int]] = ContextVar("seen")
"""How many changes by others the list had that was read last on somebody's behalf."""


class Stage:
    """Lets on whoever waits, one at a time; between the acts nobody waits for anybody."""

    def __init__(self) -> None:
        self.open = True
        self._waiting: list[asyncio.Future[None]] = []
        self._inside = 0
        self._moved = asyncio.Event()

    async def gate(self) -> None:
        if not self.open:
            self._waiting.append(asyncio.get_running_loop().create_future())
            await self._waiting[-1]

    async def inside(self, work: Awaitable[Any]) -> Any:
        """Wait for a thread, which is nobody's turn."""
        self._inside += 1
        try:
            return await work
        finally:
            self._inside -= 1
            self._moved.set()

    async def play(
        self, actors: list[Awaitable[None]], rng: Random, between: Callable[[], None]
    ) -> list[BaseException]:
        """Let all of these act at once until all are done; return what was raised."""
        self.open = False
        acting = [asyncio.ensure_future(actor) for actor in actors]
        try:
            while True:
                await self._still()
                # One may have been cancelled, as another of its group has failed.
                self._waiting = [turn for turn in self._waiting if not turn.done()]
                if not self._waiting:
                    break
                self._waiting.pop(rng.randrange(len(self._waiting))).set_result(None)
                between()
        finally:
            self.open = True
        return [ended for ended in await asyncio.gather(*acting, return_exceptions=True) if ended is not None]

    async def _still(self) -> None:
        """Wait until everybody waits at the gate or is done."""
        ready: Any = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0)
            if self._inside:
                self._moved.clear()
                await self._moved.wait()
            elif not ready._ready:
                return


class StagedStore(h.MortalStore):
    def __init__(self, store: Store, life: h.Life, stage: Stage) -> None:
        super().__init__(store, life)
        self._stage = stage

    async def write(self, work: Callable[[Any], Any]) -> Any:
        await self._stage.gate()
        return await self._stage.inside(super().write(work))

    async def read(self, work: Callable[[Any], Any]) -> Any:
        await self._stage.gate()
        return await self._stage.inside(super().read(work))


class StagedIM(h.HistoryIM):
    """The truth, that notes who lifts and tells of every change."""

    def __init__(self, truth: h.Truth, life: h.Life, desk: Crowd) -> None:
        super().__init__(truth, life)
        self._desk = desk

    async def add(self, _community: str, _channel: str, user_id: str, *, duration_ms: int | None) -> None:
        self._truth.step = None
        mine = step.get()

        def carry_out() -> None:
            end = h.PERMANENT_MS if duration_ms is None else self._truth.now() + duration_ms
            self._truth.entries[user_id] = h.Entry(end, mine, ours=True)
            self._desk.tells(user_id)

        await self._call("add", carry_out)

    async def remove(self, _community: str, _channel: str, user_id: str) -> None:
        by = h.actor.get()
        assert by in {"staff", "timer"}, f"{by} must not lift"

        def carry_out() -> None:
            # Of what others did since the list was read, nobody can know.
            if by == "timer" and self._desk.outside_changes.get(user_id, 0) <= seen.get()[0]:
                self._truth.timer_lifts(user_id)
            if self._truth.entries.pop(user_id, None) is not None:
                self._desk.tells(user_id)

        await self._call("remove", carry_out)

    async def _call(self, kind: str, carry_out: Callable[[], None]) -> None:
        await self._desk.stage.gate()
        if kind == "list":
            seen.get([0])[0] = self._desk.changes
        await super()._call(kind, carry_out)


class Crowd(Desk):
    """One history in which several act at once."""

    def __init__(self, store: Store, books: sqlite3.Connection, config: Any, *, keeps: bool, seed: int) -> None:
        self.rng = Random(seed)
        self.stage = Stage()
        self.untold: list[str] = []
        self.changes = 0
        self.outside_changes: dict[str, int] = {}
        self.outside_ends: dict[str, list[tuple[int, int]]] = {member: [] for member in h.MEMBERS}
        self.comparing = False
        super().__init__(store, books, config, keeps=keeps)
        self.disturbed = True

    def boot(self) -> None:
        super().boot()
        staged: Any = StagedStore(self.store, self.life, self.stage)
        truthful: Any = StagedIM(self.truth, self.life, self)
        self.services = self.wired(staged, truthful)
        self.comparing = False

    def wired(self, store: Any, im: Any) -> Any:
        services = wire(self.config, store=store, im=im, clock=self.clock, arm=lambda _ms: None)
        services.expiry._random = self.jitter
        return services

    def tells(self, member: str) -> None:
        """Let the IM tell of a change, sooner or later, once, twice or not at all."""
        self.untold += [member] * self.rng.choice([0, 1, 1, 1, 2])

    # Who acts

    def actors(self) -> list[Awaitable[None]]:
        makers = self.rng.choices(
            [self.order, self.hear, self.compare_all, self.lift_due, self.outsider],
            [6, 4, 2, 3, 2],
            k=self.rng.randint(3, 6),
        )
        return [maker() for maker in makers]

    async def order(self) -> None:
        member, term = self.rng.choice(h.MEMBERS), self.rng.choice(_TERMS)
        kind = self.rng.choices([s.Mute, s.Extend, s.Undo, s.Unmute], [4, 3, 2, 3])[0]
        chosen = kind(member, term) if kind in {s.Mute, s.Extend} else kind(member)
        await self.take(chosen)

    async def _staff(self, step_: Any, act: Any) -> None:
        token = object()
        step.set(token)
        h.actor.set("staff")
        self.case_of[token] = await self._latest_case()
        with contextlib.suppress(Refusal, Unsettled, IMError, StoreError):
            await act

    async def hear(self) -> None:
        """Hear of one change of those that were not told yet, and look; while one looks, the others wait."""
        h.actor.set("callback")
        seen.set([0])
        if not self.untold:
            return
        member = self.untold.pop(self.rng.randrange(len(self.untold)))
        callbacks = self.services.callbacks
        callbacks._processing.hint(MutesChanged(h.CHANNEL, (member,)), "x")
        comparisons = callbacks._comparisons
        while not self.comparing and h.CHANNEL in comparisons._wanted:
            self.comparing = True
            try:
                await comparisons._compare(h.CHANNEL, comparisons._wanted.pop(h.CHANNEL))
            finally:
                self.comparing = False
            if comparisons._failures:
                break

    async def compare_all(self) -> None:
        h.actor.set("reconcile")
        seen.set([0])
        with contextlib.suppress(StoreError):
            await self.services.reconcile.run()

    async def lift_due(self) -> None:
        h.actor.set("timer")
        seen.set([0])
        with contextlib.suppress(StoreError):
            await self._drain(s.Drain())

    async def outsider(self) -> None:
        await self.stage.gate()
        member = self.rng.choice(h.MEMBERS)
        before = self.truth.in_force(member)
        self.changes += 1
        self.outside_changes[member] = self.changes
        now = self.truth.now()
        if self.rng.random() < 0.5:
            self.truth.entries.pop(member, None)
            if before is not None:
                self.outside_ends[member].append((now, now))
        else:
            term = self.rng.choice(_TERMS)
            end = h.PERMANENT_MS if term is None else now + term * 1000
            self.truth.entries[member] = h.Entry(end, "outside", None)
            self.outside_ends[member].append((now, end))
        self.tells(member)

    # Histories

    async def play_all(self) -> None:
        rng = self.rng
        # So that there is something to compare with from the beginning.
        await self.play(s.Mute(rng.choice(h.MEMBERS), 600))
        for _ in range(rng.randint(3, 8)):
            if rng.random() < 0.3:
                self.truth.fault = rng.choice(["down", "refused", "lost request", "lost answer", "garbage"])
                self.truth.fault_times = rng.randint(1, 3)
            if rng.random() < 0.15:
                self.life.fall_sick_after(rng.randint(0, 5))
            if rng.random() < 0.15:
                self.life.die_in(rng.randint(1, 12))
            raised = await self.stage.play(self.actors(), rng, self.between)
            if self.life.dead:
                await self.restart()
            elif raised:
                raise raised[0]
            self.truth.fault_times, self.life._left = 0, None
            self.life.fall_sick_after(None)
            await self.check()
            self.passes([0, 0.3, 1, 5, 31, 60, 300])
        seen.set([10**9])
        await self.finish()
        await self.check()

    def between(self) -> None:
        if self.rng.random() < 0.15:
            self.passes([0.3, 1, 2, 5, 31])

    def passes(self, waits: list[float]) -> None:
        seconds = self.rng.choice(waits)
        h.moved(self.clock, seconds)
        h.moved(self.truth.clock, seconds)

    async def check(self) -> None:
        await super().check()
        for mute in self.rows(tables.mutes):
            if mute.ending == "outside":
                assert any(
                    mute.begun_ms <= at <= mute.closed_ms or mute.begun_ms <= end <= mute.closed_ms
                    for at, end in self.outside_ends[mute.member_id]
                ), f"nobody else ended {mute}"
            assert mute.ending not in {"gone", "left"}, mute


def test_whoever_acts_at_once_nobody_is_muted_for_longer_or_shorter_than_was_asked_for(bench: Bench) -> None:
    runner, store, books, config = bench

    async def play(seed: int) -> None:
        crowd = Crowd(store, books, config, keeps=bool(seed % 2), seed=seed)
        crowd.clear()
        await crowd.play_all()

    for seed in range(_FIRST, _FIRST + _HISTORIES):
        with structlog.testing.capture_logs():
            try:
                runner.run(play(seed))
            except BaseException as error:
                error.add_note(f"seed {seed}")
                raise
