"""Which threads there are in the channels of a community; lists are kept for a minute."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from bot.im import Lane
from bot.im.errors import NotFound
from bot.services.cache import Cache
from bot.services.naming import by_id_or_name, candidates, suggest, typed
from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.im import IMClient, Paged
    from bot.im.models import Thread
    from bot.services.clock import Clock
    from bot.services.directory import ChannelInfo, Directory
    from bot.services.model import Place, Suggestion

Scope = Literal["all", "created", "joined"]

MOST_LISTED = 2_000
"""So many threads of a channel are read at most, 20 a request."""
_MOST_CHANNELS = 100
_AT_ONCE = 20
_KEEP = timedelta(seconds=60)
_NEW_ENOUGH = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class ThreadInfo:
    """A thread; its texts are the IM's, untrusted, and the name is empty where the API does not tell it (A22)."""

    thread_id: str
    name: str
    place: Place
    owner_id: str
    message_id: str
    started_at: datetime | None

    @property
    def label(self) -> str:
        """What to call it: its name, or its id where the API tells no names."""
        return self.name or self.thread_id


@dataclass(frozen=True, slots=True)
class ThreadList:
    """Threads of a channel, the newest first; `more`: the channel has more than were read."""

    place: Place
    member_id: str
    threads: tuple[ThreadInfo, ...]
    more: bool


class ThreadBook:
    """Looks up threads."""

    def __init__(self, *, im: IMClient, clock: Clock, directory: Directory) -> None:
        self._im = im
        self._directory = directory
        self._threads: Cache[str, tuple[Thread, ...]] = Cache(self._load, clock=clock, keep=_KEEP)

    async def find(self, guild_id: int, text: str) -> ThreadInfo:
        """Return the thread with this id or exact name in the guild's community.

        Names are known of the first 100 channels. Raises Refusal if there is none, or more than one of that name.
        """
        wanted = typed(text)
        if wanted.isascii() and wanted.isdigit():
            known = await self.read(guild_id, wanted)
            if known is not None:
                return known
        found: list[ThreadInfo] = []
        for load in (self._threads.get, self._newer):
            threads = await self._all(guild_id, load)
            # One without a name is not what anybody means by an empty one.
            found = by_id_or_name(text, [(thread.thread_id, thread.label, thread) for thread in threads])
            if found:
                break
        if not found:
            raise Refusal("refusal-unknown-thread", text=text[:100])
        if len(found) > 1:
            named = candidates((f"#{thread.place.channel_name}", thread.thread_id) for thread in found)
            raise Refusal("refusal-ambiguous-thread", text=text[:100], candidates=named)
        return found[0]

    async def read(self, guild_id: int, thread_id: str) -> ThreadInfo | None:
        """Return a thread as the IM has it now, None if there is none of this id in the guild's community."""
        try:
            with self._im.lane(Lane.URGENT):
                thread = await self._im.threads.get(thread_id)
        except NotFound:
            return None
        place = await self._place(guild_id, thread.channel_id)
        return None if place is None else _info(thread, place)

    async def of_channel(self, guild_id: int, channel: str, scope: Scope, member: str) -> ThreadList:
        """Return a channel's threads, all or those that a member started or is in; at most 2,000 of them.

        Raises Refusal for a scope that needs a member without one, and the other way round.
        """
        if scope == "all" and member:
            raise Refusal("refusal-thread-scope-all")
        if scope != "all" and not member:
            raise Refusal("refusal-thread-scope-member")
        place = (await self._directory.channel(guild_id, channel)).place
        member_id = "" if scope == "all" else await self._directory.user_id(member)
        with self._im.lane(Lane.URGENT):
            if scope == "all":
                found = await self._threads.reload(place.channel_id)
            elif scope == "created":
                found = await _read(self._im.threads.created(place.channel_id, member_id))
            else:
                found = await _read(self._im.threads.joined(place.channel_id, member_id))
        threads = sorted((_info(thread, place) for thread in found), key=_age)
        return ThreadList(place, member_id, tuple(threads), more=len(found) >= MOST_LISTED)

    async def suggest(self, guild_id: int, text: str) -> list[Suggestion]:
        """Return the threads of the guild's community whose name, channel or id holds the text."""
        with self._im.lane(Lane.NORMAL):
            threads = await self._all(guild_id, self._threads.get)
        return suggest(text, [(one.thread_id, f"{one.label} · #{one.place.channel_name}") for one in threads])

    def forget(self, channel_id: str) -> None:
        """Drop what is known of a channel's threads, since they have changed."""
        self._threads.drop(channel_id)

    async def _all(self, guild_id: int, load: Callable[[str], Awaitable[tuple[Thread, ...]]]) -> list[ThreadInfo]:
        """Return the threads of all text channels, some channels at a time."""
        channels = [channel for channel in await self._directory.known_channels(guild_id) if not channel.voice]
        gate = asyncio.Semaphore(_AT_ONCE)

        async def of(channel: ChannelInfo) -> list[ThreadInfo]:
            async with gate:
                try:
                    threads = await load(channel.place.channel_id)
                except NotFound:
                    return []
            return [_info(thread, channel.place) for thread in threads]

        found = await asyncio.gather(*[of(channel) for channel in channels[:_MOST_CHANNELS]])
        return [thread for threads in found for thread in threads]

    async def _newer(self, channel_id: str) -> tuple[Thread, ...]:
        age = self._threads.age(channel_id)
        load = self._threads.get if age is not None and age < _NEW_ENOUGH else self._threads.reload
        return await load(channel_id)

    async def _place(self, guild_id: int, channel_id: str) -> Place | None:
        try:
            place = (await self._directory.channel(guild_id, channel_id)).place
        except Refusal:
            return None
        return place if place.channel_id == channel_id else None

    async def _load(self, channel_id: str) -> tuple[Thread, ...]:
        return await _read(self._im.threads.list(channel_id))


async def _read(pages: Paged[Thread]) -> tuple[Thread, ...]:
    found: list[Thread] = []
    async for page in pages.pages():
        found.extend(page.items)
        if len(found) >= MOST_LISTED:
            break
    return tuple(found[:MOST_LISTED])


def _info(thread: Thread, place: Place) -> ThreadInfo:
    return ThreadInfo(
        thread_id=thread.thread_id,
        name=thread.name,
        place=place,
        owner_id=thread.owner.lower(),
        message_id=thread.message_id,
        started_at=thread.created_at,
    )


def _age(thread: ThreadInfo) -> tuple[bool, float, str]:
    started = thread.started_at
    return started is None, 0.0 if started is None else -started.timestamp(), thread.label.casefold()
