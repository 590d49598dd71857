"""Queries on Discord messages that show a message of the IM."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from bot.store.tables import mirrors

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """A row of `mirrors`; `message_id` is Discord's, None: to be shown yet. `id` 0: the database gives one."""

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


def put(connection: Connection, row: MirrorRow) -> None:
    """Note what a Discord message shows, in place of what was noted of it before."""
    connection.execute(delete(mirrors).where(mirrors.c.message_id == row.message_id))
    values = asdict(row)
    del values["id"]
    connection.execute(insert(mirrors), values)


def get(connection: Connection, guild_id: int, message_id: int) -> MirrorRow | None:
    """Return what a Discord message of a guild shows."""
    query = select(mirrors).where(mirrors.c.message_id == message_id, mirrors.c.guild_id == guild_id)
    row = connection.execute(query).first()
    return None if row is None else MirrorRow(*row)


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


def newest(connection: Connection, guild_id: int, limit: int) -> list[MirrorRow]:
    """Return the newest rows of a guild, the newest first."""
    query = (
        select(mirrors)
        .where(mirrors.c.guild_id == guild_id, mirrors.c.message_id.is_not(None))
        .order_by(mirrors.c.at_ms.desc(), mirrors.c.message_id.desc())
        .limit(limit)
    )
    return [MirrorRow(*row) for row in connection.execute(query)]


def forget_before(connection: Connection, before_ms: int) -> int:
    """Delete the rows from before a moment and return how many there were."""
    return connection.execute(delete(mirrors).where(mirrors.c.at_ms < before_ms)).rowcount
