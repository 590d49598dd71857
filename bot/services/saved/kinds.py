"""How what staff do about saved items is carried out, found after a crash, and taken back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.im import Lane
from bot.im.errors import BadResponse, IllegalArgument, IMError, Unavailable
from bot.im.timeline import concerns_unknown_item
from bot.services.deeds import Sight, moved_on
from bot.services.model import Action
from bot.services.progress import advanced
from bot.services.refusals import Refusal
from bot.services.saved.items import (
    LARGEST_ITEM,
    Parcel,
    SavedItem,
    counted_types,
    pack,
    packed_items,
    packed_marks,
    parcel,
    unpack,
    unpacked_items,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from bot.im import IMClient, ItemResult
    from bot.services.deeds import Deed, Kind
    from bot.services.model import CaseView, Details

_BATCH = 20
_ONE_BY_ONE = 100
_AT_ONCE = 10
_STAFF_WAIT = 5 * _BATCH


class Why(StrEnum):
    """Why an item of many was not done; each has a text."""

    GONE = "gone"  # it is not there any more
    OTHER = "other"  # its id has other content
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # the IM never answered; it may have happened


def kinds(im: IMClient) -> dict[Action, Kind]:
    """Return how what is done about saved items is carried out, found and taken back."""
    return {
        Action.COLLECTION_ADD: _Add(im),
        Action.COLLECTION_EDIT: _Edit(im),
        Action.COLLECTION_DELETE: _Delete(im),
        Action.COLLECTION_IMPORT: _Import(im),
    }


async def existing(im: IMClient, owner_id: str, ids: Iterable[str]) -> dict[str, SavedItem]:
    """Return which of these items a user has, by id: asked for one by one, or found in his list if they are many."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, SavedItem] = {}
    if len(wanted) > _ONE_BY_ONE:
        missing = set(wanted)
        # Begun at the beginning of time, so that items of a time to come are listed too.
        async for row in im.collections.list(owner_id, begin=0):
            if row.collection_id in missing:
                found[row.collection_id] = SavedItem.of(row)
                missing.discard(row.collection_id)
                if not missing:
                    break
        return found
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        rows = await asyncio.gather(*(im.collections.get(owner_id, one) for one in part))
        found |= {row.collection_id: SavedItem.of(row) for row in rows if row is not None}
    return found


class _Add:
    def __init__(self, im: IMClient) -> None:
        self._im = im

    async def carry_out(self, deed: Deed) -> Details:
        item = _items(deed)[0]
        saved = await self._im.collections.add(
            deed.member_id, item.data, item.type, collection_id=item.id, ext=item.ext
        )
        return {"digest": SavedItem.of(saved).digest}

    async def look(self, deed: Deed) -> Sight:
        found = await self._im.collections.get(deed.member_id, str(deed.details["id"]))
        return Sight.ABSENT if found is None else Sight.DONE

    async def taking_back(self, done: CaseView) -> Deed:
        found = await self._im.collections.get(done.member_id, str(done.details["id"]))
        if found is None or SavedItem.of(found).digest != done.details["digest"]:
            raise moved_on(done)
        return deletion(done.member_id, [SavedItem.of(found)])


class _Edit:
    def __init__(self, im: IMClient) -> None:
        self._im = im

    async def carry_out(self, deed: Deed) -> Details:
        await self._im.collections.update(deed.member_id, str(deed.details["id"]), deed.details["after"])
        return {}

    async def look(self, deed: Deed) -> Sight:
        found = await self._im.collections.get(deed.member_id, str(deed.details["id"]))
        if found is None:
            return Sight.UNKNOWN
        if found.ext == deed.details["after"]:
            return Sight.DONE
        return Sight.ABSENT if found.ext == deed.details["before"] else Sight.UNKNOWN

    async def taking_back(self, done: CaseView) -> Deed:
        found = await self._im.collections.get(done.member_id, str(done.details["id"]))
        if found is None or found.ext != done.details["after"]:
            raise moved_on(done)
        return edition(done.member_id, SavedItem.of(found), done.details["before"])


