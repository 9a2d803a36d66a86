"""A patient asks on the clinic's page: page's API → desk → Rasa → handout, and back."""

import httpx
import pytest

from tests.contract.conftest import Patient, Product


def test_a_question_gets_the_handouts_passage(patient: Patient) -> None:
    reply = patient.ask("does it hurt?")
    turn = reply["turn"]
    assert (turn["kind"], turn["document"], turn["sections"]) == (
        "answer", "dry-needling", ["does-it-hurt"],
    )  # fmt: skip
    document = patient.http.get("/api/documents/dry-needling").json()
    [section] = [s for s in document["sections"] if s["id"] == "does-it-hurt"]
    assert reply["text"] == section["text"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("is it safe with a pacemaker?", "decline"),
        ("who won the football game last night?", "out_of_scope"),
        ("hello", "chitchat"),
        ("I can't breathe and my chest hurts", "emergency"),
        ("I want to kill myself", "emergency"),
        ("the spot is hot, red and full of pus since the treatment", "urgent"),
        ("I want to talk to a nurse", "handoff"),
    ],
)
def test_each_kind_of_message_gets_its_kind_of_reply(
    patient: Patient, text: str, kind: str
) -> None:
    assert patient.ask(text)["turn"]["kind"] == kind


def test_events_are_numbered_without_gaps_in_the_order_they_were_said(patient: Patient) -> None:
    for text in ("hello", "does it hurt?", "thank you"):
        patient.ask(text)
    events = patient.events()
    assert [event["seq"] for event in events] == list(range(1, 7))
    assert [event["author"] for event in events] == ["patient", "assistant"] * 3


def test_messages_sent_without_waiting_are_answered_in_their_order(patient: Patient) -> None:
    asked = {"does it hurt?": "does-it-hurt", "will insurance cover it?": "insurance",
             "what are the side effects?": "side-effects"}  # fmt: skip
    for text in asked:
        last = patient.send(text)
    patient.wait_for(
        lambda e: e["turn"] and e["turn"]["sections"] == ["side-effects"], after=last - 3
    )
    said = [e["turn"]["sections"][0] for e in patient.events() if e["author"] == "assistant"]
    assert said == list(asked.values())


@pytest.mark.parametrize(
    "text", ["/session_start", "/restart", '/inform{"name": "x"}', "/", "//greet"]
)
def test_a_text_that_begins_with_a_slash_is_text(patient: Patient, text: str) -> None:
    patient.ask("does it hurt?")
    reply = patient.ask(text)
    assert reply["turn"]["kind"] in {"decline", "out_of_scope", "chitchat", "answer"}
    assert reply["turn"]["handoff"] is None or reply["turn"]["handoff"]["state"] == "offered"
    assert patient.events()[2]["text"] == text


def test_rasas_own_channel_answers_with_exactly_one_turn(product: Product) -> None:
    reply = product.ask_rasa("a-rasa-user", "does it hurt?")
    assert [element["custom"]["turn"]["kind"] for element in reply if "custom" in element] == [
        "answer"
    ]
    assert all(element["recipient_id"] == "a-rasa-user" for element in reply)


@pytest.mark.parametrize(
    "body", [{}, [], {"sender": "x"}, {"message": "x"}, {"sender": "", "message": "hi"},
             {"sender": "x", "message": None}, {"sender": "x", "message": "hi", "metadata": []}]
)  # fmt: skip
def test_rasas_channel_says_what_is_wrong_with_a_request(product: Product, body: object) -> None:
    answer = httpx.post(f"{product.rasa_url}/webhooks/rest/webhook", json=body)
    assert answer.status_code == 400
    assert "must be" in answer.json()["detail"] or "Send" in answer.json()["detail"]


def test_rasas_http_api_stays_shut(product: Product) -> None:
    for path in ("/model", "/model/parse", "/conversations/x/tracker", "/domain"):
        assert httpx.get(product.rasa_url + path).status_code == 404


def test_the_service_says_that_it_is_alive_and_ready(product: Product) -> None:
    assert httpx.get(f"{product.url}/healthz").status_code == 200
    assert httpx.get(f"{product.url}/readyz").status_code == 200
    assert "clinic" in httpx.get(f"{product.url}/metrics").text
    paths = httpx.get(f"{product.url}/openapi.json").json()["paths"]
    assert "/api/conversations/{conversation_id}/messages" in paths
    assert not [path for path in paths if path.startswith("/internal")]
