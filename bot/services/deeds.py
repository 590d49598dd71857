"""Deeds: what staff do in the IM besides mutes, each a case that is written down before the IM is asked.

A deed's kind (one class an action, in the file of its family) knows how it is carried out, how the IM shows after a
crash whether it happened, and what would take it back. This engine knows the order of things: intent, call, outcome.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakValueDictionary

import structlog
from sqlalchemy.exc import IntegrityError
from structlog.contextvars import bind_contextvars, bound_contextvars

from bot.im import Lane
from bot.im.errors import IMError, Unavailable
from bot.services.clock import to_ms
from bot.services.complaints import Complaints
from bot.services.judgement import LATEST_SEND_MS
from bot.services.model import NOWHERE, Action, CaseView, Details, Failure, Place, Staff
from bot.services.orders import LONGEST_REASON, Order, add_case, failure_detail, note_undone, refuse_second_undo
from bot.services.refusals import Refusal, Unsettled
from bot.store import StoreError
from bot.store import cases as case_rows
from bot.store import deeds as deed_rows

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Iterable

    from sqlalchemy import Connection

    from bot.im import IMClient
    from bot.services.cases import Cases
    from bot.services.clock import Clock
    from bot.services.posts import Posts
    from bot.store import Store

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

CARRIED_OUT_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be done in the IM; `details` hold all that carrying out, finding and taking back need (plain JSON).

    `subject` names what the deed changes, such as `member:CHANNEL:USER`: nobody else may be at it meanwhile.
    """

    action: Action
    subject: str
    place: Place = NOWHERE
    member_id: str = ""
    details: Details = field(default_factory=dict[str, Any], repr=False)
    subjects: tuple[str, ...] = ()


class Sight(Enum):
    """What the IM shows of a deed whose answer never came."""

    DONE = auto()
    ABSENT = auto()
    UNKNOWN = auto()  # nothing in the IM tells


class Kind(Protocol):
    """How one action is carried out, found and taken back."""

    async def carry_out(self, deed: Deed) -> Details:
        """Do it and return what came of it (plain JSON, added to the case's details); raises IMError."""
        ...

    async def look(self, deed: Deed) -> Sight | Details:
        """Tell whether the IM shows the deed as done, or what came of it; raises IMError if it cannot be asked."""
        ...

    async def taking_back(self, done: CaseView) -> Deed:
        """Return the deed that takes a case back; raises Refusal if the world has moved on since."""
        ...


