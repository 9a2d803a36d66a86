"""DELETE takes every word, in the assistant too; what an open call-back needs stays, and ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from desk.settings import Settings
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.fake_rasa import FakeRasa
from tests.desk.running import Chat, RunningDesk, running, wait_until

pytestmark = pytest.mark.every_database

CANARY = "zebra-canary-7391"


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def test_after_an_erase_the_chat_is_gone_for_good(desk: RunningDesk) -> None:
    chat = desk.chat()
    chat.send("hello")
    chat.wait_for(2)
    answer = chat.erase()
    assert answer.status_code == 200
    assert answer.json() == {"erased": True, "kept": None, "message": "This chat is erased."}
    assert chat.post("again").status_code == 410
    assert chat.erase().status_code == 410
    read = desk.http.get(f"{chat.path}/events", headers=chat.headers)
    assert read.status_code == 410
    assert "start a new chat" in read.json()["detail"]


@pytest.mark.sqlite  # of PostgreSQL, docs/postgresql.md says how long it keeps erased rows
def test_no_byte_of_what_was_written_stays_on_the_disk(
    desk: RunningDesk, settings: Settings
) -> None:
    kept, chat = desk.chat(), desk.chat()
    kept.send("another patient")
    for number in range(30):
        chat.send(f"{CANARY} {number} " + "long " * 200)
    chat.wait_for(60)
    feedback = {"seq": 2, "helpful": True, "comment": CANARY}
    chat_seq = next(e["seq"] for e in chat.events() if e["author"] == "assistant")
    desk.http.post(
        f"{chat.path}/feedback", json={**feedback, "seq": chat_seq}, headers=chat.headers
    )
    assert CANARY.encode() in bytes_on_disk(settings.var)
    chat.erase()
    wait_until(lambda: CANARY.encode() not in bytes_on_disk(settings.var))
    assert len(kept.wait_for(2)) == 2


def test_the_assistant_forgets_too_and_is_asked_until_it_has(
    desk: RunningDesk, rasa: FakeRasa
) -> None:
    rasa.forget_status = 500
    chat = desk.chat()
    chat.send("hello")
    chat.wait_for(2)
    chat.erase()
    wait_until(lambda: rasa.forget_tries >= 3)
    assert rasa.forgotten == []
    rasa.forget_status = 204
    wait_until(lambda: rasa.forgotten == [chat.id])
    tries = rasa.forget_tries
    desk.chat().send("other work")
    wait_until(lambda: len(rasa.received) == 2)
    assert rasa.forget_tries == tries


def test_forgetting_survives_a_restart(settings: Settings, rasa: FakeRasa) -> None:
    with running(settings) as desk:
        chat = desk.chat()
        chat.send("hello")
        chat.wait_for(2)
        rasa.stop()
        chat.erase()
    rasa.start()
    with running(settings):
        wait_until(lambda: rasa.forgotten == [chat.id])


def test_a_chat_erased_while_its_turn_is_under_way_stays_erased(
    settings: Settings, rasa: FakeRasa
) -> None:
    rasa.mode = "hold"
    timing = replace(settings.timing, rasa_timeout=timedelta(seconds=20))
    with running(replace(settings, timing=timing)) as desk:
        chat = desk.chat()
        chat.send("hello")
        wait_until(lambda: len(rasa.received) == 1)
        assert chat.erase().status_code == 200
        desk.chat().send("the worker goes on with others")
        wait_until(lambda: len(rasa.received) == 2)
        # Forgotten only after the try has ended: else the reply would bring the tracker back.
        assert rasa.forget_tries == 0
        rasa.release.set()
        wait_until(lambda: rasa.forgotten == [chat.id])
        assert chat.post("again").status_code == 410


def test_an_open_call_back_keeps_what_the_nurse_needs_until_it_is_done(
    desk: RunningDesk, settings: Settings, internal: dict[str, str], ada: Account
) -> None:
    chat = desk.chat()
    chat.send(CANARY)
    chat.wait_for(2)
    reference = callback(desk, internal, chat.id, name="Kim Kanary").json()["reference"]
    answer = chat.erase().json()
    assert answer["kept"] == reference
    assert reference in answer["message"]
    assert "phone number" in answer["message"]
    (handoff,) = ada.http.get("/api/nurse/handoffs").json()
    assert handoff["reference"] == reference
    assert "sore for days" in handoff["summary"]
    events = ada.http.get(f"/api/nurse/conversations/{chat.id}/events")
    assert (events.status_code, events.json()) == (200, [])
    ada.http.post(f"/api/nurse/handoffs/{handoff['id']}/resolve", json={"outcome": "reached"})
    (closed,) = ada.http.get("/api/nurse/handoffs?state=resolved").json()
    assert "sore for days" not in closed["summary"]
    with desk.database.read() as session:
        stored = session.connection().exec_driver_sql("SELECT name, phone FROM handoffs").all()
    assert stored == [("", "")]


def test_a_closed_call_back_is_erased_with_its_chat(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    chat: Chat = desk.chat()
    callback(desk, internal, chat.id)
    ada.http.post("/api/nurse/handoffs/1/resolve", json={"outcome": "reached", "note": "fine"})
    assert chat.erase().json()["kept"] is None
    with desk.database.read() as session:
        row = session.connection().exec_driver_sql("SELECT name, phone, reason, note FROM handoffs")
        assert row.all() == [("", "", "", None)]
