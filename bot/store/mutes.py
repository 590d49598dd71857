"""Queries on mutes; every change of a mute is a compare-and-set on its version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from bot.store.rows import MuteRow, record
from bot.store.tables import mutes, timers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

LIVE = ("pending", "active", "lifting")

_INSERT = insert(mutes).returning(mutes.c.id)
_BY_ID = select(mutes).where(mutes.c.id == bindparam("mute_id"))
_BY_CASE = select(mutes).where(mutes.c.case_id == bindparam("case_id"))
_LIVE_OF = select(mutes).where(
    mutes.c.channel_id == bindparam("channel_id"),
    mutes.c.member_id == bindparam("member_id"),
    mutes.c.state.in_(LIVE),
)


async def add_mute(connection: AsyncConnection, **values: Any) -> int:
    """Add a mute; a second live one of the same channel and member raises IntegrityError."""
    return (await connection.execute(_INSERT, values)).scalar_one()


async def get_mute(connection: AsyncConnection, mute_id: int) -> MuteRow | None:
    """Return one mute."""
    row = (await connection.execute(_BY_ID, {"mute_id": mute_id})).first()
    return None if row is None else record(MuteRow, row)


async def mute_of_case(connection: AsyncConnection, case_id: int) -> MuteRow | None:
    """Return the mute that this case made."""
    row = (await connection.execute(_BY_CASE, {"case_id": case_id})).first()
    return None if row is None else record(MuteRow, row)


async def mutes_of_cases(connection: AsyncConnection, case_ids: Iterable[int]) -> dict[int, MuteRow]:
    """Return the mutes that these cases made, by case number."""
    rows = await connection.execute(select(mutes).where(mutes.c.case_id.in_(list(case_ids))))
    return {row.case_id: row for row in (record(MuteRow, r) for r in rows)}


async def live_mute(connection: AsyncConnection, channel_id: str, member_id: str) -> MuteRow | None:
    """Return the live mute of a member in a channel."""
    row = (await connection.execute(_LIVE_OF, {"channel_id": channel_id, "member_id": member_id})).first()
    return None if row is None else record(MuteRow, row)


async def live_in_channel(connection: AsyncConnection, channel_id: str) -> list[MuteRow]:
    """Return all live mutes of a channel."""
    rows = await connection.execute(select(mutes).where(mutes.c.channel_id == channel_id, mutes.c.state.in_(LIVE)))
    return [record(MuteRow, row) for row in rows]


async def channels_with_live(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Return (community, channel) of all channels that have live mutes."""
    rows = await connection.execute(
        select(mutes.c.community_id, mutes.c.channel_id)
        .where(mutes.c.state.in_(LIVE))
        .group_by(mutes.c.channel_id, mutes.c.community_id)
    )
    return [(community, channel) for community, channel in rows]


async def count_active(connection: AsyncConnection, guild_id: int) -> int:
    """Return how many mutes of a guild are live."""
    query = select(func.count()).select_from(mutes).where(mutes.c.guild_id == guild_id, mutes.c.state.in_(LIVE))
    return (await connection.execute(query)).scalar_one()


async def advance(connection: AsyncConnection, mute: MuteRow, **changes: Any) -> bool:
    """Change a mute if it still is as it was read; return False if somebody else was first."""
    result = await connection.execute(
        update(mutes)
        .where(mutes.c.id == mute.id, mutes.c.version == mute.version)
        .values(version=mutes.c.version + 1, **changes)
    )
    return result.rowcount == 1


async def mark_lifting(connection: AsyncConnection, mute_ids: Sequence[int], now_ms: int) -> None:
    """Mark those of these mutes that are in force and due as being lifted by their timer."""
    await connection.execute(
        update(mutes)
        .where(mutes.c.id.in_(mute_ids), mutes.c.state == "active", mutes.c.due_ms <= now_ms)
        .values(state="lifting", lifting_case_id=None, version=mutes.c.version + 1)
    )


async def get_mutes(connection: AsyncConnection, mute_ids: Sequence[int]) -> dict[int, MuteRow]:
    """Return the mutes of these numbers, by number."""
    rows = await connection.execute(select(mutes).where(mutes.c.id.in_(mute_ids)))
    return {row.id: row for row in (record(MuteRow, r) for r in rows)}


async def stuck_mutes(
    connection: AsyncConnection, guild_id: int, min_attempts: int, limit: int
) -> tuple[list[MuteRow], int]:
    """Return some mutes of a guild whose timer was tried at least so often in vain, and how many there are."""
    stuck = (timers.c.guild_id == guild_id, timers.c.attempts >= min_attempts)
    rows = await connection.execute(
        select(mutes).join(timers, timers.c.mute_id == mutes.c.id).where(*stuck).order_by(mutes.c.due_ms).limit(limit)
    )
    count = (await connection.execute(select(func.count()).select_from(timers).where(*stuck))).scalar_one()
    return [record(MuteRow, row) for row in rows], count
