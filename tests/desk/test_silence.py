"""No log, at any level, holds a patient's words, name or number, or anybody's token."""

from __future__ import annotations

import logging
import uuid

import pytest

from desk import conversations
from desk.settings import Settings
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.fake_rasa import FAILURES, FakeRasa
from tests.desk.running import RunningDesk, wait_until

CANARY = "zebra-canary-7391"
LOGGERS = (
    *("", "desk", "httpx", "httpcore", "sqlalchemy.engine", "sqlalchemy.engine.Engine"),
    *("sqlalchemy.pool", "uvicorn", "uvicorn.error", "asyncio", "alembic", "multipart"),
)


@pytest.fixture(autouse=True)
def loud(caplog: pytest.LogCaptureFixture) -> None:
    """Everything logs all it has, before the desk starts."""
    for name in LOGGERS:
        caplog.set_level(logging.DEBUG, logger=name)


@pytest.fixture
def heard(loud: None, desk: RunningDesk, caplog: pytest.LogCaptureFixture) -> RunningDesk:
    """A desk that runs with everything logged, proven by a word that must be there."""
    desk.http.get("/readyz")
    assert "SELECT 1" in caplog.text, "the database's log is on"
    return desk


def assert_silent(caplog: pytest.LogCaptureFixture, *secrets: str) -> None:
    formatter = logging.Formatter("%(name)s %(message)s")
    lines = [
        formatter.format(record)
        for record in caplog.records
        # The test's own client logs the addresses that the test made up.
        if not (record.threadName == "MainThread" and record.name.startswith("http"))
    ]
    assert len(lines) > 20, "something was logged at all"
    for secret in (CANARY, *secrets):
        found = [line for line in lines if secret in line]
        assert not found, found[0]


def test_through_success(
    heard: RunningDesk, internal: dict[str, str], ada: Account, caplog: pytest.LogCaptureFixture
) -> None:
    chat = heard.chat()
    chat.send(CANARY)
    chat.wait_for(2)
    with chat.stream() as lines:
        assert any(CANARY in line for line in lines)
    feedback = {"seq": 2, "helpful": True, "comment": CANARY}
    heard.http.post(f"{chat.path}/feedback", json=feedback, headers=chat.headers)
    check = {"field": "name", "value": CANARY}
    heard.http.post("/internal/callback/check", json=check, headers=internal)
    callback(heard, internal, chat.id, reason=CANARY, name=f"Kim {CANARY}")
    ada.http.get("/api/nurse/handoffs")
    ada.http.get(f"/api/nurse/conversations/{chat.id}/events")
    done = {"outcome": "reached", "note": CANARY}
    ada.http.post("/api/nurse/handoffs/1/resolve", json=done)
    chat.erase()
    metrics = heard.http.get("/metrics").text
    assert CANARY not in metrics
    assert chat.id not in metrics
    nurse_token = ada.http.headers["Authorization"].removeprefix("Bearer ")
    assert_silent(caplog, chat.token, "6085550134", ada.password, nurse_token)


def test_through_refusals(
    heard: RunningDesk, internal: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    chat = heard.chat()
    path, headers = f"{chat.path}/messages", chat.headers
    raw = {**headers, "Content-Type": "application/json"}
    refused = [
        heard.http.post(path, json={"text": CANARY, "client_message_id": CANARY}, headers=headers),
        heard.http.post(path, json={"text": CANARY, CANARY: CANARY}, headers=headers),
        heard.http.post(path, json={"text": CANARY * 900}, headers=headers),
        heard.http.post(path, json=[CANARY], headers=headers),
        heard.http.post(path, content=f'{{"{CANARY}', headers=raw),
        heard.http.post(path, content=f"text={CANARY}", headers=headers),
        heard.http.post(path, content=CANARY * 9000, headers=raw),
        heard.http.post(path, json={"text": CANARY, "client_message_id": str(uuid.uuid4())}),
        heard.http.get(f"/{CANARY}?q={CANARY}"),
        heard.http.patch(chat.path, json={"text": CANARY}, headers=headers),
        callback(heard, internal, chat.id, phone=CANARY),
        callback(heard, internal, chat.id, urgency=CANARY),
        heard.http.post("/api/nurse/session", json={"email": CANARY, "password": CANARY}),
        heard.http.get(f"/api/nurse/handoffs?state={CANARY}"),
        heard.http.get(f"{chat.path}/events?after={CANARY}", headers=headers),
    ]
    statuses = [answer.status_code for answer in refused]
    assert all(400 <= status < 500 for status in statuses), statuses
    assert [answer.text for answer in refused if CANARY in answer.text] == []
    assert_silent(caplog, chat.token)


def test_through_a_fault_of_our_own(
    heard: RunningDesk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = heard.chat()

    def broken(*_args: object, text: str = "", **_kwargs: object) -> None:
        raise KeyError(text)  # the error's own message holds the patient's words

    monkeypatch.setattr(conversations, "append", broken)
    answer = chat.post(CANARY)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert CANARY not in answer.text
    assert "KeyError" not in answer.text
    assert "request.failed error=KeyError" in caplog.text, "the fault itself is logged"
    assert_silent(caplog, chat.token)


@pytest.mark.parametrize("failure", FAILURES)
def test_through_failures_of_the_assistant(
    heard: RunningDesk, rasa: FakeRasa, caplog: pytest.LogCaptureFixture, failure: str
) -> None:
    rasa.mode, rasa.is_ready = failure, False
    chat = heard.chat()
    chat.send(CANARY)
    wait_until(lambda: len(rasa.received) >= 2)
    assert "turn.failed" in caplog.text
    assert_silent(caplog, chat.token)


def test_secrets_do_not_show_where_settings_are_printed(settings: Settings) -> None:
    assert settings.internal_secret not in repr(settings)
