"""Pages of a list in the order of time, which the API continues by a time or by an item (A52, A53).

Its answers have no cursor, and nothing is said about the order of items of the same millisecond. So a page is continued
by the time of its last item, which that item and its contemporaries begin, and those that were given already are left
out: nothing is lost or repeated, whichever order contemporaries have this time, and whatever was deleted in between.
Only a crowd of contemporaries that fills a request is continued by id, which needs them to keep their order.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from bot.im import arguments
from bot.im.errors import BadResponse, IllegalArgument, IMError, InvalidArgument
from bot.im.paging import Page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from bot.im.models import Collection

LARGEST_PAGE = 200
LATEST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999, which stands for no end where both ends are to be sent (A52)."""

_MOST_IN_VAIN = 2
"""How often a server that goes on from an item with nothing but what was given is believed to have more."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page ended: the time of its last item, and what was given of that time, the last item last."""

    time: int
    given: tuple[str, ...]

    def cursor(self) -> str:
        return base64.urlsafe_b64encode(json.dumps([self.time, *self.given]).encode()).decode()

    @classmethod
    def read(cls, cursor: str) -> _Place:
        try:
            content: Any = json.loads(base64.urlsafe_b64decode(cursor))
        except (ValueError, RecursionError):
            content = None
        listed = cast("list[object]", content) if isinstance(content, list) else []
        time, given = listed[:1], [one for one in listed[1:] if isinstance(one, str)]
        if not given or len(given) < len(listed) - 1 or not isinstance(time[0], int):
            raise InvalidArgument("cursor", "is none of this list")
        return cls(time[0], tuple(given))


@dataclass(frozen=True, slots=True)
class Timeline:
    """A user's saved items between two times in Unix milliseconds, both included, None for no bound."""

    label: str
    ask: Callable[[dict[str, str]], Awaitable[Page[Collection]]]
    begin: int | None
    end: int | None
    newest_first: bool

    async def page(self, cursor: str | None, limit: int) -> Page[Collection]:
        """Fetch the page behind a cursor.

        Raises InvalidArgument for a foreign cursor, and BadResponse where the server cannot be made to go on.
        """
        place = None if cursor is None else _Place.read(cursor)
        size = min(LARGEST_PAGE, limit + (0 if place is None else len(place.given)))
        in_vain = 0
        for query in self._queries(place):
            try:
                answered = await self.ask({**query, "direction": self._direction, "limit": str(size)})
            except IllegalArgument as error:
                if not concerns_unknown_item(error):
                    raise
                continue
            page = self._cut(answered, place, limit=limit, complete=len(answered.items) < size)
            if page is not None:
                return page
            in_vain += "collection_id" in query
            if in_vain == _MOST_IN_VAIN:
                break
        raise BadResponse(f"no way past {LARGEST_PAGE} items of the same time", endpoint=self.label)

    @property
    def _direction(self) -> str:
        return "desc" if self.newest_first else "asc"

    def _queries(self, place: _Place | None) -> Iterator[dict[str, str]]:
        """Give the ways to ask for what is behind a place, the surest first."""
        if place is None:
            bounded = self.begin is not None or self.end is not None
            yield _between(self.begin or 0, LATEST_MS if self.end is None else self.end) if bounded else {}
            return
        by_time = (
            _between(self.begin or 0, place.time)
            if self.newest_first
            else _between(place.time, LATEST_MS if self.end is None else self.end)
        )
        crowded = len(place.given) >= LARGEST_PAGE
        last, *others = [{"collection_id": item} for item in reversed(place.given)]
        yield from (last, by_time) if crowded else (by_time, last)
        # Whole pages may have been deleted behind us: back with growing steps, then one by one.
        yield from (others[2**step - 1] for step in range(len(others).bit_length()))
        yield from others

    def _cut(
        self, answered: Page[Collection], place: _Place | None, *, limit: int, complete: bool
    ) -> Page[Collection] | None:
        """Make the page out of an answer; None if it has nothing new although there must be more."""
        rows = [row for row in answered.items if self._contains(row.created)]
        complete = complete or len(rows) < len(answered.items)
        if place is not None and any(self._is_before(row.created, place.time) for row in rows):
            raise BadResponse("items are not in the order of time", endpoint=self.label)
        given = set(() if place is None else place.given)
        fresh: dict[str, Collection] = {}
        for row in rows:
            if row.collection_id not in given:
                fresh.setdefault(row.collection_id, row)
        new = tuple(fresh.values())
        if complete and len(new) <= limit:
            return Page(new, None, answered.server_time)
        if not new:
            return None
        walked = rows if len(new) <= limit else rows[: rows.index(new[limit])]
        return Page(new[:limit], _behind(walked, place).cursor(), answered.server_time)

    def _contains(self, time: int) -> bool:
        return (self.begin is None or time >= self.begin) and (self.end is None or time <= self.end)

    def _is_before(self, time: int, other: int) -> bool:
        return time > other if self.newest_first else time < other


def concerns_unknown_item(error: IMError) -> bool:
    """Whether the server refused a request because of an item that does not exist; only the text says it (A50)."""
    return "user collection not found" in error.description.lower()


def milliseconds(field: str, value: int | datetime, *, up: bool = False) -> int:
    """Turn an aware time or Unix milliseconds from 1970 to 9999 into milliseconds, rounded down or `up`."""
    if not isinstance(value, datetime):
        return arguments.integer(field, value, low=0, high=LATEST_MS)
    if value.tzinfo is None:
        raise InvalidArgument(field, "must have a time zone")
    since = value - _EPOCH
    return arguments.integer(field, -(-since // _MILLISECOND) if up else since // _MILLISECOND, low=0, high=LATEST_MS)


def _between(begin: int, end: int) -> dict[str, str]:
    return {"begin_time": str(begin), "end_time": str(end)}


def _behind(walked: list[Collection], place: _Place | None) -> _Place:
    time = walked[-1].created
    given = dict.fromkeys(place.given if place is not None and place.time == time else ())
    for row in walked:
        if row.created == time:
            given.pop(row.collection_id, None)
            given[row.collection_id] = None
    return _Place(time, tuple(given))
