"""Coming back in the chat: told how the call stands; a mere "never mind" cancels nothing."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker

from actions.callback_status import ActionCallbackStatus, ActionWithdrawCallback
from clinic.callback import names_the_call
from tests.actions.fake_desk import FakeDesk, run, slots
from tests.actions.test_handoff import tracker

QUEUED = {"state": "queued", "reference": "K7F-3RM", "text": "We have your request."}
NONE = {"state": "none", "reference": None, "text": "You have not asked."}
CLOSED = {"state": "closed", "reference": "K7F-3RM", "text": "Your request is cancelled."}


def in_form(state: Tracker) -> Tracker:
    state.active_loop = {"name": "callback_form"}
    return state


@pytest.mark.parametrize(
    ("answer", "response", "handoff"),
    [
        (QUEUED, "utter_callback_status", {"state": "queued", "reference": "K7F-3RM"}),
        (CLOSED, "utter_callback_status", {"state": "closed", "reference": "K7F-3RM"}),
        (NONE, "utter_callback_none", None),
    ],
)
def test_the_desks_word_is_passed_on(
    desk: type[FakeDesk], answer: dict[str, Any], response: str, handoff: object
) -> None:
    desk.answer = (200, answer)
    (said,), events = run(ActionCallbackStatus(), tracker("when will she call?"))
    assert (said["response"], said["told"]) == (response, answer["text"])
    assert said.get("turn", {}).get("handoff") == handoff
    assert events == []
    assert desk.received[0][0] == "/internal/callback/status"


def test_in_the_middle_of_the_form_nothing_is_sent_yet(desk: type[FakeDesk]) -> None:
    desk.answer = (200, NONE)
    (said,), _ = run(ActionCallbackStatus(), in_form(tracker("did you get it?")))
    assert said["response"] == "utter_callback_unfinished"


@pytest.mark.parametrize(
    "text", ["cancel my call", "please withdraw my request", "no need to ring"]
)
def test_whoever_names_the_call_cancels_it(desk: type[FakeDesk], text: str) -> None:
    desk.answer = (200, CLOSED)
    (said,), events = run(ActionWithdrawCallback(), tracker(text, "stop"))
    assert said["response"] == "utter_callback_status"
    assert desk.received[0][0] == "/internal/callback/cancel"
    assert slots(events) == {"cancel_asked": None}


def test_a_bare_never_mind_is_asked_back_and_a_yes_cancels(desk: type[FakeDesk]) -> None:
    desk.answer = (200, QUEUED)
    (said,), events = run(ActionWithdrawCallback(), tracker("never mind", "stop"))
    assert (said["response"], said["reference"]) == ("utter_ask_cancel", "K7F-3RM")
    assert slots(events) == {"cancel_asked": True}
    assert [path for path, _, _ in desk.received] == ["/internal/callback/status"]
    desk.answer = (200, CLOSED)
    run(ActionWithdrawCallback(), tracker("yes", "affirm", cancel_asked=True))
    assert desk.received[-1][0] == "/internal/callback/cancel"


@pytest.mark.parametrize("answer", [NONE, CLOSED])
def test_with_nothing_open_a_never_mind_is_only_taken(
    desk: type[FakeDesk], answer: dict[str, Any]
) -> None:
    desk.answer = (200, answer)
    (said,), events = run(ActionWithdrawCallback(), tracker("never mind", "stop"))
    assert said["response"] == "utter_deny"
    assert slots(events) == {"cancel_asked": None}


@pytest.mark.parametrize(
    ("action", "text", "intent", "response"),
    [
        (ActionCallbackStatus, "when is she calling", "callback_status", "utter_callback_unknown"),
        (ActionWithdrawCallback, "cancel my call", "stop", "utter_callback_unknown"),
        (ActionWithdrawCallback, "never mind", "stop", "utter_deny"),
    ],
)
def test_without_the_desk_nothing_is_claimed_and_the_talk_goes_on(
    monkeypatch: pytest.MonkeyPatch, action: Any, text: str, intent: str, response: str
) -> None:
    """As in `rasa shell`, where only the assistant and its actions run."""
    monkeypatch.setenv("DESK_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("CLINIC_INTERNAL_SECRET", "x")
    (said,), events = run(action(), tracker(text, intent))
    assert said["response"] == response
    assert events == []


def test_a_yes_to_nothing_cancels_nothing(desk: type[FakeDesk]) -> None:
    (said,), _ = run(ActionWithdrawCallback(), tracker("yes", "affirm"))
    assert said["response"] == "utter_affirm"
    assert desk.received == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cancel the callback", True),
        ("no quiero la llamada", True),
        ("CANCEL MY REQUEST", True),
        ("never mind", False),
        ("stop", False),
        ("forget it, I recall now", False),
        ("boring, enough", False),
    ],
)
def test_what_speaks_of_the_call(text: str, *, names: bool) -> None:
    assert names_the_call(text) is names
