"""Whole and parts of a message weighed against each other."""

from __future__ import annotations

import pytest

from clinic.decision import UNCLEAR, Heard, Weights, decide
from clinic.understanding import Thresholds, choose

SECTIONS = {"honey", "sting", "sleep", "wax"}


def heard(
    shares: dict[str, float], confidence: float = 0.9, *, asks: bool = True, words: int = 5
) -> Heard:
    choice = choose(
        shares, confidence=confidence, known_words=1, sections=SECTIONS, thresholds=Thresholds()
    )
    return Heard(choice, shares, confidence, asks=asks, words=words)


HONEY, STING, SLEEP = heard({"honey": 1.0}), heard({"sting": 1.0}), heard({"sleep": 1.0})
NEAR = heard({"near_topic": 1.0})
UNSURE = heard({"near_topic": 0.4, "honey": 0.1, "greet": 0.5}, 0.1)
GREET, DANGER = heard({"greet": 1.0}), heard({"emergency": 1.0}, 0.95)
TOLD = heard({"sting": 1.0}, asks=False, words=12)
FRAGMENT = heard({"sting": 1.0}, asks=False, words=2)


@pytest.mark.parametrize(
    ("whole", "parts", "sections"),
    [
        (HONEY, (), ("honey",)),
        (HONEY, (HONEY, STING), ("honey", "sting")),
        (HONEY, (STING, HONEY, STING), ("sting", "honey")),  # in order, each once
        (HONEY, (HONEY, HONEY), ("honey",)),
        (GREET, (GREET, HONEY), ("honey",)),  # a greeting does not hide the question
        (UNSURE, (UNSURE, HONEY, UNSURE), ("honey",)),  # nor does a story
        (HONEY, (TOLD, HONEY), ("honey",)),  # what is only told is not asked
        (HONEY, (FRAGMENT, HONEY), ("sting", "honey")),  # a fragment is
        (HONEY, (heard({"sting": 1.0}, 0.45), HONEY), ("sting", "honey")),  # less sure beside one
        (UNSURE, (heard({"sting": 1.0}, 0.45), UNSURE), ()),  # but not alone
        (NEAR, (NEAR, HONEY), ()),  # "I have a pacemaker. Is it safe?"
        (UNSURE, (NEAR, TOLD), ()),  # the question is not in the handout, the story is
        (heard({"honey": 1.0}, 0.6), (UNSURE, STING), ("sting",)),
        (heard({"honey": 1.0}, 0.9), (UNSURE, STING), ("honey",)),
        (NEAR, (), ()),
        (GREET, (), ()),
    ],
)
def test_each_thing_asked_is_answered_once(
    whole: Heard, parts: tuple[Heard, ...], sections: tuple[str, ...]
) -> None:
    decision = decide(whole, parts, sections=SECTIONS, weights=Weights())
    assert decision.sections == sections
    assert len(decision.places) == len(sections)
    assert decision.intent == (sections[0] if sections else whole.choice.intent)
    assert 0 <= decision.confidence <= 1


def test_a_weak_question_asks_for_what_the_whole_hints_at_too() -> None:
    weak = Heard(NEAR.choice, NEAR.shares, 0.3, weak={"sleep": 0.2, "wax": 0.2, "greet": 0.2})
    hinting = heard({"honey": 0.8, "sleep": 0.2})
    decision = decide(hinting, (HONEY, weak), sections=SECTIONS, weights=Weights())
    assert decision.sections == ("honey", "sleep")
    assert decision.places == (0, 1)


def test_a_weak_question_about_the_same_adds_nothing() -> None:
    weak = Heard(HONEY.choice, HONEY.shares, 0.9, weak={"honey": 0.3, "wax": 0.01, "greet": 0.3})
    decision = decide(HONEY, (HONEY, weak), sections=SECTIONS, weights=Weights())
    assert decision.sections == ("honey",)


PERSON = heard({"handoff": 1.0}, 0.95)


@pytest.mark.parametrize("parts", [(HONEY, PERSON), (PERSON, STING), (HONEY, STING, PERSON)])
def test_a_wish_for_a_person_is_heard_beside_a_question(parts: tuple[Heard, ...]) -> None:
    decision = decide(HONEY, parts, sections=SECTIONS, weights=Weights())
    assert (decision.intent, decision.sections) == ("handoff", ())


def test_a_wish_that_is_not_sure_does_not_hide_the_question() -> None:
    unsure = heard({"handoff": 0.6, "honey": 0.4}, 0.6)
    decision = decide(HONEY, (HONEY, unsure), sections=SECTIONS, weights=Weights())
    assert decision.sections == ("honey",)


def test_a_wish_that_may_be_a_question_about_it_is_answered_beside_the_other() -> None:
    either = heard({"handoff": 0.55, "wax": 0.45}, 0.5)
    decision = decide(HONEY, (HONEY, either), sections=SECTIONS, weights=Weights())
    assert decision.sections == ("honey", "wax")


def test_danger_outranks_a_wish_for_a_person() -> None:
    decision = decide(DANGER, (PERSON, DANGER), sections=SECTIONS, weights=Weights())
    assert decision.intent == "emergency"


def test_several_answers_are_as_sure_as_the_least_sure_of_them() -> None:
    parts = (HONEY, heard({"sting": 1.0}, 0.6))
    assert decide(HONEY, parts, sections=SECTIONS, weights=Weights()).confidence == 0.6


@pytest.mark.parametrize(
    ("whole", "parts", "intent"),
    [
        (DANGER, (HONEY, STING), "emergency"),
        (heard({"honey": 0.9, "emergency": 0.1}), (HONEY, DANGER), "emergency"),
        (heard({"honey": 0.99, "emergency": 0.01}), (HONEY, DANGER), "honey"),
        (heard({"urgent": 1.0}), (DANGER, HONEY), "emergency"),
        (heard({"urgent": 0.9, "crisis": 0.1}), (DANGER, heard({"crisis": 1.0})), "crisis"),
    ],
)
def test_the_gravest_danger_wins_where_the_whole_backs_it(
    whole: Heard, parts: tuple[Heard, ...], intent: str
) -> None:
    assert decide(whole, parts, sections=SECTIONS, weights=Weights()).intent == intent


@pytest.mark.parametrize(
    ("shares", "confidence", "options"),
    [
        ({"honey": 0.36, "sting": 0.3, "near_topic": 0.2, "greet": 0.14}, 0.36, ("honey", "sting")),
        (
            {"honey": 0.3, "sting": 0.3, "sleep": 0.22, "wax": 0.18},
            0.3,
            ("honey", "sting", "sleep"),
        ),
        ({"honey": 0.5, "sting": 0.4, "near_topic": 0.1}, 0.5, ()),  # both are said
        ({"honey": 0.3, "near_topic": 0.7}, 0.3, ()),
        ({"honey": 0.21, "sting": 0.2, "greet": 0.59}, 0.5, ()),
    ],
)
def test_two_near_sections_are_asked_about(
    shares: dict[str, float], confidence: float, options: tuple[str, ...]
) -> None:
    decision = decide(heard(shares, confidence), (), sections=SECTIONS, weights=Weights())
    assert set(decision.options) == set(options)
    assert (decision.intent == UNCLEAR) == bool(options)
