"""Histories of mutes: steps, a process that can die between any two transactions, an IM that keeps the truth.

The IM here is a dictionary in the same process, so that a history takes milliseconds, every interleaving is
repeatable, and what each actor asked for can be compared with what is in force. The rules of the real service
(the last mute holds, lifting twice is harmless, a mute lapses or is kept) are in `tests/imservice`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from bot.im import Channel, Community, CommunityRole, Page
from bot.im.errors import BadResponse, Forbidden, Unavailable
from bot.im.models import Mute as Listed
from bot.im.paging import Paged
from bot.services.clock import to_ms
from bot.services.judgement import PERMANENT_MS
from bot.store import Store, StoreError
from tests.services.conftest import FakeClock

COMMUNITY, CHANNEL = "s1", "c1"
MEMBERS = ("bob", "carl")

actor: ContextVar[str] = ContextVar("actor", default="nobody")
"""Who makes the calls of this moment: a step sets it, the tasks it starts inherit it."""


class Killed(BaseException):
    """The process is dead: nothing of it runs any more, no handler of ours may catch it."""


class Life:
    """One process; `die_in(n)` lets it die at the n-th instant from now (around a transaction or a call)."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._healthy_writes: int | None = None
        self.dead = False

    def die_in(self, instants: int) -> None:
        self._left = instants

    def fall_sick_after(self, writes: int | None) -> None:
        """Let the database refuse one transaction after so many good ones; None: none."""
        self._healthy_writes = writes

    def ask_database(self) -> None:
        if self._healthy_writes is None:
            return
        self._healthy_writes -= 1
        if self._healthy_writes < 0:
            self._healthy_writes = None
            raise StoreError("the database is locked by another process")

    def tick(self) -> None:
        if self._left is not None:
            self._left -= 1
            self.dead = self.dead or self._left <= 0
        if self.dead:
            raise Killed


class MortalStore:
    """The store as one process sees it: each transaction is carried out wholly, or the process died before."""

    is_sqlite = True

    def __init__(self, store: Store, life: Life) -> None:
        self._store = store
        self._life = life

    async def write(self, work: Callable[[Any], Any]) -> Any:
        self._life.tick()
        self._life.ask_database()
        result = await self._store.write(work)
        self._life.tick()
        return result

    async def read(self, work: Callable[[Any], Any]) -> Any:
        if self._life.dead:
            raise Killed
        return await self._store.read(work)


@dataclass
class Entry:
    """Somebody on the mute list, and what the model knows about how it came about."""

    end: int  # by the IM's clock, PERMANENT_MS for ever
    setter: object  # the staff's step that made it, or "outside"
    ours: bool | None  # whether we have to end it; None: either way is right
    changed: bool = False  # whether somebody else gave it another end
    next_case: int = 0  # the number of the first case after that


@dataclass
class Truth:
    """The IM's mute list and its clock; `keeps` means that it leaves mutes in force past their end."""

    clock: FakeClock
    keeps: bool
    entries: dict[str, Entry] = field(default_factory=dict)
    fault: str | None = None
    fault_times: int = 0
    meanwhile: tuple[str, str, list[Any]] | None = None  # call, before or after, steps
    run: Callable[[list[Any]], Any] | None = None
    step: object = None
    carried_out: list[object] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    slack_ms: int = 0  # how much too early is still right, because two clocks cannot be told apart better

    def now(self) -> int:
        return to_ms(self.clock.now())

    def in_force(self, member: str) -> Entry | None:
        entry = self.entries.get(member)
        return entry if entry is not None and (self.keeps or entry.end > self.now()) else None

    def timer_lifts(self, member: str) -> None:
        entry = self.in_force(member)
        if entry is not None and entry.end > self.now() + self.slack_ms:
            self.problems.append(f"{member} was lifted {entry.end - self.now()} ms early")


class HistoryIM:
    """What services need of an IMClient, in one process, on the truth."""

    def __init__(self, truth: Truth, life: Life) -> None:
        self._truth = truth
        self._life = life
        self.mutes = self
        self.communities = SimpleNamespace(list=lambda: _paged([Community(server_id=COMMUNITY, name="Aurora")]))
        general = Channel(channel_id=CHANNEL, server_id=COMMUNITY, name="general")
        self.channels = SimpleNamespace(public=lambda _c: _paged([general]), private=lambda _c: _paged([]))
        self.members = SimpleNamespace(contains=self._contains, role=self._role)

    @staticmethod
    @contextlib.contextmanager
    def lane(_lane: object) -> Iterator[None]:
        yield

    async def _contains(self, _community: str, _channel: str, member: str) -> bool:
        return member in MEMBERS

    async def _role(self, *_place: str) -> CommunityRole:
        return CommunityRole.MEMBER

    async def add(self, _community: str, _channel: str, user_id: str, *, duration_ms: int | None) -> None:
        assert duration_ms is None or duration_ms >= 1000
        assert actor.get() == "staff", "only staff mutes"

        def carry_out() -> None:
            end = PERMANENT_MS if duration_ms is None else self._truth.now() + duration_ms
            self._truth.entries[user_id] = Entry(end, self._truth.step, ours=True)
            self._truth.carried_out.append(self._truth.step)

        await self._call("add", carry_out)

    async def remove(self, _community: str, _channel: str, user_id: str) -> None:
        by = actor.get()
        assert by in {"staff", "timer"}, f"{by} must not lift"

        def carry_out() -> None:
            if by == "timer":
                self._truth.timer_lifts(user_id)
            self._truth.entries.pop(user_id, None)

        await self._call("remove", carry_out)

    def list(self, _community: str, _channel: str) -> Paged[Listed]:
        async def fetch(cursor: str | None, limit: int) -> Page[Listed]:
            found: list[Page[Listed]] = []

            def carry_out() -> None:
                names = [name for name in MEMBERS if self._truth.in_force(name)]
                items = tuple(Listed(user=name, expire=self._truth.entries[name].end) for name in names)
                found.append(Page(items, None, self._truth.clock.now().replace(microsecond=0)))

            await self._call("list", carry_out)
            return found[0]

        return Paged("GET list", fetch)

    async def _call(self, kind: str, carry_out: Callable[[], None]) -> None:
        truth = self._truth
        self._life.tick()
        await self._meanwhile(kind, "before")
        fault = None
        if truth.fault_times:
            truth.fault_times -= 1
            fault = truth.fault
        if fault in {None, "lost answer", "garbage"}:
            carry_out()
        await self._meanwhile(kind, "after")
        self._life.tick()
        if fault == "down":
            raise Unavailable("down", sent=False)
        if fault == "refused":
            raise Forbidden("no", status=403, sent=False)
        if fault in {"lost request", "lost answer"}:
            raise Unavailable("hung up", sent=True)
        if fault == "garbage":
            raise BadResponse("not JSON", sent=True)

    async def _meanwhile(self, kind: str, when: str) -> None:
        planned = self._truth.meanwhile
        if planned is not None and planned[:2] == (kind, when):
            self._truth.meanwhile = None
            assert self._truth.run is not None
            await self._truth.run(planned[2])


def _paged(items: list[Any]) -> Paged[Any]:
    async def fetch(_cursor: str | None, _limit: int) -> Page[Any]:
        return Page(tuple(items))

    return Paged("GET", fetch)


def moved(clock: FakeClock, seconds: float) -> None:
    clock.move(milliseconds=timedelta(seconds=seconds) // timedelta(milliseconds=1))
