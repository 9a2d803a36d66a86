"""The outbox: whatever dies in between, a message is held by one, and none is lost."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from clinic.turn import Urgency
from desk import escalation, nurse_work, outbox
from desk.outbox import Claimed
from desk.storage.database import Database
from desk.storage.notice_tables import DeliveryRow, NoticeRow
from tests.desk.databases import DatabaseKind, databases_of
from tests.desk.receivers import DUTY, LEAD, MINUTE, NOTIFICATIONS, SYSTEM
from tests.desk.test_notices import CLINIC, ask, nurse
from tests.desk.test_promise_watch import TUESDAY, with_a_nurse

pytestmark = pytest.mark.every_database

LEASE = MINUTE
ADDRESSES = (DUTY, LEAD, SYSTEM)


def waiting(database: Database, urgency: Urgency = Urgency.URGENT, *, key: str = "one") -> None:
    """A patient of whom the first step is told."""
    with database.write() as session:
        ask(session, urgency=urgency, key=key)
    escalation.look(database, CLINIC, now=TUESDAY)


def claim(
    database: Database,
    *,
    now: timedelta = timedelta(),
    at_once: int = 99,
    under_way: dict[str, int] | None = None,
) -> tuple[Claimed, ...]:
    with database.write() as session:
        return outbox.claim(
            session,
            ADDRESSES,
            lease=LEASE,
            under_way=under_way or {},
            at_once=at_once,
            now=TUESDAY + now,
        )


def states(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {row.address: row.state for row in session.scalars(select(DeliveryRow))}


def test_one_sender_holds_it_until_its_lease_ends(database: Database) -> None:
    waiting(database)
    first = claim(database)
    assert [one.address for one in first] == ["duty-mail", "system"]
    assert claim(database, now=LEASE - timedelta(seconds=1)) == ()
    again = claim(database, now=LEASE)
    assert [(one.message_id, one.tries) for one in again] == [
        (one.message_id, 2) for one in first
    ], "the same message under the same id"


def test_a_sender_that_was_too_slow_does_not_mark_what_another_holds(database: Database) -> None:
    waiting(database)
    slow = claim(database)[0]
    quick = claim(database, now=LEASE)[0]
    with database.write() as session:
        assert not outbox.mark_failed(
            session, slow, problem="not_taken", wait=None, now=TUESDAY + LEASE
        )
        assert not outbox.mark_sent(session, slow, now=TUESDAY + LEASE)
        assert outbox.mark_sent(session, quick, now=TUESDAY + LEASE)
        assert not outbox.mark_sent(session, quick, now=TUESDAY + LEASE)
    assert states(database)["duty-mail"] == "sent"


def test_the_most_urgent_leaves_first(database: Database) -> None:
    with database.write() as session:
        for number, urgency in enumerate((Urgency.ROUTINE, Urgency.EMERGENCY, Urgency.URGENT)):
            chat = ask(session, key=str(number), urgency=urgency)
            chat.phone = f"+1608555010{number}"
    escalation.look(database, CLINIC, now=TUESDAY)
    assert [one.told.urgency for one in claim(database)] == sorted(
        (Urgency.ROUTINE, Urgency.EMERGENCY, Urgency.URGENT) * 2,
        key=list(reversed(Urgency)).index,
    )


def test_an_address_that_hangs_does_not_keep_the_others(database: Database) -> None:
    for number in range(3):
        with database.write() as session:
            ask(session, key=str(number)).phone = f"+1608555010{number}"
    escalation.look(database, CLINIC, now=TUESDAY)
    first = claim(database, at_once=2)
    assert sorted(one.address for one in first) == ["duty-mail"] * 2 + ["system"] * 2
    more = claim(database, at_once=2, under_way={"duty-mail": 2, "system": 1})
    assert [one.address for one in more] == ["system"]


def test_what_nobody_needs_any_more_is_not_sent_to_people_but_is_to_programs(
    database: Database,
) -> None:
    waiting(database)
    with database.write() as session:
        nurse_work.claim(session, 1, nurse=nurse(session), now=TUESDAY)
    assert [one.address for one in claim(database)] == ["system"]
    assert states(database) == {"duty-mail": "withdrawn", "system": "sending"}


def test_a_start_ends_the_holds_of_a_desk_that_is_no_more(database: Database) -> None:
    waiting(database)
    claim(database)
    with database.write() as session:
        outbox.free(session, now=TUESDAY)
    assert len(claim(database)) == 2


def test_a_step_that_does_not_get_through_is_passed_over(database: Database) -> None:
    waiting(database)
    for tries in (1, 2):
        assert "lead-mail" not in states(database)
        for one in claim(database, now=tries * timedelta(seconds=10)):
            with database.write() as session:
                outbox.mark_failed(
                    session, one, problem="not_taken", wait=timedelta(seconds=5), now=TUESDAY
                )
        escalation.look(database, CLINIC, now=TUESDAY + tries * timedelta(seconds=10))
    assert states(database)["lead-mail"] == "waiting"


def test_one_that_was_given_up_can_be_sent_again(database: Database) -> None:
    waiting(database)
    for one in claim(database):
        with database.write() as session:
            outbox.mark_failed(session, one, problem="gone", wait=None, now=TUESDAY)
    assert claim(database, now=timedelta(days=9)) == ()
    with database.write() as session:
        assert outbox.retry(session, 1, now=TUESDAY)
        assert not outbox.retry(session, 99, now=TUESDAY)
    assert [one.id for one in claim(database)] == [1]


class OutboxMachine(RuleBasedStateMachine):
    """Patients come, senders send and die at any point, receivers fail; nothing is lost."""

    kind: ClassVar[DatabaseKind] = "sqlite"

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        empty, _ = with_a_nurse(self.kind)
        self.url = databases_of(self.kind).new(Path(self.folder.name), like=empty)
        self.database = Database(self.url)
        self.after = timedelta()
        self.patients = 0
        self.held: list[Claimed] = []
        self.received: Counter[str] = Counter()  # by message id
        self.deaths: Counter[str] = Counter()  # after it was received, before it was marked

    @rule(urgency=st.sampled_from(Urgency))
    def come(self, urgency: Urgency) -> None:
        self.patients += 1
        with self.database.write() as session:
            row = ask(session, urgency=urgency, key=str(self.patients), now=TUESDAY + self.after)
            row.phone = f"+160855{self.patients:05}"

    @rule(minutes=st.integers(0, 20))
    def wait(self, minutes: int) -> None:
        self.after += minutes * MINUTE
        escalation.look(self.database, CLINIC, now=TUESDAY + self.after)

    @rule(at_once=st.integers(1, 4))
    def hold(self, at_once: int) -> None:
        self.held.extend(claim(self.database, now=self.after, at_once=at_once))

    @rule(data=st.data(), fate=st.sampled_from(["sent", "failed", "dies before", "dies after"]))
    def send(self, data: st.DataObject, fate: str) -> None:
        if not self.held:
            return
        one = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        if fate in {"sent", "dies after"}:
            self.received[one.message_id] += 1
        if fate == "dies after":
            self.deaths[one.message_id] += 1
        now = TUESDAY + self.after
        with self.database.write() as session:
            if fate == "sent" and not outbox.mark_sent(session, one, now=now):
                self.deaths[one.message_id] += 1  # its lease had run out: as good as dead
            if fate == "failed":
                outbox.mark_failed(session, one, problem="x", wait=MINUTE, now=now)

    @invariant()
    def a_message_that_counts_as_sent_was_received_and_doubled_by_deaths_alone(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.read() as session:
            for row in session.scalars(select(DeliveryRow)):
                received = self.received[row.message_id]
                if row.state == "sent":
                    assert received >= 1
                assert received <= 1 + self.deaths[row.message_id]

    def teardown(self) -> None:
        if not hasattr(self, "database"):
            return
        # In the end all senders live, and all that was ever to be told arrives.
        for _ in range(8):
            self.after += 20 * MINUTE
            escalation.look(self.database, CLINIC, now=TUESDAY + self.after)
            for one in claim(self.database, now=self.after):
                self.received[one.message_id] += 1
                with self.database.write() as session:
                    assert outbox.mark_sent(session, one, now=TUESDAY + self.after)
        with self.database.read() as session:
            rows = session.scalars(select(DeliveryRow)).all()
            assert {row.state for row in rows} <= {"sent"}
            assert all(self.received[row.message_id] for row in rows)
            notices = session.scalars(select(NoticeRow)).all()
            assert all(row.ended_as == "told" for row in notices)
            steps = sum(len(step.to) for step in NOTIFICATIONS.steps[Urgency.URGENT])
            assert len(rows) == steps * len(notices)
            assert len({(row.notice_id, row.step, row.address) for row in rows}) == len(rows)
        self.database.close()
        databases_of(self.kind).drop(self.url)
        self.folder.cleanup()


class OutboxOnPostgres(OutboxMachine):
    """The same on the other database."""

    kind = "postgresql"


TestOutboxOnPostgres = OutboxOnPostgres.TestCase
TestOutboxOnPostgres.settings = hypothesis_settings(
    max_examples=5, stateful_step_count=25, deadline=None
)
TestOutbox = OutboxMachine.TestCase
TestOutbox.settings = hypothesis_settings(max_examples=25, stateful_step_count=25, deadline=None)
