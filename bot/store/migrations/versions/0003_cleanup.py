"""cleanup: standing rules, runs with their owners, and what runs deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policies",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_name", sa.Text(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("older_than_ms", sa.BigInteger(), nullable=False),
        sa.Column("item_type", sa.Integer(), nullable=True),
        sa.Column("keep", sa.Text(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_policies_guild", "policies", ["guild_id"], unique=False)
    op.create_index(
        "ix_policies_next",
        "policies",
        ["next_ms"],
        unique=False,
        sqlite_where=sa.text("next_ms IS NOT NULL"),
        postgresql_where=sa.text("next_ms IS NOT NULL"),
    )
    op.create_table(
        "cleanup_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("of_run", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("policy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_name", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("older_than_ms", sa.BigInteger(), nullable=False),
        sa.Column("cutoff_ms", sa.BigInteger(), nullable=False),
        sa.Column("item_type", sa.Integer(), nullable=True),
        sa.Column("keep", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("begun_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("planned", sa.BigInteger(), nullable=True),
        sa.Column("listed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("home_channel_id", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("wake_ms", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("lease_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("purged", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_cleanup_runs_case_id")),
        sa.ForeignKeyConstraint(["of_run"], ["cleanup_runs.id"], name=op.f("fk_cleanup_runs_of_run")),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_cleanup_runs_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cleanup_runs")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_cleanup_runs_going",
        "cleanup_runs",
        ["wake_ms"],
        unique=False,
        sqlite_where=sa.text("state IN ('running', 'cancelling')"),
        postgresql_where=sa.text("state IN ('running', 'cancelling')"),
    )
    op.create_index("ix_cleanup_runs_guild", "cleanup_runs", ["guild_id", "id"], unique=False)
    op.create_index("ix_cleanup_runs_of_run", "cleanup_runs", ["of_run"], unique=False)
    op.create_index("ix_cleanup_runs_policy", "cleanup_runs", ["policy_id"], unique=False)
    op.create_index(
        "ix_cleanup_runs_unpurged",
        "cleanup_runs",
        ["ended_ms"],
        unique=False,
        sqlite_where=sa.text("purged = 0"),
        postgresql_where=sa.text("purged = 0"),
    )
    op.create_table(
        "cleanup_kept",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["cleanup_runs.id"], name=op.f("fk_cleanup_kept_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cleanup_kept")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_cleanup_kept_open",
        "cleanup_kept",
        ["owner"],
        unique=False,
        sqlite_where=sa.text("state IN ('intended', 'restoring')"),
        postgresql_where=sa.text("state IN ('intended', 'restoring')"),
    )
    op.create_index("ix_cleanup_kept_run", "cleanup_kept", ["run_id", "owner", "id"], unique=False)
    op.create_table(
        "cleanup_owners",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("kept", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refused", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["cleanup_runs.id"], name=op.f("fk_cleanup_owners_run_id")),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_cleanup_owners")),
    )
    op.create_index(
        "ix_cleanup_owners_waiting",
        "cleanup_owners",
        ["run_id", "attempts", "number"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
