"""deeds: details and further subjects of cases, deeds without an outcome, mirrored messages, roles by guild."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("cases", sa.Column("details", sa.Text(), server_default="{}", nullable=False))
    op.create_index("ix_cases_time", "cases", ["guild_id", "at_ms", "id", "action"])
    op.create_index("ix_cases_action", "cases", ["guild_id", "action", "at_ms", "id"])
    op.create_table(
        "case_subjects",
        sa.Column("case_id", number, nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_subjects_case_id"),
        sa.PrimaryKeyConstraint("case_id", "member_id", name="pk_case_subjects"),
    )
    op.create_index("ix_case_subjects_member", "case_subjects", ["member_id", "case_id"])
    op.create_table(
        "open_deeds",
        sa.Column("case_id", number, autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("begun_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_open_deeds_case_id"),
        sa.PrimaryKeyConstraint("case_id", name="pk_open_deeds"),
        sa.UniqueConstraint("subject", name="uq_open_deeds_subject"),
    )
    op.create_table(
        "mirrors",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("community_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("channel_name", sa.Text(), nullable=False),
        sa.Column("im_message_id", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_mirrors"),
    )
    op.create_index("ix_mirrors_guild", "mirrors", ["guild_id", "at_ms"])
    op.create_index("ix_mirrors_im_message", "mirrors", ["im_message_id"])
    op.create_table(
        "guild_roles",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "level", "role_id", name="pk_guild_roles"),
    )
