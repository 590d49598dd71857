"""What users saved: the operations on collections that commands and buttons share."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections import deque
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.im import Lane
from bot.services.cache import Cache
from bot.services.clock import to_ms
from bot.services.model import Action
from bot.services.name_lists import split_names
from bot.services.naming import typed
from bot.services.refusals import NeedsConfirmation, Refusal
from bot.services.saved.export import Export, write_out
from bot.services.saved.items import LARGEST_ITEM, SavedItem, counted_types, parcel, subject_of
from bot.services.saved.kinds import deletion, edition, existing, importing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from bot.im import IMClient
    from bot.services.clock import Clock
    from bot.services.deeds import Deeds
    from bot.services.directory import Directory
    from bot.services.model import CaseView, Staff
    from bot.services.saved.imports import Row

MOST_DELETED = 100
SMALLEST_TYPE, LARGEST_TYPE = -(2**31), 2**31 - 1
_RECENT = 100
_REMEMBERED = 5_000
_RECENT_KEEP = timedelta(seconds=30)
_LONGEST_ID = 512
_LOOKED_THROUGH = 10_000
_SUGGESTIONS = 25
_TYPES_NAMED = 6
_PLAIN_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_HANDLE = re.compile(r"~[0-9a-f]{8}")
_ASIDE = re.compile(r"⟨[^⟩]*⟩?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items of a user: of a type, and of a span of time in Unix milliseconds, both ends included; None: any."""

    type: int | None = None
    since_ms: int | None = None
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class SavedPage:
    """One page of what a user saved, newest first; `total` None: there are more than have been looked at."""

    owner_id: str
    items: tuple[SavedItem, ...]
    page: int
    seen: int
    total: int | None


class _PrivateQuestion(NeedsConfirmation):
    """A question that quotes what a user saved, which no log may have."""

    def __repr__(self) -> str:
        return f"NeedsConfirmation({self.key!r})"