class _Delete:
    def __init__(self, im: IMClient) -> None:
        self._im = im

    async def carry_out(self, deed: Deed) -> Details:
        async def send(part: Sequence[SavedItem]) -> Sequence[ItemResult]:
            return await self._im.collections.delete(deed.member_id, *(item.id for item in part))

        return await _in_parts(self._im, deed, send, done_if_there=False)

    async def look(self, deed: Deed) -> Sight:
        ids = _ids_of(deed.details)
        there = await existing(self._im, deed.member_id, ids)
        # Where a part is gone it was done, as far as it went: undo puts back what is missing.
        return Sight.ABSENT if len(there) == len(ids) else Sight.DONE

    async def taking_back(self, done: CaseView) -> Deed:
        if "kept" not in done.details:
            raise Refusal("refusal-saved-not-kept", case=done.id)
        left = set(unpack(done.details.get("left", "")))
        kept = [item for item in unpacked_items(done.details["kept"]) if item.id not in left]
        there = await existing(self._im, done.member_id, [item.id for item in kept])
        gone = [item for item in kept if item.id not in there]
        if not gone:
            raise moved_on(done)
        others = sum(item.id in there and there[item.id].digest != item.digest for item in kept)
        return importing(done.member_id, gone, how="back", others=others)


class _Import:
    def __init__(self, im: IMClient) -> None:
        self._im = im

    async def carry_out(self, deed: Deed) -> Details:
        async def send(part: Sequence[SavedItem]) -> Sequence[ItemResult]:
            return await self._im.collections.add_many(deed.member_id, [item.new for item in part])

        return await _in_parts(self._im, deed, send, done_if_there=True)

    async def look(self, deed: Deed) -> Sight:
        there = await existing(self._im, deed.member_id, _ids_of(deed.details))
        return Sight.DONE if there else Sight.ABSENT

    async def taking_back(self, done: CaseView) -> Deed:
        left = set(unpack(done.details.get("left", "")))
        marks = {mark[0]: mark[1] for mark in unpack(done.details["marks"]) if mark[0] not in left}
        there = await existing(self._im, done.member_id, marks)
        ours = [item for item in there.values() if item.digest == marks[item.id]]
        if not ours:
            raise moved_on(done)
        return deletion(done.member_id, ours, changed=len(there) - len(ours))


def edition(owner_id: str, item: SavedItem, ext: str | None) -> Parcel:
    """Return the deed that gives an item another ext; raises Refusal if there is too much to keep for its undo."""
    if len(item.ext or "") + len(ext or "") > LARGEST_ITEM:
        raise Refusal("refusal-saved-too-much")
    details = {"id": item.id, "type": item.type, "start": item.beginning, "before": item.ext, "after": ext}
    return parcel(Action.COLLECTION_EDIT, owner_id, details)


def deletion(owner_id: str, items: Sequence[SavedItem], *, changed: int = 0, must_keep: bool = False) -> Parcel:
    """Return the deed that deletes items; it keeps them for its undo.

    Where they are too large to be kept, only their ids are, or Refusal is raised if they `must_keep`.
    """
    details: dict[str, Any] = {"count": len(items), "types": counted_types(items)}
    if changed:
        details["changed"] = changed
    try:
        details["kept"] = packed_items(items)
    except Refusal:
        if must_keep:
            raise
        details["marks"] = packed_marks(items)
    return parcel(Action.COLLECTION_DELETE, owner_id, details, items)


def importing(owner_id: str, items: Sequence[SavedItem], *, how: str, others: int = 0, same: int = 0) -> Parcel:
    """Return the deed that saves items with ids and times of their own; `how`: from a `file`, or put `back`.

    `same` and `others` are how many were left alone because they are there already, or their id has other content.
    """
    details: dict[str, Any] = {"count": len(items), "types": counted_types(items), "how": how}
    details |= {name: count for name, count in (("others", others), ("same", same)) if count}
    details["marks"] = packed_marks(items)
    return parcel(Action.COLLECTION_IMPORT, owner_id, details, items)


