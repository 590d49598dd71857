"""What should be visible in Discord: a durable outbox of things to show, not of messages to send.

A post says "case 12 as it is now"; showing it twice is harmless, and a change while Discord is away costs one edit.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from bot.services.clock import from_ms, to_ms
from bot.store import mutes, posts

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from bot.services.clock import Clock
    from bot.services.model import CaseView
    from bot.services.settings import SettingsService
    from bot.store import Store
    from bot.store.rows import MuteRow, PostRow

T = TypeVar("T")

CASE, ALERT = "case", "alert"
RUN, RUN_BEFORE = "run", "run-before"
"""A cleanup run's message, and the one that a restart has left behind."""
_ASKED = "posts asked for"
LOG_PROBLEMS = frozenset({"gone", "forbidden"})
"""Why a log channel refuses us for good; any other reason is the post's own."""
_FIRST_RETRY_MS, _LONGEST_RETRY_MS = 1_000, 60_000


@dataclass(frozen=True, slots=True)
class Post:
    """Something to be shown at `revision`, in the message where it is already, or in the guild's log channel."""

    id: int
    guild_id: int
    kind: str
    subject_id: int
    channel_id: int | None
    message_id: int | None
    revision: int


class Posts:
    """The outbox; `changed` is set when there is something new in it."""

    def __init__(self, *, store: Store, clock: Clock, settings: SettingsService) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._last_tried: dict[int, PostRow] = {}
        self.changed = asyncio.Event()

    def _now(self) -> int:
        return to_ms(self._clock.now())

    def want_case(self, connection: Connection, guild_id: int, case_id: int, now_ms: int) -> None:
        """Ask for a case to be shown: in the log channel if there is one, else where its answer stands."""
        if self._settings.get(guild_id).log_channel_id is None:
            self.refresh_case(connection, case_id, now_ms)
            return
        posts.want(connection, guild_id, CASE, case_id, now_ms)
        connection.info[_ASKED] = True

    def want_new_case(self, connection: Connection, guild_id: int, case_id: int, now_ms: int) -> None:
        """Ask for a case to be shown that is shown nowhere yet: in the log channel, if there is one."""
        if self._settings.get(guild_id).log_channel_id is not None:
            self.want_case(connection, guild_id, case_id, now_ms)

    def refresh_case(self, connection: Connection, case_id: int, now_ms: int) -> None:
        """Ask for a case to be shown anew where it is shown already."""
        if posts.refresh(connection, CASE, case_id, now_ms):
            connection.info[_ASKED] = True

    def want_alert(self, connection: Connection, guild_id: int, alert_id: int, now_ms: int) -> None:
        """Ask for an alert to be shown in the log channel, as soon as there is one."""
        posts.want(connection, guild_id, ALERT, alert_id, now_ms)
        connection.info[_ASKED] = True

    def want_new_run(self, connection: Connection, guild_id: int, run_id: int, now_ms: int) -> None:
        """Ask for a run to be shown in the log channel, if there is one."""
        if self._settings.get(guild_id).log_channel_id is not None:
            self.want_run(connection, guild_id, run_id, now_ms)

    def want_run(self, connection: Connection, guild_id: int, run_id: int, now_ms: int) -> None:
        """Ask for a run to be shown in a message: in the log channel, or else where it was started."""
        posts.want(connection, guild_id, RUN, run_id, now_ms)
        connection.info[_ASKED] = True

    def refresh_run(self, connection: Connection, run_id: int, now_ms: int) -> None:
        """Ask for a run to be shown anew where it is shown already."""
        if posts.refresh(connection, RUN, run_id, now_ms):
            connection.info[_ASKED] = True

    def renew_run(self, connection: Connection, guild_id: int, run_id: int, now_ms: int, *, home: bool) -> None:
        """Ask for a new message of a run that a restart has interrupted; the old one will say that there is one.

        `home` tells whether it was started somewhere in Discord; without that and a log channel nobody would see it.
        """
        posts.leave_behind(connection, RUN, RUN_BEFORE, run_id, now_ms)
        if home:
            self.want_run(connection, guild_id, run_id, now_ms)
        else:
            self.want_new_run(connection, guild_id, run_id, now_ms)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Carry out a transaction that may ask for posts; once it is committed, wake who shows them if it did."""

        def whole(connection: Connection) -> tuple[T, bool]:
            connection.info.pop(_ASKED, None)
            result = work(connection)
            return result, connection.info.pop(_ASKED, False)

        result, asked = await self._store.write(whole)
        if asked:
            self.changed.set()
        return result

    async def due(self, limit: int = 20) -> list[Post]:
        """Return what is to be shown now, oldest wish first."""
        now = self._now()
        rows = await self._store.read(lambda connection: posts.due(connection, now, limit))
        self._last_tried = {row.id: row for row in rows}
        return [
            Post(row.id, row.guild_id, row.kind, row.subject_id, row.channel_id, row.message_id, row.wanted)
            for row in rows
        ]

    async def next_due_in(self) -> float | None:
        """Return the seconds until something is to be shown, None if nothing waits."""
        wake = await self._store.read(posts.next_wake)
        return None if wake is None else max(0.0, (wake - self._now()) / 1000)

    async def shown(self, post: Post, *, channel_id: int, message_id: int) -> None:
        """Note that a post is visible at its revision, in that message."""
        await self._store.write(
            lambda connection: posts.set_shown(connection, post.id, post.revision, channel_id, message_id)
        )
        await self._settings.note_log_problem(post.guild_id, None)

    async def failed(self, post: Post, *, permanent: bool, why: str) -> None:
        """Note that a post could not be shown: tried again from 1 s to 1 min, or given up at this revision."""
        row = self._last_tried.get(post.id)
        attempts = 0 if row is None else row.attempts
        later = self._now() + min(_FIRST_RETRY_MS * 2 ** min(attempts, 10), _LONGEST_RETRY_MS)

        def put(connection: Connection) -> None:
            if permanent:
                # The message is forgotten: what changes next is shown afresh where the log is then.
                posts.set_shown(connection, post.id, post.revision, None, None)
            else:
                posts.postpone(connection, post.id, later)

        await self._store.write(put)
        if permanent and why in LOG_PROBLEMS:
            await self._settings.note_log_problem(post.guild_id, why)

    async def answer_is(self, shown: CaseView, *, channel_id: int, message_id: int) -> None:
        """Note that a case's public answer is its post; edited when the case changes, or has since it was drawn."""
        now = self._now()
        place = {"channel_id": channel_id, "message_id": message_id}

        def put(connection: Connection) -> None:
            posts.place_post(connection, shown.guild_id, CASE, shown.id, now_ms=now, **place)
            mute = mutes.mute_of_case(connection, shown.id)
            if mute is not None and shown.mute_state is not None and _changed_since(shown, mute):
                self.refresh_case(connection, shown.id, now)

        await self.write(put)


def _changed_since(shown: CaseView, mute: MuteRow) -> bool:
    end = None if mute.due_ms is None else from_ms(mute.due_ms)
    return (mute.state, end) != (shown.mute_state, shown.ends_at)
