"""What is written down about saved items: what they are, how they are told apart, how cases keep them."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from bot.im import NewCollection
from bot.services.deeds import Deed
from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.im import Collection
    from bot.services.model import Action, Details

LARGEST_ITEM = 500_000
"""Bytes of an item on the wire; the API names no limit, servers have one for a request."""
LARGEST_KEPT = 900_000
"""Characters of what one case keeps, so that the record of cases stays quick to read."""
_BEGINNING = 80


@dataclass(frozen=True, slots=True)
class SavedItem:
    """A saved item of a user; `data` and `ext` are private to him, `created` is Unix milliseconds."""

    id: str
    type: int
    data: str = field(repr=False)
    ext: str | None = field(repr=False)
    created: int
    created_at: datetime | None = field(default=None, compare=False)

    @classmethod
    def of(cls, row: Collection) -> Self:
        """Make one of what the IM lists."""
        return cls(row.collection_id, row.type, row.data, row.ext or None, row.created, row.created_at)

    @property
    def new(self) -> NewCollection:
        """The same, to be saved with its own id and time."""
        return NewCollection(self.id, self.data, self.type, self.created, self.ext)

    @property
    def size(self) -> int:
        """How many bytes it has on the wire, about."""
        return len(json.dumps([self.id, self.data, self.ext])) + 100

    @property
    def digest(self) -> str:
        """Tell its content (data, type, ext) from any other."""
        content = json.dumps([self.type, self.data, self.ext]).encode()
        return hashlib.sha256(content).hexdigest()[:16]

    @property
    def beginning(self) -> str:
        """The beginning of its data: enough to recognise it, and all that is ever shown of it."""
        return self.data if len(self.data) <= _BEGINNING else f"{self.data[: _BEGINNING - 1]}…"


@dataclass(frozen=True, slots=True)
class Parcel(Deed):
    """A deed about saved items, with what is not written down in its case: their whole content."""

    items: tuple[SavedItem, ...] = field(default=(), repr=False)


def parcel(action: Action, owner_id: str, details: Details, items: Iterable[SavedItem] = ()) -> Parcel:
    """Make the deed; whatever concerns the items of one user is done one after the other."""
    return Parcel(action, subject_of(owner_id), member_id=owner_id, details=details, items=tuple(items))


def subject_of(owner_id: str) -> str:
    """Return what nobody else may be at meanwhile."""
    return f"collections:{owner_id}"


def counted_types(items: Iterable[SavedItem]) -> dict[str, int]:
    """Return how many items there are of each type, the most frequent first."""
    counts: dict[str, int] = {}
    for item in items:
        counts[str(item.type)] = counts.get(str(item.type), 0) + 1
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def packed_items(items: Iterable[SavedItem]) -> str:
    """Pack whole items into a text that a case can keep; raises Refusal if it is too long for that."""
    return _fitting(pack([[item.id, item.type, item.data, item.ext, item.created] for item in items]))


def unpacked_items(text: str) -> list[SavedItem]:
    """Return the items that `packed_items` packed."""
    return [SavedItem(*row) for row in unpack(text)]


def packed_marks(items: Iterable[SavedItem]) -> str:
    """Pack ids and digests of items; raises Refusal if they are too long for a case."""
    return _fitting(pack([[item.id, item.digest] for item in items]))


def pack(rows: list[Any]) -> str:
    """Pack plain JSON into a short text."""
    return base64.b85encode(zlib.compress(json.dumps(rows, ensure_ascii=False).encode(), 6)).decode()


def unpack(text: str) -> list[Any]:
    """Return what `pack` packed."""
    rows: list[Any] = json.loads(zlib.decompress(base64.b85decode(text))) if text else []
    return rows


def _fitting(text: str) -> str:
    if len(text) > LARGEST_KEPT:
        raise Refusal("refusal-saved-too-much")
    return text
