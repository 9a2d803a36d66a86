"""Any of the three processes may be killed while a patient is chatting."""

import os
import signal
import time

import pytest

from tests.contract.conftest import Event, Patient, Product

PHONE_STEP = ("I want to talk to a nurse", "a question about my shoulder", "Maria Lopez")


def kill(product: Product, name: str) -> None:
    """kill -9, as the kernel does it when memory runs out."""
    process = product.programs[name].process
    assert process is not None
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until_ready(product: Product, name: str) -> None:
    deadline = time.monotonic() + 90
    while not product.programs[name].is_ready():
        assert time.monotonic() < deadline, f"{name} did not come back"
        time.sleep(0.1)


def replies(patient: Patient) -> list[Event]:
    return [event for event in patient.events() if event["author"] == "assistant"]


@pytest.fixture(autouse=True)
def healthy(product: Product) -> None:
    for name in product.programs:
        wait_until_ready(product, name)


def test_a_killed_assistant_costs_the_patient_time_and_nothing_else(
    product: Product, patient: Patient
) -> None:
    patient.ask("hello")
    kill(product, "assistant")
    seq = patient.send("does it hurt?")
    told = patient.wait_for(lambda event: event["author"] == "system", after=seq)
    assert "911" in told["text"]
    assert told["turn"]["handoff"]["state"] == "offered"
    patient.wait_for(lambda event: event["author"] == "assistant", after=seq)
    assert [event["turn"]["kind"] for event in replies(patient)] == ["chitchat", "answer"]


def test_an_assistant_killed_in_the_middle_of_a_turn_answers_it_once(
    product: Product, patient: Patient
) -> None:
    patient.ask("hello")
    seq = patient.send("what are the side effects?")
    kill(product, "assistant")
    patient.wait_for(lambda event: event["author"] == "assistant", after=seq)
    wait_until_ready(product, "assistant")
    patient.ask("thank you")
    kinds = [event["turn"]["kind"] for event in replies(patient)]
    assert kinds == ["chitchat", "answer", "chitchat"]


def test_a_killed_action_server_loses_no_step_of_the_form(
    product: Product, patient: Patient
) -> None:
    for text in PHONE_STEP:
        patient.ask(text)
    kill(product, "actions")
    seq = patient.send("608 555 0142")
    reply = patient.wait_for(lambda event: event["author"] == "assistant", after=seq)
    assert reply["turn"]["handoff"]["asks_for"] == "time"
    patient.ask("any time")
    assert patient.ask("yes")["turn"]["handoff"]["state"] == "queued"


def test_a_killed_desk_keeps_what_it_took_and_answers_it_when_it_is_back(
    product: Product, patient: Patient
) -> None:
    patient.ask("hello")
    seq = patient.send("will my insurance cover it?")
    kill(product, "desk")
    wait_until_ready(product, "desk")
    patient.wait_for(lambda event: event["author"] == "assistant", after=seq)
    events = patient.events()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    texts = [event["text"] for event in events if event["author"] == "patient"]
    assert texts == ["hello", "will my insurance cover it?"]
    assert [event["turn"]["kind"] for event in replies(patient)] == ["chitchat", "answer"]


def test_a_message_sent_again_after_the_crash_is_one_message(
    product: Product, patient: Patient
) -> None:
    message_id = "0b1f8a3c-6f6e-4a52-9d55-3f6a2f0e7c11"
    seq = patient.send("does it hurt?", message_id)
    kill(product, "desk")
    wait_until_ready(product, "desk")
    assert patient.send("does it hurt?", message_id) == seq
    patient.wait_for(lambda event: event["author"] == "assistant", after=seq)
    time.sleep(1)
    assert len(replies(patient)) == 1
