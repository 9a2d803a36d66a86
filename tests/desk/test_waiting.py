"""Waiting for a nurse in the chat: nobody is left without knowing."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from clinic.hours import next_opening
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.chatting import (
    CLINIC,
    claim,
    claimed_chat,
    come,
    handoff_of,
    in_staffed_hours,
    last,
    status,
    stay,
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
    # The lunch break is a closing like the evening's.
    now = clock()
    closes = next(
        now + timedelta(minutes=minute)
        for minute in range(24 * 60)
        if next_opening(CLINIC.schedule, now=now + timedelta(minutes=minute))
        != now + timedelta(minutes=minute)
    )
    clock.ahead += closes - now + timedelta(seconds=1)
    stay(desk, clock)
    wait_until(lambda: status(waiting)["floor"] == "assistant")
    assert "The nurses' office has closed. It opens again at" in last(waiting)["text"]
    assert last(waiting)["buttons"]
    wait_until(lambda: "Ada can finish this chat with you" in last(chat)["text"])
    assert status(chat)["floor"] == "nurse"
    assert sum("office has closed" in event["text"] for event in chat.events()) == 1


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


def test_a_nurse_who_is_there_and_does_not_answer_is_told_of_once(
    desk: RunningDesk, internal: dict[str, str], ada: Account, clock: Clock
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    seq = chat.send("are you there?")
    for _ in range(6):
        clock.ahead += timedelta(seconds=55)
        ada.http.get("/api/nurse/handoffs")  # her console asks by itself
    wait_until(lambda: last(chat)["author"] == "system")
    told = last(chat)
    assert told["text"].startswith("Ada is still in this chat but has not answered for a while.")
    assert (told["seq"], status(chat)["floor"]) == (seq + 1, "nurse")


def test_with_the_assistant_down_the_page_itself_asks_for_the_nurse(
    desk: RunningDesk, ada: Account, rasa: FakeRasa
) -> None:
    come(ada)
    rasa.stop()
    chat = desk.chat()
    chat.send("my shoulder is sore")
    chat.wait_for(1, author="system")
    wish = {"json": {"client_request_id": str(uuid.uuid4())}, "headers": chat.headers}
    first, again = (chat.http.post(f"{chat.path}/handoff", **wish) for _ in range(2))
    assert (first.status_code, first.json()) == (201, again.json())
    told = last(chat)
    assert told["text"].startswith("You are next in line for a nurse, here in the chat.")
    assert told["turn"]["handoff"] == {
        "state": "queued", "asks_for": None, "reference": first.json()["reference"],
    }  # fmt: skip
    rasa.start()
    chat.send("and it is red")
    claim(ada, chat)
    write(ada, chat, "Hello, this is Ada.")
    assert [event["author"] for event in chat.events()].count("assistant") == 0
    assert status(chat)["floor"] == "nurse"


def test_the_page_may_not_ask_where_no_nurse_can_come(desk: RunningDesk) -> None:
    chat = desk.chat()
    wish = {"json": {"client_request_id": str(uuid.uuid4())}, "headers": chat.headers}
    refused = chat.http.post(f"{chat.path}/handoff", **wish)
    assert (refused.status_code, "Ask for a call instead" in refused.text) == (409, True)


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
