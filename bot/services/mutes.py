"""What staff do about mutes: mute, lift, extend, undo, and look."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from bot.im import Lane
from bot.im.errors import IMError, NotFound, Unavailable
from bot.services.cases import UNTOLD
from bot.services.clock import from_ms, to_ms
from bot.services.durations import LONGEST_MS, parse_duration
from bot.services.model import (
    LIVE_STATES,
    Action,
    CaseView,
    Ending,
    Failure,
    MutedList,
    MutedMember,
    MuteState,
    Outcome,
    Place,
    Staff,
)
from bot.services.orders import LONGEST_REASON, Order
from bot.services.readings import read_mutes
from bot.services.refusals import NeedsConfirmation, Refusal, Unsettled
from bot.store import StoreError
from bot.store import cases as case_rows
from bot.store import mutes as mute_rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection
    from datetime import timedelta

    from sqlalchemy import Connection

    from bot.im import IMClient
    from bot.services.cases import Cases
    from bot.services.clock import Clock
    from bot.services.directory import Directory
    from bot.services.judgement import Seen
    from bot.services.ledger import MuteLedger
    from bot.services.settings import SettingsService
    from bot.store import Store
    from bot.store.rows import MuteRow

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

SHORTEST_MS = 1_000
CARRIED_OUT_AT_ONCE = 128
"""More than the IM's pace lets through; who comes later waits here, before anything is written down or sent."""
_CLOSED_AT_ONCE = 50
_LOOKED_THROUGH = 50


