"""The decision: from probabilities to the intent that is acted on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.understanding import Thresholds, believe, choose

THRESHOLDS = Thresholds(wrong=1.0, second=0.05, now=0.25, soon=0.4, far=0.6)
SECTIONS = {"honey", "sting"}


def _choose(
    probabilities: dict[str, float], *, confidence: float = 0.9, known_words: float = 1.0
) -> tuple[str, str]:
    choice = choose(
        probabilities,
        confidence=confidence,
        known_words=known_words,
        sections=SECTIONS,
        thresholds=THRESHOLDS,
    )
    assert 0 <= choice.confidence <= 1
    return choice.intent, choice.reason


@pytest.mark.parametrize(
    ("probabilities", "confidence", "expected"),
    [
        # One passage is worth 2p - 1, a second one beside it 0.05 less.
        ({"honey": 0.9, "greet": 0.1}, 0.8, ("honey", "guess")),
        ({"honey": 0.9, "sting": 0.1}, 0.9, ("honey", "either")),
        ({"honey": 0.98, "sting": 0.02}, 0.98, ("honey", "guess")),
        ({"honey": 0.5, "sting": 0.4, "near_topic": 0.1}, 0.5, ("honey", "either")),
        ({"honey": 0.6, "near_topic": 0.4}, 0.6, ("near_topic", "unsure")),
        ({"honey": 0.7, "near_topic": 0.3}, 0.7, ("honey", "guess")),
        ({"greet": 0.9, "sting": 0.1}, 0.3, ("sting", "guess")),
        ({"greet": 0.5, "near_topic": 0.3, "sting": 0.2}, 0.5, ("greet", "guess")),
        ({"handoff": 0.5, "near_topic": 0.3, "sting": 0.2}, 0.5, ("handoff", "guess")),
        # Where no passage is sure enough, nobody is asked for a phone number on a mere chance.
        (
            {"sting": 0.5, "handoff": 0.24, "near_topic": 0.2, "greet": 0.06},
            0.5,
            ("near_topic", "unsure"),
        ),
        ({"near_topic": 0.6, "sting": 0.4}, 0.5, ("near_topic", "guess")),
        ({"out_of_scope": 0.6, "sting": 0.4}, 0.5, ("out_of_scope", "guess")),
        ({"out_of_scope": 0.59, "sting": 0.41}, 0.9, ("near_topic", "unsure")),
        ({"honey": 0.75, "emergency": 0.25}, 0.9, ("emergency", "danger")),
        ({"honey": 0.76, "emergency": 0.24}, 0.9, ("honey", "guess")),
        ({"honey": 0.7, "emergency": 0.1, "crisis": 0.2}, 0.9, ("crisis", "danger")),
        ({"honey": 0.6, "urgent": 0.4}, 0.9, ("urgent", "danger")),
        ({"honey": 0.6, "urgent": 0.2, "emergency": 0.2}, 0.9, ("urgent", "danger")),
        ({"honey": 0.61, "urgent": 0.39}, 0.9, ("honey", "guess")),
        ({"urgent": 0.39, "near_topic": 0.31, "greet": 0.3}, 0.3, ("near_topic", "unsure")),
    ],
)
def test_the_reply_of_the_highest_worth_is_chosen(
    probabilities: dict[str, float], confidence: float, expected: tuple[str, str]
) -> None:
    assert _choose(probabilities, confidence=confidence) == expected


def test_two_passages_are_as_sure_as_both_together() -> None:
    choice = choose(
        {"honey": 0.5, "sting": 0.4, "near_topic": 0.1},
        confidence=0.5,
        known_words=1,
        sections=SECTIONS,
        thresholds=THRESHOLDS,
    )
    assert (choice.intent, choice.second) == ("honey", "sting")
    assert choice.confidence == pytest.approx(0.9)


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.floats(0.01, 1), min_size=2),
    st.floats(0, 1),
)
def test_belief_adds_up_to_one_and_keeps_the_confidence(
    weights: dict[str, float], confidence: float
) -> None:
    shares = {name: weight / sum(weights.values()) for name, weight in weights.items()}
    guess = max(shares, key=lambda name: shares[name])
    believed = believe(shares, guess, confidence)
    assert sum(believed.values()) == pytest.approx(1)
    assert believed[guess] == confidence
    assert all(0 <= share <= 1 for share in believed.values())


def test_nothing_known_is_never_answered_nor_alarmed() -> None:
    for guess in ("honey", "emergency", "urgent", "near_topic", "out_of_scope"):
        assert _choose({guess: 1.0}, known_words=0) == ("near_topic", "nothing_known")


@pytest.mark.parametrize(
    ("confidence", "wordless", "intent"),
    [(0.9, False, "greet"), (0.6, False, "near_topic"), (0.9, True, "near_topic")],
)
def test_small_talk_may_be_spelt_as_nobody_did_before(
    confidence: float, *, wordless: bool, intent: str
) -> None:
    choice = choose(
        {"greet": 1.0},
        confidence=confidence,
        known_words=0,
        sections=SECTIONS,
        thresholds=THRESHOLDS,
        wordless=wordless,
    )
    assert choice.intent == intent


def test_no_intents_at_all_is_a_no() -> None:
    assert _choose({}) == ("near_topic", "nothing_known")


def test_a_fallback_is_as_sure_as_the_guess_was_not() -> None:
    choice = choose(
        {"honey": 1.0}, confidence=0.2, known_words=1, sections=SECTIONS, thresholds=THRESHOLDS
    )
    assert choice.confidence == pytest.approx(0.8)
