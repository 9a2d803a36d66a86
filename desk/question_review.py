"""Reviewing the questions without an answer: what leads see, grouped by likeness, and decide.

`desk.unanswered` keeps the questions. Reading, saving, deciding and taking a decision back are
audited; the audit names decisions, never a question's words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from clinic.handout import Handout
from clinic.likeness import ALIKE, group_alike, likeness, weigh_words, words_of
from clinic.turn import Kind
from desk import audit
from desk.accounts import Nurse
from desk.errors import Conflict, NotFound, Unprocessable
from desk.storage.database import Database
from desk.storage.figure_tables import QuestionDecisionRow, UnansweredRow
from desk.storage.staff_tables import NurseRow

__all__ = [
    "COLUMNS",
    "KINDS",
    "LONGEST_NOTE",
    "VERDICTS",
    "Decision",
    "Group",
    "Question",
    "as_lines",
    "decide",
    "decided_before",
    "decisions",
    "open_groups",
    "reopen",
    "weights_of",
]

VERDICTS: Final[dict[str, str]] = {
    "add": "Add to the handout",
    "not_ours": "Not for us",
    "handled": "Handled",
}
KINDS: Final[dict[str, str]] = {
    Kind.DECLINE.value: "Not in the handout",
    Kind.OUT_OF_SCOPE.value: "Nothing to do with the clinic",
    Kind.ANSWER.value: "Answered, and it did not help",
}
COLUMNS: Final = (
    *("group", "in_group", "at", "question", "reason", "said_instead", "helpful", "comment"),
)
LONGEST_NOTE: Final = 1000  # characters
_LATEST_DECISIONS: Final = 50


@dataclass(frozen=True)
class Question:
    """One question, with what was said instead; `helpful` and `comment` are the patient's word."""

    id: int
    at: datetime
    kind: str
    text: str
    said: str
    helpful: bool | None
    comment: str | None


@dataclass(frozen=True)
class Group:
    """Questions that are alike, the latest first."""

    questions: tuple[Question, ...]

    @property
    def name(self) -> str:
        """The words in which it was asked most often; of several, the shortest."""
        counted = Counter(question.text for question in self.questions)
        return min(counted, key=lambda text: (-counted[text], len(text), text))

    @property
    def kinds(self) -> tuple[str, ...]:
        """Why they are here, in words, the commonest reason first."""
        counted = Counter(question.kind for question in self.questions)
        return tuple(KINDS[kind] for kind, _ in counted.most_common())

    @property
    def helped(self) -> int:
        """How many patients said that the reply helped all the same."""
        return sum(question.helpful is True for question in self.questions)

    @property
    def failed(self) -> int:
        """How many said that it did not."""
        return sum(question.helpful is False for question in self.questions)

    @property
    def replies(self) -> tuple[str, ...]:
        """What was said instead, each once."""
        return tuple(dict.fromkeys(question.said for question in self.questions))


@dataclass(frozen=True)
class Decision:
    """What somebody decided, and about how many questions; `name` is one of them."""

    id: int
    at: datetime
    verdict: str
    note: str
    nurse: str
    name: str
    count: int


def weights_of(handouts: Iterable[Handout]) -> Mapping[str, float]:
    """How much each word tells, by what the clinic's handouts speak of anyway."""
    return weigh_words(
        f"{section.title} {section.text}" for handout in handouts for section in handout.sections
    )


def open_groups(
    database: Database,
    weights: Mapping[str, float],
    *,
    nurse: Nurse,
    kind: str = "",
    way: Literal["read", "exported"] = "read",
    now: datetime,
) -> tuple[Group, ...]:
    """What nobody has decided about, the largest group first, of several the one asked last.

    `kind` is one of `KINDS`, or empty for all. No writer waits while they are put together; nobody
    gets them before it is audited.
    """
    query = select(UnansweredRow).where(UnansweredRow.decision_id.is_(None))
    if kind:
        query = query.where(UnansweredRow.kind == kind)
    with database.read() as session:
        found = [_question(row) for row in session.scalars(query)]
    found.sort(key=lambda question: (question.at, question.id), reverse=True)
    groups = group_alike([question.text for question in found], weights)
    together = [Group(tuple(found[place] for place in group)) for group in groups]
    together.sort(key=lambda group: (len(group.questions), group.questions[0].at), reverse=True)
    with database.write() as session:
        _audit(session, nurse, way, kind or "all", now=now)
    return tuple(together)


