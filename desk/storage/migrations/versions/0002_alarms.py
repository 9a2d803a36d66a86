"""Emergencies enter the queue without name, number or consent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "pending_turns",
        sa.Column("alarm_checked", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("handoffs", sa.Column("alarm_seq", sa.Integer(), nullable=True))
    op.add_column("handoffs", sa.Column("alarmed_at", sa.DateTime(timezone=True), nullable=True))
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("handoffs", "consent_at", nullable=True)
        return
    # Alembic's batch would make the table anew, and dropping the old one breaks the foreign keys
    # that lead to it; they cannot be switched off within a transaction.
    op.add_column("handoffs", sa.Column("consented", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE handoffs SET consented = consent_at")
    op.execute("ALTER TABLE handoffs DROP COLUMN consent_at")
    op.execute("ALTER TABLE handoffs RENAME COLUMN consented TO consent_at")


def downgrade() -> None:
    raise NotImplementedError("entries without consent have no place before; restore a backup")
