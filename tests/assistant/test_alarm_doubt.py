"""When a grave alarm of the rules is asked about instead of raised, and when it never is."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("rasa")

from rasa.shared.nlu.training_data.message import Message

from assistant.alarm_places import places
from assistant.classifier import UNDERSTANDING
from assistant.red_flag_recogniser import RED_FLAGS, RedFlagRecogniser
from assistant.red_flag_verdict import Trust, in_doubt, may_be_doubted
from assistant.red_flags import Acuity, assess


def weighed(recogniser: RedFlagRecogniser, text: str, danger: float) -> Message:
    """The message where the classifier gives an emergency the share `danger`."""
    message = Message.build(text)
    message.set("intent", {"name": "near_topic", "confidence": 0.9})
    message.set("intent_ranking", [{"name": "near_topic", "confidence": 0.9}])
    message.set(UNDERSTANDING, {"danger": {"emergency": danger, "crisis": 0.0, "urgent": 0.0}})
    recogniser.process([message])
    return message


@pytest.mark.parametrize(
    "text",
    [
        "sleep apnea, i stop breathing at night, can i lie on my stomach for it",
        "claustrophobic and can't breathe through face holes in tables, got another position?",
        "someone fainted at the parade on sunday so the whole band had to stop playing",
        "would you rather die by shark or by bear, office debate",
    ],
)
def test_an_alarm_that_is_hardly_right_is_asked_about(
    recogniser: RedFlagRecogniser, text: str
) -> None:
    assert assess(text).acuity in (Acuity.EMERGENCY, Acuity.CRISIS)
    asked = weighed(recogniser, text, 0.001)
    assert asked.get(RED_FLAGS)["ask"]
    assert asked.get("intent")["name"] == "near_topic"
    assert asked.get("entities") == []
    raised = weighed(recogniser, text, 0.6)
    assert raised.get("intent")["name"] in ("emergency", "crisis")


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("convulsions", 0.0),  # too few words to judge by
        ("he has collapsed right now, somebody help us please", 0.0),  # says now
        ("can you help, he stopped breathing", 0.0),  # calls
        (
            "i want to kill myself, nobody in the choir would notice",
            0.0,
        ),  # nothing stands against it
        ("what happens if i swallow all my gabapentin at once, i dont care anymore", 0.01),
        ("can it collapse a lung, because I can't breathe", 0.003),
    ],
)
def test_no_doubt_where_it_may_be_meant(
    recogniser: RedFlagRecogniser, text: str, danger: float
) -> None:
    found = weighed(recogniser, text, danger)
    assert found.get("intent")["name"] in ("emergency", "crisis")


@pytest.mark.parametrize("before", ["", "Do you take Medicare? ", "Hello. Are you open late? "])
@pytest.mark.parametrize("after", ["", ". Does it hurt?", ". Also, is it covered by insurance?"])
@pytest.mark.parametrize(
    "text", ["Since yesterday evening I have this chest pain", "swallowed all my tramadol"]
)
def test_a_question_beside_an_emergency_is_no_reason_for_doubt(
    recogniser: RedFlagRecogniser, before: str, text: str, after: str
) -> None:
    found = weighed(recogniser, before + text + after, 0.001)
    assert found.get("intent")["name"] in ("emergency", "crisis")


@pytest.mark.parametrize(
    ("joke", "meant"),
    [
        (
            "Someone fainted at the parade on sunday so the whole band had to stop playing.",
            "My wife fainted just now.",
        ),
        ("would you rather die by shark or by bear, office debate.", "I want to die"),
        (
            "claustrophobic and can't breathe through face holes in tables, another position?",
            "Now I can't breathe, help",
        ),
    ],
)
def test_the_same_sign_is_meant_after_it_was_not(
    recogniser: RedFlagRecogniser, joke: str, meant: str
) -> None:
    assert weighed(recogniser, joke, 0.001).get(RED_FLAGS)["ask"]
    found = weighed(recogniser, f"{joke} {meant}", 0.001)
    assert found.get("intent")["name"] in ("emergency", "crisis")


def test_an_alarm_that_the_classifier_shares_is_never_asked_about(
    recogniser: RedFlagRecogniser,
) -> None:
    text = "would you rather die by shark or by bear, office debate"
    assert weighed(recogniser, text, 0.0).get(RED_FLAGS)["ask"]
    message = Message.build(text)
    message.set("intent", {"name": "emergency", "confidence": 0.95})
    message.set(UNDERSTANDING, {"danger": {"emergency": 0.0, "crisis": 0.0, "urgent": 0.0}})
    recogniser.process([message])
    assert message.get("intent")["name"] == "crisis"


def test_without_a_classifier_every_alarm_of_the_rules_is_believed(
    recogniser: RedFlagRecogniser,
) -> None:
    text = "claustrophobic and can't breathe through face holes in tables, got another position?"
    message = Message.build(text)
    recogniser.process([message])
    assert message.get("intent")["name"] == "emergency"


def test_many_alarms_are_believed_and_cost_no_encoding_each() -> None:
    one = assess("we learned about stroke in class")
    found = places("we learned about stroke in class", one, assess)
    asked: list[str] = []

    def otherwise(phrase: str) -> float:
        asked.append(phrase)
        return -1.0

    calm = {"emergency": 0.001}
    assert may_be_doubted(one, "near_topic", calm)
    assert in_doubt(found, otherwise, calm, Trust())
    asked.clear()
    assert not in_doubt(found * 20, otherwise, calm, Trust())
    assert asked == []
    assert not may_be_doubted(replace(one, findings=one.findings * 20), "near_topic", calm)


def test_of_several_alarms_the_likeliest_counts() -> None:
    joke, real = "we learned about stroke in class", "my dad is having a stroke right now"
    jest, meant = (places(text, assess(text), assess) for text in (joke, real))

    def sense(phrase: str) -> float:
        return 1.0 if "dad" in phrase else -1.0

    calm = {"emergency": 0.001}
    assert in_doubt(jest, sense, calm, Trust())
    assert not in_doubt([*jest, *meant], sense, calm, Trust())
    assert not in_doubt([*meant, *jest], sense, calm, Trust())
