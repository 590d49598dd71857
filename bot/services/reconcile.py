"""Comparing who should be muted with what the IM says, for the channels that have live mutes (T3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.im import Lane
from bot.im.errors import IMError, NotFound
from bot.services.clock import to_ms
from bot.services.judgement import Verdict, judge_active
from bot.services.model import Ending, MuteState
from bot.services.readings import read_mutes, says_channel_gone
from bot.store import mutes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.im import IMClient
    from bot.services.clock import Clock
    from bot.services.judgement import Reading, Seen
    from bot.services.ledger import MuteLedger
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
    """Compares our books with the IM's mute lists; lowest priority, one reading a channel."""

    def __init__(self, *, store: Store, im: IMClient, clock: Clock, ledger: MuteLedger) -> None:
        self._store = store
        self._im = im
        self._clock = clock
        self._ledger = ledger
        self.last: ReconcileReport | None = None

    async def run(self) -> ReconcileReport:
        """Compare all channels that have live mutes; one that cannot be read is left for the next time."""
        channels = await self._store.read(mutes.channels_with_live)
        found = dict.fromkeys(Verdict, 0)
        unread = 0
        for community_id, channel_id in channels:
            # Before the list is read: what begins meanwhile is not missed on it.
            rows = await self._store.read(partial(mutes.live_in_channel, channel_id=channel_id))
            try:
                with self._im.lane(Lane.BACKGROUND):
                    reading = await read_mutes(self._im, self._clock, community_id, channel_id)
            except IMError as error:
                if isinstance(error, NotFound) and says_channel_gone(error):
                    found[Verdict.GONE] += await self._close_gone(rows)
                    continue
                unread += 1
                log.info("channel not compared", channel=channel_id, why=str(error))
                continue
            alike: list[tuple[MuteRow, int | None, Seen]] = []
            for row in rows:
                if row.state == MuteState.ACTIVE and (verdict := await self._compare(row, reading, alike)) is not None:
                    found[verdict] += 1
            for start in range(0, len(alike), _CONFIRMED_AT_ONCE):
                found[Verdict.KEEP] += await self._ledger.confirm(alike[start : start + _CONFIRMED_AT_ONCE])
        self.last = ReconcileReport(
            at=self._clock.now(),
            channels=len(channels),
            unread=unread,
            verified=found[Verdict.KEEP],
            adopted=found[Verdict.ADOPT],
            ended_outside=found[Verdict.GONE],
        )
        return self.last

    async def _close_gone(self, rows: Sequence[MuteRow]) -> int:
        """Close what was in force in a channel that is gone: a permanent mute has no timer that would notice."""
        active = [row for row in rows if row.state == MuteState.ACTIVE]
        closed = 0
        for start in range(0, len(active), _CONFIRMED_AT_ONCE):
            closed += await self._ledger.close(active[start : start + _CONFIRMED_AT_ONCE], Ending.GONE)
        return closed

    async def _is_in(self, mute: MuteRow) -> bool:
        """Tell whether the member is still in the channel: whoever leaves it leaves the mute behind."""
        try:
            with self._im.lane(Lane.BACKGROUND):
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
            if mute.due_ms is not None and mute.due_ms <= now:
                return None
            ending = Ending.OUTSIDE if await self._is_in(mute) else Ending.LEFT
            return Verdict.GONE if await self._ledger.close([mute], ending) else None
        assert seen is not None
        if judgement.verdict is Verdict.ADOPT:
            return Verdict.ADOPT if await self._ledger.adopt(mute, judgement.due_ms, seen) else None
        if judgement.verdict in {Verdict.KEEP, Verdict.WAIT} and seen.end_ms is not None:
            # WAIT: our clock was set forward, and the end we have by it is not the true one any more.
            if mute.im_end_ms is None or judgement.due_ms != mute.due_ms:
                alike.append((mute, judgement.due_ms, seen))
        elif judgement.verdict is Verdict.LIFT and mute.due_ms is not None and mute.due_ms > now:
            # Our clock was set back: by the IM's, the mute is over.
            await self._ledger.confirm([(mute, now, seen)])
        return None
