"""Rows of cleanups: runs, their owners, and what they deleted."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A row of `policies`."""

    id: int
    guild_id: int
    staff_id: int
    staff_name: str
    made_ms: int
    target: str
    community_id: str
    channel_id: str
    name: str
    older_than_ms: int
    item_type: int | None
    keep: str
    schedule: str
    timezone: str
    state: str
    next_ms: int | None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A row of `cleanup_runs`."""

    id: int
    guild_id: int
    kind: str
    of_run: int | None
    policy_id: int | None
    case_id: int
    staff_id: int
    staff_name: str
    target: str
    community_id: str
    channel_id: str
    name: str
    older_than_ms: int
    cutoff_ms: int
    item_type: int | None
    keep: str
    state: str
    why: str
    begun_ms: int
    ended_ms: int | None
    planned: int | None
    listed: int
    home_channel_id: int | None
    attempts: int
    wake_ms: int
    holder: str | None
    lease_until_ms: int | None
    purged: int


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """A row of `cleanup_owners`."""

    run_id: int
    number: int
    owner: str
    state: str
    position: str | None
    done: int
    kept: int
    refused: int
    attempts: int
    why: str


class KeptItem(NamedTuple):
    """An item as it was before it was deleted; `created` in Unix milliseconds."""

    id: str
    type: int
    data: str
    ext: str | None
    created: int

    def __repr__(self) -> str:
        """Name the item, without what is saved in it."""
        return f"KeptItem(id={self.id!r})"


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A row of `cleanup_kept`, its content unpacked."""

    id: int
    run_id: int
    owner: str
    state: str
    skipped: int
    items: tuple[KeptItem, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a run has come: owners and items, by outcome."""

    owners: int = 0
    owners_left: int = 0
    owners_failed: int = 0
    done: int = 0
    kept: int = 0
    refused: int = 0


def pack(items: tuple[KeptItem, ...]) -> bytes:
    """Compress items for the database."""
    return zlib.compress(json.dumps(items, ensure_ascii=False, separators=(",", ":")).encode())


def unpack(content: bytes) -> tuple[KeptItem, ...]:
    """Return what was packed."""
    return tuple(KeptItem(*item) for item in json.loads(zlib.decompress(content)))
