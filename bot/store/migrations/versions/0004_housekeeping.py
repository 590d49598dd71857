"""housekeeping: callbacks of the IM, the feed's messages, the on-call rota, and how alerts call."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "callback_events",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_callback_events"),
        sa.UniqueConstraint("call_id", name="uq_callback_events_call_id"),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_callback_events_waiting", "callback_events", ["id"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_index("ix_callback_events_age", "callback_events", ["state", "at_ms"])

    op.rename_table("mirrors", "mirrors_before")
    op.drop_index("ix_mirrors_guild", "mirrors_before")
    op.drop_index("ix_mirrors_im_message", "mirrors_before")
    op.create_table(
        "mirrors",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("community_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("channel_name", sa.Text(), nullable=False),
        sa.Column("im_message_id", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="txt", nullable=False),
        sa.Column("shown_in", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mirrors_id"),
        sqlite_autoincrement=True,
    )
    kept = "message_id, guild_id, at_ms, community_id, channel_id, channel_name, im_message_id, author_id, said"
    op.execute(f"INSERT INTO mirrors ({kept}) SELECT {kept} FROM mirrors_before ORDER BY at_ms, message_id")  # noqa: S608
    op.drop_table("mirrors_before")
    op.create_index("ix_mirrors_guild", "mirrors", ["guild_id", "at_ms"])
    op.create_index("ix_mirrors_im_message", "mirrors", ["im_message_id"])
    op.create_index("ix_mirrors_message", "mirrors", ["message_id"])
    unshown = sa.text("message_id IS NULL")
    op.create_index("ix_mirrors_waiting", "mirrors", ["guild_id", "id"], sqlite_where=unshown, postgresql_where=unshown)

    op.create_table(
        "feed_posts",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feed_posts"),
        sa.UniqueConstraint("guild_id", name="uq_feed_posts_guild_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "feed_counts",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Text(), nullable=False),
        sa.Column("channel_name", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "channel_id", "author_id", name="pk_feed_counts"),
    )

    op.add_column("alerts", sa.Column("subject", sa.Text(), server_default="", nullable=False))
    op.add_column("alerts", sa.Column("calls", sa.Integer(), server_default="0", nullable=False))
    op.add_column("alerts", sa.Column("call_ms", sa.BigInteger(), nullable=True))
    op.add_column("alerts", sa.Column("snoozed_until_ms", sa.BigInteger(), nullable=True))
    op.add_column("alerts", sa.Column("snoozed_by", sa.BigInteger(), nullable=True))
    op.add_column("alerts", sa.Column("snoozed_name", sa.Text(), server_default="", nullable=False))
    op.drop_index("uq_alerts_open", "alerts")
    unhealed = sa.text("healed_ms IS NULL")
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["guild_id", "kind", "subject"],
        unique=True,
        sqlite_where=unhealed,
        postgresql_where=unhealed,
    )
    calling = sa.text("call_ms IS NOT NULL")
    op.create_index("ix_alerts_call", "alerts", ["call_ms"], sqlite_where=calling, postgresql_where=calling)

    op.add_column("guild_settings", sa.Column("feed_channel_id", sa.BigInteger(), nullable=True))
    op.add_column("guild_settings", sa.Column("oncall_zone", sa.Text(), nullable=True))
    op.add_column("guild_settings", sa.Column("oncall_handover_minutes", sa.Integer(), nullable=True))
    op.add_column("guild_settings", sa.Column("feed_problem", sa.Text(), nullable=True))
    op.create_table(
        "oncall_rota",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "weekday", name="pk_oncall_rota"),
    )
