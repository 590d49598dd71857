"""Deleting one member's personal data on request (design section 6).

Counts, actions, times and staff stay true; who it was about, and what was said about them, is gone.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.services.clock import to_ms
from bot.services.posts import CASE
from bot.store import erasure, mutes, posts

if TYPE_CHECKING:
    from random import Random

    from sqlalchemy import Connection

    from bot.services.clock import Clock
    from bot.store import Store

_LETTERS: Final = 8


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much is known of a member: as the one a case is about, or as one of others in it; and what else."""

    cases: int
    subjects: int
    mutes: int
    mirrors: int
    batches: int

    @property
    def nothing(self) -> bool:
        """Tell whether nothing at all is known."""
        return not (self.cases or self.subjects or self.mutes or self.mirrors or self.batches)


class NotErasableError(Exception):
    """A member's data cannot be erased at the moment; the text says what to do first."""


class Erasure:
    """Erases members; `random` makes the names that take the place of theirs."""

    def __init__(self, *, store: Store, clock: Clock, random: Random) -> None:
        self._store = store
        self._clock = clock
        self._random = random

    async def holdings(self, member: str) -> Holdings:
        """Count what is known of a member; raises NotErasableError like `erase`."""
        member_id = _name(member)

        def look(connection: Connection) -> Holdings:
            _check(connection, member_id)
            return Holdings(**erasure.holdings(connection, member_id))

        return await self._store.read(look)

    async def erase(self, member: str) -> str:
        """Erase a member everywhere and return the name that stands in place of theirs; log messages are drawn anew.

        Raises NotErasableError while they are muted or something about them is under way, StoreError.
        """
        member_id = _name(member)
        name = "erased-" + "".join(self._random.choice(string.ascii_lowercase) for _ in range(_LETTERS))
        now = to_ms(self._clock.now())

        def put(connection: Connection) -> None:
            _check(connection, member_id)
            case_ids = erasure.numbers(connection, member_id)
            erasure.erase(connection, member_id, name, case_ids, now)
            for case_id in case_ids:
                posts.refresh(connection, CASE, case_id, now)

        await self._store.write(put)
        return name


def _name(member: str) -> str:
    return member.strip().lower()


def _check(connection: Connection, member_id: str) -> None:
    if mutes.is_live(connection, member_id):
        raise NotErasableError(f"{member_id} is muted at the moment: lift the mute first, then erase")
    if erasure.is_under_way(connection, member_id):
        raise NotErasableError(
            f"something about {member_id} is under way: let the running bot finish it, or cancel it, then erase"
        )
