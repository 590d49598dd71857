"""Moves the time from one thing to the next, and does what the alarm clock would do then."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import structlog

from bot.services.cleanup.model import Rule, RunKind, RunState, Target, TargetKind
from bot.services.clock import from_ms, to_ms
from bot.store import StoreError
from tests.services.conftest import GUILD
from tests.week.script import DAY, HOUR, MINUTE, Agenda, Script
from tests.week.town import MEMBERS, MODERATORS, Town, founded
from tests.week.truth import Truth, dues

RECONCILE_MS = 20 * MINUTE
AGAIN_MS = 30_000
"""After a failure of the database the alarm clock tries again at once; here it is made to wait, to save time."""

BERLIN = "Europe/Berlin"
SUNDAY = 6


class Keeper:
    """One town through so many days."""

    def __init__(self, town: Town, seed: int, begin: datetime, days: int) -> None:
        self.town = town
        self.truth = Truth()
        self.agenda = Agenda()
        self.begin, self.end = to_ms(begin), to_ms(begin + timedelta(days=days))
        self.days = days
        self._script = Script(town, self.truth, self.agenda, Random(seed))
        self._script.heard = self._hear
        self._wakes: list[int | None] = [None, None]
        self._reconcile_at = self.begin
        self._not_before = 0
        self._tidy_at: int | None = None
        self._tidy_until = 0
        self._policies: dict[int, tuple[set[str], list[int], int | None]] = {}
        self._counted: set[int] = set()
        self._acknowledged: set[int] = set()

    async def live(self, progress: Callable[[str], None]) -> None:
        """Live through all days; what is wrong is in `truth.problems`."""
        # The winding up takes some hours, too.
        span = from_ms(self.begin), from_ms(self.end + DAY)
        await self._policy("02:30", {*MEMBERS[:8]}, None, dues(BERLIN, 2, 30, *span))
        await self._policy("0 4 * * sun", {MEMBERS[8]}, 1, dues(BERLIN, 4, 0, *span, SUNDAY))
        self._script.write(self.begin, self.days)
        for day in range(self.days):
            await self._until(self.begin + (day + 1) * DAY)
            progress(f"{from_ms(self.begin + day * DAY):%A %d %B}: {self._day()}")
        await self._wind_up()

    def _day(self) -> str:
        told, counts = self.town.told, self.truth.counts
        return (
            f"{told['mutes']} mutes so far, {len(self.truth.mutes)} in force; {counts['deleted']} collections deleted, "
            f"{len(self.truth.items)} there; {told['restarts in the middle of work']} restarts"
        )

    async def _policy(self, schedule: str, owners: set[str], item_type: int | None, expected: list[int]) -> None:
        """A standing rule about one owner, or about all who are in the channel of the first eight."""
        town = self.town
        if len(owners) == 1:
            target = Target(TargetKind.OWNER, "", "", next(iter(owners)))
        else:
            channel = await town.world.im.channels.create(town.world.community, "savers")
            for owner in owners:
                await town.world.im.members.add(town.world.community, channel.channel_id, owner)
            target = Target(TargetKind.CHANNEL, town.world.community, channel.channel_id, "savers")
        rule = Rule(target, 2 * DAY, item_type, "keep")
        policy = await town.services.policies.add(
            rule, schedule=schedule, timezone=BERLIN, staff=MODERATORS[0], guild_id=GUILD
        )
        self._policies[policy.id] = (owners, expected, item_type)

    def _hear(self) -> None:
        """Compare a moment later, as a callback of the IM makes the bot do."""
        self._reconcile_at = min(self._reconcile_at, self.town.now + 1_000)

    # From one thing to the next

    async def _until(self, end: int) -> None:
        while (moment := await self._next()) <= end:
            self.town.move_to(max(moment, self.town.now))
            while (event := self.agenda.take(self.town.now)) is not None:
                await event()
            await self._step()

    async def _next(self) -> int:
        services = self.town.services
        self._wakes = [await services.expiry.next_wake(), await services.housekeeping.next_wake()]
        wakes = (*self._wakes, self._tidy_at, self._reconcile_at)
        due = [max(wake, self._not_before) for wake in wakes if wake is not None]
        following = self.agenda.next_moment()
        return min(due) if following is None else min(*due, following)

    async def _step(self) -> None:
        town = self.town
        begun = town.now
        with contextlib.suppress(asyncio.CancelledError):
            try:
                await self._work()
            except StoreError:
                self._not_before = town.now + AGAIN_MS
                self._tidy_until = town.now + 2 * MINUTE
        if town.sword is not None and town.sword.dead:
            await town.rise(self._script.down_time())
            self._reconcile_at = town.now
            self._tidy_until = town.now + 2 * MINUTE
        self._tidy_at = None if town.now >= self._tidy_until else town.now + AGAIN_MS
        self.truth.look(town, await town.listed())
        if town.now == begun:
            self._not_before = max(self._not_before, town.now + 1)

    async def _work(self) -> None:
        town, services = self.town, self.town.services
        if self._tidy_at is not None:
            await services.expiry.renew()
        mutes, runs = (wake is not None and wake <= town.now for wake in self._wakes)
        if mutes or self._tidy_at is not None:
            await services.expiry.run_due()
        if runs or self._tidy_at is not None:
            await services.housekeeping.run_due()
            await self._runs_over()
        if town.now >= self._reconcile_at:
            self._reconcile_at = town.now + RECONCILE_MS
            report = await services.reconcile.run()
            await services.deeds.settle()
            if not report.unread:
                self.truth.compared(town.now)
            await services.expiry.run_due()
            await self._answer_alerts()
            await town.board.show(town.world)
        elif services.posts.changed.is_set():
            await town.board.show(town.world)

    async def _answer_alerts(self) -> None:
        """On call, somebody answers every other alert after a while."""
        query = "SELECT id, raised_ms FROM alerts WHERE healed_ms IS NULL AND acknowledged_ms IS NULL"
        for number, raised in await self.town.books(query):
            if number % 2 and self.town.now > raised + 5 * MINUTE and number not in self._acknowledged:
                self._acknowledged.add(number)
                await self.town.services.alerts.acknowledge(GUILD, number, MODERATORS[1])

    async def _runs_over(self) -> None:
        """Hold every cleanup that has come to its end against the model."""
        query = "SELECT id FROM cleanup_runs WHERE ended_ms IS NOT NULL ORDER BY ended_ms, id"
        for (number,) in await self.town.books(query):
            if number in self._counted:
                continue
            self._counted.add(number)
            run = await self.town.services.cleanups.view(GUILD, number)
            if run.state is not RunState.DONE:
                self.truth.wrong("wrong", f"run {number} ended as {run.state}: {run.why}")
            elif run.kind is RunKind.RESTORE:
                assert run.of_run is not None
                self.truth.restored(run.of_run, run.tally.done)
            else:
                self._policy_ran(run)
            self.truth.hold(await self.town.saved())

    def _policy_ran(self, run: Any) -> None:
        owners, expected, item_type = self._policies[run.policy_id]
        begun = to_ms(run.begun_at)
        self.town.told["policy runs"] += 1
        if not expected or begun < expected[0]:
            self.truth.wrong("early", f"policy {run.policy_id} ran at {run.begun_at}")
        else:
            late = begun - self.town.well_after(expected.pop(0))
            if late > MINUTE:
                self.truth.wrong("late", f"policy {run.policy_id} ran at {run.begun_at}, {late / 1000:.0f} s late")
        if to_ms(run.cutoff) != begun - 2 * DAY:
            self.truth.wrong("wrong", f"run {run.id} began at {run.begun_at} and deletes what is before {run.cutoff}")
        self.truth.cleaned(run.id, owners, to_ms(run.cutoff), item_type, run.tally.done)

    # The end

    async def _wind_up(self) -> None:
        """Let everything settle that is under way, then hold the books against the model."""
        town, truth = self.town, self.truth
        self.end = town.now
        town.board.away = False
        while town.in_trouble or town.sword is not None:
            if town.sword is not None and not town.in_trouble:
                await town.rise(timedelta(seconds=60))
                break
            await self._until(town.now + 10 * MINUTE)
        self._tidy_until = town.now + 3 * MINUTE
        await self._until(town.now + HOUR)
        await town.board.show(town.world)
        live = {(channel, member) for channel, member in await town.books(_LIVE)}
        for place in live ^ truth.mutes.keys():
            truth.wrong("lost", f"{place} is in force in {'our books' if place in live else 'the IM'} alone")
        for (case,) in await town.books(_WITHOUT_OUTCOME):
            truth.wrong("lost", f"case {case} has no outcome")
        for case, outcomes in await town.books(_OUTCOMES):
            truth.wrong("double", f"case {case} has {outcomes} outcomes")
        for (post,) in await town.books("SELECT id FROM posts WHERE wanted > shown"):
            truth.wrong("lost", f"post {post} is not up to date")
        if town.board.twice > town.told["restarts in the middle of work"]:
            truth.wrong("double", f"{town.board.twice} cases stand in the log twice")
        for policy, (_owners, expected, _type) in self._policies.items():
            for due in [due for due in expected if due < self.end]:
                truth.wrong("lost", f"policy {policy} did not run at {from_ms(due)}")
        truth.hold(await town.saved())

    async def summary(self) -> list[tuple[str, str]]:
        """What there was, a line each."""
        town, truth, told, board = self.town, self.truth, self.town.told, self.town.board
        endings = Counter(dict(await town.books("SELECT ending, count(*) FROM mutes WHERE ending != '' GROUP BY 1")))
        ((adopted,),) = await town.books("SELECT count(*) FROM mutes WHERE adopted = 1")
        ((raised, acknowledged, healed),) = await town.books(
            "SELECT count(*), count(acknowledged_ms), count(healed_ms) FROM alerts"
        )
        ((cases,),) = await town.books("SELECT count(*) FROM cases")
        outages = ", ".join(f"{count} {kind[9:]}" for kind, count in sorted(told.items()) if kind.startswith("outages"))
        failed = sum(count for kind, count in told.items() if kind.startswith("failed"))
        kept, restored = truth.counts["kept by their word"], truth.counts["restored"]
        collections = (
            f"{told['collections saved']} saved, {truth.counts['deleted']} deleted, {kept} times kept, "
            f"{restored} restored, {len(truth.items)} there"
        )
        worst, in_trouble = truth.worst_ms / 1000, truth.worst_in_trouble_ms / MINUTE
        return [
            ("mutes", f"{told['mutes']}, extended {told['extended']}, undone {told['undone']}"),
            ("ended by their time", f"{endings['ended']}"),
            ("unmuted by staff", f"{endings['lifted']}"),
            ("changed outside", f"{told['changed outside']}, adopted {adopted}"),
            ("ended outside", f"{endings['outside']} seen, {told['ended outside']} done"),
            ("in force at the end", f"{len(truth.mutes)}"),
            ("commands not carried out", f"{told['refused in a sentence']} refused, {failed} failed and said so"),
            ("in between", f"{told['answer lost, settled later']} answers lost, {told['died in the middle']} died"),
            ("policy runs", f"{told['policy runs']}, and {told['restores']} restores"),
            ("collections", collections),
            ("IM outages", outages or "none"),
            ("restarts in the middle of work", f"{told['restarts in the middle of work']}"),
            ("hours with a full disk", f"{told['hours with a full disk']}"),
            ("times Discord was away", f"{told['times Discord was away']}"),
            ("alerts", f"{raised} raised, {acknowledged} acknowledged, {healed} healed"),
            ("cases", f"{cases}, in the log {board.sent} messages, edited {board.edited} times, {board.twice} twice"),
            ("lost", f"{truth.counts['lost']}"),
            ("early", f"{truth.counts['early']}"),
            ("double", f"{truth.counts['double']}"),
            ("otherwise wrong", f"{truth.counts['wrong'] + truth.counts['late']}"),
            ("worst lateness", f"{worst:.1f} s beyond the trouble, {in_trouble:.0f} min with it"),
        ]


_LIVE = "SELECT channel_id, member_id FROM mutes WHERE state IN ('pending', 'active', 'lifting')"
_WITHOUT_OUTCOME = (
    "SELECT id FROM cases WHERE NOT EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = cases.id"
    " AND e.kind IN ('applied', 'failed'))"
)
_OUTCOMES = (
    "SELECT case_id, count(*) FROM case_events WHERE kind IN ('applied', 'failed') GROUP BY case_id HAVING count(*) > 1"
)


@asynccontextmanager
async def kept(folder: Path, *, seed: int, begin: datetime, days: int) -> AsyncIterator[Keeper]:
    """A keeper in a new town."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    async with founded(folder, begin, seed) as town:
        yield Keeper(town, seed, begin, days)
    structlog.reset_defaults()
