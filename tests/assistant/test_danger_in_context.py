"""What was said before makes a message graver: mild words of somebody treated lately."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

pytest.importorskip("rasa")

from rasa.shared.nlu.training_data.message import Message

from assistant.danger_in_context import DangerInContext
from assistant.recollection import DOUBTED
from assistant.red_flag_recogniser import RED_FLAGS
from assistant.red_flags import assess, assessor
from clinic.context import CONTEXT, Context
from clinic.mild_words import mild_words
from tests.assistant.conftest import Assistant

NOW = datetime(2026, 11, 25, 14, 30)  # noqa: DTZ001 - a Wednesday on the clinic's clock
YESTERDAY = Context(treated_on=date(2026, 11, 24))
MILD = ["I have a bit of a cough", "dry cough", "sharp when I laugh"]


def read(
    text: str,
    context: Context | None = None,
    intent: str = "near_topic",
    **flags: Any,
) -> dict[str, Any]:
    """The message after the component; `flags` are the recogniser's."""
    message = Message.build(text)
    guess = {"name": intent, "confidence": 0.8}
    message.set("intent", guess, add_to_output=True)
    message.set("intent_ranking", [guess])
    message.set("understanding", {"sections": ["hours"]}, add_to_output=True)
    message.set(RED_FLAGS, flags)
    message.set("metadata", {CONTEXT: (context or Context()).to_json()})
    DangerInContext(clock=lambda: NOW).process([message])
    return message.as_dict(only_output_properties=True)


@pytest.mark.parametrize("text", MILD)
def test_mild_words_alone_are_no_emergency(text: str) -> None:
    assert assess(text).acuity is None
    assert read(text)["intent"]["name"] == "near_topic"


@pytest.mark.parametrize("text", MILD)
def test_mild_words_of_somebody_treated_lately_are_one(text: str) -> None:
    found = read(text, YESTERDAY)
    assert found["intent"]["name"] == "emergency"
    assert found[RED_FLAGS]["reason"] == "treated lately"
    for flag in found[RED_FLAGS]["found"]:
        assert flag["words"] == text[flag["start"] : flag["end"]]
    assert found["entities"][0]["entity"] == "red_flag"


@pytest.mark.parametrize(("day", "intent"), [(22, "emergency"), (21, "near_topic")])
def test_lately_is_three_days(day: int, intent: str) -> None:
    context = Context(treated_on=date(2026, 11, day))
    assert read("dry cough", context)["intent"]["name"] == intent


def test_time_and_mild_words_in_one_message_are_read_together() -> None:
    text = "Dry cough. My session was yesterday"
    assert assess(text).acuity is None
    assert read(text)["intent"]["name"] == "emergency"


@pytest.mark.parametrize(
    "text",
    [
        "no chest pain, no cough",
        "my chest is fine",
        "can it make me cough?",
        "I coughed blood years ago",
        "how long will I be sore",
        "what does it cost",
    ],
)
def test_what_is_denied_past_or_asked_in_general_stays_silent(text: str) -> None:
    assert read(text, YESTERDAY)["intent"]["name"] == "near_topic"


def test_an_alarm_that_is_there_already_is_left_alone() -> None:
    assert read("dry cough", YESTERDAY, intent="crisis")["intent"]["name"] == "crisis"


@pytest.mark.parametrize(
    ("before", "text", "noted"),
    [
        (None, "I was needled on Monday", "2026-11-23"),
        (date(2026, 11, 20), "I was needled on Monday", "2026-11-23"),
        (date(2026, 11, 24), "I was needled on Monday", None),
        (None, "does it hurt", None),
    ],
)
def test_the_latest_treatment_told_of_is_noted(
    before: date | None, text: str, noted: str | None
) -> None:
    found = read(text, Context(treated_on=before)).get("entities", [])
    assert [entity["value"] for entity in found] == ([noted] if noted else [])


ASKED_BREATHING, ASKED_PART = Context(asked="breathing"), Context(asked="part")


@pytest.mark.parametrize("text", ["no", "not really", "a bit tight", "I'm not sure"])
def test_breathing_that_is_not_all_right_is_an_emergency(text: str) -> None:
    assert read(text, ASKED_BREATHING, "deny")["intent"]["name"] == "emergency"
    assert read(text, Context(asked="worse"), "deny")["intent"]["name"] == "deny"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("yes, all right", "affirm"),
        ("skip", "stop"),
        ("never mind, I do not want a call", "stop"),
        ("does it hurt?", "does-it-hurt"),
    ],
)
def test_other_answers_to_it_raise_nothing(text: str, intent: str) -> None:
    assert read(text, ASKED_BREATHING, intent)["intent"]["name"] == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [("my ribs on the left", "emergency"), ("my chest", "emergency"), ("neck", "near_topic")],
)
def test_a_complaint_in_the_chest_is_an_emergency(text: str, intent: str) -> None:
    assert read(text, ASKED_PART)["intent"]["name"] == intent


