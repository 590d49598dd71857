"""The feed: what is said in the IM, mirrored into a Discord channel of every guild that has chosen one.

A message waits as a row of `mirrors` until it is shown. Few of them wait at a time: what comes on top, as in a raid, is
only counted, and shown as a summary. What is shown next is fixed in `feed_posts` before it is sent, so that a crash in
between shows nothing twice: the same post is sent again with the same nonce.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, OrderedDict, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from bot.services.clock import from_ms, to_ms
from bot.services.mirrors import LONGEST_KEPT, mirror_of
from bot.services.model import Place
from bot.store import feed as feed_rows
from bot.store import mirrors as mirror_rows
from bot.store.feed import CountRow
from bot.store.mirrors import MirrorRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.services.callbacks.model import MessageSent
    from bot.services.clock import Clock
    from bot.services.feed_places import FeedPlaces
    from bot.services.meters import Meters
    from bot.services.mirrors import Mirror
    from bot.services.settings import SettingsService
    from bot.store import Store

MOST_WAITING: Final = 200
"""So many messages of a guild wait at most: shown ten in 2 s, the feed is never more than 40 s behind."""
BATCH: Final = 10
CALM: Final = 3
"""Up to so many waiting messages are shown one by one, with buttons of their own."""
_SUMMARY_EVERY: Final = timedelta(seconds=30)
_MOST_COUNTED: Final = 500
_NAMED, _ACTED_ON = 5, 10
_PROBED_EVERY: Final = timedelta(minutes=5)
_MOST_SAID: Final = 500
_LONGEST_ID: Final = 128
_LONGEST_NAME: Final = 64
# Signals between clients, which nobody in the IM sees either.
_UNSEEN: Final = frozenset({"cmd", "command"})


@dataclass(frozen=True, slots=True)
class Talker:
    """Somebody who sent many messages, and where."""

    author_id: str
    place: Place
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Messages that were too many to be shown: how many in how many seconds, where and from whom most of them.

    `talkers` are those who sent the most in one channel, to be acted on.
    """

    total: int
    seconds: int
    channels: tuple[tuple[str, int], ...]
    authors: tuple[tuple[str, int], ...]
    talkers: tuple[Talker, ...]


@dataclass(frozen=True, slots=True)
class FeedPost:
    """One Discord message to be: messages from the oldest to the newest, or a summary."""

    id: int
    guild_id: int
    channel_id: int
    messages: tuple[Mirror, ...]
    summary: Summary | None


