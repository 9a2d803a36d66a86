"""When the assistant fails: the patient is told once, the message is kept, the order holds."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from desk import turns
from desk.settings import Settings
from tests.desk.fake_rasa import FAILURES, REFUSALS, FakeRasa
from tests.desk.running import Chat, RunningDesk, running, wait_until

OFFERED = {"state": "offered", "asks_for": None, "reference": None}


def authors(chat: Chat) -> list[str]:
    return [event["author"] for event in chat.events()]


@pytest.mark.parametrize("failure", FAILURES)
def test_the_patient_is_told_once_in_plain_words_and_answered_later(
    desk: RunningDesk, rasa: FakeRasa, failure: str
) -> None:
    rasa.mode, rasa.is_ready = failure, False
    chat = desk.chat()
    chat.send("one")
    chat.send("two")
    wait_until(lambda: len(rasa.received) >= 4)
    notices = [event for event in chat.events() if event["author"] == "system"]
    assert len(notices) == 1
    text, turn = notices[0]["text"], notices[0]["turn"]
    assert text.startswith("In an emergency call 911 now.")
    for needed in ("kept", "answered here", "/callback", "+1 608 555 0100"):
        assert needed in text
    assert (turn["kind"], turn["handoff"]) == ("handoff", OFFERED)
    rasa.mode, rasa.is_ready = "ok", True
    events = chat.wait_for(2, author="assistant")
    answers = [event["text"] for event in events if event["author"] == "assistant"]
    assert answers == ["You said: one", "You said: two"]
    assert [event["seq"] for event in events] == list(range(1, 6))
    assert authors(chat).count("system") == 1


def test_a_rasa_that_does_not_listen_is_an_outage_too(desk: RunningDesk, rasa: FakeRasa) -> None:
    rasa.stop()
    chat = desk.chat()
    chat.send("one")
    chat.wait_for(1, author="system")
    rasa.start()
    chat.wait_for(1, author="assistant")
    assert authors(chat) == ["patient", "system", "assistant"]


def test_each_outage_is_told(desk: RunningDesk, rasa: FakeRasa) -> None:
    chat = desk.chat()
    for _ in range(2):
        rasa.mode, rasa.is_ready = "error", False
        chat.send("hello")
        wait_until(lambda: authors(chat)[-1] == "system")
        rasa.mode, rasa.is_ready = "ok", True
        wait_until(lambda: authors(chat)[-1] == "assistant")
    assert authors(chat) == ["patient", "system", "assistant"] * 2


@pytest.mark.parametrize("failure", REFUSALS)
def test_a_message_that_fails_five_times_in_a_working_rasa_is_closed(
    desk: RunningDesk, rasa: FakeRasa, failure: str
) -> None:
    rasa.mode = failure
    chat = desk.chat()
    chat.send("poison")
    events = chat.wait_for(2, author="system")
    assert rasa.texts == ["poison"] * 5
    assert "could not answer this message" in events[-1]["text"]
    assert events[-1]["text"].startswith("In an emergency call 911 now.")
    assert events[-1]["turn"]["handoff"] == OFFERED
    rasa.mode = "ok"
    chat.send("next")
    events = chat.wait_for(1, author="assistant")
    assert events[-1]["text"] == "You said: next"


def test_an_outage_never_closes_a_message(desk: RunningDesk, rasa: FakeRasa) -> None:
    rasa.mode = "drop"
    chat = desk.chat()
    chat.send("kept")
    wait_until(lambda: len(rasa.received) > 7)
    assert authors(chat) == ["patient", "system"]


def test_pending_turns_are_taken_up_again_after_a_restart_in_order(
    settings: Settings, rasa: FakeRasa
) -> None:
    rasa.stop()
    with running(settings) as desk:
        chat = desk.chat()
        for word in ("one", "two", "three"):
            chat.send(word)
        chat.wait_for(1, author="system")
    rasa.start()
    with running(settings) as desk:
        chat = Chat(desk.http, chat.id, chat.token)
        events = chat.wait_for(3, author="assistant")
    answers = [event["text"] for event in events if event["author"] == "assistant"]
    assert answers == ["You said: one", "You said: two", "You said: three"]
    assert [event["seq"] for event in events] == list(range(1, 8))
    assert [event["author"] for event in events].count("system") == 1


def test_a_desk_stopped_in_the_middle_of_a_turn_repeats_it_under_the_same_id(
    settings: Settings, rasa: FakeRasa
) -> None:
    rasa.mode, rasa.hang_seconds = "hang", 0.3
    with running(settings) as desk:
        chat = desk.chat()
        chat.send("hello")
        wait_until(lambda: len(rasa.received) == 1)
    rasa.mode = "ok"
    with running(settings) as desk:
        events = Chat(desk.http, chat.id, chat.token).wait_for(2)
    assert [event["author"] for event in events] == ["patient", "assistant"]
    assert len({body["metadata"]["message_id"] for body in rasa.received}) == 1


def test_a_slow_answer_is_announced_before_the_try_ends(settings: Settings, rasa: FakeRasa) -> None:
    rasa.mode = "hold"
    timing = replace(
        settings.timing, patience=timedelta(seconds=0.2), rasa_timeout=timedelta(seconds=20)
    )
    with running(replace(settings, timing=timing)) as desk:
        chat = desk.chat()
        chat.send("hello")
        chat.wait_for(1, author="system")
        assert rasa.senders == [chat.id], "still under way"
        rasa.release.set()
        events = chat.wait_for(1, author="assistant")
    assert [event["author"] for event in events] == ["patient", "system", "assistant"]
    assert rasa.texts == ["hello"]


def test_a_reply_that_cannot_be_stored_is_asked_for_again_with_pauses(
    desk: RunningDesk, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the disk is full: reading goes on, writing fails."""
    finish = turns.finish
    broken = time.monotonic() + 1

    def fail_for_a_second(*args: Any, **kwargs: Any) -> bool:
        if time.monotonic() < broken:
            raise OSError
        return finish(*args, **kwargs)

    monkeypatch.setattr(turns, "finish", fail_for_a_second)
    chat = desk.chat()
    chat.send("hello")
    chat.wait_for(1, author="assistant")
    assert authors(chat) == ["patient", "assistant"]
    assert 2 <= len(rasa.received) <= 8
    assert len({body["metadata"]["message_id"] for body in rasa.received}) == 1


def test_a_stuck_conversation_does_not_hold_up_the_others(
    desk: RunningDesk, rasa: FakeRasa
) -> None:
    rasa.mode = "hang"
    stuck = desk.chat()
    stuck.send("slow")
    wait_until(lambda: len(rasa.received) == 1)
    rasa.mode = "ok"
    other = desk.chat()
    other.send("quick")
    assert other.wait_for(2)[-1]["text"] == "You said: quick"
