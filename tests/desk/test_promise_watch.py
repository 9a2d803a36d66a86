"""Promised times: half gone and all gone are noted once each, whatever dies in between."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.attempts import AttemptOutcome
from clinic.settings import load_clinic
from clinic.turn import Urgency
from desk import attempts, conversations, handoffs, nurse_work
from desk.accounts import Nurse
from desk.handoffs import CallbackRequest
from desk.promise_watch import Passed, look
from desk.public_holidays import public_holidays
from desk.settings import CHECKOUT
from desk.staff import make_nurse
from desk.storage.database import Database
from desk.storage.tables import AuditRow, HandoffRow
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.databases import DatabaseKind, databases_of, migrated
from tests.desk.running import Clock, RunningDesk, wait_until
from tests.desk.test_attempts import set_clock

CLINIC = load_clinic(CHECKOUT / "clinic.yml", public_holidays)
TUESDAY = datetime(2026, 12, 1, 9, tzinfo=CLINIC.time_zone)


def ask(
    session: Session, *, urgency: Urgency = Urgency.ROUTINE, now: datetime, number: int = 0
) -> HandoffRow:
    chat = conversations.create(session, now=now)
    wanted = CallbackRequest(
        conversation_id=chat.id,
        reason="sore",
        name=f"Kim {number}",
        phone="+16085550134",
        best_time="any",
        consent=True,
        urgency=urgency,
    )
    told = handoffs.request_callback(session, CLINIC, wanted, key=chat.id, now=now)
    return session.get_one(HandoffRow, told.handoff_id)


def marks(passed: tuple[Passed, ...]) -> list[tuple[int, str]]:
    return [(one.handoff_id, one.mark) for one in passed]


@pytest.mark.parametrize(
    ("urgency", "half", "end"),
    [
        (Urgency.EMERGENCY, timedelta(minutes=2, seconds=30), timedelta(minutes=5)),
        (Urgency.URGENT, timedelta(minutes=15), timedelta(minutes=30)),
        (Urgency.ROUTINE, timedelta(hours=2), timedelta(hours=5)),  # lunch does not count
    ],
)
def test_half_and_end_are_noted_once_each(
    database: Database, urgency: Urgency, half: timedelta, end: timedelta
) -> None:
    with database.write() as session:
        ask(session, urgency=urgency, now=TUESDAY)
    second = timedelta(seconds=1)
    assert look(database, CLINIC, now=TUESDAY) == ()
    assert look(database, CLINIC, now=TUESDAY + half - second) == ()
    assert marks(look(database, CLINIC, now=TUESDAY + half)) == [(1, "half")]
    assert look(database, CLINIC, now=TUESDAY + end - second) == ()
    (broken,) = look(database, CLINIC, now=TUESDAY + end)
    assert (broken.mark, broken.urgency, broken.due_at) == ("end", urgency, TUESDAY + end)
    for later in (0, 1, 100):
        assert look(database, CLINIC, now=TUESDAY + end + timedelta(hours=later)) == ()
    with database.read() as session:
        actions = [row.action for row in session.scalars(select(AuditRow).order_by(AuditRow.id))]
    assert actions == ["handoff.created", "handoff.promise_half_gone", "handoff.promise_broken"]


def test_a_crash_in_the_middle_neither_loses_nor_doubles_it(database: Database) -> None:
    """The notifier's own rows stand in the same transaction, so they share its fate."""
    with database.write() as session:
        ask(session, urgency=Urgency.URGENT, now=TUESDAY)
    look(database, CLINIC, now=TUESDAY)

    def crash(_session: Session, _passed: Passed) -> None:
        raise ZeroDivisionError

    told: list[Passed] = []
    half = TUESDAY + timedelta(minutes=20)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            look(database, CLINIC, now=half, on_passed=[crash])
    look(database, CLINIC, now=half, on_passed=[lambda _, one: told.append(one)])
    look(database, CLINIC, now=half, on_passed=[lambda _, one: told.append(one)])
    assert [one.mark for one in told] == ["half"]


def test_after_a_long_stop_only_the_end_is_noted(database: Database) -> None:
    with database.write() as session:
        ask(session, now=TUESDAY)
    assert marks(look(database, CLINIC, now=TUESDAY + timedelta(days=3))) == [(1, "end")]
    assert look(database, CLINIC, now=TUESDAY + timedelta(days=4)) == ()


def test_what_is_done_is_not_watched(database: Database) -> None:
    with database.write() as session:
        ask(session, now=TUESDAY)
        nurse = make_nurse(session, email="a@b.example", role="nurse", now=TUESDAY).nurse
    look(database, CLINIC, now=TUESDAY)
    with database.write() as session:
        nurse_work.resolve(session, 1, nurse=nurse, clinic=CLINIC, outcome="reached", now=TUESDAY)
    assert look(database, CLINIC, now=TUESDAY + timedelta(days=9)) == ()


