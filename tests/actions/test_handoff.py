"""The actions translate: the form's details to the desk, the desk's word to the patient."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from rasa_sdk import Tracker

from actions.handoff import ActionCancelCallback, ActionRequestCallback, ValidateCallbackForm
from tests.actions.fake_desk import DETAILS, FakeDesk, run, slots

ROOT = Path(__file__).resolve().parents[2]


def tracker(
    text: str = "hm", intent: str = "near_topic", events: list[dict[str, Any]] | None = None,
    **slots: Any,
) -> Tracker:  # fmt: skip
    message = {"text": text, "intent": {"name": intent, "confidence": 0.9}}
    user = {"event": "user", "text": text, "timestamp": 7.0, "metadata": {"message_id": "m1"}}
    return Tracker("p", slots, message, [*(events or []), user], False, None, {}, "action_listen")


def bot(turn: dict[str, Any]) -> dict[str, Any]:
    return {"event": "bot", "text": "…", "data": {"custom": {"turn": turn}}}


def test_a_detail_is_kept_as_the_desk_normalised_it(desk: type[FakeDesk]) -> None:
    desk.answer = (200, {"value": "+16085550142", "shown": "(608) 555-0142"})
    said, events = run(ValidateCallbackForm(), tracker("its 608 555 0142", requested_slot="phone"))
    assert said == []
    assert slots(events) == {
        "phone": "+16085550142",
        "phone_shown": "(608) 555-0142",
        "urgency": "routine",
    }
    path, headers, body = desk.received[0]
    assert (path, body) == (
        "/internal/callback/check", {"field": "phone", "value": "its 608 555 0142"},
    )  # fmt: skip
    assert headers["Authorization"] == "Bearer the-secret"


def test_a_number_left_with_the_wish_is_not_asked_for_again(desk: type[FakeDesk]) -> None:
    desk.answer = (200, {"value": "+12025550173", "shown": "(202) 555-0173"})
    said, events = run(ValidateCallbackForm(), tracker("202 555 0173 any time", "handoff"))
    assert said == []
    assert slots(events) == {"phone": "+12025550173", "phone_shown": "(202) 555-0173"}


@pytest.mark.parametrize("text", ["202 555 0173 any time", "someone call me please"])
def test_without_a_number_that_the_desk_accepts_the_form_asks_for_one(
    desk: type[FakeDesk], text: str
) -> None:
    desk.answer = (422, {"detail": "That does not look like a phone number we can call."})
    assert run(ValidateCallbackForm(), tracker(text, "handoff")) == ([], [])


def test_a_number_left_while_the_desk_is_away_is_asked_for_later(
    desk: type[FakeDesk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_URL", "http://127.0.0.1:9")
    state = tracker("202 555 0173 any time", "handoff")
    assert run(ValidateCallbackForm(), state) == ([], [])


def test_a_detail_that_the_desk_refuses_is_asked_for_again_in_its_words(
    desk: type[FakeDesk],
) -> None:
    desk.answer = (422, {"detail": "Please give ten digits."})
    said, events = run(ValidateCallbackForm(), tracker("608", requested_slot="phone"))
    assert (said[0]["response"], said[0]["problem"]) == (
        "utter_say_again", "Please give ten digits.",
    )  # fmt: skip
    assert slots(events)["phone"] is None


def test_an_aside_sets_nothing_and_does_not_trouble_the_desk(desk: type[FakeDesk]) -> None:
    state = tracker("does it hurt?", "does-it-hurt", requested_slot="phone")
    assert run(ValidateCallbackForm(), state) == ([], [])
    assert desk.received == []


@pytest.mark.parametrize(
    ("ask", "text", "intent"),
    [
        ("reason", "yes", "affirm"),
        ("reason", "hello", "greet"),
        ("phone", "give me a nurse", "handoff"),
        ("time", "say that again?", "repeat"),
    ],
)
def test_what_no_rule_replies_to_gets_the_question_again(
    desk: type[FakeDesk], ask: str, text: str, intent: str
) -> None:
    """An empty answer would leave Rasa without any rule, over and over."""
    said, events = run(ValidateCallbackForm(), tracker(text, intent, requested_slot=ask))
    assert said == []
    assert slots(events) == {ask: None}
    assert desk.received == []


def test_a_reason_that_the_handout_answers_is_answered_as_well(desk: type[FakeDesk]) -> None:
    desk.answer = (200, {"value": "does it hurt?", "shown": "does it hurt?"})
    state = tracker("does it hurt?", "does-it-hurt", requested_slot="reason")
    said, events = run(ValidateCallbackForm(), state)
    assert [one["response"] for one in said] == ["utter_lead_noted", "utter_answer"]
    assert slots(events)["reason"] == "does it hurt?"


def test_a_worrying_reason_is_said_to_be_one_and_taken(desk: type[FakeDesk]) -> None:
    desk.answer = (200, {"value": "hot and red", "shown": "hot and red"})
    said, events = run(
        ValidateCallbackForm(), tracker("hot and red", "urgent", requested_slot="reason")
    )
    assert said[0]["response"] == "utter_urgent_noted"
    assert slots(events)["reason"] == "hot and red"


@pytest.mark.parametrize(("text", "consent"), [("yes", True), ("no", False)])
def test_consent_is_a_yes_or_a_no(desk: type[FakeDesk], text: str, consent: bool) -> None:
    _, events = run(ValidateCallbackForm(), tracker(text, requested_slot="consent"))
    assert slots(events) == {"consent": consent}


def test_the_finished_form_is_queued_once_and_then_forgotten(desk: type[FakeDesk]) -> None:
    desk.answer = (201, {"reference": "K7F-2QM", "promise": "By noon."})
    said, events = run(ActionRequestCallback(), tracker(**DETAILS))
    assert said[0]["response"] == "utter_callback_queued"
    assert (said[0]["reference"], said[0]["promise"]) == ("K7F-2QM", "By noon.")
    assert said[0]["turn"]["handoff"] == {"state": "queued", "reference": "K7F-2QM"}
    assert set(slots(events).values()) == {None}
    path, headers, body = desk.received[0]
    assert path == "/internal/handoffs"
    assert headers["Idempotency-Key"] == "p:m1"
    assert body["phone"] == "+16085550142"
    assert body["triage"] == {}
    assert body["transcript"][-1] == {"author": "patient", "text": "hm"}


@pytest.mark.parametrize("offered", [True, False])
def test_the_form_ends_with_the_reason_where_a_nurse_can_come_to_the_chat(
    desk: type[FakeDesk], *, offered: bool
) -> None:
    desk.answer, desk.offered = (200, {"value": "sore", "shown": "sore"}), offered
    state = tracker("sore", requested_slot="reason")
    _, events = run(ValidateCallbackForm(), state)
    ended = {"requested_slot": None} if offered else {}
    found = slots(events)
    assert {name: found[name] for name in ("reason", *ended)} == {"reason": "sore", **ended}
    assert ("breathing" in found) is not offered, "of somebody in the chat a nurse asks it herself"
    assert desk.received[-1][0] == "/internal/live-chat"
    assert desk.received[-1][2] == {"conversation": "p"}


def test_a_refused_reason_asks_nobody_whether_a_nurse_is_there(desk: type[FakeDesk]) -> None:
    desk.answer, desk.offered = (422, {"detail": "Please say it in a few words."}), True
    _, events = run(ValidateCallbackForm(), tracker("?", requested_slot="reason"))
    assert slots(events) == {"reason": None}
    assert [path for path, _, _ in desk.received] == ["/internal/callback/check"]


def test_a_reason_alone_is_queued_for_the_chat_once_and_then_forgotten(
    desk: type[FakeDesk],
) -> None:
    place = "You are next in line for a nurse, here in the chat. It takes about 1 minute."
    desk.answer = (201, {"state": "queued", "reference": "K7F-3RM", "place": place})
    said, events = run(ActionRequestCallback(), tracker(reason="sore"))
    ((path, headers, body),) = desk.received
    assert (path, headers["Idempotency-Key"]) == ("/internal/chats", "p:m1")
    assert body == {"conversation": "p", "reason": "sore", "urgency": "routine"}
    assert (said[0]["response"], said[0]["place"]) == ("utter_chat_queued", place)
    assert said[0]["turn"]["handoff"] == {"state": "queued", "reference": "K7F-3RM"}
    assert set(slots(events).values()) == {None}


def test_when_nobody_can_come_after_all_the_form_goes_on_with_the_reason(
    desk: type[FakeDesk],
) -> None:
    desk.answer = (409, {"detail": "No nurse can come to the chat now."})
    said, events = run(ActionRequestCallback(), tracker(reason="sore"))
    assert said == []
    assert events == [{"event": "followup", "timestamp": None, "name": "callback_form"}]


def test_without_consent_the_desk_hears_nothing(desk: type[FakeDesk]) -> None:
    said, events = run(ActionRequestCallback(), tracker(**{**DETAILS, "consent": False}))
    assert said[0]["response"] == "utter_callback_refused"
    assert set(slots(events).values()) == {None}
    assert desk.received == []


def test_a_desk_that_says_no_is_reported_as_failed(desk: type[FakeDesk]) -> None:
    desk.answer = (503, {})
    said, _ = run(ActionRequestCallback(), tracker(**DETAILS))
    assert said[0]["response"] == "utter_callback_failed"


def test_a_desk_that_cannot_be_reached_fails_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("CLINIC_INTERNAL_SECRET", "x")
    with pytest.raises(httpx.HTTPError):
        run(ActionRequestCallback(), tracker(**DETAILS))


STATUS = {"kind": "handoff", "handoff": {"state": "queued", "reference": "X"}}
QUEUED = {**STATUS, "urgency": "routine"}
URGENT = {"kind": "urgent", "urgency": "urgent"}
EMERGENCY = {"kind": "emergency", "urgency": "emergency"}


@pytest.mark.parametrize(
    ("turns", "urgency"),
    [
        ([], "routine"),
        ([URGENT], "urgent"),
        ([EMERGENCY, URGENT], "emergency"),
        ([URGENT, QUEUED], "routine"),
        ([QUEUED, URGENT, STATUS], "urgent"),
        ([EMERGENCY, QUEUED, URGENT], "urgent"),
        ([{"kind": "nonsense"}, URGENT], "urgent"),
    ],
)
def test_the_call_back_is_as_urgent_as_what_was_said_since_the_last_one(
    desk: type[FakeDesk], turns: list[dict[str, Any]], urgency: str
) -> None:
    desk.answer = (201, {"reference": "K7F-2QM", "promise": "By noon."})
    run(ActionRequestCallback(), tracker(events=[bot(turn) for turn in turns], **DETAILS))
    assert desk.received[0][2]["urgency"] == urgency


def test_never_mind_ends_the_form_and_forgets_the_details() -> None:
    said, events = run(ActionCancelCallback(), tracker(name="Jo"))
    assert said[0]["response"] == "utter_callback_cancelled"
    assert {"event": "active_loop", "name": None, "timestamp": None} in events
    assert slots(events)["name"] is None


def test_every_response_is_used_and_every_used_response_exists() -> None:
    """Rasa's validator does not see what forms and actions say; this does."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text())
    rules = (ROOT / "data" / "rules.yml").read_text()
    code = "".join(path.read_text() for path in sorted((ROOT / "actions").glob("*.py")))
    code += (ROOT / "assistant" / "generator.py").read_text()
    code += (ROOT / "actions" / "triage.py").read_text() + (ROOT / "desk" / "alarm.py").read_text()
    asked = {
        f"utter_ask_callback_form_{s}" for s in domain["forms"]["callback_form"]["required_slots"]
    }
    config = (ROOT / "config.yml").read_text()
    for variant in domain["responses"]:
        # What the generator says instead: after another miss, for a part of the body.
        base = variant.removesuffix("_again").removesuffix("_part").removesuffix("_doubt")
        name = base if base in domain["responses"] else variant
        assert (
            name in asked or f"action: {name}\n" in rules or f'"{name}"' in code or name in config
        )
    assert asked <= set(domain["responses"])
