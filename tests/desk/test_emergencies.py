"""An emergency in the chat: on top of the nurses' queue at once, without name or number."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk import audit
from desk.promises import clock_time
from desk.storage.tables import AuditRow, HandoffRow
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.running import Chat, Clock, RunningDesk

WORDS = "I have chest pain. And I am dizzy"
WORRY = "the spot is red, hot and full of pus"


def alarmed(desk: RunningDesk) -> Chat:
    """A chat whose patient wrote of an emergency and was answered."""
    chat = desk.chat()
    chat.send(WORDS)
    chat.wait_for(2)
    return chat


def queue(nurse: Account) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = nurse.http.get("/api/nurse/handoffs").json()
    return found


def test_it_stands_on_top_of_the_queue_when_the_reply_is_there(
    desk: RunningDesk, internal: dict[str, str], ada: Account, clock: Clock
) -> None:
    callback(desk, internal, desk.chat().id, urgency="urgent")
    chat = alarmed(desk)
    first, second = queue(ada)
    assert (first["conversation"], second["urgency"]) == (chat.id, "urgent")
    assert (first["kind"], first["urgency"], first["state"]) == ("chat", "emergency", "waiting")
    due = datetime.fromisoformat(first["due_at"]) - clock()
    assert timedelta(minutes=4) < due <= timedelta(minutes=6), "by the clock, at any hour"


def test_the_patient_is_shown_the_reference_of_that_very_entry(
    desk: RunningDesk, ada: Account
) -> None:
    reply = alarmed(desk).events()[-1]
    (entry,) = queue(ada)
    assert reply["turn"]["kind"] == "emergency"
    assert reply["turn"]["handoff"] == {
        "state": "queued",
        "asks_for": None,
        "reference": entry["reference"],
    }


def test_a_form_that_was_under_way_still_says_what_it_asks_for(desk: RunningDesk) -> None:
    chat = desk.chat()
    chat.send("form: chest pain")
    handoff = chat.wait_for(2)[-1]["turn"]["handoff"]
    assert (handoff["state"], handoff["asks_for"]) == ("queued", "phone")
    assert handoff["reference"]


def test_other_replies_bring_nobody_into_the_queue(desk: RunningDesk, ada: Account) -> None:
    chat = desk.chat()
    chat.send("form: does it hurt?")
    assert chat.wait_for(2)[-1]["turn"]["handoff"]["state"] == "collecting"
    assert queue(ada) == []


def test_the_summary_has_the_patients_own_words_and_guesses_nothing(
    desk: RunningDesk, ada: Account
) -> None:
    chat = desk.chat()
    chat.send("hello")
    chat.wait_for(2)
    chat.send(WORDS)
    chat.wait_for(4)
    (entry,) = queue(ada)
    clinic = desk.app.state.desk.clinic
    since = clock_time(clinic, datetime.fromisoformat(entry["waiting_since"]))
    assert entry["summary"] == (
        f"Situation: emergency, reference {entry['reference']}, since {since}. Emergency in the "
        "chat, in the patient's own words: “I have chest pain. And I am dizzy”.\n"
        "Background: 2 messages in the chat; was shown “Does it hurt?”\n"
        "Assessment: emergency by the patient's words, not by a nurse; signs found: Chest pain or "
        "a sign of the heart (emergency); the patient was given an emergency answer.\n"
        "Request: read the chat now; there is no phone number yet."
    )


def test_a_second_emergency_is_what_the_nurse_reads_first_and_no_new_entry(
    desk: RunningDesk, ada: Account, clock: Clock
) -> None:
    chat = alarmed(desk)
    before = queue(ada)
    clock.ahead += timedelta(minutes=10)
    chat.send("chest pain again")
    events = chat.wait_for(4)
    (entry,) = queue(ada)
    changed = {name for name, value in entry.items() if value != before[0][name]}
    assert changed == {"summary", "quotes"}
    assert "“chest pain again”" in entry["summary"]
    assert [quote["text"] for quote in entry["quotes"]] == [WORDS, "chest pain again"]
    assert events[-1]["turn"]["handoff"]["reference"] == entry["reference"]
    with desk.database.read() as session:
        created, last = session.execute(select(HandoffRow.created_at, HandoffRow.alarmed_at)).one()
    assert last - created >= timedelta(minutes=10)


def test_the_form_filled_in_later_joins_and_never_makes_it_a_mere_call_back(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    chat = alarmed(desk)
    (before,) = queue(ada)
    answer = callback(desk, internal, chat.id, phone="+16085550134")
    assert (answer.status_code, answer.json()["reference"]) == (200, before["reference"])
    (entry,) = queue(ada)
    assert (entry["kind"], entry["urgency"]) == ("chat", "emergency")
    assert entry["due_at"] == before["due_at"]
    assert (
        "“I have chest pain. And I am dizzy”. Asks for a call. Reason: sore for days."
        in (entry["summary"])
    )
    assert "read the chat and call now" in entry["summary"]
    with desk.database.read() as session:
        row = session.connection().exec_driver_sql(
            "SELECT name, phone, consent_at IS NOT NULL FROM handoffs"
        )
        assert row.all() == [("Kim Doe", "+16085550134", 1)]


def test_a_call_back_that_is_open_is_raised_and_keeps_its_details(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account
) -> None:
    chat = desk.chat()
    reference = callback(desk, internal, chat.id).json()["reference"]
    ada.http.post("/api/nurse/handoffs/1/claim")
    (before,) = queue(ada)
    chat.send(WORDS)
    events = chat.wait_for(2)
    (entry,) = queue(bea)
    assert (entry["kind"], entry["urgency"], entry["assigned_to"]) == ("chat", "emergency", "Ada")
    assert entry["due_at"] < before["due_at"]
    assert events[-1]["turn"]["handoff"]["reference"] == reference == entry["reference"]
    assert "Reason: sore for days" in entry["summary"]


def test_after_it_was_closed_the_next_emergency_is_a_new_entry(
    desk: RunningDesk, ada: Account
) -> None:
    chat = alarmed(desk)
    first = queue(ada)[0]["reference"]
    ada.http.post(
        "/api/nurse/handoffs/1/resolve", json={"outcome": "other", "note": "a false alarm"}
    )
    chat.send("chest pain again")
    chat.wait_for(2, author="assistant")
    (entry,) = queue(ada)
    assert entry["reference"] != first
    assert "chest pain again" in entry["summary"]


def test_it_is_on_record_as_the_assistants_act(desk: RunningDesk, internal: dict[str, str]) -> None:
    chat = alarmed(desk)
    chat.send("chest pain again")
    chat.wait_for(4)
    other = desk.chat()
    callback(desk, internal, other.id)
    other.send(WORDS)
    other.wait_for(2)
    with desk.database.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.object_kind == "handoff")).all()
    assert [(row.actor, row.action, row.object_id) for row in rows] == [
        ("assistant", "handoff.created", "1"),
        ("patient", "handoff.created", "2"),
        ("assistant", "handoff.raised", "2"),
    ]


def test_reply_and_entry_stand_together_or_not_at_all(
    desk: RunningDesk, ada: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = desk.chat()
    broken: list[int] = []
    record = audit.record

    def fail_once(*args: Any, **kwargs: Any) -> None:
        if kwargs["actor"] == "assistant" and not broken:
            broken.append(1)
            raise OSError
        record(*args, **kwargs)

    monkeypatch.setattr(audit, "record", fail_once)
    chat.send(WORDS)
    events = chat.wait_for(1, author="assistant")
    assert broken
    assert len(queue(ada)) == 1
    assert events[-1]["turn"]["handoff"]["reference"] == queue(ada)[0]["reference"]


def test_the_patient_is_told_in_the_chat_when_a_nurse_closes_it(
    desk: RunningDesk, ada: Account
) -> None:
    chat = alarmed(desk)
    reference = queue(ada)[0]["reference"]
    ada.http.post("/api/nurse/handoffs/1/resolve", json={"outcome": "other", "note": "private"})
    told = chat.events()[-1]
    assert told["author"] == "system"
    assert told["turn"]["kind"] == "handoff"
    assert told["turn"]["handoff"] == {
        "state": "closed",
        "asks_for": None,
        "reference": reference,
    }
    for needed in ("A nurse has", reference, "911"):
        assert needed in told["text"]
    assert "private" not in told["text"]


def test_a_call_back_that_is_closed_says_nothing_in_the_chat(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    chat = desk.chat()
    callback(desk, internal, chat.id)
    ada.http.post("/api/nurse/handoffs/1/resolve", json={"outcome": "reached"})
    assert chat.events() == []


def test_of_an_erased_chat_only_the_reference_stays_and_the_patient_is_told_so(
    desk: RunningDesk, ada: Account
) -> None:
    chat = alarmed(desk)
    reference = queue(ada)[0]["reference"]
    answer = chat.erase().json()
    assert answer["kept"] == reference
    assert reference in answer["message"]
    assert "phone" not in answer["message"], "there is none"
    assert "911" in answer["message"]
    (entry,) = queue(ada)
    assert (entry["reference"], entry["urgency"]) == (reference, "emergency")
    situation, *rest = entry["summary"].split("\n")
    assert situation.endswith("(clinic time). Emergency in the chat.")
    assert rest == [
        "Background: the patient erased the chat.",
        "Assessment: emergency by the patient's words, not by a nurse.",
        "Request: nobody can be reached; close this entry.",
    ]
    closed = ada.http.post(
        "/api/nurse/handoffs/1/resolve", json={"outcome": "other", "note": "a false alarm"}
    )
    assert closed.json()["state"] == "resolved"


def test_of_an_erased_chat_with_a_number_the_call_stays_possible(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    chat = alarmed(desk)
    callback(desk, internal, chat.id)
    assert "phone number" in chat.erase().json()["message"]
    (entry,) = queue(ada)
    assert "chest pain" not in entry["summary"]
    assert "Request: call now; best time: after 3 p.m." in entry["summary"]


@pytest.mark.parametrize("ending", ["", ".", "...", "?", "!", " ."])
def test_no_line_of_a_summary_ends_in_two_marks(
    desk: RunningDesk, internal: dict[str, str], ada: Account, ending: str
) -> None:
    chat = desk.chat()
    chat.send(f"chest pain{ending}")
    chat.wait_for(2)
    callback(desk, internal, chat.id, reason=f"sore{ending}", best_time=f"after lunch{ending}")
    (entry,) = queue(ada)
    for line in entry["summary"].split("\n"):
        assert line[-1] in ".?!"
        assert line[-2] not in ".?!"
