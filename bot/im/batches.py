"""Batches larger than the API's limit: sent in parts, with a result for each item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from bot.im.errors import IMError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one item of a batch.

    `done` says that the IM carried it out. If not, `error` is the error of its request, or None where the IM itself
    said no to this item; an error with `sent` leaves open whether it was carried out.
    """

    item: str
    done: bool
    error: IMError | None = None


R = TypeVar("R", bound=ItemResult)


async def in_batches(
    items: Sequence[str], size: int, send: Callable[[Sequence[str]], Awaitable[Sequence[R]]], result: type[R]
) -> list[R]:
    """Send the items `size` at a time, one request after the other, and return a result for each, in their order.

    A request that fails is told with its items and does not stop the next ones.
    """
    results: list[R] = []
    for start in range(0, len(items), size):
        batch = items[start : start + size]
        try:
            results += await send(batch)
        except IMError as error:
            results += [result(item, done=False, error=error) for item in batch]
    return results
