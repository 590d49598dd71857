"""What must be so: when each mute has to end, which collection has to be there, when each policy has to run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.services.clock import to_ms
from bot.services.judgement import PERMANENT_MS
from tests.week.town import Place, Town, told

ALLOWED_MS = 60_000
"""How late a mute may end when all is well (T5)."""

Item = tuple[str, str]
"""An owner and the id of what they saved."""


@dataclass
class Promise:
    """A mute that has to end at `end` (ms; PERMANENT_MS: never), and since when the bot can know that."""

    end: int
    known: int | None


@dataclass
class Truth:
    """The model beside the bot; `problems` is what it finds wrong."""

    mutes: dict[Place, Promise] = field(default_factory=dict)
    items: dict[Item, tuple[int, int, str | None]] = field(default_factory=dict)
    gone: dict[int, dict[Item, tuple[int, int, str | None]]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    worst_ms: int = 0
    worst_in_trouble_ms: int = 0

    def wrong(self, kind: str, what: str) -> None:
        self.counts[kind] += 1
        self.problems.append(f"{kind}: {what}")

    # Mutes

    def promised(self, place: Place, end: int | None, known: int | None) -> None:
        """Note what the IM shows of a member after somebody did something: its end, None: not muted."""
        if end is None:
            self.mutes.pop(place, None)
        else:
            self.mutes[place] = Promise(end, known)

    def compared(self, now: int) -> None:
        """Note that the bot has read all mute lists."""
        for promise in self.mutes.values():
            promise.known = promise.known or now

    def look(self, town: Town, listed: dict[Place, int]) -> None:
        """Hold the IM's mute lists against what was promised."""
        now = town.now
        for place, promise in list(self.mutes.items()):
            if place not in listed:
                self._ended(town, place, promise)
            elif not town.in_trouble and promise.known is not None:
                latest = town.well_after(max(promise.end, promise.known)) + ALLOWED_MS
                if now > latest:
                    self.wrong("lost", f"{place} was to end {told(promise.end)} and is still there {told(now)}")
                    del self.mutes[place]
        for place in listed.keys() - self.mutes.keys():
            if self.counts["lost"] == 0:
                self.wrong("wrong", f"{place} is muted {told(now)} and nobody should be")

    def _ended(self, town: Town, place: Place, promise: Promise) -> None:
        del self.mutes[place]
        now = town.now
        if now < promise.end:
            self.wrong("early", f"{place} was to end {told(promise.end)} and ended {told(now)}")
            return
        base = max(promise.end, promise.known or 0)
        self.worst_in_trouble_ms = max(self.worst_in_trouble_ms, now - base)
        late = max(0, now - town.well_after(base))
        self.worst_ms = max(self.worst_ms, late)
        if late > ALLOWED_MS:
            self.wrong("late", f"{place} was to end {told(promise.end)} and ended {told(now)}")

    # Collections

    def cleaned(self, run: int, owners: set[str], cutoff: int, item_type: int | None, done: int) -> None:
        """Note that a cleanup is over: what matches its rule is gone."""
        matching = {
            key: item
            for key, item in self.items.items()
            if key[0] in owners and item[0] < cutoff and item_type in {None, item[1]} and "keep" not in (item[2] or "")
        }
        for key in matching:
            del self.items[key]
        self.gone[run] = matching
        self.counts["deleted"] += len(matching)
        self.counts["kept by their word"] += sum(
            key[0] in owners and item[0] < cutoff for key, item in self.items.items()
        )
        if done != len(matching):
            self.wrong("wrong", f"run {run} says {done} deleted, and there were {len(matching)} to delete")

    def restored(self, run: int, done: int) -> None:
        """Note that what a run deleted was put back."""
        back = {key: item for key, item in self.gone.pop(run).items() if key not in self.items}
        self.items |= back
        self.counts["restored"] += len(back)
        if done != len(back):
            self.wrong("wrong", f"the restore of run {run} says {done}, and there were {len(back)}")

    def hold(self, saved: dict[Item, int]) -> None:
        """Hold what is saved in the IM against what has to be there."""
        expected = {key: item[0] for key, item in self.items.items()}
        if saved == expected:
            return
        for key in expected.keys() - saved.keys():
            self.wrong("lost", f"collection {key} is gone")
        for key in saved.keys() - expected.keys():
            self.wrong("wrong", f"collection {key} is still there")
        for key in saved.keys() & expected.keys():
            if saved[key] != expected[key]:
                self.wrong("wrong", f"collection {key} has another time")


def dues(zone: str, hour: int, minute: int, begin: datetime, end: datetime, weekday: int | None = None) -> list[int]:
    """When a rule for a local time of day is due, reckoned day by day without any scheduler.

    A time that a day leaves out comes by the clock as it was before the change; one that comes twice, the first time.
    """
    found: list[int] = []
    day: date = begin.date() - timedelta(days=1)
    while day <= end.date() + timedelta(days=1):
        if weekday in {None, day.weekday()}:
            moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone))
            if begin < moment < end:
                found.append(to_ms(moment))
        day += timedelta(days=1)
    return found


def forever(end: int) -> bool:
    return end >= PERMANENT_MS
