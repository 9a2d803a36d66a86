"""In staffed hours, with a nurse there: she answers in the chat, and the assistant does again."""

from collections.abc import Iterator

import httpx
import pytest

from tests.contract.conftest import Event, Patient


@pytest.fixture
def there(nurse: httpx.Client) -> Iterator[httpx.Client]:
    """Nurse Alice at her desk, until the test is over."""
    nurse.put("/api/nurse/presence", json={"state": "available"}).raise_for_status()
    yield nurse
    nurse.put("/api/nurse/presence", json={"state": "away"}).raise_for_status()


def queued(patient: Patient, nurse: httpx.Client) -> tuple[Event, Event]:
    """Ask for a nurse and say why: the reply, and the entry in the nurses' queue."""
    asked = patient.ask("I want to talk to a nurse")
    assert asked["turn"]["handoff"]["asks_for"] == "reason"
    reply = patient.ask("a question about my shoulder")
    found = nurse.get("/api/nurse/handoffs").raise_for_status().json()
    [entry] = [one for one in found if one["conversation"] == patient.id]
    return reply, entry


def test_a_nurse_answers_in_the_chat_and_then_the_assistant_again(
    patient: Patient, there: httpx.Client
) -> None:
    assert there.get("/api/availability").json()["live_chat"] is True
    reply, entry = queued(patient, there)
    assert reply["turn"]["handoff"] == {
        "state": "queued", "asks_for": None, "reference": entry["reference"],
    }  # fmt: skip
    assert "in line for a nurse, here in the chat" in reply["text"]
    assert (entry["kind"], entry["state"]) == ("chat", "waiting")
    assert "a question about my shoulder" in entry["summary"]

    path = f"/api/nurse/handoffs/{entry['id']}"
    there.post(f"{path}/claim").raise_for_status()
    there.post(
        f"/api/nurse/conversations/{patient.id}/messages", json={"text": "Which shoulder is it?"}
    ).raise_for_status()
    joined, said = patient.events(after=reply["seq"])
    assert joined["turn"]["handoff"]["state"] == "connected"
    assert (said["author"], said["text"]) == ("nurse", "Which shoulder is it?")
    patient.send("does it hurt?")
    there.post(f"{path}/hand-back").raise_for_status()
    answer = patient.ask("will my insurance cover it?")
    assert answer["turn"]["sections"] == ["insurance"]
    spoke = [event["author"] for event in patient.events(after=said["seq"])]
    assert spoke == ["patient", "system", "patient", "assistant"]

    again, second = queued(patient, there)
    assert again["turn"]["handoff"]["state"] == "queued"
    assert second["id"] != entry["id"]
    there.post(
        f"/api/nurse/handoffs/{second['id']}/resolve", json={"outcome": "helped"}
    ).raise_for_status()


def test_an_emergency_in_a_nurses_chat_gets_the_number_first(
    patient: Patient, there: httpx.Client
) -> None:
    _, entry = queued(patient, there)
    there.post(f"/api/nurse/handoffs/{entry['id']}/claim").raise_for_status()
    seq = patient.send("now I have chest pain and can't breathe")
    first = patient.events(after=seq)[0]
    assert (first["author"], first["turn"]["kind"]) == ("system", "emergency")
    assert first["text"].startswith("Call 911")
    found = there.get("/api/nurse/handoffs").json()
    assert next(one for one in found if one["id"] == entry["id"])["urgency"] == "emergency"
    there.post(
        f"/api/nurse/handoffs/{entry['id']}/resolve", json={"outcome": "helped"}
    ).raise_for_status()


def test_the_offer_of_a_call_is_understood_when_nobody_came(
    patient: Patient, there: httpx.Client
) -> None:
    """The button of that offer sends these words; with nobody there they begin a call-back."""
    there.put("/api/nurse/presence", json={"state": "away"}).raise_for_status()
    turn = patient.ask("I want a nurse to call me")["turn"]
    assert turn["handoff"]["asks_for"] == "reason"
    assert patient.ask("a question about my shoulder")["turn"]["handoff"]["asks_for"] == "name"
