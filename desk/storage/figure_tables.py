"""The tables behind the figures and behind the list of questions that were not answered.

None of them holds a name, a number or an address: the counts have no words at all, and a question
is kept with what could identify its patient blacked out (`clinic.redaction`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from desk.storage.base import Base, UtcDateTime

__all__ = ["ChatCountsRow", "PastHandoffRow", "QuestionDecisionRow", "UnansweredRow"]


class ChatCountsRow(Base):
    """What happened in one chat, in numbers; stays when its words go.

    `messages` are the patient's; the columns of kinds count the assistant's replies and the desk's
    own alarms. Feedback `…_helpful` is on answers, `…_without_answer` on every other reply.
    """

    __tablename__ = "chat_counts"
    __table_args__ = (Index(None, "begun_at"),)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime())
    first_message_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    first_reply_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    messages: Mapped[int] = mapped_column(default=0, server_default="0")
    answer: Mapped[int] = mapped_column(default=0, server_default="0")
    decline: Mapped[int] = mapped_column(default=0, server_default="0")
    out_of_scope: Mapped[int] = mapped_column(default=0, server_default="0")
    clarify: Mapped[int] = mapped_column(default=0, server_default="0")
    emergency: Mapped[int] = mapped_column(default=0, server_default="0")
    urgent: Mapped[int] = mapped_column(default=0, server_default="0")
    handoff: Mapped[int] = mapped_column(default=0, server_default="0")
    chitchat: Mapped[int] = mapped_column(default=0, server_default="0")
    helpful: Mapped[int] = mapped_column(default=0, server_default="0")
    unhelpful: Mapped[int] = mapped_column(default=0, server_default="0")
    helpful_without_answer: Mapped[int] = mapped_column(default=0, server_default="0")
    unhelpful_without_answer: Mapped[int] = mapped_column(default=0, server_default="0")
    handed_over: Mapped[bool] = mapped_column(default=False, server_default=false())


class PastHandoffRow(Base):
    """What the figures need of a handoff that the retention has deleted; nothing leads back."""

    __tablename__ = "past_handoffs"
    __table_args__ = (Index(None, "asked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime())
    kind: Mapped[str] = mapped_column(String(16))
    urgency: Mapped[str] = mapped_column(String(16))
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    call_offered: Mapped[bool]
    outcome: Mapped[str | None] = mapped_column(String(16))


class QuestionDecisionRow(Base):
    """What somebody decided about questions that are alike."""

    __tablename__ = "question_decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    verdict: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text())
    nurse_id: Mapped[int] = mapped_column(ForeignKey("nurses.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime())


class UnansweredRow(Base):
    """A question that the handout did not answer, or whose answer did not help.

    `kind` is that of the turn, `said` what the patient read instead. `conversation_id` is emptied
    once the conversation has lost its words, so that nothing leads back.
    """

    __tablename__ = "unanswered"
    __table_args__ = (Index(None, "conversation_id"), Index(None, "decision_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"))
    reply_seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    kind: Mapped[str] = mapped_column(String(16))
    question: Mapped[str] = mapped_column(Text())
    said: Mapped[str] = mapped_column(Text())
    helpful: Mapped[bool | None]
    comment: Mapped[str | None] = mapped_column(Text())
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("question_decisions.id"))
