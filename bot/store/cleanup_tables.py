"""The tables of policies and cleanup runs (design section 8); times are integer milliseconds, UTC."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from bot.store.base import Id, metadata

policies = Table(
    "policies",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("staff_id", BigInteger, nullable=False),
    Column("staff_name", Text, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("target", Text, nullable=False),  # owner, channel, community
    Column("community_id", Text, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("name", Text, nullable=False),  # the owner's id, or what the channel or community was called
    Column("older_than_ms", BigInteger, nullable=False),
    Column("item_type", Integer),  # None: all
    Column("keep", Text, nullable=False),
    Column("schedule", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("state", Text, nullable=False),  # active, paused, removed
    Column("next_ms", BigInteger),  # None: paused, removed, or never again
    Index(
        "ix_policies_next",
        "next_ms",
        sqlite_where=text("next_ms IS NOT NULL"),
        postgresql_where=text("next_ms IS NOT NULL"),
    ),
    Index("ix_policies_guild", "guild_id"),
    sqlite_autoincrement=True,
)

GOING = "state IN ('running', 'cancelling')"

cleanup_runs = Table(
    "cleanup_runs",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # cleanup, restore
    Column("of_run", Id, ForeignKey("cleanup_runs.id")),  # the run that a restore gives back
    Column("policy_id", Id, ForeignKey("policies.id")),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("staff_id", BigInteger, nullable=False),
    Column("staff_name", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("community_id", Text, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("older_than_ms", BigInteger, nullable=False),
    Column("cutoff_ms", BigInteger, nullable=False),  # the newest moment that is still deleted, fixed at confirm
    Column("item_type", Integer),
    Column("keep", Text, nullable=False),
    Column("state", Text, nullable=False),  # running, cancelling, cancelled, done, failed
    Column("why", Text, nullable=False, server_default=""),
    Column("begun_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    Column("planned", BigInteger),  # how many items the preview counted; None: not to the end
    Column("listed", Integer, nullable=False, server_default="0"),  # whether its owners are written down
    Column("home_channel_id", BigInteger),  # where it was started in Discord
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("wake_ms", BigInteger, nullable=False),
    Column("holder", Text),
    Column("lease_until_ms", BigInteger),
    Column("purged", Integer, nullable=False, server_default="0"),  # what it deleted is not kept any more
    Index("ix_cleanup_runs_going", "wake_ms", sqlite_where=text(GOING), postgresql_where=text(GOING)),
    Index("ix_cleanup_runs_guild", "guild_id", "id"),
    Index("ix_cleanup_runs_of_run", "of_run"),
    Index("ix_cleanup_runs_policy", "policy_id"),
    Index("ix_cleanup_runs_unpurged", "ended_ms", sqlite_where=text("purged = 0"), postgresql_where=text("purged = 0")),
    sqlite_autoincrement=True,
)

WAITING = "state = 'waiting'"

cleanup_owners = Table(
    "cleanup_owners",
    metadata,
    Column("run_id", Id, ForeignKey("cleanup_runs.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("owner", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),  # waiting, done, failed
    Column("position", Text),  # from where on there is something to do
    Column("done", BigInteger, nullable=False, server_default="0"),
    Column("kept", BigInteger, nullable=False, server_default="0"),
    Column("refused", BigInteger, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("why", Text, nullable=False, server_default=""),
    Index(
        "ix_cleanup_owners_waiting",
        "run_id",
        "attempts",
        "number",
        sqlite_where=text(WAITING),
        postgresql_where=text(WAITING),
    ),
)

OPEN_BATCH = "state IN ('intended', 'restoring')"

# What runs deleted, a batch a row, until it cannot be restored any more.
cleanup_kept = Table(
    "cleanup_kept",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("run_id", Id, ForeignKey("cleanup_runs.id"), nullable=False),
    Column("owner", Text, nullable=False),
    Column("state", Text, nullable=False),  # intended, gone, restoring, restored
    Column("count", Integer, nullable=False),
    Column("skipped", Integer, nullable=False, server_default="0"),  # there already when the restore began
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index("ix_cleanup_kept_run", "run_id", "owner", "id"),
    Index(
        "ix_cleanup_kept_open",
        "owner",
        sqlite_where=text(OPEN_BATCH),
        postgresql_where=text(OPEN_BATCH),
    ),
    sqlite_autoincrement=True,
)
