"""Writing out what a user saved as JSON lines, in parts that can be attached to a message."""

from __future__ import annotations

import json
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from bot.services.progress import advanced

if TYPE_CHECKING:
    from bot.im import Collection
    from bot.im.paging import Paged

_IN_MEMORY = 1 << 20


@dataclass(frozen=True, slots=True)
class Export:
    """What was written: files at their beginnings, how many items are in them, and how many had no room."""

    owner_id: str
    parts: tuple[IO[bytes], ...]
    count: int
    missing: int

    def close(self) -> None:
        """Throw the files away."""
        for part in self.parts:
            part.close()


async def write_out(
    owner_id: str,
    listing: Paged[Collection],
    *,
    limit_bytes: int,
    most_parts: int,
) -> Export:
    """Write a list into as few parts as it fits in; memory does not grow with it.

    Tells how far it has come, of a total that is not known (0).
    """
    parts: list[IO[bytes]] = []
    room = count = missing = 0
    try:
        async for page in listing.pages():
            for row in page.items:
                line = _line(row)
                if len(line) > room and len(line) <= limit_bytes and len(parts) < most_parts:
                    parts.append(SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - the caller closes it
                    room = limit_bytes
                if len(line) > room:
                    missing += 1
                    continue
                parts[-1].write(line)
                room -= len(line)
                count += 1
            await advanced(count + missing, 0)
    except BaseException:
        for part in parts:
            part.close()
        raise
    for part in parts:
        part.seek(0)
    return Export(owner_id, tuple(parts), count, missing)


def _line(row: Collection) -> bytes:
    moment = row.created_at
    created = row.created
    item: dict[str, str | int] = {"id": row.collection_id, "data": row.data, "type": row.type}
    if row.ext:
        item["ext"] = row.ext
    # A number of milliseconds that no calendar has is written as it is.
    item["created"] = created if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps(item, ensure_ascii=False).encode() + b"\n"
