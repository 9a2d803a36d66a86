"""Call-backs: attempts, the second nurse's word, every request of a patient, promises that pass."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handoff_id", sa.Integer(), nullable=False),
        sa.Column("nurse_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=True),
        _belongs_to_handoff("attempts"),
        _named("attempts", "nurse_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("key", name=op.f("uq_attempts_key")),
    )
    op.create_index(op.f("ix_attempts_handoff_id"), "attempts", ["handoff_id"])
    op.create_table(
        "closing_requests",
        sa.Column("handoff_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        _belongs_to_handoff("closing_requests"),
        _named("closing_requests", "asked_by"),
        _named("closing_requests", "confirmed_by"),
        sa.PrimaryKeyConstraint("handoff_id", name=op.f("pk_closing_requests")),
    )
    op.create_table(
        "callback_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handoff_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("best_time", sa.String(length=200), nullable=False),
        sa.Column("consent_version", sa.String(length=16), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        _belongs_to_handoff("callback_requests"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_callback_requests_conversation_id_conversations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_requests")),
    )
    for column in ("handoff_id", "conversation_id"):
        op.create_index(op.f(f"ix_callback_requests_{column}"), "callback_requests", [column])
    # Until now both ways of asking showed the first version of their words.
    op.execute(
        "INSERT INTO callback_requests "
        "(handoff_id, conversation_id, at, reason, best_time, consent_version) "
        "SELECT handoffs.id, conversation_id, consent_at, reason, best_time, "
        "CASE origin WHEN 'form' THEN 'form-1' ELSE 'chat-1' END "
        "FROM handoffs JOIN conversations ON conversations.id = handoffs.conversation_id "
        "WHERE consent_at IS NOT NULL ORDER BY handoffs.id"
    )
    op.create_table(
        "promises",
        sa.Column("handoff_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("half_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("half_noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_noted_at", sa.DateTime(timezone=True), nullable=True),
        _belongs_to_handoff("promises"),
        sa.PrimaryKeyConstraint("handoff_id", "due_at", name=op.f("pk_promises")),
    )


def _belongs_to_handoff(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["handoff_id"],
        ["handoffs.id"],
        name=op.f(f"fk_{table}_handoff_id_handoffs"),
        ondelete="CASCADE",
    )


def _named(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["nurses.id"], name=op.f(f"fk_{table}_{column}_nurses"))


def downgrade() -> None:
    raise NotImplementedError("a call that was made is not forgotten; restore a backup")
