"""The safety questions before a call-back: which are asked, and how answers are read."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.callback import Reading
from clinic.triage import MOST, Known, Question, known_from, questions
from clinic.triage_answers import (
    SKIPPED,
    Answer,
    is_worse,
    read_breathing,
    read_doubt,
    read_triage,
)
from clinic.turn import Urgency

NOW = datetime(2026, 11, 25, 14, 30)  # noqa: DTZ001 - on the clinic's clock
BREATHING, WORSE, TREATED, PART = Question
FLAGS = ["infection", "numbness", "bruise", "soreness", "needle_left", "dizziness", "needlestick",
         "pregnancy", "low_mood", "breathing"]  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "asked"),
    [
        ([], (BREATHING, WORSE, TREATED)),
        (["infection"], (WORSE, TREATED, PART)),
        (["soreness"], (BREATHING, TREATED, PART)),
        (["dizziness"], (BREATHING, WORSE, TREATED)),
        (["needlestick"], (TREATED,)),
        (["low_mood"], ()),
        (["infection", "dizziness"], (BREATHING, WORSE, TREATED)),
    ],
)
def test_an_urgent_call_is_asked_what_matters_for_its_sign(
    flags: list[str], asked: tuple[Question, ...]
) -> None:
    assert questions(flags, Urgency.URGENT, Known()) == asked


def test_a_routine_call_is_asked_only_after_a_treatment_that_left_a_complaint() -> None:
    assert questions([], Urgency.ROUTINE, Known()) == ()
    assert questions([], Urgency.ROUTINE, Known(after_treatment=True)) == (
        BREATHING,
        WORSE,
        TREATED,
    )


@given(
    flags=st.lists(st.sampled_from(FLAGS)),
    known=st.builds(Known, *[st.booleans()] * 5),
    urgency=st.sampled_from(Urgency),
)
def test_never_more_than_three_nor_twice_nor_known_ones_nor_in_an_emergency(
    flags: list[str], known: Known, urgency: Urgency
) -> None:
    asked = questions(flags, urgency, known)
    assert len(asked) == len(set(asked)) <= MOST
    assert not any(known.answers(question) for question in asked)
    if urgency is Urgency.EMERGENCY:
        assert asked == ()


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("my neck is sore since I was needled yesterday",
         Known(treated=True, part=True, after_treatment=True)),
        ("sore since my session, getting worse", Known(worse=True, after_treatment=True)),
        ("my breathing is fine", Known(breathing=True)),
        ("a question about parking", Known()),
        ("does it hurt when I come for my session tomorrow", Known()),
        ("my knee hurts", Known(part=True)),
    ],
)  # fmt: skip
def test_what_was_written_already_is_not_asked(text: str, known: Known) -> None:
    assert known_from([text], denied=(), now=NOW) == known


def test_a_denied_sign_of_chest_or_breath_answers_that_question() -> None:
    assert known_from(["no chest pain"], denied=["chest_pain"], now=NOW).breathing
    assert not known_from(["no fever"], denied=["infection"], now=NOW).breathing


@pytest.mark.parametrize(
    "text",
    ["yes", "Yes, all right", "yeah they are", "fine", "all good", "both ok", "no problems",
     "no chest pain", "sí", "yes no trouble breathing", "I think so"],
)  # fmt: skip
def test_breathing_that_is_all_right_is_no_alarm(text: str) -> None:
    assert read_breathing(text) is Answer.YES


@pytest.mark.parametrize(
    "text",
    ["no", "No.", "nope", "not really", "not sure", "I don't know", "a bit tight",
     "yes but it hurts",
     "kind of", "sore when I breathe", "it's a little short", "mostly, though my chest feels off",
     "no, not at all", "my breathing is bad", "un poco mal"],
)  # fmt: skip
def test_anything_less_is_an_emergency(text: str) -> None:
    assert read_breathing(text) is Answer.NO


@pytest.mark.parametrize("text", ["skip", "I'd rather not say", "Maria Lopez", "", "608 555 0142"])
def test_what_says_nothing_of_it_is_unclear(text: str) -> None:
    assert read_breathing(text) is Answer.UNCLEAR


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("yes", Answer.YES),
        ("Yes!! hurry", Answer.YES),
        ("not sure", Answer.YES),
        ("i don't know", Answer.YES),
        ("maybe", Answer.YES),
        ("no", Answer.NO),
        ("No, it was years ago", Answer.NO),
        ("nope, just asking", Answer.NO),
        ("what are your hours?", Answer.UNCLEAR),
        ("", Answer.UNCLEAR),
    ],
)
def test_who_is_not_sure_whether_there_is_danger_is_taken_for_a_yes(
    text: str, answer: Answer
) -> None:
    assert read_doubt(text) is answer


@pytest.mark.parametrize(
    ("text", "intent", "reading", "kept"),
    [
        ("Skip", "stop", Reading.DETAIL, SKIPPED),
        ("i'd rather not", "stop", Reading.DETAIL, SKIPPED),
        ("two  days ago", "near_topic", Reading.DETAIL, "two days ago"),
        ("my left\nshoulder", "what-it-treats", Reading.DETAIL, "my left shoulder"),
        ("getting worse", "urgent", Reading.DETAIL, "getting worse"),
        ("never mind", "stop", Reading.ASIDE, ""),
        ("I can't breathe", "emergency", Reading.ASIDE, ""),
        ("what does it cost?", "near_topic", Reading.ASIDE, ""),
    ],
)
def test_an_answer_is_kept_in_the_patients_words(
    text: str, intent: str, reading: Reading, kept: str
) -> None:
    assert read_triage(text, intent=intent, confidence=0.9) == (reading, kept)


@pytest.mark.parametrize(
    ("answer", "worse"),
    [("Getting worse", True), ("yes", True), ("it's spreading", True), ("Not worse", False),
     ("no worse than before", False), ("it isn't getting worse", False), ("better", False),
     (SKIPPED, False)],
)  # fmt: skip
def test_getting_worse_makes_it_urgent(answer: str, worse: bool) -> None:
    assert is_worse(WORSE, answer) is worse
    assert not is_worse(PART, answer)


@given(text=st.text(max_size=200))
def test_any_answer_is_read_without_a_fault(text: str) -> None:
    assert read_breathing(text) in Answer
    assert read_doubt(text) in Answer
    assert read_triage(text, intent="near_topic", confidence=0.5)[0] in Reading
