"""What holds for every address: problems in plain words, protecting headers, limits, health."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from desk.settings import CHECKOUT, Settings
from desk.web.middleware import LONGEST_BODY
from tests.desk.asking import callback
from tests.desk.fake_rasa import FakeRasa
from tests.desk.running import RunningDesk, running

SITE = "https://www.clinic.example"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/none", 404), ("PUT", "/api/availability", 405), ("POST", "/healthz", 405)],
)
def test_refusals_are_problem_details(
    desk: RunningDesk, method: str, path: str, status: int
) -> None:
    answer = desk.http.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert problem["title"]
    assert problem["detail"].endswith(".")


def test_a_malformed_request_names_the_fields(desk: RunningDesk) -> None:
    chat = desk.chat()
    answer = desk.http.post(f"{chat.path}/messages", json={"text": ""}, headers=chat.headers)
    problem = answer.json()
    assert problem["errors"] == [
        {"field": "client_message_id", "problem": "is missing"},
        {"field": "text", "problem": "is empty"},
    ]
    assert problem["detail"] == "The field client_message_id is missing. The field text is empty."


def test_a_body_above_the_limit_is_refused_announced_or_not(desk: RunningDesk) -> None:
    chat = desk.chat()

    def pieces() -> Iterator[bytes]:
        for _ in range(LONGEST_BODY // 1024 + 1):
            yield b" " * 1024

    path, headers = f"{chat.path}/messages", {**chat.headers, "Content-Type": "application/json"}
    announced = desk.http.post(path, content=b" " * (LONGEST_BODY + 1), headers=headers)
    streamed = desk.http.post(path, content=pieces(), headers=headers)
    largest = desk.http.post(path, content=b" " * LONGEST_BODY, headers=headers)
    assert [announced.status_code, streamed.status_code] == [413, 413]
    assert announced.headers["content-type"] == "application/problem+json"
    assert largest.status_code == 422


def test_a_refusal_by_announced_length_needs_no_body(desk: RunningDesk) -> None:
    """The peer may wait for the answer before it sends anything."""
    parts = urlsplit(desk.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as raw:
        raw.sendall(
            b"POST /api/conversations HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n"
        )
        assert raw.recv(4096).startswith(b"HTTP/1.1 413")


def test_every_response_is_protected(desk: RunningDesk) -> None:
    chat = desk.chat()
    answers = [
        desk.http.get("/"),
        desk.http.get("/handouts/dry-needling"),
        desk.http.get("/nurse/sign-in"),
        desk.http.get("/api/availability"),
        desk.http.get("/api/none"),
        desk.http.get("/none"),
        desk.http.get("/healthz"),
        desk.http.get(f"{chat.path}/events", headers=chat.headers),
        desk.http.post("/api/conversations", content=b"x" * 70_000),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        for part in ("default-src 'self'", "object-src 'none'", "base-uri 'none'"):
            assert part in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "referrer-policy" in answer.headers
        assert "server" not in answer.headers or "uvicorn" in answer.headers["server"]
    for answer in answers[2:5]:
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/widget/define.js", "/static/base.css"])
def test_a_changed_file_of_the_chat_is_there_at_once_and_the_same_one_costs_nothing(
    desk: RunningDesk, path: str
) -> None:
    first = desk.http.get(path)
    assert first.headers["cache-control"] == "no-cache"
    again = desk.http.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"


@pytest.fixture
def embedded(settings: Settings, tmp_path: Path) -> Iterator[RunningDesk]:
    """A desk whose chat another site may show."""
    text = (CHECKOUT / "clinic.yml").read_text(encoding="utf-8")
    config = tmp_path / "clinic.yml"
    config.write_text(
        text.replace("allowed_origins: []", f'allowed_origins: ["{SITE}"]'), encoding="utf-8"
    )
    with running(replace(settings, clinic_config=config)) as desk:
        yield desk


def test_an_allowed_site_may_show_the_chat(embedded: RunningDesk) -> None:
    preflight = embedded.http.options(
        "/api/conversations/x/messages",
        headers={
            "Origin": SITE,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == SITE
    opened = embedded.http.post("/api/conversations", headers={"Origin": SITE})
    assert opened.headers["access-control-allow-origin"] == SITE
    assert "access-control-allow-credentials" not in opened.headers


@pytest.mark.parametrize(
    "origin",
    [
        "http://www.clinic.example",
        "https://www.clinic.example.evil.example",
        "https://evil-www.clinic.example",
        "https://www.clinic.example:8443",
        "null",
    ],
)
def test_no_other_site_may(embedded: RunningDesk, origin: str) -> None:
    answer = embedded.http.post("/api/conversations", headers={"Origin": origin})
    assert "access-control-allow-origin" not in answer.headers


def test_no_site_at_all_may_use_the_nurses_api(embedded: RunningDesk) -> None:
    headers = {"Origin": SITE, "Access-Control-Request-Method": "POST"}
    preflight = embedded.http.options("/api/nurse/session", headers=headers)
    assert "access-control-allow-origin" not in preflight.headers


def test_ready_means_that_the_assistant_and_the_database_answer(
    desk: RunningDesk, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.http.get("/healthz").json() == {"status": "ok"}
    assert desk.http.get("/readyz").json() == {
        "status": "ready",
        "database": True,
        "assistant": True,
    }
    rasa.is_ready = False
    answer = desk.http.get("/readyz")
    assert (answer.status_code, answer.json()["assistant"]) == (503, False)
    rasa.stop()
    assert desk.http.get("/readyz").status_code == 503
    assert desk.http.get("/healthz").status_code == 200
    rasa.start()
    rasa.is_ready = True
    monkeypatch.setattr(desk.database, "ping", lambda: 1 / 0)
    answer = desk.http.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, False)


def test_the_metrics_count_turns_failures_and_who_waits(
    desk: RunningDesk, rasa: FakeRasa, internal: dict[str, str]
) -> None:
    rasa.mode = "error"
    chat = desk.chat()
    chat.send("hello")
    chat.wait_for(2, author="system")
    rasa.mode = "ok"
    chat.send("hello")
    chat.wait_for(1, author="assistant")
    callback(desk, internal, chat.id, urgency="urgent")
    text = desk.http.get("/metrics").text
    for line in (
        'clinic_turns_total{kind="answer"} 1.0',
        'clinic_turn_failures_total{reason="status"} 5.0',
        "clinic_turns_given_up_total 1.0",
        "clinic_turn_seconds_count 1.0",
        'clinic_open_handoffs{urgency="urgent"} 1.0',
        'clinic_open_handoffs{urgency="emergency"} 0.0',
    ):
        assert line in text


def test_the_schema_describes_the_patients_api(desk: RunningDesk) -> None:
    paths = desk.http.get("/openapi.json").json()["paths"]
    for path in (
        "/api/conversations",
        "/api/conversations/{conversation_id}/messages",
        "/api/conversations/{conversation_id}/events",
        "/api/conversations/{conversation_id}/feedback",
        "/api/conversations/{conversation_id}",
        "/api/availability",
        "/api/documents/{document}",
    ):
        assert path in paths
    assert desk.http.get("/docs").status_code == 404, "its page loads scripts from elsewhere"


def test_availability_says_plainly_when_a_nurse_calls(desk: RunningDesk) -> None:
    found = desk.http.get("/api/availability").json()
    assert set(found) == {
        *("schedule_open", "nurse_present", "live_chat", "next_opening", "message")
    }
    assert (found["next_opening"] is None) == found["schedule_open"]
    assert "a nurse calls you by " in found["message"]


def test_an_invented_conversation_is_not_made(desk: RunningDesk) -> None:
    body = {"client_message_id": str(uuid.uuid4()), "text": "x"}
    answer = desk.http.post("/api/conversations/mine/messages", json=body)
    assert answer.status_code == 401
