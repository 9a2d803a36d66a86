"""The queue: most urgent first, one nurse a patient, closed with an outcome, all on record."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from clinic.attempts import UNREACHED
from clinic.turn import Urgency
from desk import nurse_work
from desk.errors import Conflict
from desk.nurse_queue import Handoff, place, views
from desk.staff import make_nurse
from desk.storage.staff_tables import NurseRow
from desk.storage.tables import AuditRow, HandoffRow
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.running import Clock, RunningDesk

pytestmark = pytest.mark.every_database

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
KEYS = {
    *("id", "conversation", "kind", "urgency", "state", "reference", "waiting_since", "due_at"),
    *("assigned_to", "summary", "quotes"),
}


def ask(desk: RunningDesk, internal: dict[str, str], urgency: str = "routine") -> str:
    """A new patient asks; the reference."""
    reference: str = callback(desk, internal, desk.chat().id, urgency=urgency).json()["reference"]
    return reference


def test_the_most_urgent_are_in_front_then_the_earliest(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    order = ["routine", "urgent", "emergency", "routine", "urgent", "emergency"]
    asked = [ask(desk, internal, urgency) for urgency in order]
    found = ada.http.get("/api/nurse/handoffs").json()
    assert [item["reference"] for item in found] == [asked[n] for n in (2, 5, 1, 4, 0, 3)]
    assert set(found[0]) == KEYS
    assert found[0]["state"] == "waiting"
    assert found[0]["assigned_to"] is None


def test_the_summary_tells_situation_background_assessment_request(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    chat = desk.chat()
    chat.send("does it hurt?")
    chat.wait_for(2)
    callback(desk, internal, chat.id, urgency="urgent")
    (found,) = ada.http.get("/api/nurse/handoffs").json()
    situation, *rest = found["summary"].split("\n")
    assert situation.startswith(f"Situation: urgent, reference {found['reference']}, since ")
    assert situation.endswith(" (clinic time). Asks for a call. Reason: sore for days.")
    assert rest == [
        "Background: 1 message in the chat; was shown “Does it hurt?”",
        "Assessment: urgent by the patient's words, not by a nurse; no sign of danger found.",
        "Request: call back; best time: after 3 p.m.",
    ]
    assert "Kim" not in str(found)
    assert "608" not in found["summary"]


def test_a_longer_list_asks_the_database_no_more_often(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    counts = []
    for urgency in ("urgent", "routine", "emergency"):
        ask(desk, internal, urgency)
        with desk.app.state.desk.database.read() as session:
            statements: list[str] = []
            rows = session.scalars(select(HandoffRow)).all()
            event.listen(
                session.connection(),
                "before_cursor_execute",
                lambda _connection, _cursor, statement, *_: statements.append(statement),  # noqa: B023
            )
            assert len(views(session, rows)) == len(rows)
            counts.append(len(statements))
    assert counts[0] > 0
    assert counts == counts[:1] * 3


def test_a_routine_one_past_its_promise_rises(
    desk: RunningDesk, internal: dict[str, str], ada: Account, clock: Clock
) -> None:
    first = ask(desk, internal, "routine")
    clock.ahead += timedelta(days=6)
    ada.http.post("/api/nurse/session", json={"email": ada.email, "password": ada.password})
    token = ada.http.cookies["clinic_nurse"]
    ada.http.headers["Authorization"] = f"Bearer {token}"
    ask(desk, internal, "urgent")
    ask(desk, internal, "emergency")
    found = ada.http.get("/api/nurse/handoffs").json()
    assert [item["urgency"] for item in found] == ["emergency", "routine", "urgent"]
    assert found[1]["reference"] == first


def _handoff(number: int, urgency: Urgency, due: int | None) -> Handoff:
    due_at = NOW + timedelta(minutes=due) if due is not None else None
    return Handoff(
        id=number,
        conversation_id="c",
        kind="callback",
        urgency=urgency,
        state="waiting",
        reference="",
        reason="",
        name="",
        phone="",
        best_time="",
        consent_at=NOW,
        alarmed_at=None,
        alarm_words="",
        waiting_since=NOW,
        due_at=due_at,
        assigned_to=None,
        assigned_to_id=None,
        claimed_at=None,
        resolved_by=None,
        resolved_at=None,
        outcome=None,
        note=None,
        conversation_erased=False,
        facts=None,
    )


@given(st.lists(st.tuples(st.sampled_from(Urgency), st.none() | st.integers(-90, 90)), max_size=12))
def test_the_order_is_total_and_grave_ones_never_wait_behind_light_ones(
    drawn: list[tuple[Urgency, int | None]],
) -> None:
    waiting = [_handoff(number, *values) for number, values in enumerate(drawn)]
    ordered = sorted(waiting, key=lambda handoff: place(handoff, now=NOW))
    assert len({place(handoff, now=NOW) for handoff in waiting}) == len(waiting)
    backwards = waiting[::-1]
    again = sorted(backwards, key=lambda handoff: place(handoff, now=NOW))
    assert ordered == again
    emergencies = [handoff.urgency is Urgency.EMERGENCY for handoff in ordered]
    assert emergencies == sorted(emergencies, reverse=True)
    calm = [h.urgency is Urgency.ROUTINE and not h.overdue(NOW) for h in ordered]
    assert calm == sorted(calm)


def test_of_twenty_nurses_who_claim_at_once_exactly_one_wins(
    desk: RunningDesk, internal: dict[str, str]
) -> None:
    with desk.database.write() as session:
        nurses = [
            make_nurse(session, email=f"n{n}@x.example", role="nurse", name=f"N{n}", now=NOW).nurse
            for n in range(20)
        ]
    for handoff_id in range(1, 4):
        ask(desk, internal)
        together = threading.Barrier(20)

        def claim(index: int, handoff_id: int = handoff_id) -> str:
            together.wait(timeout=10)  # noqa: B023 (used up within the loop)
            try:
                with desk.database.write() as session:
                    nurse = nurses[index]
                    won = nurse_work.claim(session, handoff_id, nurse=nurse, now=NOW)
            except Conflict as refused:
                return refused.detail
            return f"won:{won.assigned_to}"

        with ThreadPoolExecutor(20) as pool:
            said = list(pool.map(claim, range(20)))
        winners = [word.removeprefix("won:") for word in said if word.startswith("won:")]
        assert len(winners) == 1
        refusals = [word for word in said if not word.startswith("won:")]
        assert refusals == [f"{winners[0]} already has this call-back."] * 19


def test_the_loser_is_told_who_has_it(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account
) -> None:
    ask(desk, internal)
    first = ada.http.post("/api/nurse/handoffs/1/claim")
    assert (first.status_code, first.json()["assigned_to"]) == (200, "Ada")
    assert ada.http.post("/api/nurse/handoffs/1/claim").status_code == 200, "twice is once"
    second = bea.http.post("/api/nurse/handoffs/1/claim")
    assert (second.status_code, second.json()["title"]) == (409, "Already changed")
    assert second.json()["detail"] == "Ada already has this call-back."
    assert bea.http.post("/api/nurse/handoffs/1/release").status_code == 409
    closing = bea.http.post("/api/nurse/handoffs/1/resolve", json={"outcome": "reached"})
    assert closing.status_code == 409


def test_a_released_one_goes_back_to_the_queue(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account
) -> None:
    ask(desk, internal)
    assert ada.http.post("/api/nurse/handoffs/1/release").status_code == 409, "nobody has it"
    ada.http.post("/api/nurse/handoffs/1/claim")
    assert ada.http.post("/api/nurse/handoffs/1/release").json()["state"] == "waiting"
    assert bea.http.post("/api/nurse/handoffs/1/claim").json()["assigned_to"] == "Bea"


def test_a_lead_may_act_for_a_nurse_who_has_gone_home(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account
) -> None:
    ask(desk, internal)
    ada.http.post("/api/nurse/handoffs/1/claim")
    with desk.database.write() as session:
        session.get_one(NurseRow, bea.id).role = "lead"
    assert bea.http.post("/api/nurse/handoffs/1/release").status_code == 200


@pytest.mark.parametrize("body", [None, {}, {"outcome": ""}, {"outcome": "done"}, {"note": "x"}])
def test_closing_needs_an_outcome(
    desk: RunningDesk, internal: dict[str, str], ada: Account, body: object
) -> None:
    ask(desk, internal)
    assert ada.http.post("/api/nurse/handoffs/1/resolve", json=body).status_code == 422
    assert len(ada.http.get("/api/nurse/handoffs").json()) == 1


@pytest.mark.parametrize("outcome", sorted(set(nurse_work.OUTCOMES) - UNREACHED))
def test_a_closed_one_leaves_the_queue(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account, outcome: str
) -> None:
    ask(desk, internal)
    body = {"outcome": outcome, "note": "spoke with the patient"}
    assert ada.http.post("/api/nurse/handoffs/1/resolve", json=body).json()["state"] == "resolved"
    assert ada.http.get("/api/nurse/handoffs").json() == []
    assert len(ada.http.get("/api/nurse/handoffs?state=resolved").json()) == 1
    again = bea.http.post("/api/nurse/handoffs/1/claim")
    assert (again.status_code, "Ada has already closed" in again.text) == (409, True)


def test_the_queue_can_be_asked_by_state(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    for _ in range(3):
        ask(desk, internal)
    ada.http.post("/api/nurse/handoffs/1/claim")
    ada.http.post("/api/nurse/handoffs/2/resolve", json={"outcome": "reached"})
    counted = {
        state: len(ada.http.get(f"/api/nurse/handoffs?state={state}").json())
        for state in ("open", "waiting", "claimed", "resolved")
    }
    assert counted == {"open": 2, "waiting": 1, "claimed": 1, "resolved": 1}
    assert ada.http.get("/api/nurse/handoffs?state=all").status_code == 422


def test_what_does_not_exist_is_not_found(desk: RunningDesk, ada: Account) -> None:
    for action in ("claim", "release"):
        assert ada.http.post(f"/api/nurse/handoffs/7/{action}").status_code == 404
    resolve = ada.http.post("/api/nurse/handoffs/7/resolve", json={"outcome": "reached"})
    assert resolve.status_code == 404
    chat = desk.chat()  # never handed to the nurses, so none of their business
    assert ada.http.get(f"/api/nurse/conversations/{chat.id}/events").status_code == 404


def test_the_nurse_reads_the_whole_conversation(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    chat = desk.chat()
    chat.send("hello")
    events = chat.wait_for(2)
    callback(desk, internal, chat.id)
    path = f"/api/nurse/conversations/{chat.id}/events"
    assert ada.http.get(path).json() == events
    assert ada.http.get(f"{path}?after=1").json() == events[1:]


def queue_reads(desk: RunningDesk, nurse: Account) -> int:
    with desk.database.read() as session:
        read = select(AuditRow).where(AuditRow.action == "queue.read")
        return len(session.scalars(read.where(AuditRow.actor == f"nurse:{nurse.id}")).all())


def test_a_list_that_stays_open_is_one_reading_until_somebody_new_is_on_it(
    desk: RunningDesk, internal: dict[str, str], ada: Account, bea: Account
) -> None:
    def look(nurse: Account, path: str = "/nurse?watching=1") -> None:
        assert desk.http.get(path, headers=nurse.page).status_code == 200

    ask(desk, internal, "routine")
    look(ada, "/nurse")
    for _ in range(3):
        look(ada)
    assert queue_reads(desk, ada) == 1
    ask(desk, internal, "urgent")
    for _ in range(3):
        look(ada)
    assert queue_reads(desk, ada) == 2
    assert ada.http.post("/api/nurse/handoffs/1/claim").status_code == 200
    look(ada)
    assert queue_reads(desk, ada) == 2, "a change of somebody known is no new reading"
    look(ada, "/nurse")
    assert queue_reads(desk, ada) == 3, "opening it again is"
    look(bea)
    assert queue_reads(desk, bea) == 1, "what one nurse has seen another has not"


def test_every_read_and_act_of_a_nurse_has_one_audit_row_without_values(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    chat = desk.chat()
    chat.send("my secret")
    chat.wait_for(2)
    callback(desk, internal, chat.id)
    ada.http.put("/api/nurse/presence", json={"state": "available"})
    ada.http.get("/api/nurse/handoffs")
    ada.http.post("/api/nurse/handoffs/1/claim")
    ada.http.post("/api/nurse/handoffs/1/claim")
    ada.http.get(f"/api/nurse/conversations/{chat.id}/events")
    ada.http.post("/api/nurse/handoffs/1/release")
    ada.http.post("/api/nurse/handoffs/1/resolve", json={"outcome": "reached", "note": "secret"})
    ada.http.delete("/api/nurse/session")
    with desk.database.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    acts = [(row.action, row.object_id) for row in rows if row.actor == f"nurse:{ada.id}"]
    shift = max(place for place, act in enumerate(acts) if act[0] == "session.begun")
    assert acts[shift:] == [
        ("session.begun", str(ada.id)),
        ("presence.available", str(ada.id)),
        ("queue.read", "open"),
        ("handoff.claimed", "1"),
        ("conversation.read", chat.id),
        ("handoff.released", "1"),
        ("handoff.resolved", "1"),
        ("session.ended", str(ada.id)),
    ]
    kept = " ".join(f"{row.actor} {row.action} {row.object_kind} {row.object_id}" for row in rows)
    for value in ("secret", "Kim", "6085550134", ada.email):
        assert value not in kept
