"""Cases looked up: those that are sought, the course of one, another reason for it, all of them in files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.services.case_export import CaseExport, CaseFiles, CaseLines
from bot.services.clock import from_ms, to_ms
from bot.services.model import Action, CaseView, Staff
from bot.services.naming import typed
from bot.services.orders import LONGEST_REASON
from bot.services.progress import advanced
from bot.services.refusals import Refusal
from bot.store import cases

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.services.case_export import FileFormat
    from bot.services.cases import Cases
    from bot.services.clock import Clock
    from bot.services.posts import Posts
    from bot.store import Store
    from bot.store.rows import CaseRow


class ActionGroup(StrEnum):
    """What cases are about, as few enough kinds to choose from."""

    MUTES = "mutes"
    MEMBERS = "members"
    CHANNELS = "channels"
    THREADS = "threads"
    REACTIONS = "reactions"
    FRIENDS = "friends"
    BLOCKS = "blocks"
    COLLECTIONS = "collections"
    CLEANUP = "cleanup"
    SETTINGS = "settings"


GROUPS: Final = {
    ActionGroup.MUTES: (Action.MUTE, Action.UNMUTE, Action.EXTEND),
    ActionGroup.MEMBERS: (Action.MEMBER_ADD, Action.MEMBER_REMOVE, Action.MEMBER_PURGE),
    ActionGroup.CHANNELS: (Action.CHANNEL_CREATE, Action.CHANNEL_EDIT, Action.CHANNEL_DELETE, Action.CHANNEL_SAY),
    ActionGroup.THREADS: (
        Action.THREAD_CREATE,
        Action.THREAD_RENAME,
        Action.THREAD_DELETE,
        Action.THREAD_ADD,
        Action.THREAD_REMOVE,
    ),
    ActionGroup.REACTIONS: (Action.REACTION_ADD, Action.REACTION_REMOVE),
    ActionGroup.FRIENDS: (Action.FRIEND_ADD, Action.FRIEND_REMOVE, Action.FRIEND_REMARK),
    ActionGroup.BLOCKS: (Action.BLOCK_ADD, Action.BLOCK_REMOVE),
    ActionGroup.COLLECTIONS: (
        Action.COLLECTION_ADD,
        Action.COLLECTION_EDIT,
        Action.COLLECTION_DELETE,
        Action.COLLECTION_IMPORT,
    ),
    ActionGroup.CLEANUP: (Action.CLEANUP, Action.RESTORE, Action.POLICY),
    ActionGroup.SETTINGS: (Action.SETTING,),
}

_SUGGESTIONS = 25
_LOOKED_THROUGH = 200
_LONGEST_NUMBER = 16
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Sought:
    """Which cases are looked for; what is None does not matter."""

    member: str | None = None
    staff_id: int | None = None
    group: ActionGroup | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of cases, newest first; `at` is its number from 0, `total` how many cases there are on all pages."""

    cases: tuple[CaseView, ...]
    at: int
    total: int


class Step(StrEnum):
    """What can happen to a case; each has a text `story-...`."""

    ASKED = "asked"
    APPLIED = "applied"
    VERIFIED = "verified"
    FAILED = "failed"
    UNDONE = "undone"
    LIFTED = "lifted"
    EXTENDED = "extended"
    ENDED = "ended"
    OUTSIDE = "outside"
    GONE = "gone"
    LEFT = "left"
    ADOPTED = "adopted"
    REASON = "reason"
    ERASED = "erased"


