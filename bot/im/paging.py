"""Lists of the API: one page, or everything as an async iterator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from bot.im import arguments
from bot.im.errors import BadResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """One page; `cursor` is None on the last one, `server_time` is the answer's Date (UTC, to the second)."""

    items: tuple[T_co, ...]
    cursor: str | None = None
    server_time: datetime | None = None


class Paged(Generic[T]):
    """A list that is fetched as it is walked; every walk starts anew."""

    __slots__ = ("_fetch", "_label", "largest")

    def __init__(
        self, label: str, fetch: Callable[[str | None, int], Awaitable[Page[T]]], *, largest: int = PAGE_SIZE
    ) -> None:
        self._label = label
        self._fetch = fetch
        self.largest = largest

    def __repr__(self) -> str:
        return f"<Paged {self._label}>"

    async def page(self, cursor: str | None = None, limit: int | None = None) -> Page[T]:
        """Fetch one page of 1..`largest` items, from the beginning or from an earlier page's cursor (A26).

        `largest`, also the default, is 20 throughout Circle.
        """
        if limit is None:
            limit = self.largest
        return await self._fetch(cursor or None, arguments.integer("limit", limit, low=1, high=self.largest))

    async def pages(self, limit: int | None = None) -> AsyncIterator[Page[T]]:
        """Walk all pages; ends where the cursor is missing or empty, or the page is empty (A26).

        Raises BadResponse when the server's cursors go round in a circle, which would never end.
        """
        cursor: str | None = None
        # A landmark that moves on ever more rarely is met again in any circle, and is all there is to remember.
        landmark: str | None = None
        left = moves = 1
        while True:
            page = await self.page(cursor, limit)
            yield page
            if not page.items or page.cursor is None:
                return
            if page.cursor in (cursor, landmark):
                raise BadResponse("the cursor does not advance", endpoint=self._label, sent=True)
            cursor = page.cursor
            left -= 1
            if not left:
                landmark = cursor
                left = moves = moves * 2

    async def __aiter__(self) -> AsyncIterator[T]:
        """Walk all items."""
        async for page in self.pages():
            for item in page.items:
                yield item


def paged_query(query: dict[str, str], cursor: str | None, limit: int) -> dict[str, str]:
    """Add the paging parameters that every Circle list has (A26)."""
    paged = {**query, "limit": str(limit)}
    if cursor is not None:
        paged["cursor"] = cursor
    return paged
