"""The tables of our own state (design section 6); times are integer milliseconds since the epoch, UTC."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

REVISION = "0001"
"""The migration that leads to these tables."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only for INTEGER, PostgreSQL needs BIGINT.
_Id = BigInteger().with_variant(Integer(), "sqlite")

cases = Table(
    "cases",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("staff_id", BigInteger, nullable=False),
    Column("staff_name", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("community_id", Text, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("channel_name", Text, nullable=False),
    Column("member_id", Text, nullable=False),
    Column("duration_ms", BigInteger),
    Column("reason", Text, nullable=False, server_default=""),
    Column("undo_of", _Id, ForeignKey("cases.id")),
    Column("mute_id", _Id),  # the mute an unmute case is about
    Index("ix_cases_member", "guild_id", "member_id", "id"),
    Index("ix_cases_staff", "guild_id", "staff_id", "at_ms"),
    Index(
        "ix_cases_undo_of",
        "undo_of",
        sqlite_where=text("undo_of IS NOT NULL"),
        postgresql_where=text("undo_of IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)

_OUTCOMES = "kind IN ('applied', 'verified', 'failed', 'undone')"

case_events = Table(
    "case_events",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("case_id", _Id, ForeignKey("cases.id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Index("ix_case_events_case", "case_id", "id"),
    # An outcome is reached once; whoever comes second is told so by the database.
    Index(
        "uq_case_events_outcome",
        "case_id",
        "kind",
        unique=True,
        sqlite_where=text(_OUTCOMES),
        postgresql_where=text(_OUTCOMES),
    ),
    sqlite_autoincrement=True,
)

LIVE = "state IN ('pending', 'active', 'lifting')"
"""Written out, as SQLite takes a partial index only for a condition without parameters."""

mutes = Table(
    "mutes",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("case_id", _Id, ForeignKey("cases.id"), nullable=False, unique=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("community_id", Text, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("member_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("begun_ms", BigInteger, nullable=False),
    Column("requested_ms", BigInteger),  # None: permanent
    Column("due_ms", BigInteger),  # None: permanent, or not in force yet
    Column("im_end_ms", BigInteger),  # the end the IM was last seen to have, by its own clock
    Column("supersedes", _Id, ForeignKey("mutes.id")),
    Column("lifting_case_id", _Id, ForeignKey("cases.id")),  # staff's own unmute; None: the timer's
    Column("closed_ms", BigInteger),
    Column("ending", Text),
    Column("ended_by_case", _Id, ForeignKey("cases.id")),
    Column("adopted", Integer, nullable=False, server_default="0"),
    # One live mute per channel and member (design section 7).
    Index(
        "uq_mutes_live",
        "channel_id",
        "member_id",
        unique=True,
        sqlite_where=text(LIVE),
        postgresql_where=text(LIVE),
    ),
    Index("ix_mutes_guild", "guild_id", sqlite_where=text(LIVE), postgresql_where=text(LIVE)),
    sqlite_autoincrement=True,
)

timers = Table(
    "timers",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("mute_id", _Id, ForeignKey("mutes.id"), nullable=False, unique=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("wake_ms", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", Text, nullable=False, server_default=""),
    Column("owner", Text),
    Column("lease_until_ms", BigInteger),
    Index("ix_timers_wake", "wake_ms", sqlite_where=text("owner IS NULL"), postgresql_where=text("owner IS NULL")),
    Index(
        "ix_timers_owner", "owner", sqlite_where=text("owner IS NOT NULL"), postgresql_where=text("owner IS NOT NULL")
    ),
    Index("ix_timers_attempts", "guild_id", sqlite_where=text("attempts > 0"), postgresql_where=text("attempts > 0")),
    sqlite_autoincrement=True,
)

posts = Table(
    "posts",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", _Id, nullable=False),
    Column("channel_id", BigInteger),
    Column("message_id", BigInteger),
    Column("wanted", Integer, nullable=False, server_default="1"),
    Column("shown", Integer, nullable=False, server_default="0"),
    Column("wake_ms", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    UniqueConstraint("kind", "subject_id", name="uq_posts_subject"),
    Index("ix_posts_due", "wake_ms", sqlite_where=text("wanted > shown"), postgresql_where=text("wanted > shown")),
    sqlite_autoincrement=True,
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("raised_ms", BigInteger, nullable=False),
    Column("why", Text, nullable=False, server_default=""),
    Column("acknowledged_ms", BigInteger),
    Column("acknowledged_by", BigInteger),
    Column("acknowledged_name", Text, nullable=False, server_default=""),
    Column("healed_ms", BigInteger),
    # ONE alert at a time for one trouble of one guild (T6).
    Index(
        "uq_alerts_open",
        "guild_id",
        "kind",
        unique=True,
        sqlite_where=text("healed_ms IS NULL"),
        postgresql_where=text("healed_ms IS NULL"),
    ),
    sqlite_autoincrement=True,
)

guild_settings = Table(
    "guild_settings",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("community_id", Text),
    Column("log_channel_id", BigInteger),
    Column("default_duration_ms", BigInteger),
    Column("language", Text),
    Column("oncall_role_id", BigInteger),
    Column("log_problem", Text),
)

marks = Table(
    "marks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
