"""Nurses answer in the chat: who has the floor, what nurses write, what was seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "conversations",
        sa.Column("floor", sa.String(16), server_default="assistant", nullable=False),
    )
    op.add_column("conversations", sa.Column("floor_since", sa.DateTime(timezone=True)))
    op.add_column(
        "conversations",
        sa.Column("floor_closing_told", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    for seen in ("seen_by_patient", "seen_by_nurse"):
        op.add_column(
            "conversations", sa.Column(seen, sa.Integer(), server_default="0", nullable=False)
        )
    op.create_index("ix_conversations_floor", "conversations", ["floor"])
    op.execute("UPDATE conversations SET floor = 'ended' WHERE erased_at IS NOT NULL")
    _add_nurse("conversations", "floor_nurse_id")
    _add_nurse("events", "nurse_id")
    op.add_column(
        "pending_turns",
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("handoffs", sa.Column("call_offered_at", sa.DateTime(timezone=True)))
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(255), nullable=False),
        sa.Column("nurse_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_notes_conversation_id_conversations",
        ),
        sa.ForeignKeyConstraint(["nurse_id"], ["nurses.id"], name="fk_notes_nurse_id_nurses"),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )
    op.create_index("ix_notes_conversation_id", "notes", ["conversation_id"])


def _add_nurse(table: str, column: str) -> None:
    # Alembic adds a foreign key as a constraint of its own, which SQLite cannot; a column that
    # brings its key is what both databases take.
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} INTEGER "
        f"CONSTRAINT fk_{table}_{column}_nurses REFERENCES nurses (id)"
    )


def downgrade() -> None:
    raise NotImplementedError("an older desk would let the assistant talk to a nurse's patient")
