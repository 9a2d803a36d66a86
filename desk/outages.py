"""Outages: what the patient is told, and what is done, while the assistant does not answer.

The emergency number comes first. The desk itself looks for signs of danger, in every message that
waits, so that danger or a worry reaches patient and nurses although the assistant is down. It does
the same in every message that is not for the assistant, because a nurse has the floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from clinic.settings import Clinic
from clinic.turn import Handoff, HandoffState, Kind, Turn, Urgency
from desk import conversations, handoffs
from desk.alarm import Raised, Said
from desk.promises import clock_time
from desk.storage.tables import ConversationRow, EventRow, PendingTurnRow
from desk.turns import DueTurn

__all__ = ["Alarm", "Outages"]

_OFFER: Final = Turn(kind=Kind.HANDOFF, handoff=Handoff(HandoffState.OFFERED))
_KEPT: Final = (
    "The assistant cannot answer right now. Your message is kept and will be answered here as soon "
    "as the assistant is back."
)
_LOOKED_BACK: Final = 20  # messages in which the time of the treatment may have been told
_GIVEN_UP: Final = (
    "I am sorry, the assistant could not answer this message. You can ask again in other words."
)


class Alarm(Protocol):
    """What finds signs of danger in a patient's words without the assistant."""

    def look(self, said: Said, *, before: Sequence[Said]) -> Raised | None:
        """What the message asks for and what to say to it; None for nothing.

        `before` are the patient's messages before it: whoever was treated lately is in danger even
        by mild words.
        """


