"""Live chat over HTTP: patient and nurse in one conversation, and exactly one side answers."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest

from benchmarks.claims import compete
from desk.storage.database import Database
from tests.desk.cast import Account
from tests.desk.chatting import (
    claim,
    claimed_chat,
    come,
    handoff_of,
    in_staffed_hours,
    last,
    status,
    waiting_chat,
    wants_nurse,
    write,
)
from tests.desk.fake_rasa import FakeRasa
from tests.desk.running import Clock, RunningDesk, wait_until


@pytest.fixture
def clock() -> Clock:
    """In staffed hours."""
    return in_staffed_hours()


def test_it_is_offered_in_staffed_hours_with_a_nurse_there(
    desk: RunningDesk, ada: Account, clock: Clock
) -> None:
    found = desk.http.get("/api/availability").json()
    assert (found["schedule_open"], found["nurse_present"], found["live_chat"]) == (
        True, False, False,
    )  # fmt: skip
    come(ada)
    found = desk.http.get("/api/availability").json()
    assert (found["nurse_present"], found["live_chat"]) == (True, True)
    assert "A nurse can chat with you here; the wait is about 1 minute." in found["message"]
    clock.ahead += timedelta(hours=14)
    with desk.database.write() as session:  # still there, at night
        session.connection().exec_driver_sql("UPDATE nurses SET seen_at = '2100-01-01 00:00:00'")
    found = desk.http.get("/api/availability").json()
    assert (found["schedule_open"], found["live_chat"]) == (False, False)


def test_a_whole_chat_from_the_line_to_the_assistant_and_a_second_one(
    desk: RunningDesk, internal: dict[str, str], ada: Account, rasa: FakeRasa
) -> None:
    come(ada)
    chat = waiting_chat(desk, internal)
    assert status(chat) == {
        "floor": "waiting", "nurse": None, "position": 1, "wait_minutes": 1,
        "typing": False, "seen": 0,
    }  # fmt: skip
    heard = len(rasa.received)
    chat.send("it is my left shoulder")
    assert claim(ada, chat).status_code == 200
    joined = last(chat)
    assert (joined["author"], joined["text"]) == (
        "system", "Ada, a nurse, has joined the chat and answers you now.",
    )  # fmt: skip
    assert joined["turn"]["handoff"]["state"] == "connected"
    assert write(ada, chat, "Hello, this is Ada.").status_code == 202
    said = last(chat)
    assert (said["author"], said["text"], said["name"]) == ("nurse", "Hello, this is Ada.", "Ada")
    chat.send("does it hurt?")
    number = handoff_of(ada, chat)["id"]
    assert ada.http.post(f"/api/nurse/handoffs/{number}/hand-back").status_code == 200
    back = last(chat)
    assert back["turn"]["handoff"]["state"] == "closed"
    assert "The assistant answers you here again." in back["text"]
    assert len(rasa.received) == heard, "nothing of this went to the assistant"
    chat.send("thank you")
    wait_until(lambda: last(chat)["text"] == "You said: thank you")
    assert wants_nurse(desk, internal, chat).status_code == 201
    assert status(chat)["floor"] == "waiting", "a second handoff works"
    assert claim(ada, chat).status_code == 200


def test_exactly_one_of_many_clicks_wins_and_the_others_are_told_who(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    refused = claim(bea, chat)
    assert (refused.status_code, refused.json()["detail"]) == (
        409, "Ada already has this call-back.",
    )  # fmt: skip
    assert write(bea, chat, "Hello").status_code == 409
    assert [event["author"] for event in chat.events()].count("nurse") == 0


def test_fifty_nurses_at_once_are_one_winner_and_forty_nine_who_know_her(
    database: Database,
) -> None:
    found = compete([database], nurses=50, rounds=3)
    assert dict(found) == {"1 winner and 49 told who": 3}


def test_what_was_under_way_in_the_assistant_is_not_said_after_the_nurse_joined(
    desk: RunningDesk, internal: dict[str, str], ada: Account, rasa: FakeRasa
) -> None:
    come(ada)
    chat = waiting_chat(desk, internal)
    chat.http.delete(f"{chat.path}/handoff", headers=chat.headers)
    rasa.mode = "hold"
    chat.send("does it hurt?")
    wait_until(lambda: len(rasa.received) == 2)
    assert wants_nurse(desk, internal, chat).status_code == 201
    assert claim(ada, chat).status_code == 200
    rasa.mode = "ok"
    rasa.release.set()
    write(ada, chat, "Hello")
    chat.send("hello")
    assert [event["author"] for event in chat.events()][-3:] == ["system", "nurse", "patient"]


def test_an_emergency_gets_the_number_first_while_a_nurse_chats_and_she_sees_it(
    desk: RunningDesk, internal: dict[str, str], ada: Account, rasa: FakeRasa
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    heard = len(rasa.received)
    seq = chat.send("I have crushing chest pain and cannot breathe")
    after = chat.events(after=seq)
    assert after[0]["turn"]["kind"] == "emergency"
    assert "911" in after[0]["text"]
    assert len(rasa.received) == heard
    assert handoff_of(ada, chat)["urgency"] == "emergency"
    assert status(chat)["floor"] == "nurse"


def test_the_same_message_twice_is_said_once_and_alarms_once(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    name = str(uuid.uuid4())
    seqs = {chat.send("chest pain, cannot breathe", message_id=name) for _ in range(3)}
    assert len(seqs) == 1
    assert [event["author"] for event in chat.events(after=seqs.pop())] == ["system"]
    mine = str(uuid.uuid4())
    told = {write(ada, chat, "Hello", client_message_id=mine).json()["seq"] for _ in range(3)}
    assert len(told) == 1


def test_a_request_that_comes_late_or_again_changes_nothing(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    come(ada)
    chat = desk.chat()
    first = wants_nurse(desk, internal, chat, key="k")
    again = wants_nurse(desk, internal, chat, key="k")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    claim(ada, chat)
    before = chat.events()
    late = wants_nurse(desk, internal, chat, key="other")
    assert (late.status_code, late.json()["state"]) == (200, "connected")
    assert chat.events() == before
    assert len(ada.http.get("/api/nurse/handoffs").json()) == 1


def test_notes_are_for_nurses_alone(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    path = f"/api/nurse/conversations/{chat.id}/notes"
    before = chat.events()
    assert bea.http.post(path, json={"text": "known to us"}).status_code == 201
    (note,) = ada.http.get(path).json()
    assert (note["nurse"], note["text"]) == ("Bea", "known to us")
    assert chat.events() == before
    assert "known to us" not in json.dumps(ada.http.get("/api/nurse/handoffs").json())
    chat.erase()
    assert ada.http.get(path).json() == [], "they go with the chat"


def test_a_transfer_goes_to_a_colleague_who_is_there(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    number = handoff_of(ada, chat)["id"]
    path = f"/api/nurse/handoffs/{number}/transfer"
    body = {"to": bea.id, "note": "asks about insurance"}
    assert bea.http.post(path, json=body).status_code == 409, "not hers to give"
    away = ada.http.post(path, json=body)
    assert (away.status_code, "Bea is not there now" in away.text) == (409, True)
    come(bea)
    there = ada.http.get("/api/nurse/colleagues").json()
    assert [(one["name"], one["available"]) for one in there] == [("Ada", True), ("Bea", True)]
    moved = ada.http.post(path, json=body)
    assert (moved.status_code, moved.json()["assigned_to"]) == (200, "Bea")
    assert last(chat)["text"].startswith("Ada has left the chat. Bea, a nurse, has joined")
    assert "insurance" not in json.dumps(chat.events())
    assert write(ada, chat, "still me").status_code == 409
    assert write(bea, chat, "Hello, this is Bea.").status_code == 202
    assert ada.http.post(path, json={"to": 99}).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "status", None),
        ("POST", "typing", {}),
        ("POST", "seen", {"seq": 1}),
        ("POST", "handoff", {"client_request_id": "6f3f0b6e-9f3a-4a2e-8a55-0c9f0f1f6a11"}),
        ("DELETE", "handoff", None),
    ],
)
def test_a_token_opens_nothing_of_another_chat(
    desk: RunningDesk, method: str, path: str, body: object
) -> None:
    mine, other = desk.chat(), desk.chat()
    for headers in ({}, other.headers):
        answer = desk.http.request(method, f"{mine.path}/{path}", json=body, headers=headers)
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "conversations/c/messages"),
        ("POST", "conversations/c/notes"),
        ("GET", "conversations/c/notes"),
        ("POST", "conversations/c/typing"),
        ("POST", "conversations/c/seen"),
        ("POST", "handoffs/1/transfer"),
        ("POST", "handoffs/1/hand-back"),
        ("GET", "colleagues"),
        ("GET", "events"),
    ],
)
def test_a_nurses_address_is_for_nurses(desk: RunningDesk, method: str, path: str) -> None:
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = desk.http.request(method, f"/api/nurse/{path}", headers=headers, json={})
    assert answer.status_code in {401, 422}
    chat = desk.chat()
    answer = desk.http.request(
        method, f"/api/nurse/{path}", headers={**headers, **chat.headers}, json={"text": "x"}
    )
    assert answer.status_code in {401, 422}
