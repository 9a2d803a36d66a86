"""An emergency in the chat: on top of the nurses' queue at once, without name or number."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic.turn import Urgency
from desk import audit
from desk.alarm import Raised
from desk.promises import clock_time
from desk.settings import Settings
from desk.storage.tables import AuditRow, HandoffRow
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.fake_rasa import FakeRasa
from tests.desk.running import Chat, Clock, RunningDesk, running, wait_until

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


class TestWithoutRasa:
    """The desk raises the alarm by the assistant's own catalogue and in its own words."""

    def test_the_number_comes_first_and_the_nurses_see_it(
        self, desk: RunningDesk, rasa: FakeRasa, ada: Account
    ) -> None:
        rasa.stop()
        chat = desk.chat()
        chat.send(WORDS)
        alarm, notice = chat.wait_for(2, author="system")[1:3]
        assert alarm["text"].startswith("Call 911 now.")
        assert "{" not in alarm["text"]
        (entry,) = queue(ada)
        assert (alarm["turn"]["kind"], alarm["turn"]["urgency"]) == ("emergency", "emergency")
        assert alarm["turn"]["handoff"]["reference"] == entry["reference"]
        assert entry["kind"] == "chat"
        assert "“I have chest pain. And I am dizzy”" in entry["summary"]
        assert "an emergency answer" in entry["summary"]
        assert notice["turn"]["handoff"]["state"] == "offered"

    def test_a_crisis_is_given_the_crisis_line(self, desk: RunningDesk, rasa: FakeRasa) -> None:
        rasa.stop()
        chat = desk.chat()
        chat.send("I want to kill myself")
        alarm = chat.wait_for(1, author="system")[1]
        assert "call or text 988" in alarm["text"].split(".")[0]
        assert alarm["turn"]["kind"] == "emergency"

    def test_a_message_that_waits_behind_another_is_looked_at_too(
        self, desk: RunningDesk, rasa: FakeRasa, ada: Account
    ) -> None:
        rasa.stop()
        chat = desk.chat()
        chat.send("hello")
        chat.wait_for(1, author="system")
        chat.send(WORDS)
        kinds = [event["turn"] and event["turn"]["kind"] for event in chat.events()]
        assert kinds == [None, "handoff", None, "emergency"], "in the very request that stored it"
        assert len(queue(ada)) == 1

    def test_each_message_raises_it_once_however_often_it_is_tried(
        self, desk: RunningDesk, rasa: FakeRasa, ada: Account
    ) -> None:
        rasa.mode, rasa.is_ready = "error", False
        chat = desk.chat()
        chat.send(WORDS, message_id="6f9619ff-8b86-4d01-b42d-00cf4fc964ff")
        chat.wait_for(2, author="system")
        chat.send(WORDS, message_id="6f9619ff-8b86-4d01-b42d-00cf4fc964ff")
        tries = len(rasa.received)
        wait_until(lambda: len(rasa.received) >= tries + 3)
        assert [event["author"] for event in chat.events()] == ["patient", "system", "system"]
        rasa.mode, rasa.is_ready = "ok", True
        reply = chat.wait_for(1, author="assistant")[-1]
        (entry,) = queue(ada)
        assert reply["turn"]["handoff"]["reference"] == entry["reference"]

    def test_the_number_is_not_said_twice_when_the_assistant_is_back(
        self, desk: RunningDesk, rasa: FakeRasa, ada: Account
    ) -> None:
        rasa.stop()
        chat = desk.chat()
        chat.send(WORDS)
        alarm = chat.wait_for(2, author="system")[1]
        rasa.start()
        reply = chat.wait_for(1, author="assistant")[-1]
        assert "911" in alarm["text"]
        assert "911" not in reply["text"]
        assert (reply["turn"]["kind"], reply["turn"]["urgency"]) == ("handoff", "emergency")
        assert reply["turn"]["handoff"] == alarm["turn"]["handoff"]
        assert queue(ada)[0]["urgency"] == "emergency"
        chat.send("chest pain again")
        assert chat.wait_for(2, author="assistant")[-1]["turn"]["kind"] == "emergency"

    def test_a_worry_is_put_before_the_nurses_with_its_target_time(
        self, desk: RunningDesk, rasa: FakeRasa, ada: Account
    ) -> None:
        rasa.stop()
        chat = desk.chat()
        chat.send(WORRY)
        told = chat.wait_for(2, author="system")[1]
        (entry,) = queue(ada)
        assert (told["turn"]["kind"], told["turn"]["urgency"]) == ("urgent", "urgent")
        assert told["turn"]["handoff"] == {
            "state": "queued",
            "asks_for": None,
            "reference": entry["reference"],
        }
        assert (entry["kind"], entry["urgency"]) == ("chat", "urgent")
        assert entry["due_at"] is not None
        assert f"Reason: {WORRY}" in entry["summary"]
        assert told["text"].startswith("A nurse should hear about this soon")
        assert "A nurse will look at it by " in told["text"]
        assert "If it gets worse" in told["text"]

    def test_a_worry_that_was_answered_by_the_desk_is_not_answered_twice(
        self, desk: RunningDesk, rasa: FakeRasa, ada: Account
    ) -> None:
        rasa.stop()
        chat = desk.chat()
        chat.send(f"urgent: {WORRY}")
        told = chat.wait_for(2, author="system")[1]
        rasa.start()
        reply = chat.wait_for(1, author="assistant")[-1]
        assert "911" not in reply["text"]
        assert reply["turn"]["handoff"] == told["turn"]["handoff"]
        assert len(queue(ada)) == 1

    def test_an_emergency_that_the_desk_took_for_a_worry_is_said_in_full(
        self, desk: RunningDesk, rasa: FakeRasa, ada: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "desk.alarm.RuleAlarm.look", lambda *_, **__: Raised(Urgency.URGENT, "Soon. {due}")
        )
        rasa.stop()
        chat = desk.chat()
        chat.send(WORDS)
        chat.wait_for(2, author="system")
        rasa.start()
        assert chat.wait_for(1, author="assistant")[-1]["turn"]["kind"] == "emergency"
        (entry,) = queue(ada)
        assert (entry["kind"], entry["urgency"]) == ("chat", "emergency")

    def test_a_worry_raises_a_call_back_that_waits(
        self, desk: RunningDesk, rasa: FakeRasa, internal: dict[str, str], ada: Account
    ) -> None:
        chat = desk.chat()
        reference = callback(desk, internal, chat.id).json()["reference"]
        rasa.stop()
        chat.send(WORRY)
        told = chat.wait_for(2, author="system")[1]
        (entry,) = queue(ada)
        assert (entry["urgency"], entry["kind"]) == ("urgent", "callback")
        assert told["turn"]["handoff"]["reference"] == reference == entry["reference"]
        assert "sore for days" in entry["summary"]

    @pytest.mark.parametrize(
        "words", ["I can not breathe", "I want to kill myself", "mi esposo no despierta"]
    )
    @pytest.mark.parametrize(
        "before", [(), ("does it hurt?",), ("form: hello",), (WORDS,), ("urgent: hello",)],
        ids=["fresh", "answered", "in a form", "after an emergency", "a worry told"],
    )  # fmt: skip
    @pytest.mark.parametrize("queued", [False, True], ids=["", "queued"])
    def test_the_number_comes_first_in_every_state(
        self, desk: RunningDesk, rasa: FakeRasa, internal: dict[str, str],
        before: tuple[str, ...], words: str, *, queued: bool,
    ) -> None:  # fmt: skip
        chat = desk.chat()
        for text in before:
            chat.send(text)
            chat.wait_for(1, author="assistant")
        if queued:
            callback(desk, internal, chat.id)
        rasa.mode, rasa.is_ready = "error", False
        seq = chat.send(words)
        wait_until(lambda: len(chat.events(after=seq)) > 0)
        said = chat.events(after=seq)[0]
        assert said["text"].startswith(("Call 911 now.", "Please call or text 988 now."))
        assert (said["turn"]["kind"], said["turn"]["handoff"]["state"]) == ("emergency", "queued")

    def test_a_late_reply_is_reason_enough(self, settings: Settings, rasa: FakeRasa) -> None:
        rasa.mode = "hold"
        timing = replace(
            settings.timing, patience=timedelta(seconds=0.2), rasa_timeout=timedelta(seconds=20)
        )
        with running(replace(settings, timing=timing)) as desk:
            chat = desk.chat()
            chat.send(WORDS)
            events = chat.wait_for(2, author="system")
            assert rasa.senders == [chat.id], "still under way"
            rasa.release.set()
            chat.wait_for(1, author="assistant")
        assert [event["turn"]["kind"] for event in events[1:]] == ["emergency", "handoff"]

    def test_it_is_on_record_as_the_desks_own_act(self, desk: RunningDesk, rasa: FakeRasa) -> None:
        rasa.stop()
        chat = desk.chat()
        chat.send(WORDS)
        chat.wait_for(2, author="system")
        with desk.database.read() as session:
            row = session.scalars(select(AuditRow).where(AuditRow.object_kind == "handoff")).one()
        assert (row.actor, row.action) == ("system", "handoff.created")

    def test_a_message_that_is_given_up_has_been_looked_at(
        self, desk: RunningDesk, rasa: FakeRasa, ada: Account
    ) -> None:
        rasa.mode = "empty"
        chat = desk.chat()
        chat.send(WORDS)
        events = chat.wait_for(3, author="system")
        assert [event["turn"]["kind"] for event in events[1:]] == ["emergency", *["handoff"] * 2]
        assert len(queue(ada)) == 1

    @pytest.mark.parametrize(
        "calm", ["no chest pain, just sore", "does it hurt?", "heart attack when I saw the bill"]
    )
    def test_what_is_none_raises_none(
        self, desk: RunningDesk, rasa: FakeRasa, ada: Account, calm: str
    ) -> None:
        rasa.stop()
        chat = desk.chat()
        chat.send(calm)
        events = chat.wait_for(1, author="system")
        assert [event["turn"]["kind"] for event in events[1:]] == ["handoff"]
        assert queue(ada) == []

    def test_a_fault_in_the_rules_keeps_the_message_and_the_notice(
        self, desk: RunningDesk, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("clinic.red_flags.Assessor.assess", lambda *_: 1 / 0)
        rasa.stop()
        chat = desk.chat()
        chat.send(WORDS)
        assert chat.wait_for(1, author="system")[-1]["text"].startswith("In an emergency call 911")
        rasa.start()
        chat.wait_for(1, author="assistant")

    def test_it_is_still_known_after_a_restart(self, settings: Settings, rasa: FakeRasa) -> None:
        rasa.stop()
        with running(settings) as desk:
            chat = desk.chat()
            chat.send(WORDS)
            chat.wait_for(2, author="system")
        rasa.start()
        with running(settings) as desk:
            again = Chat(desk.http, chat.id, chat.token)
            events = again.wait_for(1, author="assistant")
        authors = [event["author"] for event in events]
        assert authors == ["patient", "system", "system", "assistant"]
        assert len({e["turn"]["handoff"]["reference"] for e in (events[1], events[3])}) == 1
