"""Asking for a call: details are checked, one patient is one handoff, promises are clock times."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from clinic.settings import load_clinic
from clinic.turn import Urgency
from desk.callbacks import Field, check_field
from desk.errors import Unprocessable
from desk.handoffs import due_time
from desk.promises import clock_time, promise_of, unattended
from desk.public_holidays import public_holidays
from desk.settings import CHECKOUT
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.running import Clock, RunningDesk

CLINIC = load_clinic(CHECKOUT / "clinic.yml", public_holidays)
REFERENCE = re.compile(r"^[CDFGHJKMNPRTVWXY34679]{3}-[CDFGHJKMNPRTVWXY34679]{3}$")


@pytest.mark.parametrize(
    ("written", "value", "shown"),
    [
        ("608-555-0134", "+16085550134", "(608) 555-0134"),
        ("my number is 608-555-0134 thanks", "+16085550134", "(608) 555-0134"),
        ("(608) 555 0134", "+16085550134", "(608) 555-0134"),
        ("6085550134", "+16085550134", "(608) 555-0134"),
        ("+1 608 555 0134", "+16085550134", "(608) 555-0134"),
        ("1-608-555-0134 ext. 12", "+16085550134", "(608) 555-0134"),
        ("608.555.0134 or again 6085550134", "+16085550134", "(608) 555-0134"),
        ("call +44 20 7946 0018 please", "+442079460018", "+44 20 7946 0018"),
    ],
)
def test_a_phone_number_is_found_in_what_the_patient_wrote(
    written: str, value: str, shown: str
) -> None:
    checked = check_field("phone", written, country="US")
    assert (checked.value, checked.shown) == (value, shown)


@pytest.mark.parametrize(
    "written",
    ["555-0134", "911", "hello", "", "123-456-7890", "+1 000 000 0000", "608-555-01345555", "\0"],
)
def test_what_is_no_phone_number_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(Unprocessable, match=r"area code, for example \(\d{3}\) ") as refused:
        check_field("phone", written, country="US")
    assert not written or written not in refused.value.detail


def test_two_phone_numbers_are_one_too_many() -> None:
    with pytest.raises(Unprocessable, match="just one"):
        check_field("phone", "608-555-0134 or 608-555-0135", country="US")


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("name", "  Kim   Doe ", "Kim Doe"),
        ("name", "\u202eKim\u202c", "Kim"),
        ("name", "Zoë", "Zoë"),
        ("name", "x" * 80, "x" * 80),
        ("time", "after\nlunch", "after lunch"),
        ("reason", "one\n\n two ", "one\ntwo"),
    ],
)
def test_words_are_made_regular(field: Field, written: str, value: str) -> None:
    assert check_field(field, written, country="US").value == value


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("name", ""),
        ("name", " \u200b\u202e"),
        ("name", "..."),
        ("name", "x" * 81),
        ("time", "x" * 201),
        ("reason", "x" * 2001),
        ("reason", "\n"),
    ],
)
def test_words_that_say_nothing_or_too_much_are_refused(field: Field, written: str) -> None:
    with pytest.raises(Unprocessable, match=r"^Please"):
        check_field(field, written, country="US")


def test_the_check_answers_the_actions(desk: RunningDesk, internal: dict[str, str]) -> None:
    def check(field: str, value: str) -> tuple[int, dict[str, object]]:
        body = {"field": field, "value": value}
        answer = desk.http.post("/internal/callback/check", json=body, headers=internal)
        return answer.status_code, answer.json()

    status, found = check("phone", "it is 608 555 0134")
    assert (status, found) == (200, {"value": "+16085550134", "shown": "(608) 555-0134"})
    status, problem = check("phone", "zebra")
    assert status == 422
    assert "area code" in str(problem["detail"])
    assert "zebra" not in str(problem)
    assert check("colour", "red")[0] == 422


def test_the_same_key_is_the_same_handoff(desk: RunningDesk, internal: dict[str, str]) -> None:
    chat = desk.chat()
    first = callback(desk, internal, chat.id, key="k1")
    again = callback(desk, internal, chat.id, key="k1", reason="changed", name="Other")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert REFERENCE.match(first.json()["reference"])
    assert first.json()["promise"].startswith("A nurse will call you by ")


def test_the_same_key_at_the_same_time_is_one_handoff(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    chat = desk.chat()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: callback(desk, internal, chat.id, key="k"), range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert len(ada.http.get("/api/nurse/handoffs").json()) == 1


def test_a_patient_who_asks_twice_is_one_handoff_with_both_reasons(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    chat = desk.chat()
    first = callback(desk, internal, chat.id)
    second = callback(desk, internal, chat.id, reason="now it is numb", urgency="urgent")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["reference"] == second.json()["reference"]
    assert second.json()["due_at"] <= first.json()["due_at"]
    (handoff,) = ada.http.get("/api/nurse/handoffs").json()
    assert handoff["urgency"] == "urgent"
    assert "sore for days; now it is numb" in handoff["summary"]
    callback(desk, internal, chat.id, urgency="routine")
    (handoff,) = ada.http.get("/api/nurse/handoffs").json()
    assert handoff["urgency"] == "urgent", "a later routine request takes nothing away"


def test_after_the_call_a_new_request_is_a_new_handoff(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    chat = desk.chat()
    first = callback(desk, internal, chat.id).json()["reference"]
    ada.http.post("/api/nurse/handoffs/1/resolve", json={"outcome": "reached"})
    second = callback(desk, internal, chat.id)
    assert second.status_code == 201
    assert second.json()["reference"] != first


def test_a_talk_over_bare_rasa_brings_its_transcript(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    said = [
        {"author": "patient", "text": "it hurts"},
        {"author": "assistant", "text": "I am sorry"},
    ]
    callback(desk, internal, "shell-1", transcript=said)
    callback(desk, internal, "shell-1", transcript=said, reason="more")
    events = ada.http.get("/api/nurse/conversations/shell-1/events").json()
    assert [(event["author"], event["text"]) for event in events] == [
        ("patient", "it hurts"),
        ("assistant", "I am sorry"),
    ]


def test_a_long_talk_does_not_keep_a_nurse_from_calling(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    said = [{"author": "patient", "text": f"{number} " + "x" * 900} for number in range(1500)]
    answer = callback(desk, internal, "shell-2", transcript=said, key="k" * 400)
    assert answer.status_code == 201
    events = ada.http.get("/api/nurse/conversations/shell-2/events").json()
    assert [events[0]["text"][:4], events[-1]["text"][:4]] == ["500 ", "1499"]


def test_the_transcript_is_ignored_where_the_desk_has_the_log(
    desk: RunningDesk, internal: dict[str, str]
) -> None:
    chat = desk.chat()
    chat.send("mine")
    chat.wait_for(2)
    callback(desk, internal, chat.id, transcript=[{"author": "patient", "text": "not mine"}])
    assert [event["text"] for event in chat.events()] == ["mine", "You said: mine"]


@pytest.mark.parametrize(
    "details",
    [
        {"consent": False},
        {"phone": "12"},
        {"name": " "},
        {"urgency": "soon"},
        {"reason": "x" * 2001},
        {"extra": 1},
    ],
)
def test_an_incomplete_request_is_refused(
    desk: RunningDesk, internal: dict[str, str], ada: Account, details: dict[str, Any]
) -> None:
    assert callback(desk, internal, desk.chat().id, **details).status_code == 422
    assert ada.http.get("/api/nurse/handoffs").json() == []


def test_an_erased_chat_cannot_be_handed_over(desk: RunningDesk, internal: dict[str, str]) -> None:
    chat = desk.chat()
    chat.erase()
    assert callback(desk, internal, chat.id).status_code == 410


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Proto": "https"},
        {"Forwarded": "for=127.0.0.1"},
    ],
    ids=str,
)
def test_to_everybody_else_the_internal_routes_do_not_exist(
    desk: RunningDesk, internal: dict[str, str], headers: dict[str, str]
) -> None:
    body = {"field": "name", "value": "Kim"}
    with_secret = internal if any("orward" in name for name in headers) else {}
    answer = desk.http.post(
        "/internal/callback/check", json=body, headers={**with_secret, **headers}
    )
    nothing = desk.http.post("/internal/none", json=body)
    assert (answer.status_code, answer.text) == (404, nothing.text)
    assert "/internal" not in desk.http.get("/openapi.json").text


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, 20, tzinfo=CLINIC.time_zone)


@pytest.mark.parametrize(
    ("now", "urgency", "told"),
    [
        (at(24, 9), Urgency.ROUTINE, "2:01 p.m. on Tuesday, November 24"),  # over lunch
        (at(24, 9), Urgency.URGENT, "9:31 a.m. on Tuesday, November 24"),
        (at(24, 16), Urgency.ROUTINE, "11:01 a.m. on Wednesday, November 25"),
        (at(24, 20), Urgency.URGENT, "8:30 a.m. on Wednesday, November 25"),
        (at(27, 20), Urgency.URGENT, "8:30 a.m. on Monday, November 30"),  # over the weekend
        (at(28, 3), Urgency.EMERGENCY, "3:06 a.m. on Saturday, November 28"),
    ],
)
def test_the_promise_is_kept_in_staffed_time(now: datetime, urgency: Urgency, told: str) -> None:
    due = due_time(CLINIC, urgency, now=now)
    assert due is not None
    assert promise_of(CLINIC, due, now=now) == f"A nurse will call you by {told} (clinic time)."


def test_while_the_office_is_closed_the_patient_is_told_so_and_until_when(
    desk: RunningDesk, internal: dict[str, str], clock: Clock
) -> None:
    for now, closed in ((at(24, 9), False), (at(24, 12, 30), True), (at(28, 3), True)):
        clock.ahead += now - clock()
        told = callback(desk, internal, desk.chat().id, urgency="urgent").json()["promise"]
        assert ("nobody reads this before" in told) is closed, told
    assert "before 8:00 a.m. on Monday, November 30 (clinic time)." in told


def test_a_clinic_with_a_nurse_line_for_the_night_names_it(tmp_path: Path) -> None:
    text = (CHECKOUT / "clinic.yml").read_text(encoding="utf-8")
    named = tmp_path / "clinic.yml"
    line = "after_hours_phone:"
    named.write_text(text.replace(line, f'{line} "+1 608 555 0199"', 1), encoding="utf-8")
    clinic = load_clinic(named, public_holidays)
    said = unattended(clinic, now=at(28, 3))
    assert said.endswith("If you need a nurse sooner, call +1 608 555 0199.")
    assert unattended(clinic, now=at(24, 9)) == ""


def test_without_staffed_time_no_time_is_promised(tmp_path: Path) -> None:
    text = (CHECKOUT / "clinic.yml").read_text(encoding="utf-8")
    closed = tmp_path / "clinic.yml"
    closed.write_text(re.sub(r'\["0.*\]', "[]", text), encoding="utf-8")
    clinic, now = load_clinic(closed, public_holidays), at(24, 9)
    assert due_time(clinic, Urgency.ROUTINE, now=now) is None
    assert "opens again" in promise_of(clinic, None, now=now)
    assert due_time(clinic, Urgency.EMERGENCY, now=now) is not None


def test_noon_and_midnight_have_their_names() -> None:
    utc = datetime(2026, 11, 24, 18, 0, tzinfo=timezone.utc)
    assert clock_time(CLINIC, utc).startswith("12:00 p.m. on Tuesday")
    assert clock_time(CLINIC, utc.replace(hour=6)).startswith("12:00 a.m. on Tuesday")
