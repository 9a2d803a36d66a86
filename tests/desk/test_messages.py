"""What a patient writes is stored for good, once, in order, and answered."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from desk.rasa_client import neutralise
from tests.desk.fake_rasa import ANSWER, FakeRasa
from tests.desk.running import Chat, RunningDesk

pytestmark = pytest.mark.every_database


def test_a_message_is_answered_with_the_turn_of_the_assistant(desk: RunningDesk) -> None:
    chat = desk.chat()
    assert chat.send("does it hurt?") == 1
    first, second = chat.wait_for(2)
    assert (first["seq"], first["author"], first["text"]) == (1, "patient", "does it hurt?")
    assert first["turn"] is None
    assert first["buttons"] == []
    assert (second["seq"], second["author"]) == (2, "assistant")
    assert second["text"] == "You said: does it hurt?"
    assert second["turn"] == ANSWER
    assert set(second) == {"seq", "at", "author", "text", "buttons", "turn"}


def test_the_same_client_message_id_twice_is_one_message(desk: RunningDesk, rasa: FakeRasa) -> None:
    chat, name = desk.chat(), str(uuid.uuid4())
    first = chat.send("once", message_id=name)
    chat.wait_for(2)
    assert chat.send("once", message_id=name.upper()) == first
    assert [event["seq"] for event in chat.events()] == [1, 2]
    assert rasa.texts == ["once"]


def test_the_same_message_sent_at_the_same_time_is_one_message(desk: RunningDesk) -> None:
    chat, name = desk.chat(), str(uuid.uuid4())
    with ThreadPoolExecutor(16) as pool:
        seqs = list(pool.map(lambda _: chat.send("once", message_id=name), range(32)))
    assert set(seqs) == {1}
    assert len([e for e in chat.wait_for(2) if e["author"] == "patient"]) == 1


def test_messages_sent_at_once_get_numbers_without_gaps(desk: RunningDesk, rasa: FakeRasa) -> None:
    chat = desk.chat()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: chat.send(f"number {n}"), range(20)))
    events = chat.wait_for(40)
    assert [event["seq"] for event in events] == list(range(1, 41))
    asked = [event["text"] for event in events if event["author"] == "patient"]
    assert rasa.texts == asked
    assert rasa.most_of_one_sender == 1


def test_many_conversations_are_answered_at_once_but_each_in_order(
    desk: RunningDesk, rasa: FakeRasa
) -> None:
    rasa.mode = "brief"
    chats = [desk.chat() for _ in range(8)]
    for chat in chats:
        for word in ("one", "two", "three"):
            chat.send(word)
    for chat in chats:
        answers = [e["text"] for e in chat.wait_for(6) if e["author"] == "assistant"]
        assert answers == ["You said: one", "You said: two", "You said: three"]
    assert rasa.most_of_one_sender == 1
    assert rasa.most_at_once > 2


@pytest.mark.parametrize("text", ["/restart", "  /deny", "\n/inform{}", "/", "\u3000/stop"])
def test_a_text_that_begins_with_a_slash_reaches_rasa_as_text(
    desk: RunningDesk, rasa: FakeRasa, text: str
) -> None:
    chat = desk.chat()
    chat.send(text)
    events = chat.wait_for(2)
    assert events[0]["text"] == text
    # What Rasa does first with a message (UserMessage) before it looks for the slash.
    assert not rasa.texts[0].strip().startswith("/")
    assert rasa.texts[0].endswith(text)


def test_other_texts_reach_rasa_as_they_are() -> None:
    for text in ("and/or", "hello", " 1/2 ", ""):
        assert neutralise(text) == text


def test_the_assistant_gets_our_sender_and_message_id(desk: RunningDesk, rasa: FakeRasa) -> None:
    chat, name = desk.chat(), str(uuid.uuid4())
    chat.send("hello", message_id=name)
    chat.wait_for(2)
    assert rasa.received[0]["sender"] == chat.id
    assert rasa.received[0]["metadata"] == {"message_id": name}


@pytest.mark.parametrize(
    "body",
    [
        {"client_message_id": "no-uuid", "text": "x"},
        {"client_message_id": str(uuid.uuid4())},
        {"client_message_id": str(uuid.uuid4()), "text": ""},
        {"client_message_id": str(uuid.uuid4()), "text": " \n\0"},
        {"client_message_id": str(uuid.uuid4()), "text": "x" * 4001},
        {"client_message_id": str(uuid.uuid4()), "text": ["x"]},
        {"client_message_id": str(uuid.uuid4()), "text": "x", "sender": "other"},
        [],
    ],
    ids=["id", "no text", "empty", "blank", "too long", "list", "unknown field", "no object"],
)
def test_a_malformed_message_is_refused_and_nothing_is_stored(
    desk: RunningDesk, body: object
) -> None:
    chat = desk.chat()
    answer = desk.http.post(f"{chat.path}/messages", json=body, headers=chat.headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert chat.events() == []


def test_the_longest_message_is_taken_and_a_lone_surrogate_refused(desk: RunningDesk) -> None:
    chat = desk.chat()
    assert chat.send("😀" * 4000) == 1
    raw = f'{{"client_message_id": "{uuid.uuid4()}", "text": "\\ud800"}}'
    headers = {**chat.headers, "Content-Type": "application/json"}
    answer = desk.http.post(f"{chat.path}/messages", content=raw, headers=headers)
    assert answer.status_code == 422


def _calls(chat: Chat, headers: dict[str, str], query: str = "") -> list[httpx.Response]:
    message = {"client_message_id": str(uuid.uuid4()), "text": "x"}
    http, path = chat.http, chat.path
    return [
        http.post(f"{path}/messages{query}", json=message, headers=headers),
        http.get(f"{path}/events{query}", headers=headers),
        http.get(f"{path}/events{query}", headers={**headers, "Accept": "text/event-stream"}),
        http.post(f"{path}/feedback{query}", json={"seq": 1, "helpful": True}, headers=headers),
        http.delete(f"{path}{query}", headers=headers),
    ]


def test_only_the_token_of_the_conversation_opens_it(desk: RunningDesk) -> None:
    chat, stranger = desk.chat(), desk.chat()
    chat.send("mine")
    chat.wait_for(2)
    unknown = Chat(chat.http, "0" * 32, chat.token)
    refused = [
        *_calls(chat, {}),
        *_calls(chat, stranger.headers),
        *_calls(chat, {"Authorization": f"Bearer {chat.token[:-1]}"}),
        *_calls(chat, {"Authorization": f"Basic {chat.token}"}),
        *_calls(chat, {"Authorization": "Bearer"}),
        *_calls(chat, {}, f"?token={chat.token}&access_token={chat.token}"),
        *_calls(unknown, unknown.headers),
    ]
    assert {answer.status_code for answer in refused} == {401}
    assert len({answer.text for answer in refused}) == 1, "one wording for every reason"
    assert len(chat.events()) == 2


def test_feedback_is_stored_for_replies_only(desk: RunningDesk) -> None:
    chat = desk.chat()
    chat.send("hello")
    chat.wait_for(2)

    def give(seq: int) -> int:
        body = {"seq": seq, "helpful": False, "comment": "no"}
        return desk.http.post(f"{chat.path}/feedback", json=body, headers=chat.headers).status_code

    assert [give(2), give(2), give(1), give(9), give(0)] == [204, 204, 404, 404, 422]


def test_the_document_is_what_answers_are_taken_from(desk: RunningDesk) -> None:
    found = desk.http.get("/api/documents/dry-needling").json()
    assert set(found) == {"id", "title", "version", "sections"}
    assert len(found["sections"]) == 14
    assert all(set(section) == {"id", "title", "text"} for section in found["sections"])
    assert desk.http.get("/api/documents/none").status_code == 404
