"""What people, the IM and the machine do in a week, drawn by a seed."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any

from bot.im.errors import IMError
from bot.imservice.domain import collections
from bot.services.durations import parse_duration
from bot.services.refusals import Refusal, Unsettled
from bot.store import StoreError
from tests.services.conftest import GUILD
from tests.week.town import CHANNELS, MEMBERS, MODERATORS, Place, Town
from tests.week.truth import Truth, forever

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
DURATIONS = ("30s", "1m", "5m", "10m", "10m", "10m", "30m", "1h", "3h", "12h", "permanent")

Event = Callable[[], Awaitable[None]]


class Agenda:
    """What is to happen, by moment."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Event]] = []
        self._number = 0

    def at(self, moment: int, event: Event) -> None:
        self._number += 1
        heapq.heappush(self._heap, (moment, self._number, event))

    def next_moment(self) -> int | None:
        return self._heap[0][0] if self._heap else None

    def take(self, now: int) -> Event | None:
        return heapq.heappop(self._heap)[2] if self._heap and self._heap[0][0] <= now else None


class Script:
    """Puts a week's events on the agenda, and does what they say."""

    def __init__(self, town: Town, truth: Truth, agenda: Agenda, random: Random) -> None:
        self.town = town
        self.truth = truth
        self.agenda = agenda
        self.random = random
        self.cases: dict[Place, int] = {}
        self.heard: Callable[[], None] = lambda: None
        self._items = 0

    def write(self, begin: int, days: int) -> None:
        """Draw everything from `begin` on."""
        for day in range(days):
            midnight = begin + day * DAY
            for _ in range(34):
                self._some_time(midnight, self.mute)
            for event, times in (
                (self.unmute, 8),
                (self.extend, 5),
                (self.undo, 4),
                (self.outside_unmute, 3),
                (self.outside_end, 5),
            ):
                for _ in range(times):
                    self._some_time(midnight, event)
            for _ in range(12):
                self._some_time(midnight, self.save)
            self._trouble(midnight, full=day == days // 2)
            self.agenda.at(midnight + 12 * HOUR, self.restore)

    def _some_time(self, midnight: int, event: Event) -> None:
        self.agenda.at(midnight + self.random.randrange(DAY), event)

    def _trouble(self, midnight: int, *, full: bool) -> None:
        """One of each kind a day, far enough apart to be told from each other."""
        draw = self.random
        # At night, in the middle of whatever comes next; every other time that is the policy of half past two.
        night = midnight + (HOUR + 29 * MINUTE if draw.random() < 0.5 else draw.randrange(HOUR, 5 * HOUR))
        self.agenda.at(night, self.kill)
        self.agenda.at(night + 1_000, self.mute)
        self._busy_before(night)
        for number, kind in enumerate(draw.sample(["down", "429", "slow", "flaky"], 2)):
            begin = midnight + (7 + 8 * number) * HOUR + draw.randrange(2 * HOUR)
            self._busy_before(begin)
            self.agenda.at(begin, lambda kind=kind: self.im_fails(kind, draw.randrange(5, 25) * MINUTE))
        if full:
            self.agenda.at(midnight + 19 * HOUR, self.fill_disk)
            self._busy_before(midnight + 19 * HOUR)
        away = midnight + draw.randrange(20 * HOUR)
        self.agenda.at(away, self.discord_leaves)
        self.agenda.at(away + draw.randrange(10, 90) * MINUTE, self.discord_returns)

    def _busy_before(self, moment: int) -> None:
        """Let some mutes fall due in the time of trouble that is to come."""
        for _ in range(4):
            self.agenda.at(moment - self.random.randrange(1, 9) * MINUTE, lambda: self.mute("10m"))

    # Staff

    async def mute(self, said: str | None = None) -> None:
        channel, member = self.random.choice(CHANNELS), self.random.choice(MEMBERS)
        said = said or self.random.choice(DURATIONS)
        length = parse_duration(said)
        end = None if length is None else self.town.now + length
        await self._act("mutes", (channel, member), end, self.town.services.mutes.mute, member=member, duration=said)

    async def unmute(self) -> None:
        if (place := self._somebody()) is not None:
            await self._act("unmuted by staff", place, 0, self.town.services.mutes.unmute, member=place[1])

    async def extend(self) -> None:
        place = self._somebody()
        if place is None or place not in self.cases:
            return
        add_ms = self.random.choice((10 * MINUTE, HOUR, 6 * HOUR))
        promise = self.truth.mutes.get(self._there(place))
        end = None if promise is None or promise.known is None else promise.end + add_ms
        extend = self.town.services.mutes.extend
        await self._act("extended", place, end, extend, case_id=self.cases[place], add_ms=add_ms, bare=True)

    async def undo(self) -> None:
        place = self._somebody()
        if place is not None and place in self.cases:
            undo = self.town.services.undo.undo
            await self._act("undone", place, None, undo, case_id=self.cases[place], bare=True)

    async def _act(
        self, what: str, place: Place, end: int | None, call: Any, *, bare: bool = False, **order: Any
    ) -> None:
        """Do what staff wants; `end` is what the IM has to show after it (0: nothing, None: see there)."""
        town = self.town
        known = {} if bare else {"channel": place[0], "reason": "as it says in the script"}
        staff = self.random.choice(MODERATORS)
        done = False
        try:
            case = await call(staff=staff, guild_id=GUILD, **known, **order)
            self.cases[place] = case.id
            town.told[what] += 1
            done = True
        except Refusal:
            town.told["refused in a sentence"] += 1
        except Unsettled:
            town.told["answer lost, settled later"] += 1
        except IMError:
            town.told["failed: the IM was away"] += 1
        except StoreError:
            town.told["failed: the disk was full"] += 1
        except asyncio.CancelledError:
            town.told["died in the middle"] += 1
        there = self._there(place)
        shown = (await town.listed()).get(there)
        if done and end is not None and (shown or 0) != end:
            self.truth.wrong("wrong", f"{what} {place}: the IM shows {shown}, asked for was {end}")
        before = self.truth.mutes.get(there)
        if before is None or before.end != shown:
            self.truth.promised(there, shown, town.now)

    # Others, past the bot

    async def outside_unmute(self) -> None:
        place = self._somebody()
        if place is not None and self.town.world.service.fault is None:
            await self.town.world.im.mutes.remove(self.town.world.community, *self._there(place))
            await self._changed_outside("ended outside", place)

    async def outside_end(self) -> None:
        """Somebody gives a mute another end at the IM's console: later, earlier or none."""
        place = self._somebody()
        if place is not None and self.town.world.service.fault is None:
            length = self.random.choice((2 * MINUTE, HOUR, 8 * HOUR, None))
            await self.town.world.im.mutes.add(self.town.world.community, *self._there(place), duration_ms=length)
            await self._changed_outside("changed outside", place)

    async def _changed_outside(self, what: str, place: Place) -> None:
        self.town.told[what] += 1
        there = self._there(place)
        self.truth.promised(there, (await self.town.listed()).get(there), None)
        if self.random.random() < 0.7:
            self.heard()

    def _somebody(self) -> Place | None:
        """A channel's name and a member who is muted there for longer than a moment."""
        names = {channel_id: name for name, channel_id in self.town.places.items()}
        found = sorted(
            (names[channel], member)
            for (channel, member), promise in self.truth.mutes.items()
            if promise.end > self.town.now + MINUTE and (not forever(promise.end) or self.random.random() < 0.3)
        )
        return self.random.choice(found) if found else None

    def _there(self, place: Place) -> Place:
        return self.town.places[place[0]], place[1]

    # Collections

    async def save(self) -> None:
        """Some members save what they like, most of it older than it looks."""
        now, draw = self.town.now, self.random
        for owner in draw.sample(MEMBERS, 3):
            new: list[collections.NewCollection] = []
            for _ in range(draw.randint(1, 9)):
                self._items += 1
                ext = draw.choice((None, None, None, "please keep", "later"))
                made = now - draw.randrange(6 * DAY)
                new.append(collections.NewCollection(f"c{self._items}", "data", draw.choice((0, 1, 2)), ext, made))
            await self.town.world.service.write(
                lambda connection, owner=owner, new=new: collections.add(connection, owner, new)
            )
            self.truth.items |= {(owner, one.id): (one.created, one.type, one.ext) for one in new}
            self.town.told["collections saved"] += len(new)

    async def restore(self) -> None:
        """Somebody wants back what the last cleanup has deleted."""
        town = self.town
        if town.in_trouble or town.sword is not None or self.random.random() < 0.4:
            return
        runs = [run for run in await town.services.cleanups.list(GUILD, going=False) if run.id in self.truth.gone]
        if runs:
            try:
                await town.services.cleanups.restore(runs[0].id, staff=MODERATORS[0], guild_id=GUILD)
                town.told["restores"] += 1
            except Refusal:
                town.told["refused in a sentence"] += 1

    # Trouble

    async def kill(self) -> None:
        if not self.town.in_trouble:
            self.town.draw_sword()

    async def im_fails(self, kind: str, length: int) -> None:
        if self.town.in_trouble or self.town.sword is not None:
            return
        self.town.im_in_trouble(kind)
        self.agenda.at(self.town.now + length, self._im_recovers)

    async def _im_recovers(self) -> None:
        self.town.im_well()

    async def fill_disk(self) -> None:
        if self.town.in_trouble or self.town.sword is not None:
            self.agenda.at(self.town.now + 10 * MINUTE, self.fill_disk)
            return
        self.town.disk_full()
        self.agenda.at(self.town.now + HOUR, self._disk_has_room)

    async def _disk_has_room(self) -> None:
        self.town.disk_has_room()

    async def discord_leaves(self) -> None:
        self.town.told["times Discord was away"] += 1
        self.town.board.away = True

    async def discord_returns(self) -> None:
        self.town.board.away = False

    def down_time(self) -> timedelta:
        return timedelta(seconds=self.random.randrange(20, 900))