class Outages:
    """Everything that is stored when a reply is late, postponed or given up."""

    def __init__(self, clinic: Clinic, alarm: Alarm) -> None:
        self._clinic = clinic
        self._alarm = alarm

    def postpone(
        self, session: Session, turn: DueTurn, *, wait: timedelta, refused: bool, now: datetime
    ) -> None:
        """Try again after `wait`, and tell the patient, once in an outage."""
        row = self._owed(session, turn, now=now)
        if row is None:
            return
        row.tries += 1
        row.refusals += refused
        row.next_try_at = now + wait
        self.tell(session, turn, now=now)

    def tell(self, session: Session, turn: DueTurn, *, now: datetime) -> None:
        """Tell the patient that the reply is late, unless that was said in this outage already."""
        if self._owed(session, turn, now=now) is None:
            return
        self._raise_alarms(session, turn.conversation_id, now=now)
        conversation = _conversation(session, turn.conversation_id)
        if conversation.outage_told_at is None:
            conversation.outage_told_at = now
            self._say(session, turn.conversation_id, _KEPT, now=now)

    def close(self, session: Session, turn: DueTurn, *, now: datetime) -> None:
        """End a turn that cannot be answered, and tell the patient so."""
        row = self._owed(session, turn, now=now)
        if row is None:
            return
        self._raise_alarms(session, turn.conversation_id, now=now)
        session.delete(row)
        # The patient now knows; the next failure of the same outage says it in its own close.
        _conversation(session, turn.conversation_id).outage_told_at = now
        self._say(session, turn.conversation_id, _GIVEN_UP, now=now)

    def watch(self, session: Session, conversation_id: str, *, now: datetime) -> None:
        """Look at a message that has just come and that the assistant may not answer soon, or ever.

        What was withdrawn from the assistant is done with after this look.
        """
        withdrawn = (
            PendingTurnRow.conversation_id == conversation_id,
            PendingTurnRow.withdrawn.is_(True),
        )
        given_up = session.scalar(select(PendingTurnRow.seq).where(*withdrawn).limit(1))
        told = _conversation(session, conversation_id).outage_told_at
        if given_up is None and told is None:
            return
        self._raise_alarms(session, conversation_id, now=now)
        session.execute(delete(PendingTurnRow).where(*withdrawn))

    def _owed(self, session: Session, turn: DueTurn, *, now: datetime) -> PendingTurnRow | None:
        """The turn's row while the assistant still owes a reply to it."""
        row = session.get(PendingTurnRow, (turn.conversation_id, turn.seq), populate_existing=True)
        if row is not None and row.withdrawn:
            self.watch(session, turn.conversation_id, now=now)
            return None
        return row

    def _raise_alarms(self, session: Session, conversation_id: str, *, now: datetime) -> None:
        # Only the first message is tried again and again; those behind it wait, and may be graver.
        waiting = session.execute(
            select(PendingTurnRow, EventRow)
            .join(
                EventRow,
                (EventRow.conversation_id == PendingTurnRow.conversation_id)
                & (EventRow.seq == PendingTurnRow.seq),
            )
            .where(
                PendingTurnRow.conversation_id == conversation_id,
                PendingTurnRow.alarm_checked.is_(False),
            )
            .order_by(PendingTurnRow.seq)
        ).all()
        for row, event in waiting:
            row.alarm_checked = True
            before = [Said(one.text, one.at) for one in self._earlier(session, event)]
            raised = self._alarm.look(Said(event.text, event.at), before=before)
            if raised is None:
                continue
            if raised.urgency is Urgency.EMERGENCY:
                self._tell_emergency(session, row, raised, now=now)
            else:
                self._tell_urgent(session, row, raised, event.text, now=now)

    def _earlier(self, session: Session, event: EventRow) -> Sequence[EventRow]:
        """What the patient wrote before, the latest messages of it."""
        return session.scalars(
            select(EventRow)
            .where(
                EventRow.conversation_id == event.conversation_id,
                EventRow.author == "patient",
                EventRow.seq < event.seq,
            )
            .order_by(EventRow.seq.desc())
            .limit(_LOOKED_BACK)
        ).all()

    def _tell_emergency(
        self, session: Session, row: PendingTurnRow, raised: Raised, *, now: datetime
    ) -> None:
        reference = handoffs.raise_alarm(
            session, self._clinic, row.conversation_id, message_seq=row.seq, by="system", now=now
        )
        said = _queued(Kind.EMERGENCY, Urgency.EMERGENCY, reference)
        _tell(session, row, raised.words, said, now=now)

    def _tell_urgent(
        self, session: Session, row: PendingTurnRow, raised: Raised, text: str, *, now: datetime
    ) -> None:
        put = handoffs.put_worry(session, self._clinic, row.conversation_id, text, now=now)
        if row.withdrawn:
            return  # a nurse reads along and will say it better
        due = (
            f"A nurse will look at it by {clock_time(self._clinic, put.due_at)}."
            if put.due_at and put.due_at > now
            else "A nurse will look at it as soon as possible."
        )
        words = raised.words.replace("{due}", due)
        said = _queued(Kind.URGENT, Urgency.URGENT, put.reference)
        _tell(session, row, words, said, now=now)

    def _say(self, session: Session, conversation_id: str, what: str, *, now: datetime) -> None:
        clinic = self._clinic
        call = f", or call the clinic at {clinic.phone}" if clinic.phone else ""
        conversations.append(
            session,
            conversation_id,
            author="system",
            text=(
                f"In an emergency call {clinic.emergency_number} now. {what} If you need help "
                f"sooner, ask a nurse to call you back on the page /callback{call}."
            ),
            turn=_OFFER.to_json(),
            now=now,
        )


def _conversation(session: Session, conversation_id: str) -> ConversationRow:
    return session.get_one(ConversationRow, conversation_id, populate_existing=True)


def _queued(kind: Kind, urgency: Urgency, reference: str) -> Turn:
    handoff = Handoff(HandoffState.QUEUED, reference=reference)
    return Turn(kind=kind, urgency=urgency, handoff=handoff)


def _tell(session: Session, row: PendingTurnRow, words: str, said: Turn, *, now: datetime) -> None:
    row.alarm_said = said.urgency.value if said.urgency else ""
    conversations.append(
        session, row.conversation_id, author="system", text=words, turn=said.to_json(), now=now
    )
