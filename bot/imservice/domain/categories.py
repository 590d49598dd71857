"""Categories, which group the channels of a community; one of them is the default (facts 6)."""

import sqlite3
from typing import NamedTuple

from bot.imservice.domain import communities
from bot.imservice.errors import forbidden, limit_exceeded, not_found
from bot.imservice.ids import Ids
from bot.imservice.paging import PageRequest

CHANNELS = 100
"""How many channels a category other than the default one has at most (facts 6)."""


class Category(NamedTuple):
    """A category as stored."""

    seq: int
    category_id: str
    community_id: str
    name: str
    is_default: int
    created: int


class Shelf(NamedTuple):
    """What a channel needs to know about a category: its row number, and whether it is the default."""

    seq: int
    is_default: int


_SELECT = """
SELECT ca.seq, ca.id, co.id, ca.name, ca.is_default, ca.created
FROM categories ca JOIN communities co ON co.seq = ca.community
"""


def get(connection: sqlite3.Connection, community_id: str, category_id: str) -> Category:
    """Return a category; raise ApiError 404 if there is none of that id in that community."""
    row = connection.execute(_SELECT + "WHERE ca.id = ? AND co.id = ?", (category_id, community_id)).fetchone()
    if row is None:
        communities.key(connection, community_id)
        raise not_found("channel category does not exist")
    return Category(*row)


def shelf(connection: sqlite3.Connection, community: int, category_id: str | None) -> Shelf:
    """Return a category of a community given as row number, the default one for None; 404 if it does not exist."""
    if category_id is None:
        row = connection.execute(
            "SELECT seq, is_default FROM categories WHERE community = ? AND is_default = 1", (community,)
        ).fetchone()
    else:
        row = connection.execute(
            "SELECT seq, is_default FROM categories WHERE id = ? AND community = ?", (category_id, community)
        ).fetchone()
    if row is None:
        raise not_found("channel category does not exist")
    return Shelf(*row)


def check_room(connection: sqlite3.Connection, category: Shelf, *, most: int) -> None:
    """Raise ApiError 403 if a category has `most` channels already.

    The default category takes any number: what deleted categories leave goes there, and deleting must not fail.
    """
    if category.is_default:
        return
    (present,) = connection.execute("SELECT count(*) FROM channels WHERE category = ?", (category.seq,)).fetchone()
    if present >= most:
        raise limit_exceeded(f"channel category channel count exceed limit {most}")


def page(connection: sqlite3.Connection, community_id: str, request: PageRequest) -> list[Category]:
    """Return categories of a community, oldest and so the default one first; 404 for an unknown community."""
    community, _ = communities.key(connection, community_id)
    rows = connection.execute(
        _SELECT + "WHERE ca.community = ? AND ca.seq > ? ORDER BY ca.seq LIMIT ?",
        (community, request.after, request.fetch),
    ).fetchall()
    return [Category(*row) for row in rows]


def create(
    connection: sqlite3.Connection, community_id: str, name: str, *, ids: Ids, now: int, per_community: int
) -> str:
    """Create a category and return its id.

    Raises ApiError 404 for an unknown community, 403 when it has `per_community` categories besides the default one.
    """
    community, _ = communities.key(connection, community_id)
    (present,) = connection.execute("SELECT count(*) FROM categories WHERE community = ?", (community,)).fetchone()
    if present - 1 >= per_community:
        raise limit_exceeded(f"server channel category count exceed limit {per_community}")
    category_id = ids.category()
    connection.execute(
        "INSERT INTO categories (id, community, name, is_default, created) VALUES (?, ?, ?, 0, ?)",
        (category_id, community, name, now),
    )
    return category_id


def rename(connection: sqlite3.Connection, community_id: str, category_id: str, name: str) -> Category:
    """Give a category, also the default one, another name and return it; 404 if it does not exist."""
    category = get(connection, community_id, category_id)
    connection.execute("UPDATE categories SET name = ? WHERE seq = ?", (name, category.seq))
    return category._replace(name=name)


def delete(connection: sqlite3.Connection, community_id: str, category_id: str) -> list[str]:
    """Delete a category and return the ids of its channels, which are in the default one then.

    Raises ApiError 404 if it does not exist, 403 for the default category.
    """
    category = get(connection, community_id, category_id)
    if category.is_default:
        raise forbidden("the default channel category cannot be deleted")
    community, _ = communities.key(connection, community_id)
    moved = connection.execute("SELECT id FROM channels WHERE category = ? ORDER BY seq", (category.seq,)).fetchall()
    connection.execute(
        "UPDATE channels SET category = ? WHERE category = ?", (shelf(connection, community, None).seq, category.seq)
    )
    connection.execute("DELETE FROM categories WHERE seq = ?", (category.seq,))
    return [channel_id for (channel_id,) in moved]
