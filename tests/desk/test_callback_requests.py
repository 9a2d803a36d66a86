"""The same patient who asks again is one entry with both messages, and what was agreed is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from clinic.consent import CHAT, FORM
from desk.storage.callback_tables import CallbackRequestRow
from desk.storage.tables import HandoffRow
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.running import RunningDesk

pytestmark = pytest.mark.every_database

Internal = dict[str, str]
KIM = {"name": "Kim Doe", "phone": "+16085550134"}


def entries(nurse: Account) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = nurse.http.get("/api/nurse/handoffs").json()
    return found


def requests(desk: RunningDesk) -> list[CallbackRequestRow]:
    with desk.database.read() as session:
        return list(session.scalars(select(CallbackRequestRow).order_by(CallbackRequestRow.id)))


def fill_form(desk: RunningDesk, **values: str) -> httpx.Response:
    form = {"key": "k", "reason": "sore", "time": "any time", "consent": "yes", **KIM, **values}
    return desk.http.post("/callback", data=form, headers={"Sec-Fetch-Site": "same-origin"})


def test_a_patient_who_comes_back_in_another_chat_is_one_entry_with_both_messages(
    desk: RunningDesk, internal: Internal, ada: Account
) -> None:
    first, second = desk.chat(), desk.chat()
    one = callback(desk, internal, first.id, reason="sore for days", **KIM)
    again = callback(
        desk,
        internal,
        second.id,
        reason="now numb too",
        urgency="urgent",
        best_time="evenings",
        **{**KIM, "name": "  kim DOE "},
    )
    assert (one.status_code, again.status_code) == (201, 200)
    assert again.json()["reference"] == one.json()["reference"]
    (entry,) = entries(ada)
    assert (entry["urgency"], entry["conversation"]) == ("urgent", first.id)
    assert "Reason: sore for days; now numb too." in entry["summary"]
    kept = [(row.conversation_id, row.reason, row.best_time) for row in requests(desk)]
    assert kept == [
        (first.id, "sore for days", "after 3 p.m."),
        (second.id, "now numb too", "evenings"),
    ]


def test_the_form_after_the_chat_is_the_same_entry(
    desk: RunningDesk, internal: Internal, ada: Account
) -> None:
    chat = desk.chat()
    reference = callback(desk, internal, chat.id, **KIM).json()["reference"]
    assert reference in fill_form(desk, reason="by the form").text
    assert len(entries(ada)) == 1
    assert [row.consent_version for row in requests(desk)] == [CHAT, FORM]
    page = ada.http.get("/nurse/handoffs/1").text
    assert "by the form" in page
    assert "asked in another chat or by the form" in page
    assert f"words {FORM}" in page


@pytest.mark.parametrize(
    "other",
    [{"name": "Sam Doe"}, {"phone": "+16085550135"}, {"name": "Sam", "phone": "+16085550135"}],
)
def test_another_name_or_number_is_another_patient(
    desk: RunningDesk, internal: Internal, ada: Account, other: dict[str, str]
) -> None:
    callback(desk, internal, desk.chat().id, **KIM)
    callback(desk, internal, desk.chat().id, **{**KIM, **other})
    assert len(entries(ada)) == 2


def test_after_the_call_a_new_wish_is_a_new_entry(
    desk: RunningDesk, internal: Internal, ada: Account
) -> None:
    one = callback(desk, internal, desk.chat().id, **KIM).json()["reference"]
    ada.http.post("/api/nurse/handoffs/1/resolve", json={"outcome": "reached"})
    other = callback(desk, internal, desk.chat().id, **KIM).json()["reference"]
    assert one != other


def test_ten_chats_of_one_patient_at_once_are_one_entry(
    desk: RunningDesk, internal: Internal, ada: Account
) -> None:
    chats = [desk.chat().id for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda chat: callback(desk, internal, chat, **KIM), chats))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["reference"] for answer in answers}) == 1
    assert len(requests(desk)) == 10


def test_the_nurse_reads_every_chat_of_the_entry(
    desk: RunningDesk, internal: Internal, ada: Account
) -> None:
    first, second = desk.chat(), desk.chat()
    for chat, words in ((first, "from the first chat"), (second, "from the second chat")):
        chat.send(words)
        chat.wait_for(2)
        callback(desk, internal, chat.id, **KIM)
    read = ada.http.get(f"/api/nurse/conversations/{second.id}/events")
    assert (read.status_code, "from the second chat" in read.text) == (200, True)
    page = ada.http.get("/nurse/handoffs/1").text
    assert "from the first chat" in page
    assert "from the second chat" in page


def test_both_chats_hear_of_a_call(desk: RunningDesk, internal: Internal, ada: Account) -> None:
    chats = [desk.chat(), desk.chat()]
    for chat in chats:
        callback(desk, internal, chat.id, **KIM)
    ada.http.post("/api/nurse/handoffs/1/attempts", json={"outcome": "no_answer"})
    for chat in chats:
        assert "nobody answered" in chat.events()[-1]["text"]


def test_an_erased_chat_takes_its_own_words_with_it_when_the_call_is_done(
    desk: RunningDesk, internal: Internal, ada: Account
) -> None:
    first, second = desk.chat(), desk.chat()
    callback(desk, internal, first.id, reason="kept words", **KIM)
    callback(desk, internal, second.id, reason="erased words", **KIM)
    gone = second.erase()
    assert gone.status_code == 200, gone.text
    assert "erased words" in entries(ada)[0]["summary"], "the open call needs them"
    ada.http.post("/api/nurse/handoffs/1/resolve", json={"outcome": "reached"})
    with desk.database.read() as session:
        assert session.get_one(HandoffRow, 1).reason == "kept words"
    assert [row.reason for row in requests(desk)] == ["kept words", ""]
    first.erase()
    assert [row.reason for row in requests(desk)] == ["", ""]
    assert "kept words" not in ada.http.get("/api/nurse/handoffs?state=resolved").text


def test_words_that_nobody_was_shown_cannot_be_agreed_to(
    desk: RunningDesk, internal: Internal, ada: Account
) -> None:
    refused = callback(desk, internal, desk.chat().id, consent_version="chat-99")
    assert (refused.status_code, "chat-1" in refused.text) == (422, True)
    assert entries(ada) == []
