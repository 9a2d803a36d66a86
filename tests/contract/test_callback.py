"""A patient asks for a nurse in the chat and lands in the nurses' queue."""

import re
import uuid

import httpx
import pytest

from tests.contract.conftest import Event, Patient, Product


def form(patient: Patient, *, phone: str = "608-555-0142") -> Event:
    """Walk the whole form; the last reply."""
    said = [
        ("I want to talk to a nurse", "reason"),
        ("a question about my shoulder", "name"),
        ("Maria Lopez", "phone"),
        (f"it's {phone} thanks", "time"),
        ("any time", "consent"),
    ]
    for text, asks_for in said:
        turn = patient.ask(text)["turn"]
        assert turn["handoff"] == {"state": "collecting", "asks_for": asks_for, "reference": None}
    return patient.ask("yes")


def test_the_finished_form_is_in_the_queue_with_the_whole_conversation(
    patient: Patient, nurse: httpx.Client
) -> None:
    patient.ask("does it hurt?")
    reply = form(patient, phone="608-555-0131")  # nobody else's: no entry to join
    handoff = reply["turn"]["handoff"]
    assert reply["turn"]["kind"] == "handoff"
    assert handoff["state"] == "queued"
    assert handoff["reference"] in reply["text"]
    assert re.search(r"\d{1,2}(:\d\d)? [ap]\.m\.", reply["text"]), "promised as a clock time"

    [entry] = [
        h for h in nurse.get("/api/nurse/handoffs").json() if h["reference"] == handoff["reference"]
    ]
    assert (entry["kind"], entry["urgency"], entry["conversation"]) == (
        "callback", "routine", patient.id,
    )  # fmt: skip
    assert "a question about my shoulder" in entry["summary"]
    told = nurse.get(f"/api/nurse/conversations/{patient.id}/events").json()
    assert [e["text"] for e in told] == [e["text"] for e in patient.events()]


def test_the_nurse_closes_a_call_back_only_with_an_outcome(
    patient: Patient, nurse: httpx.Client
) -> None:
    reference = form(patient)["turn"]["handoff"]["reference"]

    def entries() -> list[Event]:
        return [h for h in nurse.get("/api/nurse/handoffs").json() if h["reference"] == reference]

    [entry] = entries()
    assert nurse.post(f"/api/nurse/handoffs/{entry['id']}/claim").status_code == 200
    assert nurse.post(f"/api/nurse/handoffs/{entry['id']}/resolve", json={}).status_code == 422
    done = nurse.post(f"/api/nurse/handoffs/{entry['id']}/resolve", json={"outcome": "reached"})
    assert done.status_code == 200
    assert entries() == []


def test_a_question_in_the_middle_is_answered_and_the_form_goes_on(patient: Patient) -> None:
    for text in ("I want to talk to a nurse", "a question about my shoulder", "Maria Lopez"):
        patient.ask(text)
    turn = patient.ask("will my insurance cover it?")["turn"]
    assert (turn["kind"], turn["sections"]) == ("answer", ["insurance"])
    assert turn["handoff"] == {"state": "collecting", "asks_for": "phone", "reference": None}
    assert patient.ask("608 555 0142")["turn"]["handoff"]["asks_for"] == "time"


def test_never_mind_ends_the_form_and_the_next_one_starts_afresh(
    patient: Patient, nurse: httpx.Client
) -> None:
    for text in ("I want to talk to a nurse", "a question about my shoulder", "Maria Lopez"):
        patient.ask(text)
    turn = patient.ask("never mind")["turn"]
    assert (turn["kind"], turn["handoff"]["state"]) == ("handoff", "closed")
    assert patient.ask("does it hurt?")["turn"]["kind"] == "answer"
    queued = [h["conversation"] for h in nurse.get("/api/nurse/handoffs").json()]
    assert patient.id not in queued
    assert patient.ask("please have a nurse call me")["turn"]["handoff"]["asks_for"] == "reason"


@pytest.mark.parametrize("phone", ["12345", "608 555 01421234567", "000-000-0000"])
def test_a_number_that_cannot_be_called_is_asked_for_again(patient: Patient, phone: str) -> None:
    for text in ("I want to talk to a nurse", "a question about my shoulder", "Maria Lopez"):
        patient.ask(text)
    reply = patient.ask(phone)
    assert reply["turn"]["handoff"] == {
        "state": "collecting",
        "asks_for": "phone",
        "reference": None,
    }
    assert phone not in reply["text"]


def test_a_number_left_with_the_wish_is_kept_and_not_asked_for(patient: Patient) -> None:
    asked = [
        patient.ask(text)["turn"]["handoff"]["asks_for"]
        for text in ("608 555 0147 ring me whenever", "a question about my shoulder", "Maria Lopez")
    ]
    assert asked == ["reason", "name", "time"]
    consent = patient.ask("any time")
    assert consent["turn"]["handoff"]["asks_for"] == "consent"
    assert "(608) 555-0147" in consent["text"]


def test_without_consent_nothing_is_kept(patient: Patient, nurse: httpx.Client) -> None:
    for text in (
        "I want to talk to a nurse",
        "my shoulder",
        "Maria Lopez",
        "608 555 0142",
        "any time",
    ):
        patient.ask(text)
    turn = patient.ask("no")["turn"]
    assert turn["handoff"]["state"] == "closed"
    assert patient.id not in [h["conversation"] for h in nurse.get("/api/nurse/handoffs").json()]


