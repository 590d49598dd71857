r"""How a mute's record moves: each step one transaction, each a compare-and-set (design section 7).

    pending -> active -> lifting -> lifted
       |          \-> superseded
       \-> failed

Nothing here calls the IM. A step that comes too late (somebody else was first) changes nothing and says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from bot.services.clock import to_ms
from bot.services.model import Action, Ending, Failure, MuteState
from bot.services.refusals import Refusal
from bot.store import cases, mutes, timers
from bot.store.rows import MuteRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.services.alerts import Alerts
    from bot.services.clock import Clock
    from bot.services.judgement import Seen
    from bot.services.model import Place, Staff
    from bot.services.posts import Posts
    from bot.store import Store

LEASE_MS = 30_000
"""How long work may go unrenewed before another process takes it over."""


@dataclass(frozen=True, slots=True)
class Order:
    """What staff want done, ready to be written down as a case."""

    staff: Staff
    guild_id: int
    place: Place
    member_id: str
    action: Action
    duration_ms: int | None
    reason: str = ""
    undo_of: int | None = None
    replaces: MuteRow | None = None


class MuteLedger:
    """The books on mutes, their timers, their cases and what is to be shown of them.

    `owner` names this process; `arm` is told when a timer wants to be woken (milliseconds).
    """

    def __init__(
        self, *, store: Store, clock: Clock, posts: Posts, alerts: Alerts, owner: str, arm: Callable[[int], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._posts = posts
        self._alerts = alerts
        self.owner = owner
        self._arm = arm
        self._in_hand: set[int] = set()

    def _now(self) -> int:
        return to_ms(self._clock.now())

    # Work in hand: what is not let go of is not taken over, what is lost sight of is (its lease runs out).

    @property
    def in_hand(self) -> frozenset[int]:
        """The mutes that this process is working on at this moment."""
        return frozenset(self._in_hand)

    def take(self, mute_ids: Iterable[int]) -> None:
        """Note that this process works on these mutes, whose timers it owns."""
        self._in_hand.update(mute_ids)

    def let_go(self, mute_ids: Iterable[int]) -> None:
        """Note that this process is done with these mutes, well or badly."""
        self._in_hand.difference_update(mute_ids)

    # Muting

    async def begin(self, order: Order) -> MuteRow:
        """Write down the intent to mute, owned by this process; raises Refusal if the member is muted already."""
        now = self._now()
        try:
            async with self._store.write() as connection:
                case_id = await self._add_case(connection, order, now)
                if order.replaces is not None:
                    await self._supersede(connection, order.replaces, case_id, now)
                mute = _pending(order, case_id, now)
                mute_id = await mutes.add_mute(
                    connection,
                    case_id=case_id,
                    guild_id=mute.guild_id,
                    community_id=mute.community_id,
                    channel_id=mute.channel_id,
                    member_id=mute.member_id,
                    state=mute.state,
                    begun_ms=now,
                    requested_ms=mute.requested_ms,
                    supersedes=mute.supersedes,
                )
                await timers.add_timer(
                    connection,
                    mute_id=mute_id,
                    guild_id=order.guild_id,
                    wake_ms=now,
                    owner=self.owner,
                    lease_until_ms=now + LEASE_MS,
                )
        except IntegrityError:
            raise Refusal("refusal-busy", member=order.member_id, channel=order.place.channel_name) from None
        self.take([mute_id])
        return _with_id(mute, mute_id)

    async def _supersede(self, connection: AsyncConnection, old: MuteRow, case_id: int, now: int) -> None:
        changes = {"state": MuteState.SUPERSEDED, "closed_ms": now, "ending": Ending.EXTENDED, "ended_by_case": case_id}
        if not await mutes.advance(connection, old, **changes):
            raise Refusal("refusal-overtaken", member=old.member_id)
        await timers.drop_timer(connection, old.id)

    async def applied(self, mute: MuteRow, due_ms: int | None) -> MuteRow | None:
        """Note that the IM carried the mute out; None if its case was settled otherwise meanwhile."""
        now = self._now()
        async with self._store.write() as connection:
            if not await mutes.advance(connection, mute, state=MuteState.ACTIVE, due_ms=due_ms):
                return None
            if due_ms is None:
                await timers.drop_timer(connection, mute.id)
            else:
                await timers.set_timer(connection, mute.id, due_ms, attempts=0, last_error="")
            await cases.add_event(connection, mute.case_id, now, "applied")
            await self._note_undone(connection, mute.case_id, now)
            if mute.supersedes is not None:
                await self._note_extended(connection, mute.supersedes, mute.case_id, now)
            await self._posts.want_case(connection, mute.guild_id, mute.case_id, now)
            await self._alerts.heal(connection, mute.guild_id, now)
        if due_ms is not None:
            self._arm(due_ms)
        return _moved(mute, state=MuteState.ACTIVE, due_ms=due_ms)

    async def _note_undone(self, connection: AsyncConnection, case_id: int, now: int) -> None:
        """Close the case that this one takes back; read from the record, so that a crash does not forget it."""
        case = await cases.get_case(connection, case_id)
        if case is None or case.undo_of is None:
            return
        await cases.add_event(connection, case.undo_of, now, "undone", str(case_id))
        await self._posts.refresh_case(connection, case.undo_of, now)

    async def _note_extended(self, connection: AsyncConnection, old_id: int, case_id: int, now: int) -> None:
        old = await mutes.get_mute(connection, old_id)
        assert old is not None
        await cases.add_event(connection, old.case_id, now, "extended", str(case_id))
        await self._posts.refresh_case(connection, old.case_id, now)

    async def failed(self, mute: MuteRow, failure: Failure, detail: str = "", *, announce: bool = False) -> bool:
        """Note that the mute was not carried out; what it was to replace is in force again."""
        now = self._now()
        async with self._store.write() as connection:
            changes = {"state": MuteState.FAILED, "closed_ms": now}
            if not await mutes.advance(connection, mute, **changes):
                return False
            await timers.drop_timer(connection, mute.id)
            await cases.add_event(connection, mute.case_id, now, "failed", failure_detail(failure, detail))
            if announce:
                await self._posts.want_case(connection, mute.guild_id, mute.case_id, now)
            if mute.supersedes is not None:
                await self._restore(connection, mute.supersedes, now)
            await self._alerts.heal(connection, mute.guild_id, now)
        return True

    async def _restore(self, connection: AsyncConnection, old_id: int, now: int) -> None:
        old = await mutes.get_mute(connection, old_id)
        assert old is not None
        cleared = {"state": MuteState.ACTIVE, "closed_ms": None, "ending": None, "ended_by_case": None}
        await mutes.advance(connection, old, **cleared)
        if old.due_ms is not None:
            await timers.add_timer(connection, mute_id=old.id, guild_id=old.guild_id, wake_ms=old.due_ms)
            self._arm(max(old.due_ms, now))

    async def unanswered(self, mute: MuteRow) -> None:
        """Leave a request whose outcome nobody knows to whoever reads the mute list next, at once."""
        now = self._now()
        async with self._store.write() as connection:
            await timers.set_timer(connection, mute.id, now + 1_000)
        self._arm(now + 1_000)

    # Lifting by staff

    async def begin_lift(self, order: Order, mute: MuteRow) -> MuteRow:
        """Write down the intent to lift a mute in force; raises Refusal if it is not in force any more."""
        now = self._now()
        async with self._store.write() as connection:
            case_id = await self._add_case(connection, order, now, mute_id=mute.id)
            changes = {"state": MuteState.LIFTING, "lifting_case_id": case_id}
            if not await mutes.advance(connection, mute, **changes):
                raise Refusal("refusal-overtaken", member=mute.member_id)
            lease = {"owner": self.owner, "lease_until_ms": now + LEASE_MS}
            if mute.due_ms is None:
                await timers.add_timer(connection, mute_id=mute.id, guild_id=mute.guild_id, wake_ms=now, **lease)
            elif not await timers.take(connection, mute.id, self.owner, now + LEASE_MS):
                raise Refusal("refusal-overtaken", member=mute.member_id)
        self.take([mute.id])
        return _moved(mute, state=MuteState.LIFTING, lifting_case_id=case_id)

    async def begin_lift_of_outside(self, order: Order, seen: Seen, end_ms: int | None) -> MuteRow:
        """Write down the intent to lift a mute that somebody else made; its own row is the unmute's."""
        now = self._now()
        try:
            async with self._store.write() as connection:
                case_id = await self._add_case(connection, order, now)
                row = _pending(order, case_id, now)
                known = {"state": MuteState.LIFTING, "lifting_case_id": case_id, "due_ms": end_ms, "adopted": 1}
                mute_id = await mutes.add_mute(
                    connection,
                    case_id=case_id,
                    guild_id=row.guild_id,
                    community_id=row.community_id,
                    channel_id=row.channel_id,
                    member_id=row.member_id,
                    begun_ms=now,
                    im_end_ms=seen.end_ms,
                    **known,
                )
                await timers.add_timer(
                    connection,
                    mute_id=mute_id,
                    guild_id=order.guild_id,
                    wake_ms=now,
                    owner=self.owner,
                    lease_until_ms=now + LEASE_MS,
                )
        except IntegrityError:
            raise Refusal("refusal-busy", member=order.member_id, channel=order.place.channel_name) from None
        self.take([mute_id])
        return _moved(_with_id(row, mute_id), version=0, **known)

    async def lifted_by_staff(self, mute: MuteRow) -> bool:
        """Note that staff's unmute was carried out."""
        assert mute.lifting_case_id is not None
        now = self._now()
        async with self._store.write() as connection:
            changes = {
                "state": MuteState.LIFTED,
                "closed_ms": now,
                "ending": Ending.LIFTED,
                "ended_by_case": mute.lifting_case_id,
            }
            if not await mutes.advance(connection, mute, **changes):
                return False
            await timers.drop_timer(connection, mute.id)
            await cases.add_event(connection, mute.lifting_case_id, now, "applied")
            if mute.case_id != mute.lifting_case_id:
                await cases.add_event(connection, mute.case_id, now, "lifted", str(mute.lifting_case_id))
                await self._posts.refresh_case(connection, mute.case_id, now)
            await self._note_undone(connection, mute.lifting_case_id, now)
            await self._posts.want_case(connection, mute.guild_id, mute.lifting_case_id, now)
            await self._alerts.heal(connection, mute.guild_id, now)
        return True

    async def lift_failed(self, mute: MuteRow, failure: Failure, detail: str = "", *, announce: bool = False) -> bool:
        """Note that staff's unmute was not carried out; the mute stays as it was, with its end."""
        assert mute.lifting_case_id is not None
        now = self._now()
        async with self._store.write() as connection:
            if mute.case_id == mute.lifting_case_id:
                # Somebody else's mute: we go back to knowing nothing of it.
                kept = await mutes.advance(connection, mute, state=MuteState.FAILED, closed_ms=now)
                due = None
            else:
                kept = await mutes.advance(connection, mute, state=MuteState.ACTIVE, lifting_case_id=None)
                due = mute.due_ms
            if not kept:
                return False
            if due is None:
                await timers.drop_timer(connection, mute.id)
            else:
                await timers.set_timer(connection, mute.id, due, attempts=0, last_error="")
            detail = failure_detail(failure, detail)
            await cases.add_event(connection, mute.lifting_case_id, now, "failed", detail)
            if announce:
                await self._posts.want_case(connection, mute.guild_id, mute.lifting_case_id, now)
            await self._alerts.heal(connection, mute.guild_id, now)
        if due is not None:
            self._arm(due)
        return True

    # Ending by time, and what others did

    async def close(self, ended: Iterable[MuteRow], ending: Ending) -> int:
        """Note that mutes are over and close their cases; return how many were not settled otherwise."""
        now = self._now()
        closed = 0
        guilds: set[int] = set()
        async with self._store.write() as connection:
            for mute in ended:
                changes = {"state": MuteState.LIFTED, "closed_ms": now, "ending": ending}
                if not await mutes.advance(connection, mute, **changes):
                    continue
                await timers.drop_timer(connection, mute.id)
                await cases.add_event(connection, mute.case_id, now, ending)
                await self._posts.want_case(connection, mute.guild_id, mute.case_id, now)
                guilds.add(mute.guild_id)
                closed += 1
            for guild_id in guilds:
                await self._alerts.heal(connection, guild_id, now)
        return closed

    async def adopt(self, mute: MuteRow, due_ms: int | None, seen: Seen) -> bool:
        """Take over the end that somebody else gave a mute (T3)."""
        now = self._now()
        async with self._store.write() as connection:
            changes = {"state": MuteState.ACTIVE, "due_ms": due_ms, "im_end_ms": seen.end_ms, "adopted": 1}
            if not await mutes.advance(connection, mute, **changes):
                return False
            await cases.add_event(connection, mute.case_id, now, "adopted", "" if due_ms is None else str(due_ms))
            await self._reset_timer(connection, mute, due_ms)
            await self._posts.want_case(connection, mute.guild_id, mute.case_id, now)
            await self._alerts.heal(connection, mute.guild_id, now)
        return True

    async def confirm(self, mute: MuteRow, due_ms: int | None, seen: Seen) -> bool:
        """Note that the IM shows a mute as we have it, and its end as the IM tells it."""
        now = self._now()
        async with self._store.write() as connection:
            if not await mutes.advance(connection, mute, due_ms=due_ms, im_end_ms=seen.end_ms):
                return False
            if mute.im_end_ms is None:
                await cases.add_event(connection, mute.case_id, now, "verified")
            if due_ms != mute.due_ms:
                await self._reset_timer(connection, mute, due_ms)
                await self._alerts.heal(connection, mute.guild_id, now)
        return True

    async def wait(self, mute: MuteRow, wake_ms: int) -> None:
        """Leave a mute in force and look at it again then."""
        async with self._store.write() as connection:
            if await mutes.advance(connection, mute, state=MuteState.ACTIVE):
                await timers.set_timer(connection, mute.id, wake_ms, attempts=0, last_error="")
                await self._alerts.heal(connection, mute.guild_id, self._now())
        self._arm(wake_ms)

    async def put_back(self, tried: Iterable[MuteRow], wakes: dict[int, int], why: str, stuck: Iterable[int]) -> None:
        """Leave mutes that could not be looked at or lifted for another try at `wakes`, by mute.

        The guilds in `stuck` get an alert, unless they have one.
        """
        now = self._now()
        async with self._store.write() as connection:
            for mute in tried:
                # A timer's own lifting goes back to being in force; what staff began stays as it is.
                if mute.state == MuteState.LIFTING and mute.lifting_case_id is None:
                    await mutes.advance(connection, mute, state=MuteState.ACTIVE)
                attempts = timers.timers.c.attempts + 1
                await timers.set_timer(connection, mute.id, wakes[mute.id], attempts=attempts, last_error=why)
            for guild_id in stuck:
                await self._alerts.raise_stuck(connection, guild_id, why, now)
        if wakes:
            self._arm(min(wakes.values()))

    async def _reset_timer(self, connection: AsyncConnection, mute: MuteRow, due_ms: int | None) -> None:
        await timers.drop_timer(connection, mute.id)
        if due_ms is not None:
            await timers.add_timer(connection, mute_id=mute.id, guild_id=mute.guild_id, wake_ms=due_ms)
            self._arm(due_ms)

    async def _add_case(
        self, connection: AsyncConnection, order: Order, now: int, *, mute_id: int | None = None
    ) -> int:
        return await cases.add_case(
            connection,
            at_ms=now,
            guild_id=order.guild_id,
            staff_id=order.staff.id,
            staff_name=order.staff.name,
            action=order.action,
            community_id=order.place.community_id,
            channel_id=order.place.channel_id,
            channel_name=order.place.channel_name,
            member_id=order.member_id,
            duration_ms=order.duration_ms,
            reason=order.reason,
            undo_of=order.undo_of,
            mute_id=mute_id,
        )


def failure_detail(failure: Failure, text: str) -> str:
    """Write down why a case failed; `text` is the IM's own words."""
    return json.dumps({"failure": failure, "text": text[:500]}, ensure_ascii=False)


def _pending(order: Order, case_id: int, now: int) -> MuteRow:
    return MuteRow(
        id=0,
        case_id=case_id,
        guild_id=order.guild_id,
        community_id=order.place.community_id,
        channel_id=order.place.channel_id,
        member_id=order.member_id,
        state=MuteState.PENDING,
        version=0,
        begun_ms=now,
        requested_ms=order.duration_ms,
        due_ms=None,
        im_end_ms=None,
        supersedes=None if order.replaces is None else order.replaces.id,
        lifting_case_id=None,
        closed_ms=None,
        ending=None,
        ended_by_case=None,
        adopted=0,
    )


def _with_id(mute: MuteRow, mute_id: int) -> MuteRow:
    return replace(mute, id=mute_id)


def _moved(mute: MuteRow, **changes: Any) -> MuteRow:
    return replace(mute, **({"version": mute.version + 1} | changes))
