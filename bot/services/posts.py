"""What should be visible in Discord: a durable outbox of things to show, not of messages to send.

A post says "case 12 as it is now"; showing it twice is harmless, and a change while Discord is away costs one edit.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.services.clock import to_ms
from bot.store import posts

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.services.clock import Clock
    from bot.services.settings import SettingsService
    from bot.store import Store
    from bot.store.rows import PostRow

CASE, ALERT = "case", "alert"
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

    async def want_case(self, connection: AsyncConnection, guild_id: int, case_id: int, now_ms: int) -> None:
        """Ask for a case to be shown: in the log channel if there is one, else where its answer stands."""
        if self._settings.get(guild_id).log_channel_id is None:
            await self.refresh_case(connection, case_id, now_ms)
            return
        await posts.want(connection, guild_id, CASE, case_id, now_ms)
        self.changed.set()

    async def refresh_case(self, connection: AsyncConnection, case_id: int, now_ms: int) -> None:
        """Ask for a case to be shown anew where it is shown already."""
        await posts.refresh(connection, CASE, case_id, now_ms)
        self.changed.set()

    async def want_alert(self, connection: AsyncConnection, guild_id: int, alert_id: int, now_ms: int) -> None:
        """Ask for an alert to be shown in the log channel, as soon as there is one."""
        await posts.want(connection, guild_id, ALERT, alert_id, now_ms)
        self.changed.set()

    async def due(self, limit: int = 20) -> list[Post]:
        """Return what is to be shown now, oldest wish first."""
        async with self._store.read() as connection:
            rows = await posts.due(connection, self._now(), limit)
        self._last_tried = {row.id: row for row in rows}
        return [
            Post(row.id, row.guild_id, row.kind, row.subject_id, row.channel_id, row.message_id, row.wanted)
            for row in rows
        ]

    async def next_due_in(self) -> float | None:
        """Return the seconds until something is to be shown, None if nothing waits."""
        async with self._store.read() as connection:
            wake = await posts.next_wake(connection)
        return None if wake is None else max(0.0, (wake - self._now()) / 1000)

    async def shown(self, post: Post, *, channel_id: int, message_id: int) -> None:
        """Note that a post is visible at its revision, in that message."""
        async with self._store.write() as connection:
            await posts.set_shown(connection, post.id, post.revision, channel_id, message_id)
        await self._settings.note_log_problem(post.guild_id, None)

    async def failed(self, post: Post, *, permanent: bool, why: str) -> None:
        """Note that a post could not be shown: tried again from 1 s to 1 min, or given up at this revision."""
        row = self._last_tried.get(post.id)
        attempts = 0 if row is None else row.attempts
        async with self._store.write() as connection:
            if permanent:
                # The message is forgotten: what changes next is shown afresh where the log is then.
                await posts.set_shown(connection, post.id, post.revision, None, None)
            else:
                wait = min(_FIRST_RETRY_MS * 2**attempts, _LONGEST_RETRY_MS)
                await posts.postpone(connection, post.id, self._now() + wait)
        if permanent and why in LOG_PROBLEMS:
            await self._settings.note_log_problem(post.guild_id, why)

    async def answer_is(self, guild_id: int, case_id: int, *, channel_id: int, message_id: int) -> None:
        """Note that a case's public answer is its post: it is edited there when the case changes."""
        async with self._store.write() as connection:
            await posts.place_post(
                connection,
                guild_id,
                CASE,
                case_id,
                channel_id=channel_id,
                message_id=message_id,
                now_ms=self._now(),
            )
