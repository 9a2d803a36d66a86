"""Live chat over HTTP: patient and nurse in one conversation, and nobody left without knowing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from clinic.hours import next_opening
from clinic.settings import load_clinic
from desk.public_holidays import public_holidays
from desk.settings import CHECKOUT
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.fake_rasa import FakeRasa
from tests.desk.running import Chat, Clock, RunningDesk, wait_until

CLINIC = load_clinic(CHECKOUT / "clinic.yml", public_holidays)


@pytest.fixture
def clock() -> Clock:
    """A clock that shows half an hour after an opening, from which the office stays open."""
    clock = Clock()
    now = datetime.now(timezone.utc)
    opens = next_opening(CLINIC.schedule, now=now + timedelta(days=1))
    assert opens is not None
    first = next_opening(CLINIC.schedule, now=opens + timedelta(hours=12))
    assert first is not None
    clock.ahead = first + timedelta(minutes=30) - now
    return clock


def come(nurse: Account) -> None:
    assert nurse.http.put("/api/nurse/presence", json={"state": "available"}).status_code == 200


def wants_nurse(
    desk: RunningDesk, internal: dict[str, str], chat: Chat, *, key: str | None = None, **more: Any
) -> httpx.Response:
    """What the assistant's action asks of the desk."""
    body = {"conversation": chat.id, "reason": "sore for days", **more}
    headers = {**internal, "Idempotency-Key": key or str(uuid.uuid4())}
    return desk.http.post("/internal/chats", json=body, headers=headers)


def waiting_chat(desk: RunningDesk, internal: dict[str, str]) -> Chat:
    """A patient who waits for a nurse in the chat."""
    chat = desk.chat()
    chat.send("a nurse please")
    chat.wait_for(2)
    assert wants_nurse(desk, internal, chat).status_code == 201
    return chat


def claimed_chat(desk: RunningDesk, internal: dict[str, str], nurse: Account) -> Chat:
    """A patient whom the nurse has joined."""
    chat = waiting_chat(desk, internal)
    assert claim(nurse, chat).status_code == 200
    return chat


def handoff_of(nurse: Account, chat: Chat) -> dict[str, Any]:
    found = nurse.http.get("/api/nurse/handoffs").json()
    return next(item for item in found if item["conversation"] == chat.id)


def claim(nurse: Account, chat: Chat) -> httpx.Response:
    return nurse.http.post(f"/api/nurse/handoffs/{handoff_of(nurse, chat)['id']}/claim")


def write(nurse: Account, chat: Chat, text: str, **more: Any) -> httpx.Response:
    return nurse.http.post(
        f"/api/nurse/conversations/{chat.id}/messages", json={"text": text, **more}
    )


