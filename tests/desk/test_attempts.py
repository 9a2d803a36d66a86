"""Calls that were tried: each is kept, the next falls due, nobody is given up early or alone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic.settings import load_clinic
from desk.public_holidays import public_holidays
from desk.settings import CHECKOUT
from desk.storage.callback_tables import AttemptRow
from desk.storage.staff_tables import NurseRow
from desk.storage.tables import AuditRow, HandoffRow
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.running import Chat, Clock, RunningDesk

CLINIC = load_clinic(CHECKOUT / "clinic.yml", public_holidays)
HANDOFF = "/api/nurse/handoffs/1"
Internal = dict[str, str]


def set_clock(clock: Clock, text: str, *nurses: Account) -> None:
    """Make it that time at the clinic; whoever was signed in is so again."""
    wanted = datetime.fromisoformat(text).replace(tzinfo=CLINIC.time_zone)
    clock.ahead += wanted - clock()
    for nurse in nurses:
        told = nurse.http.post(
            "/api/nurse/session", json={"email": nurse.email, "password": nurse.password}
        )
        assert told.status_code == 200, told.text
        nurse.http.cookies.clear()
        nurse.http.headers["Authorization"] = f"Bearer {told.json()['token']}"


def ask(desk: RunningDesk, internal: Internal, urgency: str = "routine") -> Chat:
    chat = desk.chat()
    assert callback(desk, internal, chat.id, urgency=urgency).status_code == 201
    return chat


def attempt(nurse: Account, outcome: str = "no_answer", note: str | None = None) -> dict[str, Any]:
    told = nurse.http.post(f"{HANDOFF}/attempts", json={"outcome": outcome, "note": note})
    assert told.status_code == 201, told.text
    body: dict[str, Any] = told.json()
    return body


def resolve(nurse: Account, outcome: str, note: str | None = None) -> tuple[int, str]:
    told = nurse.http.post(f"{HANDOFF}/resolve", json={"outcome": outcome, "note": note})
    return told.status_code, told.json().get("detail", "")


def try_three_times(clock: Clock, nurse: Account, *others: Account) -> None:
    """Two calls in the morning of a Tuesday, one in the afternoon."""
    for time in ("2026-12-01T09:00", "2026-12-01T09:20", "2026-12-01T14:00"):
        set_clock(clock, time, nurse, *others)
        attempt(nurse)


def clinic_time(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(CLINIC.time_zone):%a %H:%M}"


@pytest.mark.parametrize(
    ("urgency", "at", "due"),
    [
        ("emergency", "2026-12-01T23:00", "Tue 23:05"),
        ("urgent", "2026-12-01T09:00", "Tue 09:15"),
        ("urgent", "2026-12-01T16:50", "Wed 08:05"),  # the office closes at five
        ("routine", "2026-12-01T09:00", "Tue 11:00"),
        ("routine", "2026-12-01T11:00", "Tue 14:00"),  # lunch does not count
        ("routine", "2026-12-04T16:00", "Mon 09:00"),
    ],
)
def test_the_next_call_falls_due_by_urgency(
    desk: RunningDesk,
    internal: Internal,
    clock: Clock,
    ada: Account,
    *,
    urgency: str,
    at: str,
    due: str,
) -> None:
    ask(desk, internal, urgency)
    set_clock(clock, at, ada)
    clock.ahead -= timedelta(seconds=clock().second, microseconds=clock().microsecond)
    told = attempt(ada)
    assert clinic_time(told["due_at"]) in {due, due[:-1] + str(int(due[-1]) + 1)}
    assert (told["state"], told["assigned_to"]) == ("claimed", "Ada")


def test_every_call_is_kept_with_who_when_and_how(
    desk: RunningDesk, internal: Internal, ada: Account, bea: Account
) -> None:
    ask(desk, internal)
    attempt(ada, "no_answer", "rang ten times")
    attempt(ada, "voicemail")
    attempt(ada, "reached")
    kept = bea.http.get(f"{HANDOFF}/attempts").json()
    assert [(one["outcome"], one["note"], one["nurse"]) for one in kept] == [
        ("no_answer", "rang ten times", "Ada"),
        ("voicemail", None, "Ada"),
        ("reached", None, "Ada"),
    ]
    assert all(datetime.fromisoformat(one["at"]).tzinfo for one in kept)
    with desk.database.read() as session:
        rows = session.scalars(
            select(AuditRow).where(AuditRow.action == "handoff.attempted").order_by(AuditRow.id)
        ).all()
    assert [(row.actor, row.object_id, row.detail) for row in rows] == [
        (f"nurse:{ada.id}", "1", outcome) for outcome in ("no_answer", "voicemail", "reached")
    ]
    assert "rang" not in str([vars(row) for row in rows])


def test_the_same_key_is_one_call(desk: RunningDesk, internal: Internal, ada: Account) -> None:
    ask(desk, internal)
    for _ in range(3):
        told = ada.http.post(
            f"{HANDOFF}/attempts",
            json={"outcome": "no_answer"},
            headers={"Idempotency-Key": "once"},
        )
        assert told.status_code == 201
    assert len(ada.http.get(f"{HANDOFF}/attempts").json()) == 1


@pytest.mark.parametrize(
    "body", [None, {}, {"outcome": "other"}, {"outcome": ""}, {"outcome": "reached", "x": 1}]
)
def test_a_call_without_a_known_outcome_is_refused(
    desk: RunningDesk, internal: Internal, ada: Account, body: object
) -> None:
    ask(desk, internal)
    assert ada.http.post(f"{HANDOFF}/attempts", json=body).status_code == 422
    assert ada.http.get(f"{HANDOFF}/attempts").json() == []


def test_only_the_nurse_who_has_the_patient_calls(
    desk: RunningDesk, internal: Internal, ada: Account, bea: Account
) -> None:
    ask(desk, internal)
    attempt(ada)
    refused = bea.http.post(f"{HANDOFF}/attempts", json={"outcome": "no_answer"})
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "Ada already has this call-back.",
    )
    with desk.database.write() as session:
        session.get_one(NurseRow, bea.id).role = "lead"
    assert bea.http.post(f"{HANDOFF}/attempts", json={"outcome": "reached"}).status_code == 201
    assert resolve(ada, "reached")[0] == 200
    refused = ada.http.post(f"{HANDOFF}/attempts", json={"outcome": "no_answer"})
    assert (refused.status_code, "already closed" in refused.text) == (409, True)
    unknown = ada.http.post("/api/nurse/handoffs/9/attempts", json={"outcome": "reached"})
    assert unknown.status_code == 404


def test_without_a_number_nobody_is_called(desk: RunningDesk, ada: Account) -> None:
    chat = desk.chat()
    chat.send("emergency, chest pain")
    chat.wait_for(2)
    refused = ada.http.post(f"{HANDOFF}/attempts", json={"outcome": "no_answer"})
    assert (refused.status_code, "no phone number" in refused.text) == (409, True)
    status, why = resolve(ada, "no_answer")
    assert (status, "no phone number" in why) == (422, True)


def test_one_or_two_calls_are_not_enough(
    desk: RunningDesk, internal: Internal, clock: Clock, ada: Account
) -> None:
    ask(desk, internal)
    for time in ("2026-12-01T09:00", "2026-12-01T14:00"):
        status, why = resolve(ada, "no_answer")
        assert (status, "3 calls have to be tried and recorded" in why) == (409, True)
        set_clock(clock, time, ada)
        attempt(ada)
    assert resolve(ada, "voicemail")[0] == 409
    with desk.database.read() as session:
        row = session.get_one(HandoffRow, 1)
        assert (row.state, row.outcome, row.resolved_at) == ("claimed", None, None)


def test_three_calls_at_one_time_of_the_day_are_not_enough(
    desk: RunningDesk, internal: Internal, clock: Clock, ada: Account
) -> None:
    ask(desk, internal)
    for day in (1, 2, 3):
        set_clock(clock, f"2026-12-0{day}T09:{day}0", ada)
        attempt(ada)
    status, why = resolve(ada, "no_answer")
    assert (status, "at least 2 hours earlier or later" in why) == (409, True)
    set_clock(clock, "2026-12-03T13:00", ada)
    attempt(ada)
    assert resolve(ada, "no_answer")[0] == 200


def test_a_routine_one_is_closed_unreached_after_three_calls_at_two_times(
    desk: RunningDesk, internal: Internal, clock: Clock, ada: Account
) -> None:
    chat = ask(desk, internal)
    try_three_times(clock, ada)
    assert resolve(ada, "no_answer")[0] == 200
    last = chat.events()[-1]
    assert (last["author"], last["turn"]["handoff"]["state"]) == ("system", "closed")
    assert "did not reach you" in last["text"]


def test_an_urgent_one_is_closed_unreached_by_two_nurses_only(
    desk: RunningDesk, internal: Internal, clock: Clock, ada: Account, bea: Account
) -> None:
    ask(desk, internal, "urgent")
    body = {"outcome": "no_answer", "note": "asked the front desk too"}
    early = ada.http.post(f"{HANDOFF}/closing", json=body)
    assert early.status_code == 409, "nobody has claimed it"
    try_three_times(clock, ada, bea)
    status, why = resolve(ada, "no_answer")
    assert (status, "a second nurse agrees" in why) == (409, True)
    assert resolve(ada, "other", "no luck")[0] == 409, "another word for the same"
    assert bea.http.post(f"{HANDOFF}/closing/confirm").status_code == 409, "nobody asked"
    assert bea.http.post(f"{HANDOFF}/closing", json=body).status_code == 409, "not hers"
    assert ada.http.post(f"{HANDOFF}/closing", json=body).status_code == 201
    asked = bea.http.get(f"{HANDOFF}/closing").json()
    assert (asked["asked_by"], asked["outcome"], asked["note"]) == ("Ada", *body.values())
    own = ada.http.post(f"{HANDOFF}/closing/confirm")
    assert (own.status_code, "Another nurse has to agree" in own.text) == (409, True)
    done = bea.http.post(f"{HANDOFF}/closing/confirm")
    assert (done.status_code, done.json()["state"]) == (200, "resolved")
    with desk.database.read() as session:
        row = session.get_one(HandoffRow, 1)
        assert (row.outcome, row.note, row.resolved_by) == (*body.values(), bea.id)
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
        closing = [(one.actor, one.action) for one in rows if "clos" in one.action]
    assert closing == [
        (f"nurse:{ada.id}", "handoff.closing_asked"),
        (f"nurse:{bea.id}", "handoff.closing_confirmed"),
    ]
    assert bea.http.post(f"{HANDOFF}/closing/confirm").status_code == 409


def test_before_a_second_nurse_is_asked_the_calls_have_to_be_tried(
    desk: RunningDesk, internal: Internal, ada: Account
) -> None:
    ask(desk, internal, "urgent")
    attempt(ada)
    early = ada.http.post(f"{HANDOFF}/closing", json={"outcome": "no_answer"})
    assert (early.status_code, "3 calls" in early.text) == (409, True)
    needless = ada.http.post(f"{HANDOFF}/closing", json={"outcome": "reached"})
    assert (needless.status_code, "Close it yourself" in needless.text) == (409, True)


def test_a_second_nurse_may_refuse_and_another_call_takes_the_question_back(
    desk: RunningDesk, internal: Internal, clock: Clock, ada: Account, bea: Account
) -> None:
    ask(desk, internal, "urgent")
    try_three_times(clock, ada, bea)
    for take_back in ("refuse", "call"):
        ada.http.post(f"{HANDOFF}/closing", json={"outcome": "voicemail"})
        if take_back == "refuse":
            assert bea.http.request("DELETE", f"{HANDOFF}/closing").status_code == 200
        else:
            attempt(ada, "voicemail")
        assert bea.http.get(f"{HANDOFF}/closing").json() is None
        assert bea.http.post(f"{HANDOFF}/closing/confirm").status_code == 409
    assert len(ada.http.get("/api/nurse/handoffs").json()) == 1


def test_something_else_needs_a_note(desk: RunningDesk, internal: Internal, ada: Account) -> None:
    ask(desk, internal)
    for note in (None, "", "  "):
        status, why = resolve(ada, "other", note)
        assert (status, why) == (422, "Please say in the note how it ended.")
    assert resolve(ada, "other", "came to the clinic")[0] == 200


def test_the_patient_reads_in_the_chat_that_somebody_called(
    desk: RunningDesk, internal: Internal, clock: Clock, ada: Account
) -> None:
    chat = ask(desk, internal)
    set_clock(clock, "2026-12-01T09:00", ada)
    for outcome in ("no_answer", "voicemail", "wrong_number", "reached"):
        attempt(ada, outcome, "a note for nurses")
    said = [event for event in chat.events() if event["author"] == "system"]
    told = [event for event in said if "by the time we promised" not in event["text"]]
    texts = [event["text"] for event in told]
    assert len(texts) == 3, "to one who was reached nothing is to be said"
    assert "nobody answered" in texts[0]
    assert "left a voicemail" in texts[1]
    assert "does not seem to be yours" in texts[2]
    assert told[2]["buttons"], "another number is a click away"
    for event in told:
        assert re.search(r"A nurse will try again by 11:0\d a\.m\. on Tuesday", event["text"])
        assert event["turn"]["handoff"]["state"] == "queued"
    assert "note for nurses" not in str(told)


def test_what_nurses_noted_goes_with_an_erased_chat(
    desk: RunningDesk, internal: Internal, ada: Account
) -> None:
    """While the call is open it stays, for the next nurse."""
    chat = ask(desk, internal)
    attempt(ada, "no_answer", "a note on health")
    chat.erase()
    assert ada.http.get(f"{HANDOFF}/attempts").json()[0]["note"] == "a note on health"
    attempt(ada, "reached")
    assert resolve(ada, "reached")[0] == 200
    with desk.database.read() as session:
        kept = session.scalars(select(AttemptRow).order_by(AttemptRow.id)).all()
    assert [(row.outcome, row.note) for row in kept] == [("no_answer", None), ("reached", None)]
