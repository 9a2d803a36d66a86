"""What patients write is health information: it reaches the nurse, and nothing else."""

import time

import httpx
import pytest

from tests.contract.conftest import Patient, Product
from tests.contract.test_outages import kill, wait_until_ready

CANARY = "ZQX-CANARY-771"
PHONE = "608 555 0177"


@pytest.fixture
def talkative(patient: Patient) -> Patient:
    """A patient whose every word can be recognised."""
    for text in (
        f"does it hurt? {CANARY}",
        "I want to talk to a nurse",
        f"my {CANARY} shoulder is sore",
        f"Maria {CANARY}",
        PHONE,
        f"any time {CANARY}",
    ):
        patient.ask(text)
    return patient


def traces(product: Product) -> list[str]:
    """Lines of the logs that quote a patient; the last ones say where to look."""
    needles = (CANARY, PHONE, "6085550177", "Maria")
    return [line for line in product.logs().splitlines() if any(n in line for n in needles)]


def test_no_log_holds_what_a_patient_wrote_when_all_goes_well(
    product: Product, talkative: Patient
) -> None:
    assert talkative.ask("yes")["turn"]["handoff"]["state"] == "queued"
    assert traces(product) == []


def test_no_log_holds_what_a_patient_wrote_when_things_fail(
    product: Product, talkative: Patient
) -> None:
    kill(product, "actions")
    seq = talkative.send(f"yes {CANARY}")
    talkative.wait_for(lambda event: event["author"] == "assistant", after=seq)
    kill(product, "assistant")
    seq = talkative.send(f"thanks {CANARY}")
    talkative.wait_for(lambda event: event["author"] == "assistant", after=seq)
    for broken in (f'{{"text": "{CANARY}', f'{{"text": "{CANARY}", "client_message_id": 7}}'):
        answer = talkative.http.post(
            f"/api/conversations/{talkative.id}/messages", content=broken, headers=talkative.headers
        )
        assert answer.status_code in {400, 422}
        assert CANARY not in answer.text
    httpx.post(f"{product.rasa_url}/webhooks/rest/webhook", content=f'{{"message": "{CANARY}')
    httpx.post(f"http://127.0.0.1:{product.ports.actions}/webhook", content=f'{{"x": "{CANARY}')
    assert traces(product) == []


def test_an_erased_chat_is_gone_from_every_file(product: Product, patient: Patient) -> None:
    secret = "QQ-ERASED-4711"
    patient.ask(f"does it hurt? {secret}")
    answer = patient.http.delete(f"/api/conversations/{patient.id}", headers=patient.headers)
    assert answer.status_code == 200
    wait_until_ready(product, "assistant")
    for _ in range(100):
        found = [
            f.name
            for f in product.folder.rglob("*")
            if f.is_file() and secret.encode() in f.read_bytes()
        ]
        if not found:
            break

        time.sleep(0.2)
    assert found == []
    gone = patient.http.get(f"/api/conversations/{patient.id}/events", headers=patient.headers)
    assert gone.status_code == 410


def test_a_token_opens_its_own_conversation_and_no_other(
    product: Product, patient: Patient
) -> None:
    with httpx.Client(base_url=product.url) as http:
        stranger = Patient(http)
        answer = http.get(f"/api/conversations/{patient.id}/events", headers=stranger.headers)
        assert answer.status_code in {401, 403, 404}
        nobody = http.get(f"/api/conversations/{patient.id}/events")
        assert nobody.status_code == 401
