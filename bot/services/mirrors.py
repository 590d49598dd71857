"""Mirrors: Discord messages that show a message of the IM, so that what is done to them there is about that one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.services.clock import from_ms, to_ms
from bot.services.model import Place, Suggestion
from bot.services.naming import typed
from bot.services.refusals import Refusal
from bot.store import mirrors as mirror_rows

if TYPE_CHECKING:
    from datetime import datetime

    from bot.services.clock import Clock
    from bot.store import Store

LONGEST_SAID = 200
"""So much of a message's text is enough to recognise it and to name a thread after it."""
LONGEST_KEPT = 5_120
"""So much of it is kept, as long as the mirror is, so that it can be saved: the IM takes no longer ones (fact 5)."""
TEXT = "txt"
"""The kind of a message that is a text (fact 5); any other has none."""
_SUGGESTIONS = 25
_LOOKED_THROUGH = 200
_MOST_DIGITS = 30


@dataclass(frozen=True, slots=True)
class ImMessage:
    """A message of the IM; its text is untrusted, and empty where it is none."""

    place: Place
    message_id: str
    author_id: str
    text: str
    sent_at: datetime
    kind: str = TEXT


@dataclass(frozen=True, slots=True)
class Mirror:
    """A message of the IM that a Discord message shows; `text` is untrusted, `said` its beginning.

    `message_id` is Discord's; None in the moment before we know it.
    """

    id: int
    message_id: int | None
    guild_id: int
    at: datetime
    place: Place
    im_message_id: str
    author_id: str
    text: str
    kind: str

    @property
    def said(self) -> str:
        """The beginning of the text."""
        return self.text[:LONGEST_SAID]


class Mirrors:
    """Remembers which Discord message shows what."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def note(self, *, guild_id: int, message_id: int, shows: ImMessage, shown_in: int | None = None) -> None:
        """Remember what a message in the Discord channel `shown_in` shows, in place of what was noted before."""
        row = mirror_rows.MirrorRow(
            id=0,
            message_id=message_id,
            guild_id=guild_id,
            at_ms=to_ms(self._clock.now()),
            community_id=shows.place.community_id,
            channel_id=shows.place.channel_id,
            channel_name=shows.place.channel_name,
            im_message_id=shows.message_id,
            author_id=shows.author_id.lower(),
            said=shows.text[:LONGEST_KEPT],
            kind=shows.kind,
            shown_in=shown_in,
        )
        await self._store.write(lambda connection: mirror_rows.put(connection, row))

    async def shown_by(self, guild_id: int, message_id: int) -> list[Mirror]:
        """Return what a Discord message shows, top to bottom; raises Refusal if it shows no message of the IM."""
        rows = await self._store.read(lambda connection: mirror_rows.of_message(connection, guild_id, message_id))
        if not rows:
            raise Refusal("refusal-no-mirror")
        return [mirror_of(row) for row in rows]

    async def get(self, guild_id: int, mirror_id: int) -> Mirror:
        """Return a guild's mirror by its number; raises Refusal if it is forgotten, or another guild's."""
        row = await self._store.read(lambda connection: mirror_rows.get(connection, guild_id, mirror_id))
        if row is None:
            raise Refusal("refusal-mirror-gone")
        return mirror_of(row)

    async def find(self, guild_id: int, im_message_id: str) -> Mirror | None:
        """Return the newest Discord message of a guild that shows this message of the IM, None if none does."""
        row = await self._store.read(lambda connection: mirror_rows.of_im_message(connection, guild_id, im_message_id))
        return None if row is None else mirror_of(row)

    async def meant(self, guild_id: int, text: str) -> tuple[str, Mirror | None]:
        """Return the message of the IM that staff mean by an id they typed, and its mirror if there is one.

        The id of the Discord message that shows it is understood too. Raises Refusal for anything but digits, and for
        a Discord message that shows several.
        """
        wanted = typed(text)
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= _MOST_DIGITS):
            raise Refusal("refusal-message-id", text=text[:100])
        mirror = await self.find(guild_id, wanted)
        if mirror is None and int(wanted) < 2**63:
            rows = await self._store.read(lambda connection: mirror_rows.of_message(connection, guild_id, int(wanted)))
            if len(rows) > 1:
                raise Refusal("refusal-mirror-several")
            mirror = mirror_of(rows[0]) if rows else None
        return (wanted if mirror is None else mirror.im_message_id), mirror

    async def recent(self, guild_id: int, limit: int = _SUGGESTIONS) -> list[Mirror]:
        """Return what was mirrored in a guild last, newest first; a message that is shown twice is there once."""
        rows = await self._store.read(
            lambda connection: mirror_rows.newest(connection, guild_id, _LOOKED_THROUGH, LONGEST_SAID)
        )
        found = {row.im_message_id: row for row in reversed(rows)}
        newest_first = sorted(found.values(), key=lambda row: (row.at_ms, row.message_id), reverse=True)
        return [mirror_of(row) for row in newest_first[:limit]]

    async def suggest(self, guild_id: int, text: str, channel: str | None = None) -> list[Suggestion]:
        """Return the messages mirrored last whose author, text or id holds what was typed, newest first.

        With a channel (id or name) those of that one alone.
        """
        wanted = typed(text).casefold()
        found: list[Suggestion] = []
        for mirror in await self.recent(guild_id, _LOOKED_THROUGH):
            label = f"{mirror.author_id}: {mirror.said or mirror.im_message_id}"
            if channel is not None and not _is(mirror.place, channel):
                continue
            if wanted in label.casefold() or wanted in mirror.im_message_id:
                found.append(Suggestion(mirror.im_message_id, label))
        return found[:_SUGGESTIONS]

    async def forget_before(self, before_ms: int) -> int:
        """Forget what was mirrored before a moment, in milliseconds, and return how many Discord messages that was."""
        return await self._store.write(lambda connection: mirror_rows.forget_before(connection, before_ms))


def _is(place: Place, channel: str) -> bool:
    name = typed(channel).removeprefix("#").casefold()
    return channel == place.channel_id or name == place.channel_name.casefold()


def mirror_of(row: mirror_rows.MirrorRow) -> Mirror:
    """Return a row as services tell it."""
    return Mirror(
        id=row.id,
        message_id=row.message_id,
        guild_id=row.guild_id,
        at=from_ms(row.at_ms),
        place=Place(row.community_id, row.channel_id, row.channel_name),
        im_message_id=row.im_message_id,
        author_id=row.author_id,
        text=row.said,
        kind=row.kind,
    )
