"""Accounts are opened by one-time links and have a second factor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("nurses", sa.Column("totp_secret", sa.String(length=64), nullable=True))
    op.add_column("nurses", sa.Column("totp_step", sa.Integer(), nullable=True))
    op.add_column("nurses", sa.Column("totp_pending", sa.String(length=64), nullable=True))
    op.add_column(
        "nurse_sessions",
        sa.Column("network", sa.String(length=64), server_default="", nullable=False),
    )
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("nurse_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["nurse_id"], ["nurses.id"], name=op.f("fk_invitations_nurse_id_nurses")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitations")),
        sa.UniqueConstraint("nurse_id", name=op.f("uq_invitations_nurse_id")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("nurse_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["nurse_id"], ["nurses.id"], name=op.f("fk_recovery_codes_nurse_id_nurses")
        ),
        sa.PrimaryKeyConstraint("nurse_id", "code_hash", name=op.f("pk_recovery_codes")),
    )
    # Sessions of leads and admins that began by a password alone.
    op.execute(
        "DELETE FROM nurse_sessions WHERE nurse_id IN "
        "(SELECT id FROM nurses WHERE role <> 'nurse')"
    )


def downgrade() -> None:
    raise NotImplementedError("it would take the second factor off; restore a backup")