def test_an_emergency_in_the_middle_of_the_form_gets_the_number_first(patient: Patient) -> None:
    for text in ("I want to talk to a nurse", "a question about my shoulder"):
        patient.ask(text)
    reply = patient.ask("help I can't breathe and I have chest pain")
    assert reply["turn"]["kind"] == "emergency"
    assert reply["text"].startswith("Call 911")


def test_a_worry_after_the_treatment_makes_the_call_back_urgent(
    patient: Patient, nurse: httpx.Client
) -> None:
    assert patient.ask("the spot is red and hot and i have a fever")["turn"]["kind"] == "urgent"
    steps = [
        ("yes please", "reason", "Is it getting worse?"),
        ("Getting worse", "reason", "When were you treated?"),
        ("two days ago", "reason", "Which part of your body"),
        ("skip", "name", "What name"),
        ("Maria Lopez", "phone", "phone number"),
        ("608 555 0142", "time", "good time"),
        ("any time", "consent", "Is it OK"),
    ]
    for text, asks_for, words in steps:
        reply = patient.ask(text)
        assert reply["turn"]["handoff"]["asks_for"] == asks_for
        assert words in reply["text"]
    reference = patient.ask("yes")["turn"]["handoff"]["reference"]
    [entry] = [h for h in nurse.get("/api/nurse/handoffs").json() if h["reference"] == reference]
    assert entry["urgency"] == "urgent"
    for told in (
        "Reason: the spot is red and hot and i have a fever",
        "treated: “two days ago”",
        "part of the body: not answered",
        "signs found: Signs of infection (urgent)",
        "getting worse: “Getting worse”",
    ):
        assert told in entry["summary"]


ASKED_FIRST = ["I want to talk to a nurse", "my neck is sore since my session"]


def test_breathing_that_is_not_all_right_is_an_emergency_and_no_call_back(
    patient: Patient, nurse: httpx.Client
) -> None:
    for text in ASKED_FIRST:
        reply = patient.ask(text)
    assert "are your breathing and your chest all right?" in reply["text"]
    assert reply["turn"]["handoff"]["asks_for"] == "reason"
    reply = patient.ask("No")
    assert (reply["turn"]["kind"], reply["turn"]["handoff"]["state"]) == ("emergency", "queued")
    assert reply["text"].startswith("Call 911")
    assert patient.ask("does it hurt?")["turn"]["kind"] == "answer"
    [entry] = [
        h for h in nurse.get("/api/nurse/handoffs").json() if h["conversation"] == patient.id
    ]
    assert (entry["kind"], entry["urgency"]) == ("chat", "emergency")


def test_a_routine_call_after_a_treatment_is_asked_at_most_three_short_questions(
    patient: Patient,
) -> None:
    for text in ASKED_FIRST:
        patient.ask(text)
    answers = ["Yes, all right", "Not worse", "yesterday"]
    asked = [patient.ask(text)["turn"]["handoff"]["asks_for"] for text in answers]
    assert asked == ["reason", "reason", "name"]


def test_a_question_of_the_patients_own_is_answered_and_the_safety_question_stays(
    patient: Patient,
) -> None:
    for text in ASKED_FIRST:
        patient.ask(text)
    turn = patient.ask("will my insurance cover it?")["turn"]
    assert (turn["kind"], turn["sections"]) == ("answer", ["insurance"])
    assert turn["handoff"]["asks_for"] == "reason"
    assert patient.ask("Skip")["turn"]["handoff"]["asks_for"] == "reason"
    assert patient.ask("never mind")["turn"]["handoff"]["state"] == "closed"


def test_the_form_works_over_bare_rasa_and_keeps_what_was_said(
    product: Product, nurse: httpx.Client
) -> None:
    sender = f"rasa-user-{uuid.uuid4()}"
    # Nobody else's name and number: the same patient would be the same entry.
    for text in ("does it hurt?", "I want to talk to a nurse", "my shoulder", "Ana Ruiz",
                 "608 555 0177", "any time"):  # fmt: skip
        product.ask_rasa(sender, text)
    turn = product.ask_rasa(sender, "yes")[-1]["custom"]["turn"]
    assert turn["handoff"]["state"] == "queued"
    [entry] = [
        h for h in nurse.get("/api/nurse/handoffs").json()
        if h["reference"] == turn["handoff"]["reference"]
    ]  # fmt: skip
    told = nurse.get(f"/api/nurse/conversations/{entry['conversation']}/events").json()
    assert "does it hurt?" in [event["text"] for event in told]


def test_the_internal_api_is_shut_to_everybody_else(product: Product) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = httpx.post(f"{product.url}/internal/handoffs", json={}, headers=headers)
        assert answer.status_code == 404
    secret = product.programs["desk"].environment["CLINIC_INTERNAL_SECRET"]
    proxied = {"Authorization": f"Bearer {secret}", "X-Forwarded-For": "203.0.113.9"}
    answer = httpx.post(f"{product.url}/internal/handoffs", json={}, headers=proxied)
    assert answer.status_code == 404
