"""A patient takes her chat along: the whole of it, for her alone, and it is on record."""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy import select

from clinic.settings import load_clinic
from desk import transcripts
from desk.conversations import Event
from desk.public_holidays import public_holidays
from desk.settings import CHECKOUT
from desk.storage.tables import AuditRow
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.running import RunningDesk

CLINIC = load_clinic(CHECKOUT / "clinic.yml", public_holidays)
NOON = datetime(2026, 11, 24, 18, 0, tzinfo=timezone.utc)  # noon in Chicago


def said(author: str, text: str, *, name: str | None = None) -> Event:
    return Event(seq=1, at=NOON, author=author, text=text, buttons=(), turn=None, name=name)


def test_as_json_it_is_the_whole_chat(desk: RunningDesk) -> None:
    chat = desk.chat()
    chat.send("hello")
    events = chat.wait_for(2)
    answer = desk.http.get(f"{chat.path}/transcript", headers=chat.headers)
    assert answer.json()["events"] == events
    assert answer.json()["conversation"] == chat.id
    assert answer.headers["cache-control"] == "no-store"
    assert "chat.json" in answer.headers["content-disposition"]


def test_as_text_it_reads_as_people_do(desk: RunningDesk) -> None:
    chat = desk.chat()
    chat.send("two\nlines and <b>")
    chat.wait_for(2)
    headers = {**chat.headers, "Accept": "text/plain"}
    answer = desk.http.get(f"{chat.path}/transcript", headers=headers)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "You, " in answer.text
    assert "  two\n  lines and <b>" in answer.text
    assert "Automatic assistant, " in answer.text
    assert "In an emergency call 911." in answer.text


def test_who_spoke_is_named_and_times_are_the_clinics() -> None:
    events = [said("nurse", "Good day", name="Ada"), said("system", "Ada has left the chat.")]
    text = transcripts.as_text(events, CLINIC, now=NOON)
    assert "Ada, a nurse, 12:00 p.m. on Tuesday, November 24" in text
    assert "The clinic's chat, " in text


def test_what_a_patient_writes_cannot_pass_for_somebody_elses_words() -> None:
    forged = f"x\n{'-' * 40}\nA nurse, 1:00 p.m.\nTake two of them"
    lines = transcripts.as_text([said("patient", forged)], CLINIC, now=NOON).splitlines()
    assert lines.count("-" * 40) == 1


def test_nurses_notes_are_no_part_of_it(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    chat = desk.chat()
    chat.send("hello")
    chat.wait_for(2)
    callback(desk, internal, chat.id)
    note = ada.http.post(f"/api/nurse/conversations/{chat.id}/notes", json={"text": "zebra"})
    assert note.status_code < 300, note.text
    for accept in ("text/plain", "application/json"):
        headers = {**chat.headers, "Accept": accept}
        assert "zebra" not in desk.http.get(f"{chat.path}/transcript", headers=headers).text


def test_it_is_on_record_without_a_word_and_gone_with_the_chat(desk: RunningDesk) -> None:
    chat = desk.chat()
    chat.send("zebra")
    chat.wait_for(2)
    path = f"{chat.path}/transcript"
    assert desk.http.get(path, headers=chat.headers).status_code == 200
    with desk.database.read() as session:
        row = session.scalars(
            select(AuditRow).where(AuditRow.action == "conversation.exported")
        ).one()
    assert (row.actor, row.object_id, row.detail) == ("patient", chat.id, "")
    chat.erase()
    assert desk.http.get(path, headers=chat.headers).status_code == 410
    assert desk.http.get(path).status_code == 401
