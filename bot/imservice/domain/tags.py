"""Tags of communities, by which they can be found (facts 6)."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from bot.imservice.errors import limit_exceeded, not_found
from bot.imservice.ids import Ids


class Tag(NamedTuple):
    """A tag as stored; it is removed by its id, not by its name."""

    tag_id: str
    name: str


def of(connection: sqlite3.Connection, community: int) -> list[Tag]:
    """Return the tags of a community, given as row number, in the order of adding."""
    rows = connection.execute("SELECT id, name FROM tags WHERE community = ? ORDER BY seq", (community,)).fetchall()
    return [Tag(*row) for row in rows]


def add(connection: sqlite3.Connection, community: int, names: Sequence[str], *, ids: Ids, most: int) -> list[Tag]:
    """Give a community more tags and return all it has; one that it has already stays as it is.

    Raises ApiError 403, and adds none, when it would have more than `most`.
    """
    present = of(connection, community)
    known = {tag.name for tag in present}
    new = [Tag(ids.tag(), name) for name in dict.fromkeys(names) if name not in known]
    if len(present) + len(new) > most:
        raise limit_exceeded(f"server tag count exceed limit {most}")
    connection.executemany(
        "INSERT INTO tags (id, community, name) VALUES (?, ?, ?)", [(tag.tag_id, community, tag.name) for tag in new]
    )
    return present + new


def remove(connection: sqlite3.Connection, community: int, tag_ids: Sequence[str]) -> None:
    """Take tags from a community; raise ApiError 404, and take none, if one of them is not its own."""
    own = {tag.tag_id for tag in of(connection, community)}
    if not own.issuperset(tag_ids):
        raise not_found("tag does not exist")
    connection.executemany("DELETE FROM tags WHERE id = ?", [(tag_id,) for tag_id in set(tag_ids)])
