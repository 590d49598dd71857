"""What should be visible in Discord: a durable outbox of things to show, not of messages to send.

A post says "case 12 as it is now"; showing it twice is harmless, and a change while Discord is away costs one edit.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

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
LogHook: TypeAlias = "Callable[[Connection, int, str | None, int], None]"
"""Takes the transaction, the guild, why its log channel refuses us (None: it does not any more), the moment in ms."""

CASE = "case"
ALERT, ALERT_BEFORE = posts.URGENT, "alert-before"
"""An alert's message, and the one in whose place another calls anew."""
RUN, RUN_BEFORE = "run", "run-before"
"""A cleanup run's message, and the one that a restart has left behind."""
_ASKED = "posts asked for"
_TO_TELL = "to be told once written"
GONE, FORBIDDEN = "gone", "forbidden"
LOG_PROBLEMS = frozenset({GONE, FORBIDDEN})
"""Why a log channel refuses us for good; any other reason is the post's own."""
_LEFT_BEHIND = frozenset({ALERT_BEFORE, RUN_BEFORE})
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
        self._tell_log: LogHook | None = None
        self._unwritten: list[tuple[int, int, int, int]] = []
        self.changed = asyncio.Event()

    def _now(self) -> int:
        return to_ms(self._clock.now())

    def watch_log(self, hook: LogHook) -> None:
        """Tell, within the transaction that notes it, that a log channel refuses us (why), or works again (None)."""
        self._tell_log = hook

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

    def renew_alert(self, connection: Connection, guild_id: int, alert_id: int, now_ms: int) -> None:
        """Ask for a new message of an alert, which calls; the one before will say that it goes on there."""
        posts.renew(connection, guild_id, ALERT, alert_id, old_kind=ALERT_BEFORE, now_ms=now_ms)
        connection.info[_ASKED] = True

    def wake_parked(self, connection: Connection, guild_id: int, now_ms: int) -> None:
        """Ask for everything to be shown that a log channel has refused."""
        if posts.unpark(connection, guild_id, now_ms):
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

        def whole(connection: Connection) -> tuple[T, bool, list[Callable[[], None]]]:
            for name in (_ASKED, _TO_TELL):
                connection.info.pop(name, None)
            result = work(connection)
            return result, connection.info.pop(_ASKED, False), connection.info.pop(_TO_TELL, [])

        result, asked, to_tell = await self._store.write(whole)
        if asked:
            self.changed.set()
        for tell in to_tell:
            tell()
        return result

    def once_written(self, connection: Connection, tell: Callable[[], None]) -> None:
        """Do this once the transaction of `write` is committed; what is rolled back did not happen."""
        connection.info.setdefault(_TO_TELL, []).append(tell)

    async def due(self, limit: int = 20) -> list[Post]:
        """Return what is to be shown now, oldest wish first."""
        now = self._now()
        await self._write_shown()
        rows = await self._store.read(lambda connection: posts.due(connection, now, limit, 2 * _LONGEST_RETRY_MS))
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
        """Note that a post is visible at its revision, in that message.

        A log channel that refused us works again if the message is a new one: Discord lets us edit our own messages
        where we may not send any.
        """
        settings = self._settings
        guild_id, now = post.guild_id, self._now()
        sent = message_id != post.message_id and settings.get(guild_id).log_channel_id == channel_id
        works = sent and settings.log_problem(guild_id) is not None
        self._unwritten.append((post.id, post.revision, channel_id, message_id))
        await self._write_shown()
        if not works:
            return

        def put(connection: Connection) -> None:
            self.wake_parked(connection, guild_id, now)
            if self._tell_log is not None:
                self._tell_log(connection, guild_id, None, now)

        await self.write(put)
        await settings.note_log_problem(guild_id, None)

    async def _write_shown(self) -> None:
        """Write down what is visible; where the database fails it is kept for the next time, not shown again."""
        if shown := tuple(self._unwritten):

            def put(connection: Connection) -> None:
                for post_id, revision, channel_id, message_id in shown:
                    posts.set_shown(connection, post_id, revision, channel_id, message_id)

            await self._store.write(put)
            self._unwritten = [place for place in self._unwritten if place not in shown]

    async def failed(self, post: Post, *, permanent: bool, why: str, channel_id: int | None = None) -> None:
        """Note that a post could not be shown: tried again from 1 s to 1 min, or given up at this revision.

        What a log channel refuses waits for it to work again, or for another one. `channel_id` is where it was tried;
        without it: in the log channel, or where it is already.
        """
        log_id = self._settings.get(post.guild_id).log_channel_id
        tried = channel_id or post.channel_id or log_id
        refused = permanent and why in LOG_PROBLEMS
        if refused and tried == log_id and log_id is not None:
            await self._log_refused(post, why)
            return
        row = self._last_tried.get(post.id)
        attempts = 0 if row is None else row.attempts
        now = self._now()

        def put(connection: Connection) -> None:
            if refused and post.channel_id is not None and log_id is not None and post.kind not in _LEFT_BEHIND:
                # It was in another channel, which is gone or closed: it is shown where the log is now.
                posts.move(connection, post.id, now)
            elif permanent:
                # The message is forgotten: what changes next is shown afresh where the log is then.
                posts.set_shown(connection, post.id, post.revision, None, None)
            else:
                later = now + min(_FIRST_RETRY_MS * 2 ** min(attempts, 10), _LONGEST_RETRY_MS)
                posts.postpone(connection, post.id, later)

        await self._store.write(put)

    async def _log_refused(self, post: Post, why: str) -> None:
        # Noted first: an alert about it heals only where it is noted.
        await self._settings.note_log_problem(post.guild_id, why)
        now = self._now()

        def put(connection: Connection) -> None:
            if post.kind in _LEFT_BEHIND:
                posts.set_shown(connection, post.id, post.revision, None, None)
            else:
                posts.park(connection, post.id, forget=why == GONE)
            if self._tell_log is not None:
                self._tell_log(connection, post.guild_id, why, now)

        await self.write(put)

    async def set_aside(self, post: Post) -> None:
        """Let a post that can be shown nowhere wait until it changes, or there is another log channel."""
        await self._store.write(lambda connection: posts.park(connection, post.id, forget=True))

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
