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
"""So much of a message's text is kept: enough to recognise it and to name a thread after it."""
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


@dataclass(frozen=True, slots=True)
class Mirror:
    """A Discord message (`message_id`) and the message of the IM that it shows; `said` is the beginning of its text."""

    message_id: int
    guild_id: int
    at: datetime
    place: Place
    im_message_id: str
    author_id: str
    said: str


class Mirrors:
    """Remembers which Discord message shows what."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def note(self, *, guild_id: int, message_id: int, shows: ImMessage) -> None:
        """Remember what a Discord message shows; noting it again replaces what was noted before."""
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
            said=shows.text[:LONGEST_SAID],
            kind="txt",
        )
        await self._store.write(lambda connection: mirror_rows.put(connection, row))

    async def shown_by(self, guild_id: int, message_id: int) -> Mirror:
        """Return what a Discord message shows; raises Refusal if it shows no message of the IM."""
        row = await self._store.read(lambda connection: mirror_rows.get(connection, guild_id, message_id))
        if row is None:
            raise Refusal("refusal-no-mirror")
        return _mirror(row)

    async def find(self, guild_id: int, im_message_id: str) -> Mirror | None:
        """Return the newest Discord message of a guild that shows this message of the IM, None if none does."""
        row = await self._store.read(lambda connection: mirror_rows.of_im_message(connection, guild_id, im_message_id))
        return None if row is None else _mirror(row)

    async def meant(self, guild_id: int, text: str) -> tuple[str, Mirror | None]:
        """Return the message of the IM that staff mean by an id they typed, and its mirror if there is one.

        The id of the Discord message that shows it is understood too. Raises Refusal for anything but digits.
        """
        wanted = typed(text)
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= _MOST_DIGITS):
            raise Refusal("refusal-message-id", text=text[:100])
        mirror = await self.find(guild_id, wanted)
        if mirror is None and int(wanted) < 2**63:
            row = await self._store.read(lambda connection: mirror_rows.get(connection, guild_id, int(wanted)))
            mirror = None if row is None else _mirror(row)
        return (wanted if mirror is None else mirror.im_message_id), mirror

    async def recent(self, guild_id: int, limit: int = _SUGGESTIONS) -> list[Mirror]:
        """Return what was mirrored in a guild last, newest first; a message that is shown twice is there once."""
        rows = await self._store.read(lambda connection: mirror_rows.newest(connection, guild_id, _LOOKED_THROUGH))
        found = {row.im_message_id: row for row in reversed(rows)}
        newest_first = sorted(found.values(), key=lambda row: (row.at_ms, row.message_id), reverse=True)
        return [_mirror(row) for row in newest_first[:limit]]

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


def _mirror(row: mirror_rows.MirrorRow) -> Mirror:
    assert row.message_id is not None
    return Mirror(
        message_id=row.message_id,
        guild_id=row.guild_id,
        at=from_ms(row.at_ms),
        place=Place(row.community_id, row.channel_id, row.channel_name),
        im_message_id=row.im_message_id,
        author_id=row.author_id,
        said=row.said,
    )
