"""Limits of the patient's API: generous, plain-spoken, and never at a stored message's cost."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import httpx
import pytest

from clinic.settings import load_clinic
from desk.errors import TooManyTries
from desk.public_holidays import public_holidays
from desk.rate_limits import RateLimits
from desk.settings import CHECKOUT, Limits, Settings
from tests.desk.running import Clock, RunningDesk, running

CLINIC = load_clinic(CHECKOUT / "clinic.yml", public_holidays)
NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
FEW = Limits(conversations_an_hour=3, messages_a_minute=3, messages_a_minute_of_a_peer=5)


@pytest.fixture
def strict(settings: Settings, clock: Clock) -> Iterator[RunningDesk]:
    """A desk that takes little at once."""
    with running(replace(settings, limits=FEW), clock=clock) as desk:
        yield desk


def assert_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    wait = int(answer.headers["retry-after"])
    detail = answer.json()["detail"]
    assert detail.startswith("In an emergency call 911 now.")
    assert f"Please try again in {wait} second" in detail


def test_a_peer_that_begins_too_many_chats_has_to_wait(strict: RunningDesk, clock: Clock) -> None:
    opened = [strict.http.post("/api/conversations") for _ in range(4)]
    assert [answer.status_code for answer in opened] == [201, 201, 201, 429]
    assert_refused(opened[-1])
    clock.ahead += timedelta(seconds=int(opened[-1].headers["retry-after"]))
    assert strict.http.post("/api/conversations").status_code == 201


def test_another_peer_is_not_kept_waiting(strict: RunningDesk) -> None:
    def begin(peer: str) -> int:
        headers = {"X-Forwarded-For": f"10.0.0.1, {peer}"}
        return strict.http.post("/api/conversations", headers=headers).status_code

    assert [begin("203.0.113.1") for _ in range(4)] == [201, 201, 201, 429]
    assert begin("203.0.113.2") == 201
    assert [begin(f"2001:db8::{n}") for n in range(4)] == [201, 201, 201, 429], "one household"
    assert begin("2001:db8:0:1::1") == 201


def test_what_was_stored_is_answered_however_often_it_is_sent(strict: RunningDesk) -> None:
    chat = strict.chat()
    ids = [str(uuid.uuid4()) for _ in range(4)]
    answers = [chat.post("hello", message_id=one) for one in ids]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert_refused(answers[-1])
    again = [chat.post("hello", message_id=one) for one in ids[:3] * 3]
    assert {answer.status_code for answer in again} == {202}
    assert [answer.json()["seq"] for answer in again[:3]] == [
        answer.json()["seq"] for answer in answers[:3]
    ]
    events = chat.wait_for(6)
    assert [event["author"] for event in events].count("patient") == 3


def test_a_refused_message_can_be_sent_later(strict: RunningDesk, clock: Clock) -> None:
    chat = strict.chat()
    for _ in range(3):
        chat.send("hello")
    name = str(uuid.uuid4())
    assert_refused(chat.post("later", message_id=name))
    clock.ahead += timedelta(seconds=21)
    assert chat.post("later", message_id=name).status_code == 202


def test_many_chats_of_one_peer_share_a_limit(strict: RunningDesk) -> None:
    one, other = strict.chat(), strict.chat()
    assert [one.post("x").status_code for _ in range(3)] == [202] * 3
    assert [other.post("x").status_code for _ in range(3)] == [202, 202, 429]


def test_a_stranger_cannot_use_up_somebody_elses_chat(strict: RunningDesk) -> None:
    chat = strict.chat()
    body = {"text": "x", "client_message_id": str(uuid.uuid4())}
    for _ in range(10):
        assert strict.http.post(f"{chat.path}/messages", json=body).status_code == 401
    assert chat.post("hello").status_code == 202


def test_reading_and_erasing_are_never_refused(strict: RunningDesk) -> None:
    chat = strict.chat()
    for _ in range(5):
        chat.post("hello")
    for _ in range(50):
        assert strict.http.get(f"{chat.path}/events", headers=chat.headers).status_code == 200
    assert chat.erase().status_code == 200


def test_the_form_counts_as_a_chat_and_refuses_in_words(strict: RunningDesk) -> None:
    def ask(phone: str = "608-555-0134", key: str = "") -> httpx.Response:
        details = {"reason": "sore", "name": "Kim", "phone": phone, "time": "any", "key": key}
        headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        return strict.http.post("/callback", data={**details, "consent": "yes"}, headers=headers)

    assert [ask("wrong").status_code for _ in range(5)] == [422] * 5, "nothing was begun"
    assert [ask(key=name).status_code for name in ("a", "b", "c", "c", "d")] == [200] * 4 + [429]
    refused = ask()
    assert "In an emergency call 911 now." in refused.text


def test_usual_limits_are_far_above_what_people_do() -> None:
    limits = RateLimits(Limits(), CLINIC)
    for _ in range(600):
        limits.begin_conversation(peer="127.0.0.1", now=NOW)
    with pytest.raises(TooManyTries):
        limits.begin_conversation(peer="127.0.0.1", now=NOW)
    for _ in range(60):
        limits.write_message(conversation_id="c", peer="127.0.0.1", now=NOW)
    with pytest.raises(TooManyTries):
        limits.write_message(conversation_id="c", peer="127.0.0.1", now=NOW)


def test_in_the_long_run_the_rate_holds_and_nothing_piles_up() -> None:
    limits = RateLimits(FEW, CLINIC)
    taken = 0
    for second in range(600):
        try:
            limits.write_message(conversation_id="c", peer="p", now=NOW + timedelta(seconds=second))
        except TooManyTries:
            continue
        taken += 1
    assert 30 <= taken <= 33
    for number in range(25_000):
        later = NOW + timedelta(minutes=number)
        limits.write_message(conversation_id=f"c{number}", peer="p", now=later)
    assert len(limits._buckets) <= 10_002


def test_a_clock_set_back_refuses_nobody_for_long() -> None:
    limits = RateLimits(FEW, CLINIC)
    for _ in range(3):
        limits.begin_conversation(peer="p", now=NOW)
    with pytest.raises(TooManyTries) as refused:
        limits.begin_conversation(peer="p", now=NOW - timedelta(days=1))
    assert (refused.value.retry_after_seconds or 0) <= 1200
