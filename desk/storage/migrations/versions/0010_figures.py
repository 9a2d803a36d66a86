"""Counts of each chat, first claim and first answer of a handoff, questions left unanswered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

_KINDS = (
    *("answer", "decline", "out_of_scope", "clarify"),
    *("emergency", "urgent", "handoff", "chitchat"),
)
_FEEDBACK = ("helpful", "unhelpful", "helpful_without_answer", "unhelpful_without_answer")
_events = sa.table(
    "events",
    *(sa.column(name) for name in ("conversation_id", "seq", "at", "author", "text")),
    sa.column("turn", sa.JSON),
)
_conversations = sa.table("conversations", sa.column("id"), sa.column("created_at"))
_feedback = sa.table("feedback", *map(sa.column, ("conversation_id", "seq", "helpful")))
_handoffs = sa.table("handoffs", sa.column("conversation_id"))


def upgrade() -> None:
    _make_counts()
    _fill_counts()
    _mark_handoffs()
    op.create_table(
        "past_handoffs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("urgency", sa.String(length=16), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("call_offered", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_handoffs")),
    )
    op.create_index(op.f("ix_past_handoffs_asked_at"), "past_handoffs", ["asked_at"])
    _make_unanswered()


def _make_counts() -> None:
    op.create_table(
        "chat_counts",
        sa.Column("conversation_id", sa.String(length=255), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_message_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_reply_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.Column(name, sa.Integer(), server_default="0", nullable=False)
            for name in ("messages", *_KINDS, *_FEEDBACK)
        ),
        sa.Column("handed_over", sa.Boolean(), server_default=sa.false(), nullable=False),
        _of_conversation("chat_counts"),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_chat_counts")),
    )
    op.create_index(op.f("ix_chat_counts_begun_at"), "chat_counts", ["begun_at"])


def _fill_counts() -> None:
    """From what was said and is still there; a chat without words has zeros."""
    kind = _events.c.turn["kind"].as_string()
    author = _events.c.author

    def counted(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((condition, 1)))

    alarms = kind.in_(("emergency", "urgent"))
    said = sa.or_(author == "assistant", sa.and_(author == "system", alarms))
    judged = sa.and_(author == "assistant", _feedback.c.helpful.is_not(None))
    good = sa.and_(judged, _feedback.c.helpful == sa.true())
    bad = sa.and_(judged, _feedback.c.helpful == sa.false())
    counts = sa.table(
        "chat_counts",
        *(sa.column(name) for name in ("conversation_id", "begun_at", "first_message_at")),
        *(sa.column(name) for name in ("first_reply_at", "messages", *_KINDS, *_FEEDBACK)),
        sa.column("handed_over"),
    )
    found = (
        sa.select(
            _conversations.c.id,
            _conversations.c.created_at,
            sa.func.min(sa.case((author == "patient", _events.c.at))),
            sa.func.min(sa.case((author == "assistant", _events.c.at))),
            counted(author == "patient"),
            *(counted(sa.and_(said, kind == name)) for name in _KINDS),
            counted(sa.and_(good, kind == "answer")),
            counted(sa.and_(bad, kind == "answer")),
            counted(sa.and_(good, kind != "answer")),
            counted(sa.and_(bad, kind != "answer")),
            sa.exists().where(_handoffs.c.conversation_id == _conversations.c.id),
        )
        .select_from(
            _conversations.outerjoin(
                _events, _events.c.conversation_id == _conversations.c.id
            ).outerjoin(
                _feedback,
                sa.and_(
                    _feedback.c.conversation_id == _events.c.conversation_id,
                    _feedback.c.seq == _events.c.seq,
                ),
            )
        )
        .group_by(_conversations.c.id, _conversations.c.created_at)
    )
    op.execute(counts.insert().from_select([column.name for column in counts.c], found))


def _mark_handoffs() -> None:
    for column in ("first_claimed_at", "first_answered_at"):
        op.add_column("handoffs", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_handoffs_created_at"), "handoffs", ["created_at"])
    # The claim that still stands is the only one that is known; without one, the closing.
    op.execute(
        "UPDATE handoffs SET first_claimed_at = COALESCE(claimed_at, "
        "CASE WHEN resolved_by IS NOT NULL THEN resolved_at END), first_answered_at = COALESCE("
        "(SELECT MIN(attempts.at) FROM attempts WHERE attempts.handoff_id = handoffs.id), "
        "(SELECT MIN(events.at) FROM events WHERE events.conversation_id = "
        "handoffs.conversation_id AND events.author = 'nurse' "
        "AND events.at >= handoffs.created_at))"
    )


def _make_unanswered() -> None:
    op.create_table(
        "question_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("nurse_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["nurse_id"], ["nurses.id"], name=op.f("fk_question_decisions_nurse_id_nurses")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_decisions")),
    )
    op.create_table(
        "unanswered",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=255), nullable=True),
        sa.Column("reply_seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        _of_conversation("unanswered"),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["question_decisions.id"],
            name=op.f("fk_unanswered_decision_id_question_decisions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unanswered")),
    )
    for column in ("conversation_id", "decision_id"):
        op.create_index(op.f(f"ix_unanswered_{column}"), "unanswered", [column])


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["conversation_id"],
        ["conversations.id"],
        name=op.f(f"fk_{table}_conversation_id_conversations"),
    )


def downgrade() -> None:
    raise NotImplementedError("what was counted is not forgotten; restore a backup")