def test_a_bare_time_is_the_treatments_where_that_was_asked() -> None:
    found = read("on Monday I think", Context(asked="treated"))
    assert [one["value"] for one in found["entities"]] == ["2026-11-23"]
    assert "entities" not in read("on Monday I think", Context(asked="time"))


def test_a_worry_is_the_reason_of_a_call_unless_a_form_asks() -> None:
    text = "the spot is hot and red"
    (worry,) = read(text, intent="urgent")["entities"]
    assert (worry["entity"], worry["value"]) == ("worry", text)
    assert "entities" not in read(text, ASKED_PART, "urgent")


def test_in_doubt_the_message_is_urgent_and_keeps_how_to_read_it() -> None:
    for found in (
        read("my grandson had one", likelihood=0.1),
        read("he had one", ask=True),
        read("can it collapse a lung", intent="hours", silenced=[{"context": "uncertain"}]),
    ):
        assert found["intent"]["name"] == "urgent"
        assert found[DOUBTED]["intent"] in {"near_topic", "hours"}
        assert found[DOUBTED]["understanding"] == {"sections": ["hours"]}
    assert DOUBTED not in read("where do I park", likelihood=0.02)


DOUBTED_CONTEXT = Context(
    doubted={
        "intent": "hours",
        "confidence": 0.7,
        "understanding": {"sections": ["hours"]},
        "grave": "crisis",
    }
)


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        ("yes", "handoff", "crisis"),
        ("not sure", "near_topic", "crisis"),
        ("no", "deny", "hours"),
        ("No, years ago", "near_topic", "hours"),
        ("no but it is hot and red", "urgent", "urgent"),
        ("what does it cost?", "near_topic", "near_topic"),
        ("I can't breathe", "emergency", "emergency"),
    ],
)
def test_every_answer_to_the_doubt_is_safe(text: str, intent: str, expected: str) -> None:
    assert read(text, DOUBTED_CONTEXT, intent)["intent"]["name"] == expected


DOUBTFUL = [
    "what would you do if a patient had a seizure",
    "stable angina for ten years",
    "blind in one eye since birth",
    "I had a stroke and take blood thinners, can I still come in for this treatment",
    "I unplugged everything and left the keys on the table",
]


def doubted(assistant: Assistant, sender: str) -> Any:
    """The reply to the first message of those above that is asked back; they need not all be."""
    for number, text in enumerate(DOUBTFUL):
        if "right now?" in assistant.say(f"{sender}-{number}", text)[0]["text"]:
            return assistant.say(sender, text)
    pytest.fail("none of the messages is in doubt; choose others")


def test_in_doubt_the_number_stands_in_the_question(assistant: Assistant, sender: str) -> None:
    reply = doubted(assistant, sender)
    text, turn = reply[0]["text"], reply[-1]["custom"]["turn"]
    assert "911" in text.split(".")[0]
    assert "988" in text
    assert len(text.split()) <= 60
    assert (turn["kind"], turn["urgency"]) == ("urgent", "urgent")
    assert [button["title"] for button in reply[0]["buttons"]] == ["Yes", "No", "Ask for a nurse"]


@pytest.mark.parametrize(
    ("answer", "kinds"),
    [
        ("yes", {"emergency"}),
        ("I don't know", {"emergency"}),
        ("no", {"answer", "decline", "out_of_scope", "urgent", "clarify"}),
        ("what are your hours on Thursday?", {"answer"}),
        ("I want to kill myself", {"emergency"}),
    ],
)
def test_the_reply_to_an_answer_in_doubt(
    assistant: Assistant, sender: str, answer: str, kinds: set[str]
) -> None:
    question = doubted(assistant, sender)[0]["text"]
    reply = assistant.say(sender, answer)
    assert reply[-1]["custom"]["turn"]["kind"] in kinds
    assert reply[0]["text"] != question


def test_findings_lie_within_the_message() -> None:
    for text in ["cough...", "a cough!", "dry cough \n"]:
        for finding in mild_words(assessor(), text):
            assert text[finding.start : finding.end] == finding.words


def test_a_conversation_remembers_the_treatment(assistant: Assistant, sender: str) -> None:
    assistant.say(sender, "I had my session yesterday. What are the side effects?")
    noted = assistant.tracker(sender).get_slot("treated_on")
    assert date.fromisoformat(noted) < datetime.now(timezone.utc).date() + timedelta(days=1)
    for text in ("what does it cost?", "is it acupuncture?", "does it hurt?", "hello") * 3:
        assistant.say(sender, text)
    assert assistant.tracker(sender).get_slot("treated_on") == noted
    reply = assistant.say(sender, "now I have a dry cough")
    assert reply[-1]["custom"]["turn"]["kind"] == "emergency"
    assert reply[0]["text"].startswith("Call 911")


def test_words_that_are_mostly_harmless_are_meant_by_somebody_treated_lately(
    assistant: Assistant, sender: str
) -> None:
    text = "i stop breathing at night since the session, can i lie on my stomach"
    assert assistant.turn(sender, text)["kind"] == "emergency"
