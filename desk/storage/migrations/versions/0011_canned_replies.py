"""Canned replies of the nurses, and an index to find the other handoffs of one number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("shortcut", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["nurses.id"], name=op.f("fk_canned_replies_owner_id_nurses")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["nurses.id"], name=op.f("fk_canned_replies_changed_by_nurses")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_replies")),
        sa.UniqueConstraint(
            "owner_id", "shortcut", name=op.f("uq_canned_replies_owner_id_shortcut")
        ),
    )
    shared = sa.text("owner_id IS NULL")
    op.create_index(
        "uq_canned_replies_shared",
        "canned_replies",
        ["shortcut"],
        unique=True,
        sqlite_where=shared,
        postgresql_where=shared,
    )
    op.create_index(op.f("ix_handoffs_phone"), "handoffs", ["phone"])


def downgrade() -> None:
    op.drop_index(op.f("ix_handoffs_phone"), table_name="handoffs")
    op.drop_index("uq_canned_replies_shared", table_name="canned_replies")
    op.drop_table("canned_replies")
