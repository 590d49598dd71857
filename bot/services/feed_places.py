"""Where messages of the IM were sent: their channel's id in a callback, looked up without a call a message."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.im import Lane
from bot.im.errors import IMError, NotFound
from bot.services.directory import channel_info
from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.im import IMClient
    from bot.services.clock import Clock
    from bot.services.directory import Directory
    from bot.services.model import Place
    from bot.services.settings import SettingsService

_KEEP: Final = timedelta(minutes=5)
_ASK_AGAIN: Final = timedelta(minutes=1)
_AFTER_FAULT: Final = timedelta(seconds=5)
_MOST_ASKED: Final = 20
"""So many unknown ids are looked up a minute: forged callbacks must not spend the IM's budget."""
_MOST_KNOWN: Final = 10_000
_PATIENCE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Seen:
    at: datetime
    place: Place | None  # None: no channel and no thread of the community


class FeedPlaces:
    """Finds the channels of a guild's community by id; a thread stands for its channel, whose id looks the same."""

    def __init__(self, *, im: IMClient, clock: Clock, directory: Directory, settings: SettingsService) -> None:
        self._im = im
        self._clock = clock
        self._directory = directory
        self._settings = settings
        self._seen: OrderedDict[tuple[str, str], _Seen] = OrderedDict()
        self._asked: list[datetime] = []
        self._fault_at: datetime | None = None

    async def find(self, guild_id: int, channel_ids: Iterable[str]) -> dict[str, Place | None]:
        """Return the channels with these ids, None for what is not in the guild's community; never raises for the IM.

        Ids that the IM cannot be asked about at the moment are not in the answer: ask again later.
        """
        wanted = set(channel_ids)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                community_id = await self._community(guild_id)
        except Refusal:
            return dict.fromkeys(wanted)
        except (IMError, TimeoutError):
            return {}
        stale = {one for one in wanted if not self._is_fresh((community_id, one))}
        if stale and not self._is_resting():
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await self._learn(guild_id, community_id, stale)
                self._fault_at = None
            except (IMError, TimeoutError):
                self._fault_at = self._clock.now()
        found = {one: self._seen.get((community_id, one)) for one in wanted}
        return {one: seen.place for one, seen in found.items() if seen is not None}

    async def _community(self, guild_id: int) -> str:
        chosen = self._settings.get(guild_id).community_id
        return chosen or (await self._directory.community(guild_id)).community_id

    def _is_fresh(self, key: tuple[str, str]) -> bool:
        seen = self._seen.get(key)
        if seen is None:
            return False
        return abs(self._clock.now() - seen.at) < (_ASK_AGAIN if seen.place is None else _KEEP)

    def _is_resting(self) -> bool:
        """Tell whether the IM failed a moment ago: whoever waits for us has other things to do than to wait for it."""
        return self._fault_at is not None and abs(self._clock.now() - self._fault_at) < _AFTER_FAULT

    async def _learn(self, guild_id: int, community_id: str, ids: set[str]) -> None:
        try:
            listed = {c.place.channel_id: c.place for c in await self._directory.known_channels(guild_id)}
        except Refusal:
            listed = {}
        for channel_id in ids & listed.keys():
            self._note(community_id, channel_id, listed[channel_id])
        for channel_id in sorted(ids - listed.keys()):
            if not self._may_ask():
                self._note(community_id, channel_id, None)
                continue
            self._note(community_id, channel_id, await self._ask(community_id, channel_id))

    def _may_ask(self) -> bool:
        now = self._clock.now()
        self._asked = [moment for moment in self._asked if abs(now - moment) < _ASK_AGAIN]
        if len(self._asked) >= _MOST_ASKED:
            return False
        self._asked.append(now)
        return True

    async def _ask(self, community_id: str, channel_id: str) -> Place | None:
        with self._im.lane(Lane.NORMAL):
            try:
                found = await self._im.channels.get(community_id, channel_id)
            except NotFound:
                pass
            else:
                return channel_info(community_id, found).place
            try:
                thread = await self._im.threads.get(channel_id)
                parent = await self._im.channels.get(community_id, thread.channel_id)
            except NotFound:
                return None
        return channel_info(community_id, parent).place

    def _note(self, community_id: str, channel_id: str, place: Place | None) -> None:
        self._seen[community_id, channel_id] = _Seen(self._clock.now(), place)
        self._seen.move_to_end((community_id, channel_id))
        while len(self._seen) > _MOST_KNOWN:
            self._seen.popitem(last=False)