class Saved:
    """Lists and changes what users saved; `random` makes the ids of new items."""

    def __init__(self, *, im: IMClient, directory: Directory, deeds: Deeds, clock: Clock, random: Random) -> None:
        self._im = im
        self._directory = directory
        self._deeds = deeds
        self._clock = clock
        self._random = random
        self._recent: Cache[str, tuple[SavedItem, ...]] = Cache(
            self._load_recent, clock=clock, keep=_RECENT_KEEP, size=50
        )

    # Looking

    async def page(self, owner: str, wanted: Wanted, page: int, size: int) -> SavedPage:
        """Return a page (from 0) of what a user saved, reading no further than it; one past the end is the last one.

        000 分页获取用户收藏. Raises Refusal for an unknown user, IMError.
        """
        owner_id = await self._directory.user_id(owner)
        # Begun at the beginning of time, so that items of a time to come are listed too.
        listing = self._im.collections.list(owner_id, type=wanted.type, begin=wanted.since_ms or 0, end=wanted.until_ms)
        need = (page + 1) * size + 1
        kept: deque[SavedItem] = deque(maxlen=2 * size)
        seen = 0
        cursor: str | None = None
        with self._im.lane(Lane.URGENT):
            while seen < need:
                found = await listing.page(cursor, min(listing.largest, need - seen))
                seen += len(found.items)
                kept.extend(SavedItem.of(row) for row in found.items)
                cursor = found.cursor
                if cursor is None or not found.items:
                    break
        at = min(page, max(0, seen - 1) // size)
        first = at * size - (seen - len(kept))
        return SavedPage(owner_id, tuple(kept)[first : first + size], at, seen, None if seen >= need else seen)

    async def suggest(self, owner: str, text: str) -> list[SavedItem]:
        """Return up to 25 of a user's latest items whose data, ext or id holds the text, newest first."""
        wanted = typed(text).casefold()
        recent = await self._recent.get(await self._directory.user_id(owner))
        found = [item for item in recent if wanted in f"{item.data}\n{item.ext or ''}\n{item.id}".casefold()]
        return found[:_SUGGESTIONS]

    def known(self, owner: str, text: str) -> SavedItem | None:
        """Return an item that was suggested lately, without asking the IM; None if it is not at hand.

        Of very long texts it has 5,000 characters.
        """
        recent = self._recent.peek(typed(owner).removeprefix("@").lower()) or ()
        return next((item for item in recent if text.strip() in {item.id, handle(item.id)}), None)

    async def item(self, owner: str, text: str) -> tuple[str, SavedItem]:
        """Return a user's name and the item of his that was named, as it is now; raises Refusal if there is none."""
        owner_id = await self._directory.user_id(owner)
        with self._im.lane(Lane.URGENT):
            item_id = await self._id(owner_id, text.strip())
            found = (await existing(self._im, owner_id, [item_id])).get(item_id)
        if found is None:
            raise _unknown(owner_id, text)
        return owner_id, found

    async def export(self, owner: str, *, limit_bytes: int, most_parts: int) -> Export:
        """Write all that a user saved as JSON lines, in parts of at most so many bytes; the caller closes them.

        Raises Refusal for an unknown user or one who saved nothing, IMError.
        """
        owner_id = await self._directory.user_id(owner)
        with self._im.lane(Lane.NORMAL):
            listing = self._im.collections.list(owner_id, begin=0, newest_first=False)
            written = await write_out(owner_id, listing, limit_bytes=limit_bytes, most_parts=most_parts)
        if not written.count and not written.missing:
            raise Refusal("refusal-nothing-saved", owner=owner_id)
        return written

    # Changing

    async def add(
        self,
        *,
        staff: Staff,
        guild_id: int,
        owner: str,
        data: str,
        type: int,  # noqa: A002 - the API's word
        ext: str | None = None,
    ) -> CaseView:
        """Save an item for a user (000 添加一条收藏); raises Refusal for what the API does not take."""
        if not SMALLEST_TYPE <= type <= LARGEST_TYPE:
            raise Refusal("refusal-saved-type")
        owner_id = await self._directory.user_id(owner)
        new_id = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        item = SavedItem(new_id, type, data, ext or None, to_ms(self._clock.now()))
        _check_size(item)
        details = {"id": item.id, "type": item.type, "start": item.beginning, "digest": item.digest}
        deed = parcel(Action.COLLECTION_ADD, owner_id, details, [item])
        async with self._deeds.turn(subject_of(owner_id)):
            done = await self._deeds.do(deed, staff=staff, guild_id=guild_id)
        self._recent.drop(owner_id)
        return done

    async def edit(self, *, staff: Staff, guild_id: int, owner: str, collection: str, ext: str) -> CaseView:
        """Change an item's ext, or clear it with the empty text (000 修改用户收藏的扩展信息).

        Raises Refusal if there is no such item, or its ext is that already.
        """
        owner_id = await self._directory.user_id(owner)
        async with self._deeds.turn(subject_of(owner_id)):
            with self._im.lane(Lane.URGENT):
                item_id = await self._id(owner_id, collection.strip())
                item = (await existing(self._im, owner_id, [item_id])).get(item_id)
            if item is None:
                raise _unknown(owner_id, collection)
            if item.ext == (ext or None):
                raise Refusal("refusal-same-ext")
            _check_size(replace(item, ext=ext))
            done = await self._deeds.do(edition(owner_id, item, ext or None), staff=staff, guild_id=guild_id)
        self._recent.drop(owner_id)
        return done

    async def delete(
        self, *, staff: Staff, guild_id: int, owner: str, collections: str, confirmed: bool = False
    ) -> CaseView:
        """Delete items that are named one after the other, at most 100 (000 删除用户收藏).

        Raises Refusal, before anything is deleted, if one of them does not exist or they are too large for the case to
        keep; NeedsConfirmation unless `confirmed`.
        """
        names = split_names(without_asides(collections))
        if not names:
            raise Refusal("refusal-no-collections")
        if len(names) > MOST_DELETED:
            raise Refusal("refusal-many-collections", count=len(names), most=MOST_DELETED)
        owner_id = await self._directory.user_id(owner)
        async with self._deeds.turn(subject_of(owner_id)):
            with self._im.lane(Lane.URGENT):
                ids = {await self._id(owner_id, name): name for name in names}
                found = await existing(self._im, owner_id, ids)
            missing = [name for one, name in ids.items() if one not in found]
            if missing:
                raise _unknown(owner_id, missing[0])
            items = [found[one] for one in ids]
            deed = deletion(owner_id, items, must_keep=True)
            if not confirmed:
                raise _asking_to_delete(owner_id, items)
            done = await self._deeds.do(deed, staff=staff, guild_id=guild_id)
        self._recent.drop(owner_id)
        return done

    async def import_rows(
        self,
        *,
        staff: Staff,
        guild_id: int,
        owner: str,
        rows: Sequence[Row],
        confirmed: bool = False,
    ) -> CaseView:
        """Save what a file holds with its ids and times (000 批量添加用户收藏); what is there already is left alone.

        A row without an id gets a new one, one without a time is of now. Raises Refusal if there is nothing new,
        NeedsConfirmation unless `confirmed`.
        """
        owner_id = await self._directory.user_id(owner)
        now = to_ms(self._clock.now())
        async with self._deeds.turn(subject_of(owner_id)):
            with self._im.lane(Lane.NORMAL):
                there = await existing(self._im, owner_id, [row.id for row in rows if row.id is not None])
            items = [self._item(row, now) for row in rows]
            new = [item for item in items if item.id not in there]
            others = sum(item.id in there and there[item.id].digest != item.digest for item in items)
            same = len(items) - len(new) - others
            if not new:
                raise Refusal("refusal-import-nothing-new", owner=owner_id, same=same, others=others)
            deed = importing(owner_id, new, how="file", others=others, same=same)
            if not confirmed:
                raise _asking_to_import(owner_id, new, same, others)
            done = await self._deeds.do(replace(deed), staff=staff, guild_id=guild_id)
        self._recent.drop(owner_id)
        return done

    async def _id(self, owner_id: str, text: str) -> str:
        """Return the id that a handle stands for, any other text as it is; raises Refusal for an unknown handle."""
        if not _HANDLE.fullmatch(text):
            if len(text) > _LONGEST_ID or not text:
                raise _unknown(owner_id, text)
            return text
        for item in self._recent.peek(owner_id) or ():
            if handle(item.id) == text:
                return item.id
        looked = 0
        async for row in self._im.collections.list(owner_id, begin=0):
            if handle(row.collection_id) == text:
                return row.collection_id
            looked += 1
            if looked == _LOOKED_THROUGH:
                break
        raise _unknown(owner_id, text)

    def _item(self, row: Row, now_ms: int) -> SavedItem:
        new_id = str(uuid.UUID(int=self._random.getrandbits(128), version=4)) if row.id is None else row.id
        return SavedItem(new_id, row.type, row.data, row.ext, now_ms if row.created is None else row.created)

    async def _load_recent(self, owner_id: str) -> tuple[SavedItem, ...]:
        with self._im.lane(Lane.URGENT):
            page = await self._im.collections.list(owner_id, begin=0).page(limit=_RECENT)
        # Enough to be found and shown; what is very large is not kept for it.
        items = [SavedItem.of(row) for row in page.items]
        return tuple(
            replace(item, data=item.data[:_REMEMBERED], ext=item.ext and item.ext[:_REMEMBERED]) for item in items
        )


def handle(item_id: str) -> str:
    """Return a short name for an id, of which a list has room for ten: `~` and eight hexadecimal digits."""
    return f"~{hashlib.sha256(item_id.encode()).hexdigest()[:8]}"


def aside(text: str) -> str:
    """Return what a label says besides a name, in a form that is told apart if it comes back with what is typed."""
    return f"⟨{text.replace('⟨', '').replace('⟩', '')}⟩"


def without_asides(text: str) -> str:
    """Return what was typed without the asides of labels: Discord puts a chosen label into the field."""
    return _ASIDE.sub(" ", text)


def name_of(item: SavedItem) -> str:
    """Return what is typed for an item: its id, or its handle if the id is long or has separators in it."""
    return item.id if _PLAIN_ID.fullmatch(item.id) else handle(item.id)


def _unknown(owner_id: str, text: str) -> Refusal:
    return Refusal("refusal-unknown-collection", text=text[:100], owner=owner_id)


def _check_size(item: SavedItem) -> None:
    if item.size > LARGEST_ITEM:
        raise Refusal("refusal-saved-size", limit=f"{LARGEST_ITEM:,}")


def _asking_to_delete(owner_id: str, items: Sequence[SavedItem]) -> NeedsConfirmation:
    first, second, third = ([item.beginning for item in items[:3]] + ["", ""])[:3]
    return _PrivateQuestion(
        "confirm-saved-delete", owner=owner_id, count=len(items), first=first, second=second, third=third
    )


def _asking_to_import(owner_id: str, new: Sequence[SavedItem], same: int, others: int) -> NeedsConfirmation:
    counts = list(counted_types(new).items())
    types = ", ".join(f"{kind} ({count})" for kind, count in counts[:_TYPES_NAMED])
    more = ", …" if len(counts) > _TYPES_NAMED else ""
    return NeedsConfirmation(
        "confirm-saved-import", owner=owner_id, count=len(new), types=types + more, same=same, others=others
    )
