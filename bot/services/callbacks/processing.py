"""Acting on callbacks that were taken in, in the order in which they came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import structlog

from bot.im.answers import decoded
from bot.services.callbacks.model import ChannelChanged, MembersChanged, MessageSent, MutesChanged, OfNoUse, Unknown
from bot.services.callbacks.parse import parse
from bot.services.callbacks.wordless import wordless
from bot.store import StoreError, callbacks

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from bot.services.callbacks.comparisons import Comparisons
    from bot.services.callbacks.model import ImEvent
    from bot.services.directory import Directory
    from bot.services.meters import Meters
    from bot.store import Store
    from bot.store.callbacks import EventRow
    from bot.store.mirrors import MirrorRow

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

FAILED: Final = "failed"
_AT_ONCE: Final = 500
_LABELS: dict[type[ImEvent], str] = {
    MutesChanged: "mutes",
    MembersChanged: "members",
    ChannelChanged: "channel",
    MessageSent: "message",
    Unknown: "unknown",
}


class MessageFeed(Protocol):
    """Where messages go."""

    changed: asyncio.Event

    async def prepare(self, messages: Sequence[MessageSent]) -> Sequence[MirrorRow]:
        """Return what is to be shown of messages, and where."""
        ...

    def add(self, connection: Connection, rows: Sequence[MirrorRow]) -> None:
        """Ask for it to be shown, within the transaction that marks the callbacks as processed."""
        ...


def label(event: ImEvent) -> str:
    """Return what an event is counted as: one of a few words of ours."""
    return event.kind if isinstance(event, OfNoUse) else _LABELS[type(event)]


class Processing:
    """Processes what this process owns, in batches.

    The content of a callback is anybody's word, so nothing in it is believed where it matters: what it says of mutes
    and members makes us look at the IM.
    """

    def __init__(
        self,
        *,
        store: Store,
        owner: str,
        comparisons: Comparisons,
        directory: Directory,
        feed: MessageFeed,
        meters: Meters,
    ) -> None:
        self._store = store
        self._owner = owner
        self._comparisons = comparisons
        self._directory = directory
        self._feed = feed
        self._meters = meters

    async def run_batch(self) -> int:
        """Process the oldest that wait and return how many they were; raises StoreError, and nothing is lost then."""
        rows = await self._store.read(lambda connection: callbacks.waiting(connection, self._owner, _AT_ONCE))
        if rows:
            await self._process(rows)
        return len(rows)

    async def _process(self, rows: Sequence[EventRow]) -> None:
        try:
            await self._process_together(rows)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are to be processed
            if len(rows) > 1:
                # One of them is at fault, and must not hold up the others.
                for row in rows:
                    await self._process([row])
                return
            log.error("a callback could not be processed", call_id=rows[0].call_id, **wordless(error))  # noqa: TRY400
            await self._set_aside(rows[0])

    async def _process_together(self, rows: Sequence[EventRow]) -> None:
        events = {row.id: parse(decoded(row.body.encode())) for row in rows}
        for row in rows:
            self.hint(events[row.id], row.call_id)
        messages = [event for event in events.values() if isinstance(event, MessageSent)]
        prepared = await self._feed.prepare(messages) if messages else ()

        def finish(connection: Connection) -> set[int]:
            finished = callbacks.finish(connection, self._owner, events.keys())
            ours = {e.message_id for number, e in events.items() if number in finished and isinstance(e, MessageSent)}
            shown = [row for row in prepared if row.im_message_id in ours]
            if shown:
                self._feed.add(connection, shown)
            return finished

        finished = await self._store.write(finish)
        for number in finished:
            self._meters.callback_events.labels(label(events[number])).inc()
        if prepared:
            self._feed.changed.set()

    def hint(self, event: ImEvent, call_id: str) -> None:
        """Look at the IM soon where an event says that something has changed; twice does no harm."""
        if isinstance(event, MutesChanged | MembersChanged):
            self._comparisons.want(event.channel_id, event.members, call_id=call_id)
        elif isinstance(event, ChannelChanged):
            self._directory.forget_all_channels()
            if event.deleted:
                self._comparisons.want(event.channel_id, call_id=call_id)

    async def _set_aside(self, row: EventRow) -> None:
        await self._store.write(lambda connection: callbacks.set_aside(connection, self._owner, {row.id: FAILED}))
        self._meters.callback_events.labels(FAILED).inc()
