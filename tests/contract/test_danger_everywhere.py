"""Danger gets the number first in every state of a conversation, and the chat goes on after it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import httpx
import pytest

from tests.contract.conftest import Event, Patient
from tests.desk.asking import number_of
from tests.unclear import UNCLEAR

WORDS = {
    "I can't breathe": "Call 911 now.",
    "I want to kill myself": "Please call or text 988 now.",
    "mi esposo no despierta": "Call 911 now.",
}
# What is asked, and an answer to it; the words that lead there are the ones before.
FORM = (
    ("I want to talk to a nurse", "What would you like help with?"),
    ("my neck is sore since my session", "are your breathing and your chest all right?"),
    ("Yes, all right", "Is it getting worse?"),
    ("Not worse", "When were you treated?"),
    ("yesterday", "What name"),
    ("Maria Lopez", "phone number"),
    ("608 555 0142", "good time"),
    ("any time", "Is it OK"),
    ("yes", "Your reference is"),
)
STATES = {
    "fresh": (),
    "after an answer": (("does it hurt?", ""),),
    "a nurse offered": (("how much does it cost?", "Would you like a nurse to call you?"),),
    "a worry told": (("the spot is red and hot and i have a fever", "A nurse should hear"),),
    "after an emergency": (("I passed out", "Call 911 now."),),
    "after a crisis": (("I want to die", "988"),),
    **{f"form: {asked}": FORM[: place + 1] for place, (_, asked) in enumerate(FORM)},
}


def lead(patient: Patient, state: str) -> None:
    """Bring the conversation into the state."""
    for text, expected in STATES[state]:
        if text == "608 555 0142":
            text = number_of(patient.id)  # noqa: PLW2901 - of her own, so that no two are joined
        assert expected in patient.ask(text)["text"], text


def check(reply: Event, words: str) -> None:
    assert reply["text"].startswith(WORDS[words])
    assert (reply["turn"]["kind"], reply["turn"]["urgency"]) == ("emergency", "emergency")
    assert reply["turn"]["handoff"]["state"] == "queued"
    assert reply["turn"]["handoff"]["reference"]


# All words where nothing was said yet, and in turn in every other state: each turn takes a while.
CASES = [("fresh", words) for words in WORDS] + list(zip(STATES, cycle(WORDS), strict=False))[1:]


@pytest.mark.parametrize(("state", "words"), CASES)
def test_the_number_comes_first_and_the_chat_goes_on(
    patient: Patient, state: str, words: str
) -> None:
    lead(patient, state)
    check(patient.ask(words), words)
    assert patient.ask("will my insurance cover it?")["turn"]["sections"] == ["insurance"]


def test_it_comes_first_where_the_assistant_asked_back(patient: Patient) -> None:
    assert any(patient.ask(text)["turn"]["kind"] == "clarify" for text in UNCLEAR)
    check(patient.ask("I can't breathe"), "I can't breathe")


@pytest.fixture
def there(nurse: httpx.Client) -> Iterator[httpx.Client]:
    """Nurse Alice at her desk, until the test is over."""
    nurse.put("/api/nurse/presence", json={"state": "available"}).raise_for_status()
    yield nurse
    nurse.put("/api/nurse/presence", json={"state": "away"}).raise_for_status()


@pytest.mark.parametrize(
    ("words", "connected"),
    [("I can't breathe", False), ("I want to kill myself", True), ("mi esposo no despierta", True)],
)
def test_it_comes_first_in_line_and_with_a_nurse(
    patient: Patient, there: httpx.Client, words: str, *, connected: bool
) -> None:
    for text in ("I want to talk to a nurse", "a question about my shoulder"):
        patient.ask(text)
    found = there.get("/api/nurse/handoffs").json()
    [entry] = [one for one in found if one["conversation"] == patient.id]
    if connected:
        there.post(f"/api/nurse/handoffs/{entry['id']}/claim").raise_for_status()
    seq = patient.send(words)
    said = patient.wait_for(lambda event: event["author"] != "patient", after=seq)
    check(said, words)
    found = there.get("/api/nurse/handoffs").json()
    [entry] = [one for one in found if one["conversation"] == patient.id]
    assert entry["urgency"] == "emergency"
