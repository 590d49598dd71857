"""A large random community (`--seed N`): the same for the same N, in batches of writes."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.imservice.bulk_rows import BulkPlan, Piece, pieces

if TYPE_CHECKING:
    from bot.imservice.service import IMService

MOST_MEMBERS = 1_000_000
_REPORT_SECONDS = 1.0


async def seed_bulk(
    service: "IMService",
    members: int,
    *,
    report: Callable[[str], None] = lambda _line: None,
    monotonic: Callable[[], float] = time.monotonic,
) -> str:
    """Fill a running service with a community of `members` people (1 to a million) and return the community's id.

    What is there already stays as it is, also what was changed or deleted since. One that was interrupted is completed:
    every row is the same again, and one that exists is passed over. `report` gets a line about every second. Raises
    ApiError 503 when the database is full or closed.
    """
    plan = BulkPlan(members=members, now=service.now_ms())
    if _is_complete(service.database.reader, plan):
        return plan.community_id
    reported = monotonic()
    under_way: asyncio.Future[None] | None = None
    for piece in pieces(plan):
        # The next piece is made while this one is written.
        ahead = service.database.write(_writing(piece))
        await asyncio.sleep(0)
        if under_way is not None:
            await under_way
        under_way = ahead
        if monotonic() - reported >= _REPORT_SECONDS:
            reported = monotonic()
            report(f"seeding {members:,} members: {piece.what}, {piece.done:.0%}")
    if under_way is not None:
        await under_way
    return plan.community_id


def _is_complete(reader: sqlite3.Connection, plan: BulkPlan) -> bool:
    return reader.execute("SELECT 1 FROM seeds WHERE members = ?", (plan.members,)).fetchone() is not None


def _writing(piece: Piece) -> Callable[[sqlite3.Connection], None]:
    def work(connection: sqlite3.Connection) -> None:
        for statement, rows in piece.statements:
            connection.executemany(statement, rows)

    return work
