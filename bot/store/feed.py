"""Queries on the feed: messages of the IM that wait to be shown, and those that were too many."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select, union, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.mirrors import MirrorRow
from bot.store.tables import feed_counts, feed_posts, mirrors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Table

_MANY = 500


@dataclass(frozen=True, slots=True)
class CountRow:
    """A row of `feed_counts`."""

    guild_id: int
    channel_id: str
    author_id: str
    community_id: str
    channel_name: str
    count: int
    first_ms: int
    last_ms: int


def guilds(connection: Connection) -> list[int]:
    """Return the guilds for which something waits."""
    waiting = select(mirrors.c.guild_id).where(mirrors.c.message_id.is_(None))
    both = union(waiting, select(feed_counts.c.guild_id), select(feed_posts.c.guild_id)).subquery()
    return [row[0] for row in connection.execute(select(both.c.guild_id))]


def count_waiting(connection: Connection, guild_id: int) -> int:
    """Count the messages of a guild that are not shown yet."""
    return connection.execute(select(func.count()).select_from(mirrors).where(*_waiting(guild_id))).scalar_one()


def waiting(connection: Connection, guild_id: int, limit: int) -> list[MirrorRow]:
    """Return the messages of a guild that are not shown yet, in the order in which they came."""
    query = select(mirrors).where(*_waiting(guild_id)).order_by(mirrors.c.id).limit(limit)
    return [MirrorRow(*row) for row in connection.execute(query)]


def known(connection: Connection, guild_id: int, im_message_ids: Sequence[str], shown_in: int | None) -> set[str]:
    """Return which of these messages wait already, or are shown in that Discord channel."""
    found: set[str] = set()
    for start in range(0, len(im_message_ids), _MANY):
        query = select(mirrors.c.im_message_id).where(
            mirrors.c.im_message_id.in_(im_message_ids[start : start + _MANY]),
            mirrors.c.guild_id == guild_id,
            mirrors.c.message_id.is_(None) | (mirrors.c.shown_in == shown_in),
        )
        found.update(row[0] for row in connection.execute(query))
    return found


def unplaced(connection: Connection) -> list[MirrorRow]:
    """Return the waiting messages whose channel could not be looked up."""
    query = select(mirrors).where(mirrors.c.message_id.is_(None), mirrors.c.community_id == "")
    return [MirrorRow(*row) for row in connection.execute(query.order_by(mirrors.c.id))]


def put_in_place(connection: Connection, rows: Iterable[MirrorRow]) -> None:
    """Write down where messages were sent."""
    for row in rows:
        place = {name: getattr(row, name) for name in ("community_id", "channel_id", "channel_name")}
        connection.execute(update(mirrors).where(mirrors.c.id == row.id).values(place))


def drop(connection: Connection, mirror_ids: Iterable[int]) -> int:
    """Delete messages that are not to be shown; return how many there were."""
    query = delete(mirrors).where(mirrors.c.id.in_(list(mirror_ids)), mirrors.c.message_id.is_(None))
    return connection.execute(query).rowcount


def clear(connection: Connection, guild_id: int) -> int:
    """Delete everything that waits for a guild; return how many messages that was."""
    counted = connection.execute(
        select(func.coalesce(func.sum(feed_counts.c.count), 0)).where(feed_counts.c.guild_id == guild_id)
    ).scalar_one()
    for table in (feed_counts, feed_posts):
        connection.execute(delete(table).where(table.c.guild_id == guild_id))
    return int(counted) + connection.execute(delete(mirrors).where(*_waiting(guild_id))).rowcount


def count(connection: Connection, rows: Iterable[CountRow], most: int) -> None:
    """Add to the counts of a guild; what is beyond `most` rows is counted without its author."""
    have: dict[int, int] = {}
    for row in rows:
        if row.guild_id not in have:
            of_guild = feed_counts.c.guild_id == row.guild_id
            have[row.guild_id] = connection.execute(select(func.count()).where(of_guild)).scalar_one()
        if _add_to(connection, row):
            continue
        if have[row.guild_id] >= most and row.author_id:
            row = replace(row, author_id="")  # noqa: PLW2901 - counted otherwise
            if _add_to(connection, row):
                continue
        have[row.guild_id] += 1
        if _insert(connection, feed_counts, asdict(row)) is None:
            # Another process has done so a moment ago.
            _add_to(connection, row)


def counts(connection: Connection, guild_id: int) -> list[CountRow]:
    """Return what was counted for a guild, the most first."""
    query = select(feed_counts).where(feed_counts.c.guild_id == guild_id)
    rows = connection.execute(query.order_by(feed_counts.c.count.desc(), feed_counts.c.author_id))
    return [CountRow(*row) for row in rows]


def take_counts(connection: Connection, guild_id: int) -> list[CountRow]:
    """Delete what was counted for a guild and return it, the most first."""
    taken = connection.execute(delete(feed_counts).where(feed_counts.c.guild_id == guild_id).returning(feed_counts))
    return sorted((CountRow(*row) for row in taken), key=lambda row: (-row.count, row.author_id))


def open_post(connection: Connection, guild_id: int) -> tuple[int, str] | None:
    """Return the number and content of what a guild's feed shows next, None if that is not fixed."""
    query = select(feed_posts.c.id, feed_posts.c.content).where(feed_posts.c.guild_id == guild_id)
    row = connection.execute(query).first()
    return None if row is None else (row[0], row[1])