def decide(
    session: Session,
    questions: Collection[int],
    *,
    verdict: str,
    note: str,
    nurse: Nurse,
    now: datetime,
) -> int:
    """Decide about these questions, those that are still open; the number of the decision.

    Exactly the ones that were seen are named, so one that came in the meantime stays open.
    Raises `Unprocessable` for what is no verdict, `Conflict` when all of them were decided before.
    """
    if verdict not in VERDICTS:
        raise Unprocessable("Please choose what to do with these questions.")
    if len(note) > LONGEST_NOTE:
        raise Unprocessable(f"The note is too long. Please use at most {LONGEST_NOTE} characters.")
    decision = QuestionDecisionRow(verdict=verdict, note=note.strip(), nurse_id=nurse.id, at=now)
    session.add(decision)
    session.flush()
    decided = session.scalars(
        update(UnansweredRow)
        .where(UnansweredRow.id.in_(questions), UnansweredRow.decision_id.is_(None))
        .values(decision_id=decision.id)
        .returning(UnansweredRow.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not decided:
        raise Conflict("Somebody has already decided about these. Load the list again.")
    _audit(session, nurse, "decided", decision.id, detail=verdict, now=now)
    return decision.id


def decisions(session: Session) -> tuple[Decision, ...]:
    """The latest ones first, with who decided; part of the list, whose reading is audited."""
    counted = (
        select(
            UnansweredRow.decision_id,
            func.count().label("count"),
            func.min(UnansweredRow.question).label("name"),
        )
        .where(UnansweredRow.decision_id.is_not(None))
        .group_by(UnansweredRow.decision_id)
        .subquery()
    )
    rows = session.execute(
        select(QuestionDecisionRow, NurseRow.name, counted.c.name, counted.c.count)
        .join(counted, counted.c.decision_id == QuestionDecisionRow.id)
        .join(NurseRow, NurseRow.id == QuestionDecisionRow.nurse_id)
        .order_by(QuestionDecisionRow.at.desc(), QuestionDecisionRow.id.desc())
        .limit(_LATEST_DECISIONS)
    ).all()
    return tuple(
        Decision(row.id, row.at, VERDICTS[row.verdict], row.note, nurse, name, count)
        for row, nurse, name, count in rows
    )


def decided_before(
    group: Group, made: Iterable[Decision], weights: Mapping[str, float]
) -> Decision | None:
    """The first of these decisions that was about the same question, asked again now."""
    asked = words_of(group.name)
    for decision in made:
        if likeness(asked, words_of(decision.name), weights) >= ALIKE:
            return decision
    return None


def reopen(session: Session, decision_id: int, *, nurse: Nurse, now: datetime) -> None:
    """Take a decision back: its questions are open again. Raises `NotFound`."""
    if session.get(QuestionDecisionRow, decision_id) is None:
        raise NotFound("There is no such decision any more.")
    session.execute(
        update(UnansweredRow)
        .where(UnansweredRow.decision_id == decision_id)
        .values(decision_id=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(QuestionDecisionRow).where(QuestionDecisionRow.id == decision_id))
    _audit(session, nurse, "reopened", decision_id, now=now)


def as_lines(groups: Sequence[Group]) -> Iterable[Sequence[str]]:
    """One line for each question, under `COLUMNS`; its group has a number and a size."""
    for number, group in enumerate(groups, 1):
        for question in group.questions:
            yield (
                str(number),
                str(len(group.questions)),
                question.at.isoformat(),
                question.text,
                KINDS[question.kind],
                question.said,
                {True: "yes", False: "no", None: ""}[question.helpful],
                question.comment or "",
            )


def _question(row: UnansweredRow) -> Question:
    return Question(
        id=row.id,
        at=row.at,
        kind=row.kind,
        text=row.question,
        said=row.said,
        helpful=row.helpful,
        comment=row.comment,
    )


def _audit(
    session: Session,
    nurse: Nurse,
    action: str,
    object_id: int | str,
    *,
    detail: str = "",
    now: datetime,
) -> None:
    audit.record(
        session,
        actor=f"nurse:{nurse.id}",
        action=f"unanswered.{action}",
        object_kind="unanswered",
        object_id=object_id,
        detail=detail,
        now=now,
    )
