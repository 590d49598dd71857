"""The tables of the embedded IM service and their versions (`PRAGMA user_version`)."""

import sqlite3

from bot.imservice.options import StartupError

# `seq` is AUTOINCREMENT wherever a list is paged by it: a number given once never comes back, so a reader that is
# already past it cannot miss a row that was removed and added again.
_V1 = """
CREATE TABLE users (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, username TEXT NOT NULL, uuid TEXT NOT NULL,
    nickname TEXT, created INTEGER NOT NULL, modified INTEGER NOT NULL
);
CREATE TABLE communities (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner INTEGER NOT NULL REFERENCES users (seq),
    name TEXT NOT NULL, type INTEGER NOT NULL, description TEXT NOT NULL, custom TEXT NOT NULL,
    icon_url TEXT NOT NULL, background_url TEXT NOT NULL, created INTEGER NOT NULL
);
CREATE INDEX communities_by_owner ON communities (owner);
CREATE TABLE categories (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    community INTEGER NOT NULL REFERENCES communities (seq) ON DELETE CASCADE,
    name TEXT NOT NULL, is_default INTEGER NOT NULL, created INTEGER NOT NULL
);
CREATE INDEX categories_by_community ON categories (community, seq);
CREATE TABLE channels (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    community INTEGER NOT NULL REFERENCES communities (seq) ON DELETE CASCADE,
    category INTEGER NOT NULL REFERENCES categories (seq),
    name TEXT NOT NULL, type INTEGER NOT NULL, mode INTEGER NOT NULL, max_users INTEGER NOT NULL,
    description TEXT NOT NULL, custom TEXT NOT NULL, rtc_name TEXT, is_default INTEGER NOT NULL,
    created INTEGER NOT NULL
);
CREATE INDEX channels_by_community ON channels (community, seq);
CREATE INDEX channels_by_type ON channels (community, type, seq);
CREATE INDEX channels_by_category ON channels (category, seq);
CREATE TABLE community_members (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    community INTEGER NOT NULL REFERENCES communities (seq) ON DELETE CASCADE,
    user INTEGER NOT NULL REFERENCES users (seq), role INTEGER NOT NULL,
    UNIQUE (community, user)
);
CREATE INDEX community_members_in_order ON community_members (community, seq);
CREATE INDEX community_members_by_user ON community_members (user, seq);
CREATE TABLE channel_members (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    channel INTEGER NOT NULL REFERENCES channels (seq) ON DELETE CASCADE,
    user INTEGER NOT NULL REFERENCES users (seq),
    UNIQUE (channel, user)
);
CREATE INDEX channel_members_in_order ON channel_members (channel, seq);
CREATE INDEX channel_members_by_user ON channel_members (user, seq);
CREATE TABLE mutes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    channel INTEGER NOT NULL REFERENCES channels (seq) ON DELETE CASCADE,
    user INTEGER NOT NULL REFERENCES users (seq), expire INTEGER NOT NULL,
    UNIQUE (channel, user)
);
CREATE INDEX mutes_in_order ON mutes (channel, seq);
CREATE INDEX mutes_by_expiry ON mutes (expire);
"""

MIGRATIONS: tuple[str, ...] = (_V1,)
"""One script a version: script number n leads from version n to n + 1. Append only."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to the newest version, each step in its own transaction.

    Raises StartupError when the file was written by a newer release.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StartupError(
            f"the IM service's database has schema version {version}, this release knows versions up to "
            f"{len(MIGRATIONS)}: use the release that wrote it, or another data directory"
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        try:
            connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