# Events whose detail is the number of the case that did it, and those without a detail for people.
_BY_CASES: Final = frozenset({Step.UNDONE, Step.LIFTED, Step.EXTENDED})
_PLAIN: Final = frozenset(
    {Step.APPLIED, Step.VERIFIED, Step.FAILED, Step.ENDED, Step.OUTSIDE, Step.GONE, Step.LEFT, Step.ERASED}
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a case; `by` and `case_id` name who did it and in which other case, if anybody did."""

    at: datetime
    step: Step
    by: Staff | None = None
    case_id: int | None = None
    text: str = ""  # of a reason: what it was changed to
    until: datetime | None = None  # of an end that was taken over; None: permanent


@dataclass(frozen=True, slots=True)
class Story:
    """A case and all that happened to it, oldest first."""

    case: CaseView
    happenings: tuple[Happening, ...]


class Records:
    """Looks cases up; nothing here asks the IM."""

    def __init__(self, *, store: Store, clock: Clock, posts: Posts, cases: Cases) -> None:
        self._store = store
        self._clock = clock
        self._posts = posts
        self._cases = cases

    async def find(self, guild_id: int, sought: Sought, *, page: int, per_page: int) -> CasePage:
        """Return a page of a guild's cases, newest first; a page past the end is the last one."""
        wanted = _filter(guild_id, sought)

        def look(connection: Connection) -> CasePage:
            total = cases.count(connection, wanted)
            at = max(0, min(page, (total - 1) // per_page))
            found = cases.search(connection, wanted, offset=at * per_page, limit=per_page)
            return CasePage(tuple(self._cases.views(connection, found)), at, total)

        return await self._store.read(look)

    async def suggest(self, guild_id: int, text: str) -> list[CaseView]:
        """Return the newest cases of a guild whose number begins with the text, or whose people's names hold it."""
        wanted = text.strip().lower().removeprefix("#")

        def look(connection: Connection) -> list[CaseView]:
            everything = cases.CaseFilter(guild_id)
            numbers = cases.search(connection, everything, offset=0, limit=_LOOKED_THROUGH)
            if wanted.isascii() and wanted.isdigit() and len(wanted) < _LONGEST_NUMBER:
                numbers = [int(wanted), *(number for number in numbers if number != int(wanted))]
            rows = cases.get_cases(connection, numbers)
            subjects = cases.subjects_of(connection, numbers)
            mine = [rows[number] for number in numbers if number in rows and rows[number].guild_id == guild_id]
            fitting = [row.id for row in mine if _fits(row, subjects.get(row.id, ()), wanted)]
            if not fitting and wanted:
                # Older than what was looked through, but of somebody whose whole name was typed.
                by_name = cases.CaseFilter(guild_id, member_id=wanted)
                fitting = cases.search(connection, by_name, offset=0, limit=_SUGGESTIONS)
            return self._cases.views(connection, fitting[:_SUGGESTIONS])

        return await self._store.read(look)

    async def story(self, guild_id: int, case_id: int) -> Story:
        """Return a case of this guild with all that happened to it; raises Refusal if there is none."""
        view = await self._cases.view(guild_id, case_id)

        def look(connection: Connection) -> tuple[Happening, ...]:
            events = cases.events_of(connection, [case_id]).get(case_id, [])
            others = [int(detail) for _at, kind, detail in events if kind in _BY_CASES and detail.isdecimal()]
            doers = cases.get_cases(connection, others)
            return tuple(happening for event in events if (happening := _happening(event, doers)) is not None)

        asked = Happening(view.at, Step.ASKED, view.staff)
        return Story(view, (asked, *await self._store.read(look)))

    async def give_reason(self, *, staff: Staff, guild_id: int, case_id: int, reason: str) -> CaseView:
        """Give a case another reason, as a new entry of it, and show it anew; return it as it stands now.

        Raises Refusal if there is no such case here, the reason is empty, or it is the present one.
        """
        text = reason.strip()[:LONGEST_REASON]
        now = to_ms(self._clock.now())

        def put(connection: Connection) -> CaseView:
            row = cases.get_case(connection, case_id)
            if row is None or row.guild_id != guild_id:
                raise Refusal("refusal-unknown-case", case=case_id)
            if not text:
                raise Refusal("refusal-empty-reason")
            if cases.reason_of(row, cases.events_of(connection, [case_id]).get(case_id, []))[0] == text:
                raise Refusal("refusal-same-reason", case=case_id)
            told = {"text": text, "staff_id": staff.id, "staff_name": staff.name}
            cases.add_event(connection, case_id, now, cases.REASON, json.dumps(told, ensure_ascii=False))
            self._posts.refresh_case(connection, case_id, now)
            return self._cases.views(connection, [case_id])[0]

        return await self._posts.write(put)

    async def export(
        self,
        guild_id: int,
        file_format: FileFormat,
        since: datetime | None,
        *,
        largest: int,
    ) -> CaseExport:
        """Write a guild's cases, oldest first, to up to ten temporary files of at most `largest` bytes each.

        Tells `bot.services.progress` how far it is. The caller closes the files.
        """
        total = await self._store.read(partial(cases.count, wanted=_filter(guild_id, Sought(since=since))))
        files = CaseFiles(CaseLines(file_format), largest)
        # No case is earlier than the epoch, and none has the number 0.
        after = (0 if since is None else to_ms(since), 0)
        try:
            while page := await self._store.read(
                partial(cases.page_of_guild, guild_id=guild_id, after=after, limit=_PAGE)
            ):
                for case, outcome in page:
                    if not files.write(case, outcome):
                        return files.finished(complete=False)
                last = page[-1][0]
                after = (last.at_ms, last.id)
                await advanced(files.count, total)
        except BaseException:
            files.close()
            raise
        return files.finished(complete=True)


def group_of(action: Action) -> ActionGroup:
    """Return what a case of this action is about."""
    return next(group for group, actions in GROUPS.items() if action in actions)


def _filter(guild_id: int, sought: Sought) -> cases.CaseFilter:
    return cases.CaseFilter(
        guild_id,
        member_id=None if sought.member is None else typed(sought.member).removeprefix("@").lower(),
        staff_id=sought.staff_id,
        actions=() if sought.group is None else tuple(GROUPS[sought.group]),
        since_ms=None if sought.since is None else to_ms(sought.since),
    )


def _fits(row: CaseRow, subjects: Iterable[str], wanted: str) -> bool:
    return str(row.id).startswith(wanted) or any(wanted in name for name in (row.member_id, *subjects))


def _happening(event: tuple[int, str, str], doers: dict[int, CaseRow]) -> Happening | None:
    at_ms, kind, detail = event
    at = from_ms(at_ms)
    if kind == cases.REASON:
        told = json.loads(detail)
        return Happening(at, Step.REASON, Staff(told["staff_id"], told["staff_name"]), text=told["text"])
    if kind in _BY_CASES:
        doer = doers.get(int(detail)) if detail.isdecimal() else None
        by = None if doer is None else Staff(doer.staff_id, doer.staff_name)
        return Happening(at, Step(kind), by, None if doer is None else doer.id)
    if kind == Step.ADOPTED:
        return Happening(at, Step.ADOPTED, until=from_ms(int(detail)) if detail else None)
    return Happening(at, Step(kind)) if kind in _PLAIN else None