class Mutes:
    """The operations on mutes that commands, buttons and menus share."""

    def __init__(
        self,
        *,
        store: Store,
        im: IMClient,
        clock: Clock,
        ledger: MuteLedger,
        cases: Cases,
        directory: Directory,
        settings: SettingsService,
    ) -> None:
        self._store = store
        self._im = im
        self._clock = clock
        self._ledger = ledger
        self._cases = cases
        self._directory = directory
        self._settings = settings
        self._turns = asyncio.Semaphore(CARRIED_OUT_AT_ONCE)

    def _now(self) -> int:
        return to_ms(self._clock.now())

    async def mute(
        self,
        *,
        staff: Staff,
        guild_id: int,
        channel: str,
        member: str,
        duration: str | None,
        reason: str,
        confirmed: bool = False,
    ) -> CaseView:
        """Mute a member in a channel for a time and return the case; option texts as they were typed.

        Raises Refusal (bad input, owner, muted already), NeedsConfirmation (a community moderator),
        IMError (nothing was changed), Unsettled (the IM did not answer; the case settles by itself).
        """
        duration_ms = parse_duration(duration) if duration else self._settings.get(guild_id).default_duration_ms
        place = (await self._directory.channel(guild_id, channel)).place
        member_id = await self._directory.member_id(place, member)
        role = await self._directory.role(place, member_id)
        if role == "owner":
            raise Refusal("refusal-owner", member=member_id)
        if role == "moderator" and not confirmed:
            meant = {"channel": place.channel_id}
            raise NeedsConfirmation("confirm-mute-moderator", meant=meant, member=member_id, channel=place.channel_name)
        order = Order(staff, guild_id, place, member_id, Action.MUTE, duration_ms, reason[:LONGEST_REASON])
        return await self._carry_out_mute(order)

    async def unmute(self, *, staff: Staff, guild_id: int, channel: str, member: str, reason: str) -> CaseView:
        """Lift a member's mute now, also one that somebody else made; raises Refusal if there is none."""
        place = (await self._directory.channel(guild_id, channel)).place
        member_id = await self._directory.member_id(place, member, must_be_in=False)
        order = Order(staff, guild_id, place, member_id, Action.UNMUTE, None, reason[:LONGEST_REASON])
        mute = await self._live(place, member_id)
        if mute is None:
            return await self._lift_outside(order)
        if mute.state != MuteState.ACTIVE:
            raise Refusal("refusal-busy", member=member_id, channel=place.channel_name)
        return await self._carry_out_lift(order, lambda: self._ledger.begin_lift(order, mute))

    async def extend(self, *, staff: Staff, guild_id: int, case_id: int, add_ms: int | None) -> CaseView:
        """Give a mute in force a later end: so much longer than its present one, None for ever."""
        view, mute = await self._mute_in_force(guild_id, case_id)
        if mute.due_ms is None:
            raise Refusal("refusal-already-permanent", member=view.member_id)
        duration_ms = None
        if add_ms is not None:
            duration_ms = mute.due_ms - self._now() + add_ms
            if not SHORTEST_MS <= duration_ms <= LONGEST_MS:
                raise Refusal("refusal-duration-range", text="")
        order = Order(staff, guild_id, view.place, view.member_id, Action.EXTEND, duration_ms, view.reason, None, mute)
        return await self._carry_out_mute(order)

    async def undo(self, *, staff: Staff, view: CaseView) -> CaseView:
        """Take back a mute, unmute or extension that `Cases.reversible` names; return the new case."""
        if view.action is Action.UNMUTE:
            return await self._mute_again(staff, view)

        def look(connection: Connection) -> tuple[MuteRow | None, MuteRow | None]:
            mute = mute_rows.mute_of_case(connection, view.id)
            if mute is None or mute.supersedes is None:
                return mute, None
            return mute, mute_rows.get_mute(connection, mute.supersedes)

        mute, before = await self._store.read(look)
        if mute is None or mute.state != MuteState.ACTIVE:
            # Somebody was quicker, between our two looks.
            raise Refusal("refusal-busy", member=view.member_id, channel=view.place.channel_name)
        if before is not None and (before.due_ms is None or before.due_ms - self._now() >= SHORTEST_MS):
            return await self._back_to(staff, view, mute, before)
        order = Order(staff, view.guild_id, view.place, view.member_id, Action.UNMUTE, None, "", view.id)
        return await self._carry_out_lift(order, lambda: self._ledger.begin_lift(order, mute))

    async def muted(self, *, guild_id: int, channel: str) -> MutedList:
        """Return a channel's mute list by the IM, joined with our cases; only ours if the IM does not answer."""
        place = (await self._directory.channel(guild_id, channel)).place
        try:
            with self._im.lane(Lane.URGENT):
                reading = await read_mutes(self._im, self._clock, place.community_id, place.channel_id)
        except IMError:
            reading = None

        def look(connection: Connection) -> list[CaseView]:
            rows = mute_rows.live_in_channel(connection, place.channel_id)
            return self._cases.views(connection, [row.case_id for row in rows])

        views = await self._store.read(look)
        ours = {view.member_id: view for view in views if view.guild_id == guild_id and view.action != Action.UNMUTE}
        if reading is None:
            entries = [_entry(member_id, view) for member_id, view in ours.items()]
            return MutedList(place, tuple(sorted(entries, key=_soonest)), reachable=False)
        entries = [
            MutedMember(
                member_id=member_id,
                ends_at=None if (end := reading.end_by_our_clock(seen)) is None else from_ms(end),
                permanent=seen.permanent,
                case=ours.get(member_id),
            )
            for member_id, seen in reading.entries.items()
        ]
        return MutedList(place, tuple(sorted(entries, key=_soonest)))

    async def case_in_force(self, guild_id: int, place: Place, member_id: str) -> CaseView | None:
        """Return this guild's case that mutes a member in a channel at present, None if none of ours does."""

        def look(connection: Connection) -> list[CaseView]:
            mute = mute_rows.live_mute(connection, place.channel_id, member_id)
            return [] if mute is None else self._cases.views(connection, [mute.case_id])

        found = await self._store.read(look)
        ours = [view for view in found if view.guild_id == guild_id and view.action != Action.UNMUTE]
        return ours[0] if ours else None

    async def left(self, place: Place, member_ids: Collection[str]) -> None:
        """Close the mutes in force of members who were taken out of a channel, where the IM has dropped them too.

        What cannot be read now is left to the next comparison with the IM.
        """
        now = self._now()
        rows = await self._store.read(lambda connection: mute_rows.live_in_channel(connection, place.channel_id))
        rows = [row for row in rows if row.member_id in member_ids and row.state == MuteState.ACTIVE]
        # What is due by now has ended, and its timer says so.
        rows = [row for row in rows if row.due_ms is None or row.due_ms > now]
        if not rows:
            return
        try:
            with self._im.lane(Lane.URGENT):
                reading = await read_mutes(self._im, self._clock, place.community_id, place.channel_id)
        except IMError as error:
            log.info("mutes of removed members not compared", channel=place.channel_id, why=error.summary)
            return
        dropped = [row for row in rows if row.member_id not in reading.entries]
        for start in range(0, len(dropped), _CLOSED_AT_ONCE):
            await self._ledger.close(dropped[start : start + _CLOSED_AT_ONCE], Ending.LEFT)

    async def channel_gone(self, channel_id: str) -> None:
        """Close the mutes in force of a channel that we have deleted; what is under way there ends by itself."""
        rows = await self._store.read(lambda connection: mute_rows.live_in_channel(connection, channel_id))
        active = [row for row in rows if row.state == MuteState.ACTIVE]
        for start in range(0, len(active), _CLOSED_AT_ONCE):
            await self._ledger.close(active[start : start + _CLOSED_AT_ONCE], Ending.GONE)

    # Carrying out

    async def _carry_out_mute(self, order: Order) -> CaseView:
        async with self._turns:
            mute = await self._ledger.begin(order)
            try:
                return await self._send_mute(mute, order)
            finally:
                self._ledger.let_go([mute.id])

    async def _send_mute(self, mute: MuteRow, order: Order) -> CaseView:
        try:
            with self._im.lane(Lane.URGENT):
                await self._im.mutes.add(
                    mute.community_id, mute.channel_id, mute.member_id, duration_ms=mute.requested_ms
                )
        except IMError as error:
            await self._not_carried_out(mute, order, error)
            raise
        except asyncio.CancelledError:
            await asyncio.shield(self._ledger.unanswered(mute))
            raise
        # The IM began to count before its answer came, so by this end the IM's own has passed too.
        due_ms = None if mute.requested_ms is None else self._now() + mute.requested_ms
        try:
            view = await self._ledger.applied_case(mute, due_ms)
        except StoreError as error:
            raise Unsettled(mute.case_id, error) from error
        if view is None:
            # Settled as failed while we waited (our process was suspended): it must not be in force then.
            await self._im.mutes.remove(mute.community_id, mute.channel_id, mute.member_id)
            raise Refusal("refusal-overtaken", member=mute.member_id)
        return view

    async def _not_carried_out(self, mute: MuteRow, order: Order, error: IMError) -> None:
        if error.sent:
            await self._leave_open(mute)
            raise Unsettled(mute.case_id, error) from error
        await self._ledger.failed(mute, _failure(error), error.description)
        if isinstance(error, NotFound):
            self._directory.forget(order.place, order.member_id)

    async def _leave_open(self, mute: MuteRow) -> None:
        """Let a request whose outcome nobody knows be settled soon; when its lease runs out if that cannot be noted."""
        with contextlib.suppress(StoreError):
            await self._ledger.unanswered(mute)

    async def _carry_out_lift(self, order: Order, begin: Callable[[], Awaitable[MuteRow]]) -> CaseView:
        async with self._turns:
            mute = await begin()
            assert mute.lifting_case_id is not None
            try:
                await self._send_lift(mute)
                try:
                    await self._ledger.lifted_by_staff(mute)
                except StoreError as error:
                    raise Unsettled(mute.lifting_case_id, error) from error
            finally:
                self._ledger.let_go([mute.id])
        return await self._cases.view(order.guild_id, mute.lifting_case_id)

    async def _send_lift(self, mute: MuteRow) -> None:
        assert mute.lifting_case_id is not None
        try:
            with self._im.lane(Lane.URGENT):
                await self._im.mutes.remove(mute.community_id, mute.channel_id, mute.member_id)
        except NotFound:
            return  # no such member or channel any more: nobody is muted there
        except IMError as error:
            if error.sent:
                await self._leave_open(mute)
                raise Unsettled(mute.lifting_case_id, error) from error
            await self._ledger.lift_failed(mute, _failure(error), error.description)
            raise
        except asyncio.CancelledError:
            await asyncio.shield(self._ledger.unanswered(mute))
            raise

    async def _lift_outside(self, order: Order) -> CaseView:
        place = order.place
        with self._im.lane(Lane.URGENT):
            reading = await read_mutes(self._im, self._clock, place.community_id, place.channel_id)
        seen: Seen | None = reading.entries.get(order.member_id)
        if seen is None:
            raise Refusal("refusal-not-muted", member=order.member_id, channel=place.channel_name)
        end = reading.end_by_our_clock(seen)
        untold = end is None and not seen.permanent
        noted = replace(order, details={UNTOLD: True}) if untold else order
        return await self._carry_out_lift(noted, lambda: self._ledger.begin_lift_of_outside(noted, seen, end))

    async def _mute_again(self, staff: Staff, view: CaseView) -> CaseView:
        """Undo an unmute: mute for what was left of it; raises Refusal if there was another mute since."""
        if await self._muted_since(view):
            raise Refusal("refusal-moved-on", case=view.id)
        left = None if view.ends_at is None else to_ms(view.ends_at) - self._now()
        order = Order(staff, view.guild_id, view.place, view.member_id, Action.MUTE, left, view.reason, view.id)
        return await self._carry_out_mute(order)

    async def _muted_since(self, view: CaseView) -> bool:
        wanted = case_rows.CaseFilter(
            view.guild_id, member_id=view.member_id, actions=(Action.MUTE,), since_ms=to_ms(view.at)
        )

        def look(connection: Connection) -> list[CaseView]:
            found = case_rows.search(connection, wanted, offset=0, limit=_LOOKED_THROUGH)
            return self._cases.views(connection, [number for number in found if number > view.id])

        # One that is in force is told as such, with its end.
        return any(
            later.place.channel_id == view.place.channel_id and later.outcome is not Outcome.FAILED and not later.live
            for later in await self._store.read(look)
        )

    async def _back_to(self, staff: Staff, view: CaseView, mute: MuteRow, before: MuteRow) -> CaseView:
        """Undo an extension: give the mute the end it had before."""
        left = None if before.due_ms is None else before.due_ms - self._now()
        place = view.place
        order = Order(staff, view.guild_id, place, view.member_id, Action.EXTEND, left, view.reason, view.id, mute)
        return await self._carry_out_mute(order)

    async def _mute_in_force(self, guild_id: int, case_id: int) -> tuple[CaseView, MuteRow]:
        view = await self._cases.view(guild_id, case_id)
        mute = await self._store.read(lambda connection: mute_rows.mute_of_case(connection, case_id))
        if mute is None or mute.state != MuteState.ACTIVE or view.action is Action.UNMUTE:
            raise Refusal("refusal-case-over", case=case_id)
        return view, mute

    async def _live(self, place: Place, member_id: str) -> MuteRow | None:
        return await self._store.read(lambda connection: mute_rows.live_mute(connection, place.channel_id, member_id))


def _failure(error: IMError) -> Failure:
    return Failure.UNREACHABLE if isinstance(error, Unavailable) else Failure.REFUSED


def _entry(member_id: str, view: CaseView) -> MutedMember:
    permanent = view.ends_at is None and view.mute_state in LIVE_STATES
    return MutedMember(member_id, view.ends_at, permanent, view)


def _soonest(entry: MutedMember) -> tuple[bool, timedelta, str]:
    epoch = from_ms(0)
    return entry.ends_at is None, (entry.ends_at or epoch) - epoch, entry.member_id
