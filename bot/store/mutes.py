"""Queries on mutes; every change of a mute is a compare-and-set on its version."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, text, update

from bot.store.rows import MuteRow, record
from bot.store.tables import LIVE, mutes, timers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection, Update

LIVE_STATES = ("pending", "active", "lifting")

_INSERT = insert(mutes).returning(mutes.c.id)
_BY_ID = select(mutes).where(mutes.c.id == bindparam("mute_id"))
_BY_IDS = select(mutes).where(mutes.c.id.in_(bindparam("ids", expanding=True)))
_OF_CASES = select(mutes).where(mutes.c.case_id.in_(bindparam("ids", expanding=True)))
_BY_CASE = select(mutes).where(mutes.c.case_id == bindparam("case_id"))
_LIVE_OF = select(mutes).where(
    mutes.c.channel_id == bindparam("channel_id"),
    mutes.c.member_id == bindparam("member_id"),
    text(LIVE),
)


def add_mute(connection: Connection, mute: MuteRow) -> int:
    """Add a mute and return its number; a second live one of the same channel and member raises IntegrityError."""
    values = {name: value for name, value in asdict(mute).items() if name != "id"}
    return connection.execute(_INSERT, values).scalar_one()


def get_mute(connection: Connection, mute_id: int) -> MuteRow | None:
    """Return one mute."""
    row = connection.execute(_BY_ID, {"mute_id": mute_id}).first()
    return None if row is None else record(MuteRow, row)


def mute_of_case(connection: Connection, case_id: int) -> MuteRow | None:
    """Return the mute that this case made."""
    row = connection.execute(_BY_CASE, {"case_id": case_id}).first()
    return None if row is None else record(MuteRow, row)


def mutes_of_cases(connection: Connection, case_ids: Iterable[int]) -> dict[int, MuteRow]:
    """Return the mutes that these cases made, by case number."""
    wanted = list(case_ids)
    rows = connection.execute(_OF_CASES, {"ids": wanted}) if wanted else ()
    return {row.case_id: row for row in (record(MuteRow, r) for r in rows)}


def live_mute(connection: Connection, channel_id: str, member_id: str) -> MuteRow | None:
    """Return the live mute of a member in a channel."""
    row = connection.execute(_LIVE_OF, {"channel_id": channel_id, "member_id": member_id}).first()
    return None if row is None else record(MuteRow, row)


def is_live(connection: Connection, member_id: str) -> bool:
    """Tell whether a member has a live mute anywhere; reads all live mutes."""
    query = select(mutes.c.id).where(text(LIVE), mutes.c.member_id == member_id).limit(1)
    return connection.execute(query).first() is not None


def live_in_channel(connection: Connection, channel_id: str) -> list[MuteRow]:
    """Return all live mutes of a channel."""
    rows = connection.execute(select(mutes).where(mutes.c.channel_id == channel_id, text(LIVE)))
    return [record(MuteRow, row) for row in rows]


def live_members(connection: Connection, channel_ids: Collection[str]) -> dict[str, set[str]]:
    """Return who has a live mute in which of these channels."""
    found: dict[str, set[str]] = {}
    query = select(mutes.c.channel_id, mutes.c.member_id).where(mutes.c.channel_id.in_(channel_ids), text(LIVE))
    for channel_id, member_id in connection.execute(query):
        found.setdefault(channel_id, set()).add(member_id)
    return found


def channels_with_live(connection: Connection, among: Collection[str] | None = None) -> list[tuple[str, str]]:
    """Return (community, channel) of all channels that have live mutes, or of those of them that are `among` these."""
    query = select(mutes.c.community_id, mutes.c.channel_id).where(text(LIVE))
    if among is not None:
        query = query.where(mutes.c.channel_id.in_(among))
    rows = connection.execute(query.group_by(mutes.c.channel_id, mutes.c.community_id))
    return [(community, channel) for community, channel in rows]


def count_active(connection: Connection, guild_id: int) -> int:
    """Return how many mutes of a guild are live."""
    query = select(func.count()).select_from(mutes).where(mutes.c.guild_id == guild_id, text(LIVE))
    return connection.execute(query).scalar_one()


def advance(connection: Connection, mute: MuteRow, **changes: Any) -> bool:
    """Change a mute if it still is as it was read; return False if somebody else was first."""
    values = {"this_id": mute.id, "this_version": mute.version}
    result = connection.execute(_advancing(tuple(changes)), values | {f"to_{n}": v for n, v in changes.items()})
    return result.rowcount == 1


@cache
def _advancing(names: tuple[str, ...]) -> Update:
    """Build the statement once; building costs more than running it."""
    return (
        update(mutes)
        .where(mutes.c.id == bindparam("this_id"), mutes.c.version == bindparam("this_version"))
        .values(version=mutes.c.version + 1, **{name: bindparam(f"to_{name}") for name in names})
    )


def mark_lifting(connection: Connection, mute_ids: Sequence[int], now_ms: int) -> None:
    """Mark those of these mutes that are in force and due as being lifted by their timer."""
    connection.execute(
        update(mutes)
        .where(mutes.c.id.in_(mute_ids), mutes.c.state == "active", mutes.c.due_ms <= now_ms)
        .values(state="lifting", lifting_case_id=None, version=mutes.c.version + 1)
    )


def get_mutes(connection: Connection, mute_ids: Sequence[int]) -> dict[int, MuteRow]:
    """Return the mutes of these numbers, by number."""
    rows = connection.execute(_BY_IDS, {"ids": mute_ids}) if mute_ids else ()
    return {row.id: row for row in (record(MuteRow, r) for r in rows)}


def stuck_mutes(connection: Connection, guild_id: int, min_attempts: int, limit: int) -> tuple[list[MuteRow], int]:
    """Return some mutes of a guild whose timer was tried at least so often in vain, and how many there are."""
    stuck = (timers.c.guild_id == guild_id, timers.c.attempts >= min_attempts, text("timers.attempts > 0"))
    rows = connection.execute(
        select(mutes).join(timers, timers.c.mute_id == mutes.c.id).where(*stuck).order_by(mutes.c.due_ms).limit(limit)
    )
    count = (connection.execute(select(func.count()).select_from(timers).where(*stuck))).scalar_one()
    return [record(MuteRow, row) for row in rows], count
