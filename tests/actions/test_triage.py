"""The form's safety questions: the ones that do not matter are passed by, answers are kept."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker

from actions.handoff import ActionCancelCallback, ActionRequestCallback, ValidateCallbackForm
from clinic.triage import Question
from tests.actions.fake_desk import DETAILS, FakeDesk, run, slots

BOT_URGENT = {
    "event": "bot",
    "text": "…",
    "data": {"custom": {"turn": {"kind": "urgent", "urgency": "urgent"}}},
}
BOT_EMERGENCY = {
    "event": "bot",
    "text": "…",
    "data": {"custom": {"turn": {"kind": "emergency", "urgency": "emergency"}}},
}


def tracker(
    *texts: str,
    intent: str = "near_topic",
    flags: dict[str, Any] | None = None,
    before: tuple[dict[str, Any], ...] = (),
    **values: Any,
) -> Tracker:
    """A conversation whose last message is the last of `texts`; `flags` are of the first one."""
    users = [
        {"event": "user", "text": text, "timestamp": 1.0 + place, "metadata": {"message_id": "m"},
         "parse_data": {"red_flags": (flags or {}) if place == 0 else {}}}
        for place, text in enumerate(texts)
    ]  # fmt: skip
    message = {"text": texts[-1], "intent": {"name": intent, "confidence": 0.9}}
    events = [*users[:1], *before, *users[1:]]
    return Tracker("p", values, message, events, False, None, {}, "action_listen")


def asked(events: list[dict[str, Any]]) -> set[str]:
    """The questions that the form will ask: those whose slot was not filled."""
    filled = slots(events)
    return {question.value for question in Question if question.value not in filled}


INFECTION = {"found": [{"flag": "infection", "context": "now"}], "silenced": []}


def test_a_worry_told_before_the_form_is_its_reason_and_is_followed_by_what_matters(
    desk: type[FakeDesk],
) -> None:
    del desk
    state = tracker(
        "the spot is red and hot", "yes please", flags=INFECTION, before=(BOT_URGENT,),
        reason="the spot is red and hot",
    )  # fmt: skip
    said, events = run(ValidateCallbackForm(), state)
    assert said == []
    assert asked(events) == {"worse", "treated", "part"}


def test_what_was_said_already_is_not_asked(desk: type[FakeDesk]) -> None:
    del desk
    text = "the spot on my neck is red and hot since I was needled on Monday"
    state = tracker(text, "yes please", flags=INFECTION, before=(BOT_URGENT,), reason=text)
    assert asked(run(ValidateCallbackForm(), state)[1]) == {"worse"}


def test_after_an_emergency_nothing_is_asked(desk: type[FakeDesk]) -> None:
    del desk
    state = tracker("I can't breathe", "call me", before=(BOT_EMERGENCY,), reason="breath")
    assert asked(run(ValidateCallbackForm(), state)[1]) == set()


def test_a_worry_is_put_before_a_nurse_now_where_one_can_come(desk: type[FakeDesk]) -> None:
    desk.offered = True
    state = tracker("hot and red", "yes please", before=(BOT_URGENT,), reason="hot and red")
    assert slots(run(ValidateCallbackForm(), state)[1]) == {
        "urgency": "urgent",
        "requested_slot": None,
    }


def test_a_form_that_begins_without_a_reason_asks_for_it_first() -> None:
    assert run(ValidateCallbackForm(), tracker("I want a nurse", reason=None)) == ([], [])


@pytest.mark.parametrize(
    ("reason", "intent", "questions"),
    [
        ("a question about parking", "near_topic", set()),
        ("my neck is sore since my session", "near_topic", {"breathing", "worse", "treated"}),
        ("hot and red", "urgent", {"breathing", "worse", "treated"}),
    ],
)
def test_the_reason_decides_what_is_asked(
    desk: type[FakeDesk],
    reason: str,
    intent: str,
    questions: set[str],
) -> None:
    desk.answer = (200, {"value": reason, "shown": reason})
    state = tracker(reason, intent=intent, requested_slot="reason")
    assert asked(run(ValidateCallbackForm(), state)[1]) == questions


def test_an_answer_is_kept_as_it_was_said_without_troubling_the_desk(
    desk: type[FakeDesk],
) -> None:
    state = tracker("two days ago I think", requested_slot="treated")
    assert slots(run(ValidateCallbackForm(), state)[1]) == {
        "treated": "two days ago I think",
        "urgency": "routine",
    }
    assert desk.received == []


def test_any_question_can_be_skipped() -> None:
    for question in Question:
        state = tracker("Skip", intent="stop", requested_slot=question.value)
        said, events = run(ValidateCallbackForm(), state)
        assert (said, slots(events)[question.value]) == ([], "skipped")


def test_getting_worse_is_said_to_be_urgent_once() -> None:
    state = tracker("Getting worse", requested_slot="worse")
    said, events = run(ValidateCallbackForm(), state)
    assert (said[0]["response"], slots(events)["urgency"]) == ("utter_urgent_noted", "urgent")
    state = tracker("hot", "Getting worse", before=(BOT_URGENT,), requested_slot="worse")
    assert run(ValidateCallbackForm(), state)[0] == []


@pytest.mark.parametrize("intent", ["emergency", "crisis"])
def test_danger_is_never_an_answer(intent: str) -> None:
    state = tracker("no", intent=intent, requested_slot="breathing")
    assert run(ValidateCallbackForm(), state) == ([], [])


def test_an_urgency_older_than_the_window_is_not_forgotten(desk: type[FakeDesk]) -> None:
    desk.answer = (201, {"reference": "K7F-2QM", "promise": "By noon."})
    run(ActionRequestCallback(), tracker("yes", **DETAILS, urgency="urgent"))
    assert desk.received[0][2]["urgency"] == "urgent"


def test_the_answers_go_to_the_desk_and_are_forgotten(
    desk: type[FakeDesk],
) -> None:
    desk.answer = (201, {"reference": "K7F-2QM", "promise": "By noon."})
    answers = {"breathing": "yes", "worse": "skipped", "treated": "", "part": "left shoulder"}
    _, events = run(ActionRequestCallback(), tracker("yes", **DETAILS, **answers))
    assert desk.received[0][2]["triage"] == {
        "breathing": "yes",
        "worse": "skipped",
        "part": "left shoulder",
    }
    for ended in (events, run(ActionCancelCallback(), tracker("stop", **answers))[1]):
        assert {slots(ended)[question.value] for question in Question} == {None}
