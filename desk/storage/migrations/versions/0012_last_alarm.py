"""The message of the last alarm beside that of the first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("handoffs", sa.Column("last_alarm_seq", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("handoffs", "last_alarm_seq")