def status(chat: Chat) -> dict[str, Any]:
    answer = chat.http.get(f"{chat.path}/status", headers=chat.headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def last(chat: Chat) -> dict[str, Any]:
    return chat.events()[-1]


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


def test_the_place_in_line_is_the_queues(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    come(ada)
    chats = [desk.chat() for _ in range(3)]
    told = [wants_nurse(desk, internal, chat).json()["place"] for chat in chats]
    assert told[0].startswith("You are next in line for a nurse, here in the chat.")
    assert told[2].startswith("You are number 3 in line for a nurse, here in the chat.")
    urgent = desk.chat()
    wants_nurse(desk, internal, urgent, urgency="urgent")
    assert [status(chat)["position"] for chat in (urgent, *chats)] == [1, 2, 3, 4]
    claim(ada, urgent)
    assert [status(chat)["position"] for chat in chats] == [1, 2, 3]
    assert status(chats[2])["wait_minutes"] == 20  # half of the chat under way, and two whole ones


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


def test_a_nurse_who_is_gone_is_told_of_and_the_patient_keeps_the_place(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account, clock: Clock
) -> None:
    come(ada)
    come(bea)
    chat = claimed_chat(desk, internal, ada)
    waiting = waiting_chat(desk, internal)
    for _ in range(4):  # Bea's console asks now and then, Ada's does not any more
        clock.ahead += timedelta(seconds=20)
        bea.http.get("/api/nurse/handoffs")
    wait_until(lambda: status(chat)["floor"] == "waiting")
    assert last(chat)["text"].startswith("The connection to Ada was lost.")
    assert last(chat)["turn"]["handoff"]["state"] == "queued"
    assert (status(chat)["position"], status(waiting)["position"]) == (1, 2)
    assert claim(bea, chat).status_code == 200


def test_who_signs_out_is_gone_at_once(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account
) -> None:
    come(ada)
    come(bea)
    chat = claimed_chat(desk, internal, ada)
    ada.http.delete("/api/nurse/session")
    wait_until(lambda: status(chat)["floor"] == "waiting")


def test_a_nurse_who_gives_back_leaves_the_patient_in_line(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    number = handoff_of(ada, chat)["id"]
    assert ada.http.post(f"/api/nurse/handoffs/{number}/release").json()["state"] == "waiting"
    assert last(chat)["text"].startswith("Ada has left the chat.")
    assert status(chat)["floor"] == "waiting"


def test_when_nobody_comes_a_call_is_offered_and_the_assistant_answers(
    desk: RunningDesk, internal: dict[str, str], ada: Account, clock: Clock, rasa: FakeRasa
) -> None:
    come(ada)
    chat = waiting_chat(desk, internal)
    for _ in range(5):
        clock.ahead += timedelta(seconds=61)
        ada.http.get("/api/nurse/handoffs")
    wait_until(lambda: status(chat)["floor"] == "assistant")
    offer = last(chat)
    assert "no nurse could come to the chat in time" in offer["text"]
    assert offer["buttons"] == [{"title": "Ask for a call", "payload": "I want a nurse to call me"}]
    assert offer["turn"]["handoff"]["state"] == "offered"
    chat.send("hello?")
    wait_until(lambda: last(chat)["text"] == "You said: hello?")
    again = desk.http.post("/internal/live-chat", json={"conversation": chat.id}, headers=internal)
    assert again.json() == {"offered": False}, "the next wish is for a call"
    assert callback(desk, internal, chat.id).status_code == 200, "the same entry"
    found = handoff_of(ada, chat)
    assert (found["kind"], found["state"]) == ("callback", "waiting")


def test_a_nurse_may_still_join_after_nobody_came_in_time(
    desk: RunningDesk, internal: dict[str, str], ada: Account, clock: Clock
) -> None:
    come(ada)
    chat = waiting_chat(desk, internal)
    for _ in range(5):
        clock.ahead += timedelta(seconds=61)
        ada.http.get("/api/nurse/handoffs")
    wait_until(lambda: status(chat)["floor"] == "assistant")
    assert claim(ada, chat).status_code == 200
    assert (status(chat)["floor"], status(chat)["nurse"]) == ("nurse", "Ada")


def test_closing_time_ends_the_wait_and_lets_a_chat_be_finished(
    desk: RunningDesk, internal: dict[str, str], ada: Account, clock: Clock
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    waiting = waiting_chat(desk, internal)
    # Four minutes before the lunch break is over nobody is asked; the break itself is the closing.
    now = clock()
    closes = next(
        now + timedelta(minutes=minute)
        for minute in range(24 * 60)
        if next_opening(CLINIC.schedule, now=now + timedelta(minutes=minute))
        != now + timedelta(minutes=minute)
    )
    clock.ahead += closes - now + timedelta(seconds=1)
    _stay(desk, clock)
    wait_until(lambda: status(waiting)["floor"] == "assistant")
    assert "The nurses' office has closed. It opens again at" in last(waiting)["text"]
    assert last(waiting)["buttons"]
    wait_until(lambda: "Ada can finish this chat with you" in last(chat)["text"])
    assert status(chat)["floor"] == "nurse"
    assert sum("office has closed" in event["text"] for event in chat.events()) == 1


def _stay(desk: RunningDesk, clock: Clock) -> None:
    """Let the nurses be there after a jump of the clock, which is no absence of theirs."""
    with desk.database.write() as session:
        now = clock().replace(tzinfo=None).isoformat(sep=" ")
        run = session.connection().exec_driver_sql
        run("UPDATE nurses SET seen_at = ?", (now,))
        run("UPDATE nurse_sessions SET used_at = ?, created_at = ?", (now, now))


def test_whoever_writes_while_waiting_is_answered(
    desk: RunningDesk, internal: dict[str, str], ada: Account, clock: Clock
) -> None:
    come(ada)
    chat = waiting_chat(desk, internal)
    clock.ahead += timedelta(seconds=61)
    ada.http.get("/api/nurse/handoffs")
    seq = chat.send("are you there?")
    (told,) = chat.events(after=seq)
    assert told["text"].startswith("Your message is kept, and the nurse will read it.")
    chat.send("hello")
    assert last(chat)["author"] == "patient", "but not after every line"


def test_the_patient_may_stop_waiting(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    come(ada)
    chat = waiting_chat(desk, internal)
    leave = chat.http.delete(f"{chat.path}/handoff", headers=chat.headers)
    assert leave.status_code == 204
    assert status(chat)["floor"] == "assistant"
    assert last(chat)["turn"]["handoff"]["state"] == "closed"
    assert ada.http.get("/api/nurse/handoffs").json() == []
    assert chat.http.delete(f"{chat.path}/handoff", headers=chat.headers).status_code == 409


def test_an_urgent_wish_cannot_be_left_silently(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    come(ada)
    chat = desk.chat()
    wants_nurse(desk, internal, chat, urgency="urgent")
    chat.http.delete(f"{chat.path}/handoff", headers=chat.headers)
    assert status(chat)["floor"] == "assistant"
    assert handoff_of(ada, chat)["state"] == "waiting"


def test_an_erased_chat_leaves_the_line(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    number = handoff_of(ada, chat)["id"]
    assert chat.erase().json() == {
        "erased": True, "kept": None, "message": "This chat is erased.",
    }  # fmt: skip
    assert write(ada, chat, "Hello").status_code == 410
    assert ada.http.get("/api/nurse/handoffs").json() == []
    gone = ada.http.post(f"/api/nurse/handoffs/{number}/release")
    assert (gone.status_code, gone.json()["detail"]) == (
        409, "The patient has left in the meantime.",
    )  # fmt: skip


def test_patients_without_a_chat_are_not_offered_one(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    come(ada)
    asked = {"json": {"conversation": "spoke-to-rasa-alone"}, "headers": internal}
    assert desk.http.post("/internal/live-chat", **asked).json() == {"offered": False}
    assert callback(desk, internal, "spoke-to-rasa-alone").status_code == 201
    ada.http.post("/api/nurse/handoffs/1/claim")
    answer = ada.http.post(
        "/api/nurse/conversations/spoke-to-rasa-alone/messages", json={"text": "Hello"}
    )
    assert (answer.status_code, "Please call instead" in answer.text) == (409, True)


def test_without_a_nurse_there_nobody_is_put_into_the_line(
    desk: RunningDesk, internal: dict[str, str]
) -> None:
    chat = desk.chat()
    asked = {"json": {"conversation": chat.id}, "headers": internal}
    assert desk.http.post("/internal/live-chat", **asked).json() == {"offered": False}
    assert wants_nurse(desk, internal, chat).status_code == 409
    assert status(chat)["floor"] == "assistant"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "status", None),
        ("POST", "typing", {}),
        ("POST", "seen", {"seq": 1}),
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


# What holds at this moment, beside the log.


class Signs:
    """Named events of an open stream; `after` waits for the next one."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def next(self) -> dict[str, Any]:
        for line in self._lines:
            if line == "event: signal":
                found: dict[str, Any] = json.loads(next(self._lines).removeprefix("data: "))
                return found
        raise AssertionError("the stream ended")

    def until(self, **wanted: object) -> dict[str, Any]:
        while True:
            found = self.next()
            if {name: found[name] for name in wanted} == wanted:
                return found


def test_typing_and_what_was_seen_are_signals_that_no_log_holds(
    desk: RunningDesk, internal: dict[str, str], ada: Account, clock: Clock
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    before = chat.events()
    headers = {**chat.headers, "Accept": "text/event-stream"}
    with desk.http.stream(
        "GET", f"{chat.path}/events?after={len(before)}&signals=true", headers=headers
    ) as answer:
        signs = Signs(answer.iter_lines())
        assert signs.next()["typing"] is False
        ada.http.post(f"/api/nurse/conversations/{chat.id}/typing", json={})
        assert signs.until(typing=True)["nurse"] == "Ada"
        clock.ahead += timedelta(seconds=7)
        signs.until(typing=False)
        ada.http.post(f"/api/nurse/conversations/{chat.id}/seen", json={"seq": 1})
        signs.until(seen=1)
        ada.http.post(f"/api/nurse/handoffs/{handoff_of(ada, chat)['id']}/hand-back")
        signs.until(floor="assistant")
    assert [event["author"] for event in chat.events(after=len(before))] == ["system"]


def test_only_who_has_the_patient_types_to_her(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    path = f"/api/nurse/conversations/{chat.id}"
    assert bea.http.post(f"{path}/typing", json={}).status_code == 409
    assert bea.http.post(f"{path}/seen", json={"seq": 1}).status_code == 204
    assert (status(chat)["typing"], status(chat)["seen"]) == (False, 0)


def test_a_stream_without_signals_has_numbered_events_alone(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    with chat.stream(after=0) as lines:
        ada.http.post(f"/api/nurse/conversations/{chat.id}/typing", json={})
        write(ada, chat, "Hello")
        seen = []
        for line in lines:
            seen.append(line)
            if '"author":"nurse"' in line:
                break
    assert not any(line.startswith("event:") for line in seen)


class Board:
    """A nurse's screen that follows the queue."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.items: dict[int, dict[str, Any]] = {}
        self.told: list[str] = []

    def until(self, holds: Any) -> None:
        """Apply what is told until the screen shows what is wanted."""
        while not holds(self.items):
            line = next(self._lines)
            if not line.startswith("data: "):
                continue
            change = json.loads(line.removeprefix("data: "))
            kind = change.pop("type")
            self.told.append(kind)
            if kind == "queue":
                self.items = {item["id"]: item for item in change["handoffs"]}
            elif kind == "handoff":
                self.items[change["id"]] = change
            elif kind == "gone":
                del self.items[change["id"]]
            else:
                self.items = {number: self.items[number] for number in change["ids"]}


def test_the_queue_is_followed_as_it_changes(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account
) -> None:
    come(ada)
    first = waiting_chat(desk, internal)
    with bea.http.stream("GET", "/api/nurse/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        board = Board(answer.iter_lines())
        board.until(lambda items: len(items) == 1)
        second = desk.chat()
        wants_nurse(desk, internal, second, urgency="urgent")
        board.until(lambda items: len(items) == 2)
        board.until(lambda items: next(iter(items.values()))["urgency"] == "urgent")
        claim(ada, second)
        board.until(lambda items: any(item["assigned_to"] == "Ada" for item in items.values()))
        seq = second.send("hello")
        board.until(lambda items: any(item["last_seq"] == seq for item in items.values()))
        desk.http.post(f"{second.path}/typing", headers=second.headers, json={})
        board.until(lambda items: any(item["patient_typing"] for item in items.values()))
        first.http.delete(f"{first.path}/handoff", headers=first.headers)
        board.until(lambda items: len(items) == 1)
        assert board.told[0] == "queue"
        shown = next(iter(board.items.values()))
        text = json.dumps(board.items)
    assert shown["conversation"] == second.id
    assert (shown["floor"], shown["state"]) == ("nurse", "claimed")
    for word in ("sore", "Kim", "608", second.token):
        assert word not in text


def test_the_nurses_stream_ends_with_the_session(desk: RunningDesk, ada: Account) -> None:
    with ada.http.stream("GET", "/api/nurse/events") as answer:
        lines = answer.iter_lines()
        next(lines)
        with httpx.Client(base_url=desk.url, trust_env=False) as other:
            other.headers["Authorization"] = ada.http.headers["Authorization"]
            other.delete("/api/nurse/session")
        assert all(line.startswith((":", "data: ")) or not line for line in lines)
