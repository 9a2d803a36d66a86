"""While the assistant is down the desk raises the alarm, by its catalogue, in words of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic.turn import Urgency
from desk.alarm import Raised
from desk.settings import Settings
from desk.storage.tables import AuditRow
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.fake_rasa import FakeRasa
from tests.desk.running import Chat, RunningDesk, running, wait_until

WORDS = "I have chest pain. And I am dizzy"
WORRY = "the spot is red, hot and full of pus"


def queue(nurse: Account) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = nurse.http.get("/api/nurse/handoffs").json()
    return found


def test_the_number_comes_first_and_the_nurses_see_it(
    desk: RunningDesk, rasa: FakeRasa, ada: Account
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


def test_a_crisis_is_given_the_crisis_line(desk: RunningDesk, rasa: FakeRasa) -> None:
    rasa.stop()
    chat = desk.chat()
    chat.send("I want to kill myself")
    alarm = chat.wait_for(1, author="system")[1]
    assert "call or text 988" in alarm["text"].split(".")[0]
    assert alarm["turn"]["kind"] == "emergency"


def test_a_message_that_waits_behind_another_is_looked_at_too(
    desk: RunningDesk, rasa: FakeRasa, ada: Account
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
    desk: RunningDesk, rasa: FakeRasa, ada: Account
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
    desk: RunningDesk, rasa: FakeRasa, ada: Account
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
    desk: RunningDesk, rasa: FakeRasa, ada: Account
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
    desk: RunningDesk, rasa: FakeRasa, ada: Account
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
    desk: RunningDesk, rasa: FakeRasa, ada: Account, monkeypatch: pytest.MonkeyPatch
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
    desk: RunningDesk, rasa: FakeRasa, internal: dict[str, str], ada: Account
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
    desk: RunningDesk, rasa: FakeRasa, internal: dict[str, str],
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


def test_a_late_reply_is_reason_enough(settings: Settings, rasa: FakeRasa) -> None:
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


def test_it_is_on_record_as_the_desks_own_act(desk: RunningDesk, rasa: FakeRasa) -> None:
    rasa.stop()
    chat = desk.chat()
    chat.send(WORDS)
    chat.wait_for(2, author="system")
    with desk.database.read() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.object_kind == "handoff")).one()
    assert (row.actor, row.action) == ("system", "handoff.created")


def test_a_message_that_is_given_up_has_been_looked_at(
    desk: RunningDesk, rasa: FakeRasa, ada: Account
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
    desk: RunningDesk, rasa: FakeRasa, ada: Account, calm: str
) -> None:
    rasa.stop()
    chat = desk.chat()
    chat.send(calm)
    events = chat.wait_for(1, author="system")
    assert [event["turn"]["kind"] for event in events[1:]] == ["handoff"]
    assert queue(ada) == []


def test_a_fault_in_the_rules_keeps_the_message_and_the_notice(
    desk: RunningDesk, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic.red_flags.Assessor.assess", lambda *_: 1 / 0)
    rasa.stop()
    chat = desk.chat()
    chat.send(WORDS)
    assert chat.wait_for(1, author="system")[-1]["text"].startswith("In an emergency call 911")
    rasa.start()
    chat.wait_for(1, author="assistant")


def test_it_is_still_known_after_a_restart(settings: Settings, rasa: FakeRasa) -> None:
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
