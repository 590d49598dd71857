"""Comparing who should be muted with what the IM says, for the channels that have live mutes (T3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.im import Lane
from bot.im.errors import IMError, NotFound
from bot.services.clock import to_ms
from bot.services.judgement import TOLERANCE_MS, Verdict, earliest_end, judge_active
from bot.services.model import Ending, MuteState
from bot.services.readings import read_mutes, says_channel_gone
from bot.store import mutes

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from bot.im import IMClient
    from bot.services.clock import Clock
    from bot.services.judgement import Reading, Seen
    from bot.services.ledger import MuteLedger
    from bot.services.meters import Meters
    from bot.store import Store
    from bot.store.rows import MuteRow

_CONFIRMED_AT_ONCE = 100

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """What one comparison found."""

    at: datetime
    channels: int
    unread: int  # channels whose list could not be read
    verified: int
    adopted: int
    ended_outside: int

    @property
    def findings(self) -> int:
        """How much was not as we had it."""
        return self.adopted + self.ended_outside


class Reconcile:
    """Compares our books with the IM's mute lists; one reading a channel."""

    def __init__(self, *, store: Store, im: IMClient, clock: Clock, ledger: MuteLedger, meters: Meters) -> None:
        self._store = store
        self._im = im
        self._clock = clock
        self._ledger = ledger
        self._drift = meters.drift
        self.last: ReconcileReport | None = None

    async def run(self) -> ReconcileReport:
        """Compare all channels that have live mutes, at the lowest priority; one that cannot be read is left out."""
        channels = await self._store.read(mutes.channels_with_live)
        with self._im.lane(Lane.BACKGROUND):
            self.last = await self._compare_all(channels)
        return self.last

    async def compare(self, channel_ids: Collection[str]) -> ReconcileReport:
        """Compare those of these channels that have live mutes, now.

        Harmless at the same time as `run`: what the other was quicker with changes nothing a second time.
        """
        work = partial(mutes.channels_with_live, among=channel_ids)
        return await self._compare_all(await self._store.read(work))

    async def _compare_all(self, channels: Sequence[tuple[str, str]]) -> ReconcileReport:
        found = dict.fromkeys(Verdict, 0)
        unread = 0
        for community_id, channel_id in channels:
            unread += not await self._compare_channel(community_id, channel_id, found)
        return ReconcileReport(
            at=self._clock.now(),
            channels=len(channels),
            unread=unread,
            verified=found[Verdict.KEEP],
            adopted=found[Verdict.ADOPT],
            ended_outside=found[Verdict.GONE],
        )

    async def _compare_channel(self, community_id: str, channel_id: str, found: dict[Verdict, int]) -> bool:
        """Compare one channel and add up what was found; return False if it could not be read."""
        # Before the list is read: what begins meanwhile is not missed on it.
        rows = await self._store.read(partial(mutes.live_in_channel, channel_id=channel_id))
        try:
            reading = await read_mutes(self._im, self._clock, community_id, channel_id)
        except IMError as error:
            if isinstance(error, NotFound) and says_channel_gone(error):
                found[Verdict.GONE] += await self._close_gone(rows)
                return True
            self._drift.labels("unread").inc()
            log.info("channel not compared", channel=channel_id, why=error.summary)
            return False
        alike: list[tuple[MuteRow, int | None, Seen]] = []
        for row in rows:
            if row.state == MuteState.ACTIVE and (verdict := await self._compare(row, reading, alike)) is not None:
                found[verdict] += 1
        for start in range(0, len(alike), _CONFIRMED_AT_ONCE):
            found[Verdict.KEEP] += await self._ledger.confirm(alike[start : start + _CONFIRMED_AT_ONCE])
        return True

    def _note(self, mute: MuteRow, what: str) -> None:
        self._drift.labels(what).inc()
        log.info("mute changed outside", what=what, channel=mute.channel_id, case=mute.case_id)

    async def _close_gone(self, rows: Sequence[MuteRow]) -> int:
        """Close what was in force in a channel that is gone: a permanent mute has no timer that would notice."""
        active = [row for row in rows if row.state == MuteState.ACTIVE]
        closed = 0
        for start in range(0, len(active), _CONFIRMED_AT_ONCE):
            closed += await self._ledger.close(active[start : start + _CONFIRMED_AT_ONCE], Ending.GONE)
        if closed:
            self._drift.labels("channel_gone").inc(closed)
            log.info("channel gone", channel=active[0].channel_id, mutes=closed)
        return closed

    async def _is_in(self, mute: MuteRow) -> bool:
        """Tell whether the member is still in the channel: whoever leaves it leaves the mute behind."""
        try:
            return await self._im.members.contains(mute.community_id, mute.channel_id, mute.member_id)
        except NotFound:
            return False
        except IMError:
            return True

    async def _compare(
        self, mute: MuteRow, reading: Reading, alike: list[tuple[MuteRow, int | None, Seen]]
    ) -> Verdict | None:
        """Act on one mute, or add it to those that are as they should be; return what was found and acted on."""
        now = to_ms(self._clock.now())
        judgement = judge_active(mute, reading, now)
        seen = reading.entries.get(mute.member_id)
        if judgement.verdict is Verdict.GONE:
            # What is all but over has lapsed there, and its timer says so.
            end = earliest_end(mute)
            if end is not None and end <= now + TOLERANCE_MS:
                return None
            ending = Ending.OUTSIDE if await self._is_in(mute) else Ending.LEFT
            if not await self._ledger.close([mute], ending):
                return None
            self._note(mute, "ended_outside" if ending is Ending.OUTSIDE else "left")
            return Verdict.GONE
        assert seen is not None
        if judgement.verdict is Verdict.ADOPT:
            if not await self._ledger.adopt(mute, judgement.due_ms, seen):
                return None
            self._note(mute, "adopted")
            return Verdict.ADOPT
        if judgement.verdict in {Verdict.KEEP, Verdict.WAIT} and seen.end_ms is not None:
            # WAIT: our clock was set forward, and the end we have by it is not the true one any more.
            if mute.im_end_ms is None or judgement.due_ms != mute.due_ms:
                alike.append((mute, judgement.due_ms, seen))
        elif judgement.verdict is Verdict.LIFT and mute.due_ms is not None and mute.due_ms > now:
            # Our clock was set back: by the IM's, the mute is over.
            await self._ledger.confirm([(mute, now, seen)])
        return None
