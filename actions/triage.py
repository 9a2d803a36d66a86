"""The safety questions of the call-back form: which are asked, and what the answers are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from clinic.callback import Reading
from clinic.triage import Question, known_from, questions
from clinic.triage_answers import is_worse, read_triage
from clinic.turn import Urgency

__all__ = ["QUESTIONS", "URGENCY", "plan", "take_answer", "triage_of"]

URGENCY = "urgency"  # the slot
QUESTIONS = {question.value: question for question in Question}
_NOT_ASKED = ""
_LONGEST_ANSWER = 500
_DENIED = "denied"


def plan(tracker: Tracker, urgency: Urgency) -> list[EventType]:
    """Fill the slots of the questions that do not matter here, so that the form passes them by."""
    flags: list[str] = []
    denied: list[str] = []
    texts: list[str] = []
    for text, found in _said(tracker):
        texts.append(text)
        flags += [flag["flag"] for flag in found.get("found") or ()]
        denied += [
            flag["flag"] for flag in found.get("silenced") or () if flag["context"] == _DENIED
        ]
    known = known_from(texts, denied=denied, now=datetime.now(timezone.utc))
    asked = questions(flags, urgency, known)
    passed_by = [
        SlotSet(name, _NOT_ASKED)
        for name, question in QUESTIONS.items()
        if question not in asked and tracker.get_slot(name) is None
    ]
    return [SlotSet(URGENCY, urgency.value), *passed_by]


def take_answer(
    question: Question, tracker: Tracker, urgency: Urgency, dispatcher: CollectingDispatcher
) -> list[EventType]:
    """The slot with the answer; none when the message is something else.

    An answer that makes a routine call urgent is said to be one.
    """
    text = tracker.latest_message.get("text") or ""
    intent = tracker.latest_message.get("intent") or {}
    name = intent.get("name") or ""
    reading, answer = read_triage(text, intent=name, confidence=intent.get("confidence") or 0.0)
    if reading is Reading.ASIDE:
        return []
    worrying = name == Urgency.URGENT.value or is_worse(question, answer)
    if worrying and urgency is Urgency.ROUTINE:
        dispatcher.utter_message(response="utter_urgent_noted")
        urgency = Urgency.URGENT
    return [SlotSet(question.value, answer[:_LONGEST_ANSWER]), SlotSet(URGENCY, urgency.value)]


def triage_of(tracker: Tracker) -> dict[str, str]:
    """The questions that were asked, each with its answer in the patient's words."""
    answers = {name: tracker.get_slot(name) for name in QUESTIONS}
    return {name: answer for name, answer in answers.items() if answer}


def _said(tracker: Tracker) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the patient wrote, as far as the window reaches, each with what the rules found."""
    for event in tracker.events:
        if event.get("event") == "user" and event.get("text"):
            yield event["text"], (event.get("parse_data") or {}).get("red_flags") or {}
