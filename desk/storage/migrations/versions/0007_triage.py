"""The answers to the safety questions, and what the desk said to a message in an outage."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "handoffs", sa.Column("triage", sa.JSON(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column(
        "pending_turns",
        sa.Column("alarm_said", sa.String(16), server_default="", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("pending_turns", "alarm_said")
    op.drop_column("handoffs", "triage")