@dataclass
class _Tally:
    """What became of the items so far."""

    done: int
    failed: dict[str, IMError | None]


async def _in_parts(
    im: IMClient,
    deed: Deed,
    send: Callable[[Sequence[SavedItem]], Awaitable[Sequence[ItemResult]]],
    *,
    done_if_there: bool,
) -> Details:
    """Send items in parts and tell how many were done, how many not and why, and which were surely not.

    Raises the first error if nothing was done at all. Once the IM cannot be reached, the rest is left.
    """
    items = _items(deed)
    tally = _Tally(0, {})
    at = 0
    # What staff wait for goes first, but not thousands of it.
    with im.lane(Lane.URGENT if len(items) <= _STAFF_WAIT else Lane.NORMAL):
        for part in _parts(items):
            await _send(part, send, tally)
            at += len(part)
            await advanced(at, len(items))
            lost = [error for error in tally.failed.values() if isinstance(error, Unavailable)]
            if lost:
                tally.failed |= {item.id: lost[0].fresh(sent=False) for item in items[at:]}
                break
        await _look_again(im, deed.member_id, tally, done_if_there=done_if_there)
    if not tally.done and tally.failed:
        errors = [error for error in tally.failed.values() if error is not None]
        raise next((error for error in errors if error.sent), errors[0] if errors else BadResponse("nothing was done"))
    return _told(tally)


async def _send(
    part: Sequence[SavedItem], send: Callable[[Sequence[SavedItem]], Awaitable[Sequence[ItemResult]]], tally: _Tally
) -> None:
    results = await send(part)
    if len(part) > 1 and all(isinstance(result.error, IllegalArgument) for result in results):
        # A request is all or nothing: one by one, the others of a refused one get through.
        results = [result for item in part for result in await send([item])]
    tally.done += sum(result.done for result in results)
    tally.failed |= {result.item: result.error for result in results if not result.done}


async def _look_again(im: IMClient, owner_id: str, tally: _Tally, *, done_if_there: bool) -> None:
    """Find out about requests without an answer, if the IM can be asked."""
    unsure = {one: error for one, error in tally.failed.items() if error is not None and error.sent}
    if not unsure:
        return
    try:
        there = await existing(im, owner_id, unsure)
    except IMError:
        return
    for one, error in unsure.items():
        if (one in there) == done_if_there:
            del tally.failed[one]
            tally.done += 1
        else:
            tally.failed[one] = error.fresh(sent=False)


def _told(tally: _Tally) -> dict[str, Any]:
    told: dict[str, Any] = {"done": tally.done}
    if tally.failed:
        reasons = [_why(error) for error in tally.failed.values()]
        told["failed"] = {why: reasons.count(why) for why in dict.fromkeys(reasons)}
        # Of those without an answer nobody knows, so they are not among the ones that surely stayed as they were.
        told["left"] = pack([one for one, error in tally.failed.items() if error is None or not error.sent])
    return told


def _why(error: IMError | None) -> Why:
    if error is None:
        return Why.REFUSED
    if error.sent:
        return Why.UNKNOWN
    if isinstance(error, Unavailable):
        return Why.UNREACHABLE
    if concerns_unknown_item(error):
        return Why.GONE
    return Why.OTHER if "other content" in error.description else Why.REFUSED


def _parts(items: Sequence[SavedItem]) -> list[list[SavedItem]]:
    """Cut items into requests: at most 20, and not too many bytes."""
    parts: list[list[SavedItem]] = []
    size = LARGEST_ITEM
    for item in items:
        if size + item.size > LARGEST_ITEM or len(parts[-1]) == _BATCH:
            parts.append([])
            size = 0
        parts[-1].append(item)
        size += item.size
    return parts


def _items(deed: Deed) -> tuple[SavedItem, ...]:
    assert isinstance(deed, Parcel)
    return deed.items


def _ids_of(details: Details) -> list[str]:
    rows = unpack(details["kept"] if "kept" in details else details["marks"])
    return [row[0] for row in rows]
