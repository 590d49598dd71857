r"""How a mute's record moves: each step one transaction, each a compare-and-set (design section 7).

    pending -> active -> lifting -> lifted
       |          \-> superseded
       \-> failed

Nothing here calls the IM. A step that comes too late (somebody else was first) changes nothing and says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import IntegrityError
from structlog.contextvars import bind_contextvars

from bot.services.clock import to_ms
from bot.services.model import Ending, Failure, MuteState
from bot.services.mute_steps import Step, moved, reset_timer, restore, supersede
from bot.services.orders import add_case, already_muted, failure_detail, note_undone, pending_mute
from bot.services.refusals import Refusal
from bot.store import cases, mutes, timers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bot.services.alerts import Alerts
    from bot.services.cases import Cases
    from bot.services.clock import Clock
    from bot.services.judgement import Seen
    from bot.services.meters import Meters
    from bot.services.model import CaseView
    from bot.services.orders import Order
    from bot.services.posts import Posts
    from bot.store.rows import CaseRow, MuteRow

T = TypeVar("T")

LEASE_MS = 30_000
"""How long work may go unrenewed before another process takes it over."""


class MuteLedger:
    """The books on mutes, their timers, their cases and what is to be shown of them.

    `owner` names this process; `arm` is told when a timer wants to be woken (milliseconds).
    """

    def __init__(
        self,
        *,
        clock: Clock,
        posts: Posts,
        alerts: Alerts,
        cases: Cases,
        meters: Meters,
        owner: str,
        arm: Callable[[int], None],
    ) -> None:
        self._clock = clock
        self._posts = posts
        self._alerts = alerts
        self._cases = cases
        self._meters = meters
        self.owner = owner
        self._arm = arm
        self._in_hand: set[int] = set()

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

        def step(book: Step) -> MuteRow:
            live = mutes.live_mute(book.connection, order.place.channel_id, order.member_id)
            if live is not None and order.replaces is None:
                raise already_muted(live, order.place)
            case_id = add_case(book.connection, order, book.now)
            if order.replaces is not None:
                supersede(book, order.replaces, case_id)
            return self._add_mute(book, pending_mute(order, case_id, book.now))

        return await self._begin(step, order)

    async def applied(self, mute: MuteRow, due_ms: int | None) -> MuteRow | None:
        """Note that the IM carried the mute out; None if its case was settled otherwise meanwhile."""

        def step(book: Step) -> MuteRow | None:
            done = self._applied(book, mute, due_ms)
            return None if done is None else done[0]

        return await self._write(step)

    async def applied_case(self, mute: MuteRow, due_ms: int | None) -> CaseView | None:
        """Do what `applied` does and return the case as people see it."""

        def step(book: Step) -> CaseView | None:
            done = self._applied(book, mute, due_ms)
            return None if done is None else self._cases.just_applied(done[1], done[0], book.now)

        return await self._write(step)

    def _applied(self, book: Step, mute: MuteRow, due_ms: int | None) -> tuple[MuteRow, CaseRow] | None:
        if not mutes.advance(book.connection, mute, state=MuteState.ACTIVE, due_ms=due_ms):
            return None
        if due_ms is None:
            timers.drop_timer(book.connection, mute.id)
        else:
            timers.set_timer(book.connection, mute.id, due_ms, attempts=0, last_error="")
            book.wakes.append(due_ms)
        case = cases.get_case(book.connection, mute.case_id)
        assert case is not None
        cases.add_event(book.connection, case.id, book.now, "applied")
        note_undone(book.connection, self._posts, case, book.now)
        if mute.supersedes is not None:
            self._note_extended(book, mute.supersedes, case.id)
        self._posts.want_new_case(book.connection, mute.guild_id, case.id, book.now)
        self._alerts.heal(book.connection, mute.guild_id, book.now)
        return moved(mute, state=MuteState.ACTIVE, due_ms=due_ms), case

    async def failed(self, mute: MuteRow, failure: Failure, detail: str = "", *, announce: bool = False) -> bool:
        """Note that the mute was not carried out; what it was to replace is in force again."""

        def step(book: Step) -> bool:
            if not mutes.advance(book.connection, mute, state=MuteState.FAILED, closed_ms=book.now):
                return False
            timers.drop_timer(book.connection, mute.id)
            cases.add_event(book.connection, mute.case_id, book.now, "failed", failure_detail(failure, detail))
            if announce:
                self._posts.want_case(book.connection, mute.guild_id, mute.case_id, book.now)
            if mute.supersedes is not None:
                restore(book, mute.supersedes)
            self._alerts.heal(book.connection, mute.guild_id, book.now)
            return True

        return await self._write(step)

    async def unanswered(self, mute: MuteRow) -> None:
        """Leave a request whose outcome nobody knows to whoever reads the mute list next, at once."""

        def step(book: Step) -> None:
            timers.set_timer(book.connection, mute.id, book.now + 1_000)
            book.wakes.append(book.now + 1_000)

        await self._write(step)

    # Lifting by staff

    async def begin_lift(self, order: Order, mute: MuteRow) -> MuteRow:
        """Write down the intent to lift a mute in force; raises Refusal if it is not in force any more."""

        def step(book: Step) -> MuteRow:
            case_id = add_case(book.connection, order, book.now, mute_id=mute.id)
            changes = {"state": MuteState.LIFTING, "lifting_case_id": case_id}
            until = book.now + LEASE_MS
            if mute.state != MuteState.ACTIVE or not mutes.advance(book.connection, mute, **changes):
                raise Refusal("refusal-overtaken", member=mute.member_id)
            if mute.due_ms is None:
                self._add_owned_timer(book, mute)
            elif not timers.take(book.connection, mute.id, self.owner, until):
                raise Refusal("refusal-overtaken", member=mute.member_id)
            return moved(mute, **changes)

        return await self._begin(step, order)

    async def begin_lift_of_outside(self, order: Order, seen: Seen, end_ms: int | None) -> MuteRow:
        """Write down the intent to lift a mute that somebody else made; its own row is the unmute's."""

        def step(book: Step) -> MuteRow:
            case_id = add_case(book.connection, order, book.now)
            row = replace(
                pending_mute(order, case_id, book.now),
                state=MuteState.LIFTING,
                lifting_case_id=case_id,
                due_ms=end_ms,
                im_end_ms=seen.end_ms,
                adopted=1,
            )
            return self._add_mute(book, row)

        return await self._begin(step, order)

    async def lifted_by_staff(self, mute: MuteRow) -> bool:
        """Note that staff's unmute was carried out."""
        lifting = mute.lifting_case_id
        assert lifting is not None

        def step(book: Step) -> bool:
            changes = {"ending": Ending.LIFTED, "ended_by_case": lifting, "closed_ms": book.now}
            if not mutes.advance(book.connection, mute, state=MuteState.LIFTED, **changes):
                return False
            timers.drop_timer(book.connection, mute.id)
            cases.add_event(book.connection, lifting, book.now, "applied")
            if mute.case_id != lifting:
                cases.add_event(book.connection, mute.case_id, book.now, "lifted", str(lifting))
                self._posts.refresh_case(book.connection, mute.case_id, book.now)
            case = cases.get_case(book.connection, lifting)
            assert case is not None
            note_undone(book.connection, self._posts, case, book.now)
            self._posts.want_case(book.connection, mute.guild_id, lifting, book.now)
            self._alerts.heal(book.connection, mute.guild_id, book.now)
            return True

        lifted = await self._write(step)
        self._count([mute] if lifted else [], Ending.LIFTED)
        return lifted

    async def lift_failed(self, mute: MuteRow, failure: Failure, detail: str = "", *, announce: bool = False) -> bool:
        """Note that staff's unmute was not carried out; the mute stays as it was, with its end."""
        lifting = mute.lifting_case_id
        assert lifting is not None

        def step(book: Step) -> bool:
            if mute.case_id == lifting:
                # Somebody else's mute: we go back to knowing nothing of it.
                kept = mutes.advance(book.connection, mute, state=MuteState.FAILED, closed_ms=book.now)
                due = None
            else:
                kept = mutes.advance(book.connection, mute, state=MuteState.ACTIVE, lifting_case_id=None)
                due = mute.due_ms
            if not kept:
                return False
            if due is None:
                timers.drop_timer(book.connection, mute.id)
            else:
                timers.set_timer(book.connection, mute.id, due, attempts=0, last_error="")
                book.wakes.append(due)
            cases.add_event(book.connection, lifting, book.now, "failed", failure_detail(failure, detail))
            if announce:
                self._posts.want_case(book.connection, mute.guild_id, lifting, book.now)
            self._alerts.heal(book.connection, mute.guild_id, book.now)
            return True

        return await self._write(step)

    # Ending by time, and what others did

    async def close(self, ended: Sequence[MuteRow], ending: Ending) -> int:
        """Note that mutes are over and close their cases; return how many were not settled otherwise."""

        def step(book: Step) -> list[MuteRow]:
            closed = [mute for mute in ended if self._close(book, mute, ending)]
            for guild_id in {mute.guild_id for mute in closed}:
                self._alerts.heal(book.connection, guild_id, book.now)
            return closed

        closed = await self._write(step)
        self._count(closed, ending)
        return len(closed)

    def _count(self, ended: Sequence[MuteRow], ending: Ending) -> None:
        self._meters.unmutes.labels(ending).inc(len(ended))
        if ending is Ending.ENDED:
            now = to_ms(self._clock.now())
            for mute in ended:
                self._meters.unmute_lateness.observe(max(0, now - (mute.due_ms or now)) / 1000)

    def _close(self, book: Step, mute: MuteRow, ending: Ending) -> bool:
        if not mutes.advance(book.connection, mute, state=MuteState.LIFTED, closed_ms=book.now, ending=ending):
            return False
        timers.drop_timer(book.connection, mute.id)
        cases.add_event(book.connection, mute.case_id, book.now, ending)
        self._posts.want_case(book.connection, mute.guild_id, mute.case_id, book.now)
        return True

    async def adopt(self, mute: MuteRow, due_ms: int | None, seen: Seen) -> bool:
        """Take over the end that somebody else gave a mute (T3)."""

        def step(book: Step) -> bool:
            changes = {"state": MuteState.ACTIVE, "due_ms": due_ms, "im_end_ms": seen.end_ms, "adopted": 1}
            if not mutes.advance(book.connection, mute, **changes):
                return False
            cases.add_event(book.connection, mute.case_id, book.now, "adopted", "" if due_ms is None else str(due_ms))
            reset_timer(book, mute, due_ms)
            self._posts.want_case(book.connection, mute.guild_id, mute.case_id, book.now)
            self._alerts.heal(book.connection, mute.guild_id, book.now)
            return True

        return await self._write(step)

    async def confirm(self, found: Sequence[tuple[MuteRow, int | None, Seen]]) -> int:
        """Note that the IM shows mutes as we have them, and their ends (on our clock, and as it tells them).

        Return how many were not changed otherwise meanwhile.
        """

        def step(book: Step) -> int:
            return sum(self._confirm(book, mute, due_ms, seen) for mute, due_ms, seen in found)

        return await self._write(step)

    def _confirm(self, book: Step, mute: MuteRow, due_ms: int | None, seen: Seen) -> bool:
        if not mutes.advance(book.connection, mute, due_ms=due_ms, im_end_ms=seen.end_ms):
            return False
        if mute.im_end_ms is None:
            cases.add_event(book.connection, mute.case_id, book.now, "verified")
        if due_ms != mute.due_ms:
            reset_timer(book, mute, due_ms)
            self._alerts.heal(book.connection, mute.guild_id, book.now)
        return True

    async def wait(self, mute: MuteRow, wake_ms: int) -> None:
        """Leave a mute in force and look at it again then."""

        def step(book: Step) -> None:
            if mutes.advance(book.connection, mute, state=MuteState.ACTIVE):
                timers.set_timer(book.connection, mute.id, wake_ms, attempts=0, last_error="")
                self._alerts.heal(book.connection, mute.guild_id, book.now)
            book.wakes.append(wake_ms)

        await self._write(step)

    async def put_back(self, tried: Sequence[MuteRow], wakes: dict[int, int], why: str, stuck: Iterable[int]) -> None:
        """Leave mutes that could not be looked at or lifted for another try at `wakes`, by mute.

        The guilds in `stuck` get an alert, unless they have one.
        """

        def step(book: Step) -> None:
            for mute in tried:
                # A timer's own lifting goes back to being in force; what staff began stays as it is.
                if mute.state == MuteState.LIFTING and mute.lifting_case_id is None:
                    mutes.advance(book.connection, mute, state=MuteState.ACTIVE)
                timers.try_again(book.connection, mute.id, wakes[mute.id], why)
            for guild_id in stuck:
                self._alerts.raise_stuck(book.connection, guild_id, why, book.now)
            book.wakes.extend(wakes.values())

        await self._write(step)

    # What the steps are made of

    async def _write(self, work: Callable[[Step], T]) -> T:
        wakes: list[int] = []
        now = to_ms(self._clock.now())
        result = await self._posts.write(lambda connection: work(Step(connection, now, wakes)))
        # Only now: what woke earlier would not find it yet.
        if wakes:
            self._arm(min(wakes))
        return result

    async def _begin(self, work: Callable[[Step], MuteRow], order: Order) -> MuteRow:
        try:
            mute = await self._write(work)
        except IntegrityError:
            raise Refusal("refusal-busy", member=order.member_id, channel=order.place.channel_name) from None
        self.take([mute.id])
        bind_contextvars(case=mute.lifting_case_id or mute.case_id)
        return mute

    def _add_mute(self, book: Step, mute: MuteRow) -> MuteRow:
        added = replace(mute, id=mutes.add_mute(book.connection, mute))
        self._add_owned_timer(book, added)
        return added

    def _add_owned_timer(self, book: Step, mute: MuteRow) -> None:
        until = book.now + LEASE_MS
        timers.add_timer(book.connection, mute.id, mute.guild_id, book.now, owner=self.owner, lease_until_ms=until)

    def _note_extended(self, book: Step, old_id: int, case_id: int) -> None:
        old = mutes.get_mute(book.connection, old_id)
        assert old is not None
        cases.add_event(book.connection, old.case_id, book.now, "extended", str(case_id))
        self._posts.refresh_case(book.connection, old.case_id, book.now)
