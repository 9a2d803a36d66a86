"""The four lines of an SBAR summary, written from what is known of a patient; nothing is guessed.

Situation, background, assessment, request (an order in which nurses hand a patient over), with the
clinic's clock and the titles of the handout, as people read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from clinic.handout import Handout, find_section
from clinic.settings import Clinic
from clinic.triage import Question
from clinic.triage_answers import SKIPPED
from desk.flag_marks import Mark
from desk.promises import clock_time, local_time

__all__ = ["Facts", "TreatmentTold", "write"]

_ALARMS: Final = {"emergency": "an emergency answer", "urgent": "an urgent answer"}
_ASKED: Final = {
    Question.BREATHING: "breathing and chest all right",
    Question.WORSE: "getting worse",
    Question.TREATED: "treated",
    Question.PART: "part of the body",
}
_BACKGROUND: Final = (Question.TREATED, Question.PART)
_ASSESSMENT: Final = (Question.BREATHING, Question.WORSE)


@dataclass(frozen=True)
class TreatmentTold:
    """The patient's words for when she was treated, and the message in which they stand."""

    words: str
    seq: int
    at: datetime


@dataclass(frozen=True)
class Facts:
    """What is known of a patient who waits, without name and number; instants are aware.

    `shown` are the sections that she was shown, each as the handout's id and the section's name in
    the turn. `messages` are hers in the chat; of many only the latest were looked at (`and_more`).
    """

    urgency: str
    reference: str
    asked_at: datetime
    waits_in_chat: bool
    can_be_called: bool
    best_time: str
    alarmed: bool
    alarm_words: str
    reasons: tuple[str, ...]
    answers: Mapping[str, str]
    erased: bool
    treatment: TreatmentTold | None
    messages: int
    and_more: bool
    shown: tuple[tuple[str | None, str], ...]
    declined: int
    given: frozenset[str]
    marks: tuple[Mark, ...]


def write(facts: Facts, clinic: Clinic, handouts: Mapping[str, Handout]) -> str:
    """One line each for situation, background, assessment and request."""
    parts = {
        "Situation": _situation(facts, clinic),
        "Background": _background(facts, clinic, handouts),
        "Assessment": _assessment(facts),
        "Request": _request(facts),
    }
    return "\n".join(f"{name}: {_sentence(words)}" for name, words in parts.items())


def _situation(facts: Facts, clinic: Clinic) -> str:
    since = clock_time(clinic, facts.asked_at)
    said = [f"{facts.urgency}, reference {facts.reference}, since {since}"]
    if facts.alarmed:
        quoted = f", in the patient's own words: “{' '.join(facts.alarm_words.split())}”"
        said.append(f"Emergency in the chat{quoted if facts.alarm_words else ''}")
    if not facts.alarmed or facts.reasons:
        wish = "Asks for a nurse in the chat" if facts.waits_in_chat else "Asks for a call"
        said.append(f"{wish}. Reason: {'; '.join(facts.reasons) or 'not known'}")
    return " ".join([*map(_sentence, said[:-1]), said[-1]])


def _background(facts: Facts, clinic: Clinic, handouts: Mapping[str, Handout]) -> str:
    answers = _answers(facts, _BACKGROUND)
    if facts.erased:
        return "; ".join([*answers, "the patient erased the chat"])
    count = f"{'at least ' if facts.and_more else ''}{facts.messages}"
    parts = [*answers]
    if told := facts.treatment:
        at = local_time(clinic, told.at)
        parts.append(f"told of the treatment: “{told.words}” (message {told.seq}, {at})")
    parts.append(f"{count} message{'' if facts.messages == 1 else 's'} in the chat")
    if facts.shown:
        titles = dict.fromkeys(_title(handouts, *place) for place in facts.shown)
        parts.append(f"was shown {', '.join(f'“{title}”' for title in titles)}")
    if facts.declined:
        parts.append(f"{facts.declined} not answered by the handout")
    return "; ".join(parts)


def _title(handouts: Mapping[str, Handout], document: str | None, name: str) -> str:
    """The section's title; its id where the handout no longer has it."""
    found = find_section(handouts, document, name)
    return found[1].title if found else name.rpartition("#")[2]


def _assessment(facts: Facts) -> str:
    found = dict.fromkeys(
        f"{mark.title} ({mark.acuity})" for mark in facts.marks if mark.sense == "found"
    )
    now = {mark.title for mark in facts.marks if mark.sense == "found"}
    denied = dict.fromkeys(
        mark.title for mark in facts.marks if mark.sense == "denied" and mark.title not in now
    )
    alarms = [text for kind, text in _ALARMS.items() if kind in facts.given]
    parts = [
        f"{facts.urgency} by the patient's words, not by a nurse",
        *([f"signs found: {', '.join(found)}"] if found else []),
        *([] if found or facts.erased else ["no sign of danger found"]),
        *([f"denied: {', '.join(denied)}"] if denied else []),
        *_answers(facts, _ASSESSMENT),
        *([f"the patient was given {' and '.join(alarms)}"] if alarms else []),
    ]
    return "; ".join(parts)


def _request(facts: Facts) -> str:
    best = f"; best time: {facts.best_time}" if facts.best_time else ""
    if not facts.alarmed:
        return "answer in the chat" if facts.waits_in_chat else f"call back{best}"
    if facts.can_be_called:
        return f"call now{best}" if facts.erased else f"read the chat and call now{best}"
    if facts.erased:
        return "nobody can be reached; close this entry"
    return "read the chat now; there is no phone number yet"


def _answers(facts: Facts, questions: tuple[Question, ...]) -> list[str]:
    """What the patient answered to those safety questions that were asked."""
    return [
        f"{_ASKED[question]}: " + ("not answered" if answer == SKIPPED else f"“{answer}”")
        for question in questions
        if (answer := facts.answers.get(question.value))
    ]


def _sentence(words: str) -> str:
    """With one mark at its end, whatever the patient's words ended with."""
    bare = words.rstrip(" .")
    return bare if bare.rstrip("”").endswith(("?", "!", "…", ".")) else f"{bare}."
