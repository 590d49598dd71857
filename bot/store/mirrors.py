"""Queries on Discord messages that show messages of the IM."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from bot.store.tables import mirrors

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """A row of `mirrors`; `message_id` is Discord's, None: to be shown yet. `id` 0: the database gives one.

    A waiting row without a community is of a channel that could not be looked up yet.
    """

    id: int
    message_id: int | None
    guild_id: int
    at_ms: int
    community_id: str
    channel_id: str
    channel_name: str
    im_message_id: str
    author_id: str
    said: str
    kind: str
    shown_in: int | None = None


def put(connection: Connection, row: MirrorRow) -> None:
    """Note what a Discord message shows, in place of what was noted of it before."""
    connection.execute(delete(mirrors).where(mirrors.c.message_id == row.message_id))
    add(connection, [row])


def add(connection: Connection, rows: list[MirrorRow]) -> None:
    """Add rows; the database numbers them in their order."""
    if rows:
        values = [asdict(row) for row in rows]
        for one in values:
            del one["id"]
        connection.execute(insert(mirrors), values)


def get(connection: Connection, guild_id: int, mirror_id: int) -> MirrorRow | None:
    """Return a row of a guild by its number."""
    query = select(mirrors).where(mirrors.c.id == mirror_id, mirrors.c.guild_id == guild_id)
    row = connection.execute(query).first()
    return None if row is None else MirrorRow(*row)


def of_message(connection: Connection, guild_id: int, message_id: int) -> list[MirrorRow]:
    """Return what a Discord message of a guild shows, from top to bottom."""
    query = select(mirrors).where(mirrors.c.message_id == message_id, mirrors.c.guild_id == guild_id)
    return [MirrorRow(*row) for row in connection.execute(query.order_by(mirrors.c.id))]


def of_im_message(connection: Connection, guild_id: int, im_message_id: str) -> MirrorRow | None:
    """Return the newest of a guild's Discord messages that show this message of the IM."""
    query = (
        select(mirrors)
        .where(
            mirrors.c.im_message_id == im_message_id,
            mirrors.c.guild_id == guild_id,
            mirrors.c.message_id.is_not(None),
        )
        .order_by(mirrors.c.at_ms.desc(), mirrors.c.message_id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else MirrorRow(*row)


def newest(connection: Connection, guild_id: int, limit: int, longest: int) -> list[MirrorRow]:
    """Return the newest rows of a guild, the newest first, with so much of their texts."""
    said = func.substr(mirrors.c.said, 1, longest)
    query = (
        select(*[said if column.name == "said" else column for column in mirrors.columns])
        .where(mirrors.c.guild_id == guild_id, mirrors.c.message_id.is_not(None))
        .order_by(mirrors.c.at_ms.desc(), mirrors.c.message_id.desc())
        .limit(limit)
    )
    return [MirrorRow(*row) for row in connection.execute(query)]


def forget_before(connection: Connection, before_ms: int) -> int:
    """Delete the rows from before a moment and return how many there were."""
    return connection.execute(delete(mirrors).where(mirrors.c.at_ms < before_ms)).rowcount
