"""What has to hold after the long run, whatever was killed meanwhile: each fault as a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from benchmarks.soak_people import Patient, Said
from desk import audit
from desk.storage.database import Database
from desk.storage.tables import ConversationRow, HandoffRow, PendingTurnRow

__all__ = ["check_conversation", "check_store", "is_settled"]


def is_settled(database: Database) -> bool:
    """Whether nobody waits for anything any more."""
    with database.read() as session:
        owed = session.scalar(select(func.count()).select_from(PendingTurnRow))
        open_ones = session.scalar(
            select(func.count()).select_from(HandoffRow).where(HandoffRow.state != "resolved")
        )
        held = session.scalar(
            select(func.count())
            .select_from(ConversationRow)
            .where(ConversationRow.floor != "assistant")
        )
    return not (owed or open_ones or held)


def check_store(
    database: Database, patients: Sequence[Patient], figures: Counter[str]
) -> Iterator[str]:
    """Handoffs, states and the audit trail."""
    with database.read() as session:
        rows = session.scalars(select(HandoffRow)).all()
        floors = {row.id: row.floor for row in session.scalars(select(ConversationRow))}
        owed = session.scalar(select(func.count()).select_from(PendingTurnRow))
        verdict = audit.verify(session)
    references = {row.reference: row for row in rows}
    figures["handoffs"] = len(rows)
    for row in rows:
        figures[f"handoffs ended as {row.outcome}"] += 1
        if row.state != "resolved" or not row.outcome:
            yield f"handoff {row.reference} is {row.state} in the end"
    for patient in patients:
        figures[f"patients in the end with the {floors[patient.id]}"] += 1
        for reference in patient.wishes:
            if reference not in references:
                yield f"handoff {reference} was promised and is not there"
            elif references[reference].conversation_id != patient.id:
                yield f"handoff {reference} is another patient's"
        if floors[patient.id] != "assistant":
            yield f"patient {patient.number} ended with {floors[patient.id]}"
    if owed:
        yield f"{owed} messages still wait for the assistant"
    figures["audit entries"] = verdict.entries
    for gap in verdict.breaks:
        yield f"the audit trail breaks at entry {gap.id}"


def check_conversation(
    patient: Patient,
    stored: list[dict[str, Any]],
    by_nurses: Sequence[Said],
    handoffs: Sequence[tuple[datetime, datetime]],
    figures: Counter[str],
) -> Iterator[str]:
    """One chat: sent, stored and shown are the same, once each and in order.

    `handoffs` are the spans in which a nurse had it or was waited for.
    """
    who = f"patient {patient.number}"
    if [event["seq"] for event in stored] != list(range(1, len(stored) + 1)):
        yield f"{who}: the numbers of the stored events have a gap or a double"
    if patient.shown != stored:
        yield f"{who}: her page showed {len(patient.shown)} events, {len(stored)} are stored"
    for author, said in (("patient", patient.said), ("nurse", by_nurses)):
        kept = [event["text"] for event in stored if event["author"] == author]
        yield from _compare(f"{who}, {author}", said, kept)
        figures[f"messages of {author}s"] += len(kept)
    replies = Counter(event["text"] for event in stored if event["author"] == "assistant")
    figures["replies of the assistant"] += replies.total()
    for event in stored:
        if event["author"] != "patient" or "chest pain" in event["text"]:
            continue  # an emergency has the desk's own words as well
        count = replies[f"You said: {event['text']}"]
        if count > 1:
            yield f"{who}: message {event['seq']} was answered {count} times"
        if count == 0 and not _for_nurses(event, stored, handoffs):
            yield f"{who}: message {event['seq']} was answered by nobody"
        figures["messages that a nurse had or was to have"] += count == 0


def _compare(who: str, said: Sequence[Said], kept: Sequence[str]) -> Iterator[str]:
    """A text that was accepted is there once; one that was refused at most once; none besides."""
    times = Counter(kept)
    for one in said:
        if one.seq is not None and times[one.text] != 1:
            yield f"{who}: an accepted message is stored {times[one.text]} times"
        elif times[one.text] > 1:
            yield f"{who}: a refused message is stored {times[one.text]} times"
    if set(kept) - {one.text for one in said}:
        yield f"{who}: a message is stored that nobody sent"
    accepted = [one.text for one in sorted(said, key=lambda one: one.seq or 0) if one.seq]
    if [text for text in kept if text in set(accepted)] != accepted:
        yield f"{who}: the messages are stored out of order"


def _for_nurses(
    message: dict[str, Any],
    stored: Sequence[dict[str, Any]],
    handoffs: Sequence[tuple[datetime, datetime]],
) -> bool:
    """Whether nurses had the chat, or took it while the assistant had still to answer this.

    She answers in order: a reply to anything later, before the nurses took it, left this one out.
    """
    at = datetime.fromisoformat(message["at"])
    if any(begun <= at <= ended for begun, ended in handoffs):
        return True
    taken = min((begun for begun, _ in handoffs if begun > at), default=None)
    if taken is None:
        return False
    later = {
        f"You said: {event['text']}"
        for event in stored
        if event["author"] == "patient" and event["seq"] > message["seq"]
    }
    return not any(
        event["author"] == "assistant"
        and event["text"] in later
        and datetime.fromisoformat(event["at"]) < taken
        for event in stored
    )
