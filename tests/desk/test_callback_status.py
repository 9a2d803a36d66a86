"""A patient who comes back hears how her call stands, and ends it where that is hers to decide."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from desk.storage.tables import AuditRow, HandoffRow
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.running import Clock, RunningDesk
from tests.desk.test_attempts import set_clock

Internal = dict[str, str]
KIM = {"name": "Kim Doe", "phone": "+16085550134"}


def tell(desk: RunningDesk, internal: Internal, what: str, conversation: str) -> dict[str, Any]:
    body = {"conversation": conversation}
    answer = desk.http.post(f"/internal/callback/{what}", json=body, headers=internal)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def actions(desk: RunningDesk) -> list[str]:
    with desk.database.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id))
        return [row.action for row in rows if row.actor == "patient"]


def test_who_never_asked_is_told_so(desk: RunningDesk, internal: Internal) -> None:
    for what in ("status", "cancel"):
        for conversation in (desk.chat().id, "known-to-rasa-alone"):
            told = tell(desk, internal, what, conversation)
            assert (told["state"], told["reference"]) == ("none", None)


def test_the_patient_hears_reference_promise_and_the_last_call(
    desk: RunningDesk, internal: Internal, clock: Clock, ada: Account
) -> None:
    chat = desk.chat()
    set_clock(clock, "2026-12-01T09:00", ada)
    reference = callback(desk, internal, chat.id).json()["reference"]
    told = tell(desk, internal, "status", chat.id)
    assert (told["state"], told["reference"]) == ("queued", reference)
    assert f"reference {reference}. A nurse will call you by 2:0" in told["text"]
    assert "call 911 now" in told["text"]
    ada.http.post("/api/nurse/handoffs/1/attempts", json={"outcome": "voicemail"})
    told = tell(desk, internal, "status", chat.id)
    assert "A nurse left you a voicemail at 9:0" in told["text"]
    assert "A nurse will call you by 11:0" in told["text"]
    set_clock(clock, "2026-12-01T18:00", ada)
    told = tell(desk, internal, "status", chat.id)
    assert "It is late, and the nurses see that." in told["text"]
    assert "nobody reads this before 8:00 a.m. on Wednesday" in told["text"]
    ada.http.post("/api/nurse/handoffs/1/resolve", json={"outcome": "reached"})
    assert tell(desk, internal, "status", chat.id)["state"] == "closed"


def test_a_routine_wish_is_cancelled_and_stays_so(
    desk: RunningDesk, internal: Internal, ada: Account
) -> None:
    chat = desk.chat()
    reference = callback(desk, internal, chat.id).json()["reference"]
    ada.http.post("/api/nurse/handoffs/1/claim")
    first, again = (tell(desk, internal, "cancel", chat.id) for _ in range(2))
    assert first == again, "a turn that is tried again says the same"
    assert (first["state"], first["reference"]) == ("closed", reference)
    assert "is cancelled" in first["text"]
    assert ada.http.get("/api/nurse/handoffs").json() == []
    assert actions(desk) == ["handoff.created", "handoff.cancelled"]
    late = ada.http.post("/api/nurse/handoffs/1/attempts", json={"outcome": "reached"})
    assert (late.status_code, "The patient has cancelled" in late.text) == (409, True)
    assert "The patient cancelled" in ada.http.get("/nurse/handoffs/1").text
    new = callback(desk, internal, chat.id).json()["reference"]
    assert new != reference, "a new wish is a new entry"


@pytest.mark.parametrize("urgency", ["urgent", "emergency"])
def test_a_grave_one_is_the_nurses_to_end(
    desk: RunningDesk, internal: Internal, ada: Account, urgency: str
) -> None:
    chat = desk.chat()
    callback(desk, internal, chat.id, urgency=urgency)
    for _ in range(2):
        told = tell(desk, internal, "cancel", chat.id)
        assert told["state"] == "queued"
        assert "only a nurse can end it" in told["text"]
        assert "The nurses see that you do not want the call." in told["text"]
    assert len(ada.http.get("/api/nurse/handoffs").json()) == 1
    assert actions(desk) == ["handoff.created", "handoff.cancel_asked"]
    assert "Does not want the call any more" in ada.http.get("/nurse/handoffs/1").text


def test_an_emergency_in_the_chat_is_not_cancelled(
    desk: RunningDesk, internal: Internal, ada: Account
) -> None:
    chat = desk.chat()
    chat.send("emergency, chest pain")
    chat.wait_for(2)
    assert "Your chat is in the nurses' list" in tell(desk, internal, "status", chat.id)["text"]
    told = tell(desk, internal, "cancel", chat.id)
    assert (told["state"], "only a nurse can end it" in told["text"]) == ("queued", True)
    assert len(ada.http.get("/api/nurse/handoffs").json()) == 1


def test_what_was_asked_for_twice_is_cancelled_twice(
    desk: RunningDesk, internal: Internal, ada: Account
) -> None:
    """Whoever knows somebody's name and number cannot end what that patient asked for."""
    first, second = desk.chat(), desk.chat()
    for chat in (first, second):
        callback(desk, internal, chat.id, **KIM)
    told = tell(desk, internal, "cancel", second.id)
    assert (told["state"], "stays open" in told["text"]) == ("queued", True)
    assert len(ada.http.get("/api/nurse/handoffs").json()) == 1
    assert tell(desk, internal, "cancel", first.id)["state"] == "closed"
    with desk.database.read() as session:
        assert session.get_one(HandoffRow, 1).outcome == "cancelled"


def test_only_the_actions_may_ask(desk: RunningDesk) -> None:
    for what in ("status", "cancel"):
        body = {"conversation": desk.chat().id}
        assert desk.http.post(f"/internal/callback/{what}", json=body).status_code == 404
