"""The tables of our own state (design section 6); times are integer milliseconds since the epoch, UTC."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.store import cleanup_tables
from bot.store.base import REVISION, Id, metadata

__all__ = ["REVISION", "cleanup_tables", "metadata"]

cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
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
    Column("undo_of", Id, ForeignKey("cases.id")),
    Column("mute_id", Id),  # the mute an unmute case is about
    Column("details", Text, nullable=False, server_default="{}"),  # JSON: what a deed is about
    Index("ix_cases_member", "guild_id", "member_id", "id"),
    Index("ix_cases_staff", "guild_id", "staff_id", "at_ms"),
    Index("ix_cases_time", "guild_id", "at_ms", "id", "action"),
    Index("ix_cases_action", "guild_id", "action", "at_ms", "id"),
    Index(
        "ix_cases_undo_of",
        "undo_of",
        sqlite_where=text("undo_of IS NOT NULL"),
        postgresql_where=text("undo_of IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)

# People a case concerns besides its member: the other side of a friendship, the names of a batch.
case_subjects = Table(
    "case_subjects",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("member_id", Text, primary_key=True),
    Index("ix_case_subjects_member", "member_id", "case_id"),
)

# Deeds that were begun and have no outcome yet; `subject` keeps two of them from changing one thing at once.
open_deeds = Table(
    "open_deeds",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("subject", Text, nullable=False, unique=True),
    Column("owner", Text, nullable=False),
    Column("begun_ms", BigInteger, nullable=False),
)

_OUTCOMES = "kind IN ('applied', 'verified', 'failed', 'undone')"

case_events = Table(
    "case_events",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
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
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False, unique=True),
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
    Column("supersedes", Id, ForeignKey("mutes.id")),
    Column("lifting_case_id", Id, ForeignKey("cases.id")),  # staff's own unmute; None: the timer's
    Column("closed_ms", BigInteger),
    Column("ending", Text),
    Column("ended_by_case", Id, ForeignKey("cases.id")),
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
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("mute_id", Id, ForeignKey("mutes.id"), nullable=False, unique=True),
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
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", Id, nullable=False),
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
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("raised_ms", BigInteger, nullable=False),
    Column("why", Text, nullable=False, server_default=""),
    Column("acknowledged_ms", BigInteger),
    Column("acknowledged_by", BigInteger),
    Column("acknowledged_name", Text, nullable=False, server_default=""),
    Column("healed_ms", BigInteger),
    Column("subject", Text, nullable=False, server_default=""),  # which one of its kind, such as a run's number
    Column("calls", Integer, nullable=False, server_default="0"),  # how often somebody was called
    Column("call_ms", BigInteger),  # when to call next; None: nobody is to be called any more
    Column("snoozed_until_ms", BigInteger),
    Column("snoozed_by", BigInteger),
    Column("snoozed_name", Text, nullable=False, server_default=""),
    # ONE alert at a time for one trouble of one guild (T6).
    Index(
        "uq_alerts_open",
        "guild_id",
        "kind",
        "subject",
        unique=True,
        sqlite_where=text("healed_ms IS NULL"),
        postgresql_where=text("healed_ms IS NULL"),
    ),
    Index(
        "ix_alerts_call",
        "call_ms",
        sqlite_where=text("call_ms IS NOT NULL"),
        postgresql_where=text("call_ms IS NOT NULL"),
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
    Column("feed_channel_id", BigInteger),
    Column("oncall_zone", Text),
    Column("oncall_handover_minutes", Integer),  # after midnight
    Column("feed_problem", Text),
)

# Who is on call from a weekday's handover to the next day's; 0 is Monday.
oncall_rota = Table(
    "oncall_rota",
    metadata,
    Column("guild_id", BigInteger, primary_key=True),
    Column("weekday", Integer, primary_key=True, autoincrement=False),
    Column("staff_id", BigInteger, nullable=False),
    Column("staff_name", Text, nullable=False),
)

# Staff roles that a guild has chosen itself, besides those of the configuration.
guild_roles = Table(
    "guild_roles",
    metadata,
    Column("guild_id", BigInteger, primary_key=True),
    Column("level", Text, primary_key=True),  # moderator, admin
    Column("role_id", BigInteger, primary_key=True),
)

UNSHOWN = "message_id IS NULL"

# Discord messages that show messages of the IM: what is done to them there is about those and their authors.
mirrors = Table(
    "mirrors",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("message_id", BigInteger),  # Discord's; None: to be shown yet
    Column("guild_id", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("community_id", Text, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("channel_name", Text, nullable=False),
    Column("im_message_id", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("said", Text, nullable=False, server_default=""),
    Column("kind", Text, nullable=False, server_default="txt"),  # the body's type (fact 7): txt, img, ...
    Column("shown_in", BigInteger),  # the Discord channel; None: to be shown yet, or before we noted it
    PrimaryKeyConstraint("id", name="pk_mirrors_id"),
    Index("ix_mirrors_guild", "guild_id", "at_ms"),
    Index("ix_mirrors_im_message", "im_message_id"),
    Index("ix_mirrors_message", "message_id"),
    Index("ix_mirrors_waiting", "guild_id", "id", sqlite_where=text(UNSHOWN), postgresql_where=text(UNSHOWN)),
    sqlite_autoincrement=True,
)

# What a guild's feed shows next: fixed before it is sent, so that a crash in between shows nothing twice.
feed_posts = Table(
    "feed_posts",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger, nullable=False, unique=True),
    Column("content", Text, nullable=False),  # JSON: the numbers of mirrors, or a summary
    sqlite_autoincrement=True,
)

# Messages that are too many for the feed: who sent how many, and where; an empty author: others.
feed_counts = Table(
    "feed_counts",
    metadata,
    Column("guild_id", BigInteger, primary_key=True),
    Column("channel_id", Text, primary_key=True),
    Column("author_id", Text, primary_key=True),
    Column("community_id", Text, nullable=False),
    Column("channel_name", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
)

UNPROCESSED = "state = 'waiting'"

# What the IM has told us by callback, once each, until it is old enough to be refused as such (fact 7).
callback_events = Table(
    "callback_events",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("call_id", Text, nullable=False, unique=True),
    Column("at_ms", BigInteger, nullable=False),  # when it arrived
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),  # waiting, done, unknown
    Column("owner", Text, nullable=False),  # the process that has taken it in and is to process it
    Column("body", Text, nullable=False, server_default=""),  # JSON; empty once it is done
    Index("ix_callback_events_waiting", "id", sqlite_where=text(UNPROCESSED), postgresql_where=text(UNPROCESSED)),
    Index("ix_callback_events_age", "state", "at_ms"),
    sqlite_autoincrement=True,
)

marks = Table(
    "marks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
