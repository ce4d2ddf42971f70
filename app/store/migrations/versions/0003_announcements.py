"""Announcements: what the owner's webhooks are told. And the question that a proof lets us answer."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "announcements",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_announcements_conversation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("position", name="pk_announcements"),
        sa.UniqueConstraint("id", name="uq_announcements_id"),
    )
    op.create_index("ix_announcements_conversation_id", "announcements", ["conversation_id"], unique=False)
    op.create_index("ix_announcements_target_next_at", "announcements", ["target", "next_at"], unique=False)
    op.add_column("conversations", sa.Column("pending_seq", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("conversations", "pending_seq")
    op.drop_table("announcements")