def claim_post(connection: Connection, guild_id: int) -> int | None:
    """Take it upon us to choose what a guild's feed shows next; None if another process has done so."""
    return _insert(connection, feed_posts, {"guild_id": guild_id, "content": "{}"})


def fix_post(connection: Connection, post_id: int, content: str) -> None:
    """Write down what was chosen."""
    connection.execute(update(feed_posts).where(feed_posts.c.id == post_id).values(content=content))


def rows_of(connection: Connection, mirror_ids: Sequence[int]) -> list[MirrorRow]:
    """Return the waiting messages with these numbers; one may have been erased on request."""
    query = select(mirrors).where(mirrors.c.id.in_(mirror_ids), mirrors.c.message_id.is_(None))
    return [MirrorRow(*row) for row in connection.execute(query.order_by(mirrors.c.id))]


def close_post(connection: Connection, post_id: int) -> None:
    """Forget a post: it is shown, or never will be."""
    connection.execute(delete(feed_posts).where(feed_posts.c.id == post_id))


def set_shown(connection: Connection, mirror_ids: Sequence[int], shown_in: int, message_id: int) -> None:
    """Note which Discord message shows these messages."""
    connection.execute(
        update(mirrors).where(mirrors.c.id.in_(mirror_ids)).values(message_id=message_id, shown_in=shown_in)
    )


def _waiting(guild_id: int) -> tuple[Any, ...]:
    return mirrors.c.guild_id == guild_id, mirrors.c.message_id.is_(None)


_ADD_TO = (
    update(feed_counts)
    .where(
        feed_counts.c.guild_id == bindparam("of_guild"),
        feed_counts.c.channel_id == bindparam("of_channel"),
        feed_counts.c.author_id == bindparam("of_author"),
    )
    .values(count=feed_counts.c.count + bindparam("more"), last_ms=bindparam("to_last"))
)


def _add_to(connection: Connection, row: CountRow) -> bool:
    values = {
        "of_guild": row.guild_id,
        "of_channel": row.channel_id,
        "of_author": row.author_id,
        "more": row.count,
        "to_last": row.last_ms,
    }
    return connection.execute(_ADD_TO, values).rowcount > 0


def _insert(connection: Connection, table: Table, values: dict[str, Any]) -> int | None:
    """Add a row unless there is one; return its first column, None if there is one."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    query = make(table).values(values).on_conflict_do_nothing().returning(next(iter(table.primary_key.columns)))
    return connection.execute(query).scalar_one_or_none()
