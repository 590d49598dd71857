"""The tables of our own state (design section 6); times are integer milliseconds since the epoch, UTC."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

REVISION = "0004"
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
    Column("case_id", _Id, ForeignKey("cases.id"), primary_key=True),
    Column("member_id", Text, primary_key=True),
    Index("ix_case_subjects_member", "member_id", "case_id"),
)

# Deeds that were begun and have no outcome yet; `subject` keeps two of them from changing one thing at once.
open_deeds = Table(
    "open_deeds",
    metadata,
    Column("case_id", _Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("subject", Text, nullable=False, unique=True),
    Column("owner", Text, nullable=False),
    Column("begun_ms", BigInteger, nullable=False),
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
    Column("id", _Id, primary_key=True, autoincrement=True),
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
    Column("id", _Id, primary_key=True, autoincrement=True),
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
    Column("id", _Id, primary_key=True, autoincrement=True),
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

# Standing cleanup rules (design section 8).
policies = Table(
    "policies",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
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
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # cleanup, restore
    Column("of_run", _Id, ForeignKey("cleanup_runs.id")),  # the run that a restore gives back
    Column("policy_id", _Id, ForeignKey("policies.id")),
    Column("case_id", _Id, ForeignKey("cases.id"), nullable=False),
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
    Column("run_id", _Id, ForeignKey("cleanup_runs.id"), primary_key=True),
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
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("run_id", _Id, ForeignKey("cleanup_runs.id"), nullable=False),
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