class Deeds:
    """Carries deeds out, once each; `owner` names this process."""

    def __init__(
        self,
        *,
        store: Store,
        im: IMClient,
        clock: Clock,
        posts: Posts,
        cases: Cases,
        owner: str,
        kinds: dict[Action, Kind],
    ) -> None:
        self._store = store
        self._im = im
        self._clock = clock
        self._posts = posts
        self._cases = cases
        self._owner = owner
        self._kinds = kinds
        self._complaints = Complaints()
        self._turns = asyncio.Semaphore(CARRIED_OUT_AT_ONCE)
        self._in_hand: set[int] = set()
        self._beginning = 0
        self._watchers: dict[int, set[str]] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def _now(self) -> int:
        return to_ms(self._clock.now())

    @asynccontextmanager
    async def turn(self, subject: str) -> AsyncGenerator[None]:
        """Let one after another look at a subject and change it, so that whoever is second sees what the first did."""
        lock = self._locks.get(subject)
        if lock is None:
            lock = self._locks[subject] = asyncio.Lock()
        async with lock:
            yield

    async def do(
        self, deed: Deed, *, staff: Staff, guild_id: int, reason: str = "", undo_of: int | None = None
    ) -> CaseView:
        """Carry out a deed and return its case.

        Raises Refusal (somebody else is at the same thing), IMError (nothing was changed), Unsettled (the IM did not
        answer; the case settles by itself).
        """
        order = _order(deed, staff, guild_id, reason, undo_of)
        async with self._turns:
            case_id = await self._begin(order, deed.subject)
            try:
                return await self._carry_out(case_id, guild_id, deed)
            finally:
                self._in_hand.discard(case_id)
                for changed in self._watchers.values():
                    changed.add(deed.subject)

    async def take_back(self, case: CaseView, *, staff: Staff, guild_id: int) -> CaseView:
        """Carry out what takes a case back and return the new case.

        Raises Refusal if the world has moved on since, and what `do` raises.
        """
        kind = self._kinds[case.action]
        with self._im.lane(Lane.URGENT), self._watching() as changed:
            deed = await kind.taking_back(case)
            async with self.turn(deed.subject):
                if deed.subject in changed:
                    # Somebody did something about it while we looked or waited: what we saw may not be so any more.
                    deed = await kind.taking_back(case)
                return await self.do(deed, staff=staff, guild_id=guild_id, undo_of=case.id)

    @contextmanager
    def _watching(self) -> Generator[set[str]]:
        """Collect the subjects of deeds that come to an end meanwhile."""
        changed: set[str] = set()
        self._watchers[id(changed)] = changed
        try:
            yield changed
        finally:
            del self._watchers[id(changed)]

    async def settle(self) -> int:
        """Compare deeds that were begun and have no outcome with the IM; return how many have one now (T5).

        What cannot be asked at the moment is left for the next time; nothing is ever carried out late.
        """
        now = self._now()
        # Where other processes share the database, theirs are left alone until no request of them can be under way.
        before = None if self._store.is_sqlite else now - LATEST_SEND_MS
        found = await self._store.read(
            lambda connection: deed_rows.lost(connection, self._owner, begun_before_ms=before)
        )
        if self._beginning:
            # One of them may have been written down by us at this moment, and is not known to be in hand yet.
            return 0
        settled = 0
        for case_id in found:
            if case_id in self._in_hand:
                continue
            self._in_hand.add(case_id)
            try:
                with bound_contextvars(case=case_id):
                    settled += await self._settle(case_id)
            except IMError as error:
                log.info("deed not settled yet", case=case_id, why=error.summary)
            except Exception as error:  # noqa: BLE001 - said in the log; the others are not to wait for this one
                self._complaints.say("deed not settled", error, case=case_id)
            finally:
                self._in_hand.discard(case_id)
        return settled

    async def _begin(self, order: Order, subject: str) -> int:
        now = self._now()

        def put(connection: Connection) -> int:
            case_id = add_case(connection, order, now)
            deed_rows.add_open(connection, case_id, subject, self._owner, now)
            # Once more: that may have waited for another process, which noted in that transaction that it is undone.
            refuse_second_undo(connection, order)
            return case_id

        self._beginning += 1
        try:
            case_id = await self._store.write(put)
            self._in_hand.add(case_id)
            bind_contextvars(case=case_id)
        except IntegrityError:
            raise Refusal("refusal-busy-deed") from None
        finally:
            self._beginning -= 1
        return case_id

    async def _carry_out(self, case_id: int, guild_id: int, deed: Deed) -> CaseView:
        try:
            with self._im.lane(Lane.URGENT):
                result = await self._kinds[deed.action].carry_out(deed)
        except IMError as error:
            if error.sent:
                raise Unsettled(case_id, error) from error
            failure = Failure.UNREACHABLE if isinstance(error, Unavailable) else Failure.REFUSED
            await self._failed(case_id, guild_id, failure, error.description)
            raise
        try:
            await self._applied(case_id, result)
        except StoreError as error:
            raise Unsettled(case_id, error) from error
        return await self._cases.view(guild_id, case_id)

    async def _settle(self, case_id: int) -> bool:
        found = await self._store.read(lambda connection: self._cases.views(connection, [case_id]))
        view = found[0]
        deed = Deed(view.action, "", view.place, view.member_id, view.details, view.subjects)
        with self._im.lane(Lane.BACKGROUND):
            sight = await self._kinds[view.action].look(deed)
        if not isinstance(sight, Sight):
            return await self._applied(case_id, sight)
        if sight is Sight.DONE:
            return await self._applied(case_id, {})
        failure = Failure.INTERRUPTED if sight is Sight.ABSENT else Failure.UNKNOWN
        return await self._failed(case_id, view.guild_id, failure, announce=True)

    async def _applied(self, case_id: int, result: Details) -> bool:
        now = self._now()
        told = json.dumps(result, ensure_ascii=False) if result else ""

        def put(connection: Connection) -> bool:
            if not deed_rows.close_open(connection, case_id):
                return False
            case_rows.add_event(connection, case_id, now, "applied", told)
            case = case_rows.get_case(connection, case_id)
            assert case is not None
            note_undone(connection, self._posts, case, now)
            self._posts.want_new_case(connection, case.guild_id, case_id, now)
            return True

        return await self._posts.write(put)

    async def _failed(
        self, case_id: int, guild_id: int, failure: Failure, detail: str = "", *, announce: bool = False
    ) -> bool:
        now = self._now()

        def put(connection: Connection) -> bool:
            if not deed_rows.close_open(connection, case_id):
                return False
            case_rows.add_event(connection, case_id, now, "failed", failure_detail(failure, detail))
            if announce:
                self._posts.want_case(connection, guild_id, case_id, now)
            return True

        return await self._posts.write(put)


def _order(deed: Deed, staff: Staff, guild_id: int, reason: str, undo_of: int | None) -> Order:
    return Order(
        staff,
        guild_id,
        deed.place,
        deed.member_id,
        deed.action,
        duration_ms=None,
        reason=reason[:LONGEST_REASON],
        undo_of=undo_of,
        details=deed.details,
        subjects=deed.subjects,
    )


def moved_on(case: CaseView) -> Refusal:
    """Say that a case cannot be taken back, because what it changed has been changed again since."""
    return Refusal("refusal-moved-on", case=case.id)


def names_of(details: Details, key: str) -> tuple[str, ...]:
    """Return a list of names from a case's details, empty if there is none."""
    found: Iterable[Any] = details.get(key, ())
    return tuple(str(name) for name in found)
