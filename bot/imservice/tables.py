"""The scripts that make the tables, one a version; a script that was released is never changed."""

# `seq` is AUTOINCREMENT wherever a list is paged by it: a number given once never comes back, so a reader that is
# already past it cannot miss a row that was removed and added again.
V1 = """
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

# Communities are found by the beginning of their name in any case of ASCII letters, if they are public.
_COMMUNITIES = """
CREATE TABLE tags (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    community INTEGER NOT NULL REFERENCES communities (seq) ON DELETE CASCADE, name TEXT NOT NULL,
    UNIQUE (community, name)
);
CREATE INDEX tags_in_order ON tags (community, seq);
CREATE INDEX tags_by_name ON tags (name, community);
CREATE INDEX communities_by_name ON communities (lower(name), seq) WHERE type = 0;
"""

# A thread keeps the id of its message as text: it outlives the message. A message in a thread has its `thread`.
_THREADS = """
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    channel INTEGER NOT NULL REFERENCES channels (seq) ON DELETE CASCADE,
    thread INTEGER REFERENCES threads (seq) ON DELETE CASCADE,
    sender TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL, ext TEXT, created INTEGER NOT NULL
);
CREATE INDEX messages_by_channel ON messages (channel, seq);
CREATE INDEX messages_by_thread ON messages (thread) WHERE thread IS NOT NULL;
CREATE INDEX messages_by_age ON messages (created);
CREATE TABLE threads (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    channel INTEGER NOT NULL REFERENCES channels (seq) ON DELETE CASCADE,
    message_id TEXT NOT NULL UNIQUE, owner INTEGER NOT NULL REFERENCES users (seq),
    name TEXT NOT NULL, created INTEGER NOT NULL
);
CREATE INDEX threads_in_order ON threads (channel, seq);
CREATE INDEX threads_by_owner ON threads (owner, channel, seq);
CREATE TABLE thread_members (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    thread INTEGER NOT NULL REFERENCES threads (seq) ON DELETE CASCADE,
    user INTEGER NOT NULL REFERENCES users (seq),
    UNIQUE (thread, user)
);
CREATE INDEX thread_members_by_user ON thread_members (user, seq);
CREATE TABLE reactions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    message INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE, reaction TEXT NOT NULL,
    UNIQUE (message, reaction)
);
CREATE INDEX reactions_in_order ON reactions (message, seq);
CREATE TABLE reaction_users (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    reaction INTEGER NOT NULL REFERENCES reactions (seq) ON DELETE CASCADE,
    user INTEGER NOT NULL REFERENCES users (seq),
    UNIQUE (reaction, user)
);
CREATE INDEX reaction_users_in_order ON reaction_users (reaction, seq);
"""

_CONTACTS = """
CREATE TABLE contacts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, owner INTEGER NOT NULL REFERENCES users (seq),
    friend INTEGER NOT NULL REFERENCES users (seq), remark TEXT,
    UNIQUE (owner, friend)
);
CREATE INDEX contacts_in_order ON contacts (owner, seq);
CREATE TABLE blocks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, owner INTEGER NOT NULL REFERENCES users (seq),
    blocked INTEGER NOT NULL REFERENCES users (seq),
    UNIQUE (owner, blocked)
);
CREATE INDEX blocks_in_order ON blocks (owner, seq);
"""

# Stored in the order in which pages are read, so that a page lies together however many there are; `seq` tells apart
# what was saved at one time.
_COLLECTIONS = """
CREATE TABLE collections (
    user INTEGER NOT NULL REFERENCES users (seq), created INTEGER NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL,
    data TEXT NOT NULL, type INTEGER NOT NULL, ext TEXT, updated INTEGER NOT NULL,
    PRIMARY KEY (user, created, seq), UNIQUE (user, id)
) WITHOUT ROWID;
CREATE INDEX collections_by_type ON collections (user, type, created, seq);
"""

# Which random communities (`--seed N`) are there completely, or were before somebody changed them.
_SEEDS = """
CREATE TABLE seeds (members INTEGER PRIMARY KEY);
"""

V2 = _COMMUNITIES + _THREADS + _CONTACTS + _COLLECTIONS + _SEEDS
