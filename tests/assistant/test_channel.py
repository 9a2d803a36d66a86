"""What the desk relies on: one turn a reply, nothing lost, nothing doubled."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from rasa.shared.core.events import UserUttered

from assistant.channel import TurnFailedError, _with_one_turn
from clinic.triage import Question
from clinic.turn import TurnError
from tests.assistant.conftest import Assistant


class FakeActions(BaseHTTPRequestHandler):
    """An action server that takes every detail, passes the safety questions by, or fails."""

    failing = False

    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, body = 200, {"events": [], "responses": []}
        if FakeActions.failing:
            status, body = 500, {"error": "broken", "request_body": call}
        elif slot := call["tracker"]["slots"].get("requested_slot"):
            text = call["tracker"]["latest_message"]["text"]
            found = {slot: text, **{question.value: "" for question in Question}}
            body["events"] = [
                {"event": "slot", "name": name, "value": value, "timestamp": None}
                for name, value in found.items()
            ]
        answer = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def actions(assistant: Assistant) -> Iterator[type[FakeActions]]:
    server = HTTPServer(("127.0.0.1", 0), FakeActions)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = assistant.agent.processor.action_endpoint
    before, endpoint.url = endpoint.url, f"http://127.0.0.1:{server.server_port}/webhook"
    yield FakeActions
    FakeActions.failing = False
    endpoint.url = before
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "text", ["does it hurt?", "hello", "what does it cost", "", "???", "x" * 4000, "🙂", "/greet"]
)
def test_every_reply_has_words_and_exactly_one_turn(
    assistant: Assistant, sender: str, text: str
) -> None:
    reply = assistant.say(sender, text)
    assert [("turn" in e.get("custom", {})) for e in reply].count(True) == 1
    assert all(element["text"] for element in reply[:-1])
    assert len(reply) > 1


def test_the_same_message_again_gets_the_same_reply_and_is_stored_once(
    assistant: Assistant, sender: str
) -> None:
    first = assistant.say(sender, "does it hurt?", message_id="one")
    again = assistant.say(sender, "does it hurt?", message_id="one")
    assert again == first
    said = [e for e in assistant.tracker(sender).events if isinstance(e, UserUttered)]
    assert [event.text for event in said] == ["does it hurt?"]


def test_a_new_message_with_the_same_words_is_answered_anew(
    assistant: Assistant, sender: str
) -> None:
    assistant.say(sender, "does it hurt?", message_id="one")
    assistant.say(sender, "does it hurt?", message_id="two")
    said = [e for e in assistant.tracker(sender).events if isinstance(e, UserUttered)]
    assert len(said) == 2


def test_a_turn_whose_action_fails_is_as_if_it_had_never_been(
    assistant: Assistant, sender: str, actions: type[FakeActions]
) -> None:
    assistant.say(sender, "does it hurt?")
    assistant.say(sender, "I want to talk to a nurse")
    before = [event.as_dict() for event in assistant.tracker(sender).events]
    actions.failing = True
    with pytest.raises(TurnFailedError) as failed:
        assistant.say(sender, "a question about my shoulder", message_id="m")
    assert not failed.value.passing
    assert [event.as_dict() for event in assistant.tracker(sender).events] == before
    actions.failing = False
    reply = assistant.say(sender, "a question about my shoulder", message_id="m")
    assert assistant.tracker(sender).get_slot("reason") == "a question about my shoulder"
    assert reply[-1]["custom"]["turn"]["handoff"]["asks_for"] == "name"


def test_an_unreachable_action_server_fails_the_turn(assistant: Assistant, sender: str) -> None:
    with pytest.raises(TurnFailedError) as failed:
        assistant.say(sender, "I want to talk to a nurse")
    assert failed.value.passing


def test_a_failed_turn_says_nothing_of_what_the_patient_wrote(
    assistant: Assistant, sender: str, actions: type[FakeActions], caplog: pytest.LogCaptureFixture
) -> None:
    assistant.say(sender, "I want to talk to a nurse")
    actions.failing = True
    with caplog.at_level("INFO"), pytest.raises(TurnFailedError) as failed:
        assistant.say(sender, "my name is ZQX-CANARY-771")
    assert "ZQX" not in str(failed.value) + repr(failed.value.__cause__)
    assert "ZQX" not in caplog.text


def test_a_reply_without_words_or_turn_is_refused() -> None:
    with pytest.raises(TurnError):
        _with_one_turn([])
    with pytest.raises(TurnError):
        _with_one_turn([{"recipient_id": "x", "text": "words"}])
    with pytest.raises(TurnError):
        _with_one_turn([{"recipient_id": "x", "custom": {"turn": {"kind": "chitchat"}}}])


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("I can't breathe", "Call 911 now."),
        ("I want to kill myself", "Please call or text 988 now."),
    ],
)
def test_danger_in_a_form_gets_the_number_though_the_action_server_fails(
    assistant: Assistant, sender: str, actions: type[FakeActions], text: str, begins: str
) -> None:
    assistant.say(sender, "I want to talk to a nurse")
    assert assistant.turn(sender, "a question about parking")["handoff"]["asks_for"] == "name"
    actions.failing = True
    reply = assistant.say(sender, text)
    assert reply[0]["text"].startswith(begins)
    assert reply[-1]["custom"]["turn"]["kind"] == "emergency"
    assert assistant.tracker(sender).active_loop_name is None
    assert assistant.turn(sender, "does it hurt?")["kind"] == "answer"


@pytest.mark.parametrize("text", ["I can't breathe", "I want to kill myself"])
def test_danger_gets_the_number_without_any_other_process(
    assistant: Assistant, sender: str, text: str
) -> None:
    """No desk and no action server, as where somebody tries the assistant with `rasa shell`."""
    reply = assistant.say(sender, text)
    assert reply[0]["text"].startswith(("Call 911", "Please call or text 988"))
    assert assistant.turn(sender, "does it hurt?")["kind"] == "answer"
