"""Finding communities: by the beginning of the name, by a tag, and the newest ones (facts 6)."""

import sqlite3
import string
from typing import NamedTuple

from bot.imservice.domain import communities
from bot.imservice.domain.communities import Community

_RECOMMENDED = 5
_LOWERED = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

_PUBLIC = communities.SELECT + "WHERE c.type = 0 AND lower(c.name) "
_IN_ORDER = "AND lower(c.name) < ? ORDER BY lower(c.name), c.seq LIMIT ?"
_FROM = f"{_PUBLIC} >= ? {_IN_ORDER}"
_BEYOND = f"{_PUBLIC} > ? {_IN_ORDER}"
_SAME_NAME = f"{_PUBLIC} = ? AND c.seq > ? ORDER BY c.seq LIMIT ?"
_TAGGED = communities.SELECT_TAGGED + "WHERE t.name = ? AND c.type = 0 ORDER BY t.community"
_NEWEST = communities.SELECT + "ORDER BY c.seq DESC LIMIT ?"


class Place(NamedTuple):
    """A place in the list by name: behind the community with this name, folded, and this row number."""

    name: str
    seq: int


def folded(name: str) -> str:
    """Return a name as it is compared: without regard to the case of ASCII letters, as user names are."""
    return name.translate(_LOWERED)


def by_name(connection: sqlite3.Connection, prefix: str, *, after: Place | None, fetch: int) -> list[Community]:
    """Return at most `fetch` public communities whose name begins with a text, in the order of their names."""
    begin = folded(prefix)
    end = _behind(begin)
    if after is None:
        rows = connection.execute(_FROM, (begin, end, fetch)).fetchall()
    else:
        rows = connection.execute(_SAME_NAME, (after.name, after.seq, fetch)).fetchall()
        rows += connection.execute(_BEYOND, (after.name, end, fetch - len(rows))).fetchall()
    return [communities.built(connection, row) for row in rows]


def by_tag(connection: sqlite3.Connection, tag: str) -> list[Community]:
    """Return all public communities that have exactly this tag, oldest first."""
    return [communities.built(connection, row) for row in connection.execute(_TAGGED, (tag,)).fetchall()]


def recommended(connection: sqlite3.Connection) -> list[Community]:
    """Return the five newest communities of the app, the newest first."""
    return [communities.built(connection, row) for row in connection.execute(_NEWEST, (_RECOMMENDED,)).fetchall()]


def _behind(prefix: str) -> str | bytes:
    """Return the first value behind all texts that begin with the prefix, in the order of code points."""
    for at in range(len(prefix) - 1, -1, -1):
        following = ord(prefix[at]) + 1
        if following == 0xD800:  # surrogates are not characters
            following = 0xE000
        if following <= 0x10FFFF:
            return prefix[:at] + chr(following)
    return b"\xff"  # to SQLite every blob is greater than every text