class Feed:
    """Takes in what was said and tells what to show; `changed` is set when there may be something new to show."""

    def __init__(
        self, *, store: Store, clock: Clock, settings: SettingsService, places: FeedPlaces, meters: Meters
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._places = places
        self._outcomes = meters.feed
        self._said: OrderedDict[tuple[int, str], None] = OrderedDict()
        self._refused_at: dict[int, datetime] = {}
        self.changed = asyncio.Event()

    # Taking in

    async def prepare(self, messages: Sequence[MessageSent]) -> Sequence[MirrorRow]:
        """Return a waiting row for every message and every guild whose feed it belongs to; never raises for the IM."""
        fed = [guild_id for guild_id in self._settings.fed() if self._may_try(guild_id)]
        seen = [message for message in messages if message.kind not in _UNSEEN]
        rows: list[MirrorRow] = []
        taken: set[int] = set()
        for guild_id in fed if seen else ():
            places = await self._places.find(guild_id, {message.channel_id for message in seen})
            for number, message in enumerate(seen):
                # Not known whether it is one of the guild's: it waits until the IM can be asked.
                place = places.get(message.channel_id, _UNPLACED)
                if place is not None and not self._was_said(guild_id, message.message_id):
                    rows.append(self._row(guild_id, place, message))
                if place is not None:
                    taken.add(number)
        if self._settings.fed():
            self._count("dropped", len(seen) - len(taken))
        return rows

    def add(self, connection: Connection, rows: Sequence[MirrorRow]) -> None:
        """Let messages wait to be shown, each once; what is too much is counted instead. Set `changed` afterwards."""
        by_guild: defaultdict[int, dict[str, MirrorRow]] = defaultdict(dict)
        for row in rows:
            by_guild[row.guild_id].setdefault(row.im_message_id, row)
        for guild_id, given in by_guild.items():
            shown_in = self._settings.get(guild_id).feed_channel_id
            known = feed_rows.known(connection, guild_id, list(given), shown_in)
            fresh = [row for im_message_id, row in given.items() if im_message_id not in known]
            room = max(0, MOST_WAITING - feed_rows.count_waiting(connection, guild_id))
            mirror_rows.add(connection, fresh[:room])
            feed_rows.count(connection, self._counted(fresh[room:]), _MOST_COUNTED)

    def said_here(self, guild_id: int, im_message_id: str) -> None:
        """Note that what the bot has just said is shown in the feed channel already, by the answer to its command."""
        self._said[guild_id, im_message_id] = None
        while len(self._said) > _MOST_SAID:
            self._said.popitem(last=False)

    def shows_in(self, guild_id: int, channel_id: int | None) -> bool:
        """Tell whether a Discord channel is the guild's feed."""
        return channel_id is not None and self._settings.get(guild_id).feed_channel_id == channel_id

    # Showing

    async def guilds(self) -> list[int]:
        """Return the guilds for which something waits."""
        return await self._store.read(feed_rows.guilds)

    async def place(self) -> bool:
        """Look up the channels of messages that came while the IM could not be asked; False: it still cannot."""
        rows = await self._store.read(feed_rows.unplaced)
        placed: list[MirrorRow] = []
        strange: list[int] = []
        for guild_id in {row.guild_id for row in rows}:
            of_guild = [row for row in rows if row.guild_id == guild_id]
            places = await self._places.find(guild_id, {row.channel_id for row in of_guild})
            for row in of_guild:
                place = places.get(row.channel_id, _UNPLACED)
                if place is None:
                    strange.append(row.id)
                elif place is not _UNPLACED:
                    placed.append(_placed(row, place))
        if placed or strange:
            await self._store.write(lambda connection: _settle(connection, placed, strange))
            self._count("dropped", len(strange))
        return len(placed) + len(strange) == len(rows)

    async def next_post(self, guild_id: int) -> FeedPost | None:
        """Return what a guild's feed is to show next, the same until it is told what became of it; None: nothing."""
        channel_id = self._settings.get(guild_id).feed_channel_id
        if channel_id is None:
            self._count("dropped", await self._store.write(lambda connection: feed_rows.clear(connection, guild_id)))
            return None
        return await self._store.write(lambda connection: self._next(connection, guild_id, channel_id))

    async def next_in(self, guild_id: int) -> float | None:
        """Return the seconds until a summary is due, None if nothing was counted; what waits needs no time."""
        counts = await self._store.read(lambda connection: feed_rows.counts(connection, guild_id))
        if not counts:
            return None
        age = self._clock.now() - from_ms(min(row.first_ms for row in counts))
        return max(0.0, (_SUMMARY_EVERY - abs(age)).total_seconds())

    async def shown(self, post: FeedPost, message_id: int) -> None:
        """Note that a post is shown, by that Discord message."""

        def put(connection: Connection) -> None:
            feed_rows.set_shown(connection, [message.id for message in post.messages], post.channel_id, message_id)
            feed_rows.close_post(connection, post.id)

        await self._store.write(put)
        self._refused_at.pop(post.guild_id, None)
        await self._settings.note_feed_problem(post.guild_id, None)
        if post.summary is not None:
            self._count("summarised", post.summary.total)
        self._count("shown", len(post.messages))

    async def refused(self, post: FeedPost, why: str) -> None:
        """Note that the feed channel refuses us, `gone` or `forbidden`: what waits is dropped.

        It is tried again with what is said five minutes later, and at once where a feed channel is set.
        """
        dropped = await self._store.write(lambda connection: feed_rows.clear(connection, post.guild_id))
        self._count("dropped", dropped + (0 if post.summary is None else post.summary.total))
        if self.shows_in(post.guild_id, post.channel_id):
            self._refused_at[post.guild_id] = self._clock.now()
            await self._settings.note_feed_problem(post.guild_id, why)

    async def unshowable(self, post: FeedPost) -> None:
        """Give up one post that Discord does not take, so that the next ones are shown."""

        def put(connection: Connection) -> None:
            feed_rows.drop(connection, [message.id for message in post.messages])
            feed_rows.close_post(connection, post.id)

        await self._store.write(put)
        self._count("failed", len(post.messages) + (0 if post.summary is None else post.summary.total))

    def _next(self, connection: Connection, guild_id: int, channel_id: int) -> FeedPost | None:
        while True:
            found = feed_rows.open_post(connection, guild_id)
            if found is None:
                # Another process may do the same at this moment: only one of them chooses.
                claimed = feed_rows.claim_post(connection, guild_id)
                if claimed is None:
                    continue
                content = self._choose(connection, guild_id)
                if content is None:
                    feed_rows.close_post(connection, claimed)
                    return None
                feed_rows.fix_post(connection, claimed, json.dumps(content, ensure_ascii=False))
                continue
            number, text = found
            content = json.loads(text)
            if "summary" in content:
                return FeedPost(number, guild_id, channel_id, (), _summary(content["summary"]))
            rows = feed_rows.rows_of(connection, content["mirrors"])
            if rows:
                return FeedPost(number, guild_id, channel_id, tuple(mirror_of(row) for row in rows), None)
            feed_rows.close_post(connection, number)

    def _choose(self, connection: Connection, guild_id: int) -> dict[str, Any] | None:
        rows = feed_rows.waiting(connection, guild_id, BATCH)
        said = [row.id for row in rows if self._was_said(guild_id, row.im_message_id)]
        if said:
            feed_rows.drop(connection, said)
            rows = feed_rows.waiting(connection, guild_id, BATCH)
        counts = feed_rows.counts(connection, guild_id)
        if counts and (not rows or self._is_time(counts)):
            return {"summary": _summed(feed_rows.take_counts(connection, guild_id))}
        placed = list(takewhile(lambda row: row.community_id, rows))
        ids = [row.id for row in (placed if len(rows) > CALM else placed[:1])]
        return {"mirrors": ids} if ids else None

    def _is_time(self, counts: Sequence[CountRow]) -> bool:
        first = from_ms(min(row.first_ms for row in counts))
        return abs(self._clock.now() - first) >= _SUMMARY_EVERY

    def _may_try(self, guild_id: int) -> bool:
        """Tell whether the feed channel takes messages; one that refused is tried from time to time."""
        if self._settings.feed_problem(guild_id) is None:
            return True
        now, before = self._clock.now(), self._refused_at.get(guild_id)
        if before is not None and abs(now - before) < _PROBED_EVERY:
            return False
        self._refused_at[guild_id] = now
        return True

    def _was_said(self, guild_id: int, im_message_id: str) -> bool:
        return (guild_id, im_message_id) in self._said

    def _row(self, guild_id: int, place: Place, message: MessageSent) -> MirrorRow:
        return MirrorRow(
            id=0,
            message_id=None,
            guild_id=guild_id,
            at_ms=min(to_ms(message.sent_at), to_ms(self._clock.now())),
            community_id=place.community_id,
            channel_id=place.channel_id or _storable(message.channel_id, _LONGEST_ID),
            channel_name=place.channel_name,
            im_message_id=_storable(message.message_id, _LONGEST_ID),
            author_id=_storable(message.author_id.lower(), _LONGEST_NAME),
            said=_storable(message.text, LONGEST_KEPT),
            kind=_storable(message.kind, _LONGEST_NAME),
        )

    def _counted(self, rows: Sequence[MirrorRow]) -> list[CountRow]:
        now = to_ms(self._clock.now())
        counts: dict[tuple[str, str], CountRow] = {}
        for row in rows:
            key = (row.channel_id, row.author_id)
            before = counts.get(key) or CountRow(
                row.guild_id, *key, row.community_id, row.channel_name, count=0, first_ms=now, last_ms=now
            )
            counts[key] = replace(before, count=before.count + 1)
        return list(counts.values())

    def _count(self, outcome: str, number: int) -> None:
        if number:
            self._outcomes.labels(outcome).inc(number)


_UNPLACED: Final = Place("", "", "")


def _storable(text: str, longest: int) -> str:
    """Return a text of the IM without what no database takes: zeros and halves of characters."""
    return text[:longest].replace("\0", "").encode(errors="replace").decode()


def _placed(row: MirrorRow, place: Place) -> MirrorRow:
    return replace(row, community_id=place.community_id, channel_id=place.channel_id, channel_name=place.channel_name)


def _settle(connection: Connection, placed: Sequence[MirrorRow], strange: Sequence[int]) -> None:
    feed_rows.put_in_place(connection, placed)
    feed_rows.drop(connection, strange)


def _summed(counts: Sequence[CountRow]) -> dict[str, Any]:
    channels: Counter[tuple[str, str]] = Counter()
    authors: Counter[str] = Counter()
    for row in counts:
        channels[row.channel_name, row.channel_id] += row.count
        authors[row.author_id] += row.count
    named = [row for row in counts if row.author_id and row.community_id]
    return {
        "total": sum(row.count for row in counts),
        "seconds": (max(row.last_ms for row in counts) - min(row.first_ms for row in counts)) // 1000,
        "channels": [[name, count] for (name, _id), count in channels.most_common(_NAMED) if name],
        "authors": [[author, count] for author, count in authors.most_common(_NAMED) if author],
        "talkers": [
            [row.author_id, row.community_id, row.channel_id, row.channel_name, row.count] for row in named[:_ACTED_ON]
        ],
    }


def _summary(told: dict[str, Any]) -> Summary:
    return Summary(
        total=told["total"],
        seconds=told["seconds"],
        channels=tuple((name, count) for name, count in told["channels"]),
        authors=tuple((author, count) for author, count in told["authors"]),
        talkers=tuple(
            Talker(author, Place(community, channel, name), count)
            for author, community, channel, name, count in told["talkers"]
        ),
    )