def test_the_running_desk_tells_the_patient_that_the_call_is_late(
    desk: RunningDesk, internal: dict[str, str], clock: Clock, ada: Account
) -> None:
    set_clock(clock, "2026-12-01T09:00")
    chat = desk.chat()
    callback(desk, internal, chat.id, urgency="urgent")
    set_clock(clock, "2026-12-01T09:31", ada)
    wait_until(lambda: bool(_late(chat.events())))
    ada.http.post("/api/nurse/handoffs/1/attempts", json={"outcome": "no_answer"})
    set_clock(clock, "2026-12-01T09:50", ada)
    wait_until(lambda: len(_late(chat.events())) == 2)
    assert ada.http.get("/api/nurse/handoffs").json()[0]["state"] == "claimed"
    assert "call the clinic at +1 608 555 0100" in _late(chat.events())[0]["text"]


def test_an_emergency_that_nobody_reads_is_told_to_call(
    desk: RunningDesk, clock: Clock, ada: Account
) -> None:
    set_clock(clock, "2026-12-01T23:00", ada)
    chat = desk.chat()
    chat.send("emergency, chest pain")
    chat.wait_for(2)
    clock.ahead += timedelta(minutes=6)
    wait_until(lambda: "Do not wait: call 911 now." in chat.events()[-1]["text"])


def _late(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if "by the time we promised" in event["text"]]


@cache
def with_a_nurse(kind: DatabaseKind) -> tuple[str, Nurse]:
    """A database with one nurse, to copy: hashing passwords takes long."""
    url = databases_of(kind).new(Path(tempfile.mkdtemp()), like=migrated(kind))
    database = Database(url)
    with database.write() as session:
        made = make_nurse(session, email="a@b.example", role="nurse", now=TUESDAY)
    database.checkpoint()
    database.close()
    return url, made.nurse


@dataclass
class Waiting:
    """What the machine knows of one patient: the promised times so far."""

    promises: list[datetime] = field(default_factory=list)
    open: bool = True


class PromiseMachine(RuleBasedStateMachine):
    """Patients ask, nurses call and close, time passes, the watch looks or does not."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        empty, self.nurse = with_a_nurse("sqlite")
        self.database = Database(databases_of("sqlite").new(Path(self.folder.name), like=empty))
        self.now = TUESDAY
        self.patients: dict[int, Waiting] = {}
        self.told: list[Passed] = []

    @rule(urgency=st.sampled_from(Urgency))
    def ask(self, urgency: Urgency) -> None:
        number = len(self.patients)
        with self.database.write() as session:
            row = ask(session, urgency=urgency, now=self.now, number=number)
            assert row.due_at is not None
            self.patients[row.id] = Waiting([row.due_at])

    @rule(data=st.data(), outcome=st.sampled_from(AttemptOutcome))
    def call(self, data: st.DataObject, outcome: AttemptOutcome) -> None:
        if chosen := self._choose(data):
            with self.database.write() as session:
                made = attempts.record(
                    session, chosen, nurse=self.nurse, clinic=CLINIC, outcome=outcome, now=self.now
                )
            assert made.due_at is not None
            self.patients[chosen].promises.append(made.due_at)

    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        if chosen := self._choose(data):
            with self.database.write() as session:
                nurse_work.resolve(
                    session, chosen, nurse=self.nurse, clinic=CLINIC, outcome="reached",
                    now=self.now,
                )  # fmt: skip
            self.patients[chosen].open = False

    @rule(minutes=st.integers(1, 600))
    def pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def look(self) -> None:
        look(self.database, CLINIC, now=self.now, on_passed=[lambda _, one: self.told.append(one)])
        self.looked_at = self.now
        for number, patient in self.patients.items():
            if patient.open and patient.promises[-1] <= self.now:
                assert (number, "end", patient.promises[-1]) in self._told()

    @invariant()
    def nothing_is_said_twice_or_before_its_time_or_of_another_promise(self) -> None:
        told = self._told() if hasattr(self, "told") else []
        assert len(told) == len(set(told))
        for number, mark, due in told:
            assert due in self.patients[number].promises
            assert mark == "half" or due <= self.now

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()

    def _told(self) -> list[tuple[int, str, datetime]]:
        return [(one.handoff_id, one.mark, one.due_at) for one in self.told]

    def _choose(self, data: st.DataObject) -> int | None:
        waiting = [number for number, patient in self.patients.items() if patient.open]
        return data.draw(st.sampled_from(waiting)) if waiting else None


PromiseMachine.TestCase.settings = hypothesis_settings(
    max_examples=60, stateful_step_count=25, deadline=None
)
test_promises_over_any_history = PromiseMachine.TestCase
