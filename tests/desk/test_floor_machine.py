"""Exactly one side answers, in every order of what patients, nurses, Rasa and time can do.

Runs on the real store. `FLOOR_HISTORIES=2000` asks for as many generated histories as a release
should pass; the ordinary run takes fewer.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.floor import Holder
from clinic.hours import is_open
from clinic.settings import load_clinic
from clinic.turn import HandoffState, Kind, Turn, Urgency
from desk import attendance, chat_requests, conversations, floor, nurse_chat, nurse_work, turns
from desk.accounts import Nurse, set_presence
from desk.alarm import Raised, Said
from desk.chat_requests import ChatRequest
from desk.erasing import erase
from desk.errors import Conflict, Gone, NotFound
from desk.outages import Outages
from desk.public_holidays import public_holidays
from desk.rasa_client import Reply
from desk.settings import CHECKOUT
from desk.staff import make_nurse
from desk.storage.database import Database
from desk.storage.staff_tables import NurseRow, NurseSessionRow
from desk.storage.tables import ConversationRow, HandoffRow, PendingTurnRow
from desk.turns import DueTurn
from tests.desk.databases import DatabaseKind, databases_of, migrated

CLINIC = load_clinic(CHECKOUT / "clinic.yml", public_holidays)
REPLY = Reply(text="reply", buttons=(), turn=Turn(kind=Kind.CHITCHAT))
DANGER = Reply(text="call 911", buttons=(), turn=Turn(Kind.EMERGENCY, urgency=Urgency.EMERGENCY))
OPENING = datetime(2026, 11, 24, 14, tzinfo=timezone.utc)  # Tuesday, 8 a.m. in Chicago
NAMES = st.sampled_from(["Ada", "Bea"])


class RingsAtPain:
    """An alarm that one word sets off."""

    def look(self, said: Said, *, before: Sequence[Said]) -> Raised | None:
        del before
        pain = "pain" in said.text
        return Raised(Urgency.EMERGENCY, "Call 911 now.") if pain else None


OUTAGES = Outages(CLINIC, RingsAtPain())


@cache
def prepared(kind: DatabaseKind) -> tuple[str, dict[str, Nurse]]:
    """A database with two nurses, to copy: hashing passwords takes long."""
    url = databases_of(kind).new(Path(tempfile.mkdtemp()), like=migrated(kind))
    database = Database(url)
    with database.write() as session:
        nurses = {
            name: make_nurse(
                session, email=f"{name}@x.example", role="nurse", name=name, now=OPENING
            ).nurse
            for name in ("Ada", "Bea")
        }
    database.checkpoint()
    database.close()
    return url, nurses


class OneOwner(RuleBasedStateMachine):
    """One patient, two nurses. `under_way` is the turn that Rasa works on at this moment."""

    kind: ClassVar[DatabaseKind] = "sqlite"

    @initialize()
    def begin(self) -> None:
        empty, self.nurses = prepared(self.kind)
        self.folder = tempfile.TemporaryDirectory()
        self.url = databases_of(self.kind).new(Path(self.folder.name), like=empty)
        self.database = Database(self.url)
        self.now = OPENING + timedelta(minutes=5)
        self.count = 0
        self.under_way: DueTurn | None = None
        with self.database.write() as session:
            self.chat = conversations.create(session, now=self.now).id
        for name in self.nurses:
            self.comes(name)

    # What the patient does.

    @rule(danger=st.sampled_from([False, False, False, True]))
    def writes(self, *, danger: bool) -> None:
        before = self._holder()
        self.count += 1
        text = "pain" if danger else "hello"
        try:
            with self.database.write() as session:
                seq = turns.accept_message(
                    session,
                    self.chat,
                    client_message_id=f"patient-{self.count}",
                    text=text,
                    now=self.now,
                )
                OUTAGES.watch(session, self.chat, now=self.now)
                chat_requests.keep_for_nurse(session, CLINIC, self.chat, now=self.now)
        except Gone:
            assert before is Holder.ENDED
            return
        owed = self._owed()
        assert (seq in owed) == (before is Holder.ASSISTANT), "one side owes the answer"
        after = self._events()[seq:]
        if danger and before is not Holder.ASSISTANT:
            assert after[0].author == "system", "the number comes first, whoever has the floor"
            assert after[0].turn is not None
            assert after[0].turn["kind"] == "emergency"
            assert self._handoff().urgency == "emergency"
        if before is Holder.WAITING:
            assert self._was_told_lately(), "nobody waits in silence"

    @rule()
    def leaves(self) -> None:
        before = self._holder()
        try:
            with self.database.write() as session:
                chat_requests.leave(session, self.chat, now=self.now)
        except (Conflict, Gone):
            assert before not in {Holder.WAITING, Holder.NURSE}
            return
        assert self._holder() is Holder.ASSISTANT

    @precondition(lambda self: self.count > 6)
    @rule(sure=st.sampled_from([False, False, False, True]))
    def erases(self, *, sure: bool) -> None:
        if sure and self._holder() is not Holder.ENDED:
            with self.database.write() as session:
                erase(session, self.chat, now=self.now)

    # What Rasa does.

    @precondition(lambda self: self.under_way is None)
    @rule()
    def takes_a_turn(self) -> None:
        with self.database.read() as session:
            found = turns.due(session, now=self.now, busy=(), limit=1)
        if found and found[0].withdrawn:
            with self.database.write() as session:
                OUTAGES.watch(session, self.chat, now=self.now)
        elif found:
            self.under_way = found[0]

    @precondition(lambda self: self.under_way is not None)
    @rule(how=st.sampled_from(["reply", "reply", "danger", "fail", "give up", "late"]))
    def answers(self, how: str) -> None:
        turn, before = self.under_way, self._holder()
        assert turn is not None
        owed, length = self._owed(), len(self._events())
        with self.database.write() as session:
            if how in {"reply", "danger"}:
                reply = REPLY if how == "reply" else DANGER
                said = turns.finish(session, turn, reply, CLINIC, now=self.now)
                if how == "reply" and turn.seq not in owed:
                    assert not said, "a late reply is not said after a nurse took over"
            elif how == "fail":
                OUTAGES.postpone(
                    session, turn, wait=timedelta(seconds=1), refused=True, now=self.now
                )
            elif how == "give up":
                OUTAGES.close(session, turn, now=self.now)
            else:
                OUTAGES.tell(session, turn, now=self.now)
        if how != "late":
            self.under_way = None
        for event in self._events()[length:]:
            if before is Holder.NURSE:
                assert event.turn is not None
                assert event.turn["kind"] == "emergency"

    @rule(key=st.integers(0, 3), urgency=st.sampled_from(list(Urgency)[:2]))
    def asks_for_a_nurse(self, key: int, urgency: Urgency) -> None:
        """As the action does in the middle of a turn; the same key is the same request."""
        before = self._holder()
        wanted = ChatRequest(self.chat, reason="sore", urgency=urgency)
        try:
            with self.database.write() as session:
                queued = chat_requests.request_chat(
                    session, CLINIC, wanted, key=f"key-{key}", now=self.now
                )
        except (Conflict, Gone):
            assert self._holder() is before
            return
        if before is Holder.NURSE:
            assert self._holder() is Holder.NURSE, "a late request changes nothing"
            assert queued.state == "connected"

    # What nurses do.

    @rule(name=NAMES)
    def comes(self, name: str) -> None:
        nurse = self.nurses[name]
        with self.database.write() as session:
            set_presence(session, nurse_id=nurse.id, state="available", now=self.now)
            session.merge(
                NurseSessionRow(
                    token_hash=name, nurse_id=nurse.id, created_at=self.now, used_at=self.now
                )
            )

    @rule(name=NAMES)
    def signs_out(self, name: str) -> None:
        with self.database.write() as session:
            found = session.get(NurseSessionRow, name)
            if found:
                session.delete(found)
            session.get_one(NurseRow, self.nurses[name].id).available = False

    @rule(name=NAMES)
    def claims(self, name: str) -> None:
        row, erased = self._open(), self._holder() is Holder.ENDED
        if row is None:
            return
        if self._tries(
            lambda s, nurse: nurse_work.claim(s, row.id, nurse=nurse, now=self.now), name
        ):
            after = self._open()
            assert after is not None
            assert (after.state, after.assigned_to) == ("claimed", self.nurses[name].id)
            if row.state == "waiting" and row.kind == "chat" and not erased:
                assert self._floor_of() == (Holder.NURSE, self.nurses[name].id)
        else:
            assert row.assigned_to not in {None, self.nurses[name].id}

    @rule(name=NAMES)
    def releases(self, name: str) -> None:
        row, held = self._open(), self._floor_of()
        if row is not None and self._tries(
            lambda s, nurse: nurse_work.release(
                s, row.id, nurse=nurse, clinic=CLINIC, now=self.now
            ),
            name,
        ):
            if held[0] is Holder.NURSE:
                assert self._holder() is Holder.WAITING
            after = self._open()
            assert after is not None
            assert after.due_at == row.due_at, "at its old place"

    @rule(name=NAMES)
    def transfers(self, name: str) -> None:
        row, held = self._open(), self._floor_of()
        other = next(nurse for key, nurse in self.nurses.items() if key != name)
        if row is not None and self._tries(
            lambda s, nurse: nurse_chat.transfer(
                s, row.id, nurse=nurse, to=other.id, note="please", now=self.now
            ),
            name,
        ):
            wanted = (Holder.NURSE, other.id) if held[0] is Holder.NURSE else held
            assert self._floor_of() == wanted

    @rule(name=NAMES)
    def says(self, name: str) -> None:
        self.count += 1
        row, nurse = self._open(), self.nurses[name]
        said = self._tries(
            lambda s, nurse: nurse_chat.write(
                s,
                self.chat,
                nurse=nurse,
                text="nurse",
                message_id=f"nurse-{self.count}",
                now=self.now,
            ),
            name,
        )
        may = row is not None and row.state == "claimed" and row.assigned_to == nurse.id
        assert said == (may and self._holder() is not Holder.ENDED)
        if said:
            assert self._floor_of() == (Holder.NURSE, nurse.id), "who speaks has the floor"

    @rule(name=NAMES, outcome=st.sampled_from(["helped", "handed_back"]))
    def closes(self, name: str, outcome: nurse_work.Outcome) -> None:
        row = self._open()
        if row is not None and self._tries(
            lambda s, nurse: nurse_work.resolve(
                s, row.id, nurse=nurse, clinic=CLINIC, outcome=outcome, now=self.now
            ),
            name,
        ):
            assert self._holder() in {Holder.ASSISTANT, Holder.ENDED}

    # What time does.

    @rule(seconds=st.sampled_from([1, 20, 61, 120, 301]))
    def passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        attendance.look(self.database, CLINIC, now=self.now)
        attendance.look(self.database, CLINIC, now=self.now)
        held, row = self._floor_of(), self._open()
        if held[0] is Holder.WAITING:
            assert is_open(CLINIC.schedule, now=self.now)
            with self.database.read() as session:
                since = floor.view(session.get_one(ConversationRow, self.chat)).since
            assert self.now - since < CLINIC.chat.nobody_came_after
            assert row is not None
            assert row.state == "waiting"

    @rule(hours=st.sampled_from([4, 15]))
    def hours_pass(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.passes(1)

    # What always holds.

    @invariant()
    def the_floor_and_the_queue_agree(self) -> None:
        if not hasattr(self, "chat"):
            return
        (holder, nurse), row = self._floor_of(), self._open()
        owed = self._owed()
        if holder is Holder.WAITING:
            assert row is not None
            assert row.state == "waiting"
            assert len(owed) <= 1, "only the turn that asked"
        if holder is Holder.NURSE:
            assert row is not None
            assert (row.state, row.assigned_to) == ("claimed", nurse)
            assert owed == set(), "the assistant owes nothing while a nurse answers"
        if holder is Holder.ENDED:
            assert owed == set()

    @invariant()
    def what_is_said_fits_who_had_the_floor(self) -> None:
        if not hasattr(self, "chat"):
            return
        events = self._events()
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        connected = False
        for event in events:
            state = (event.turn or {}).get("handoff") or {}
            emergency = (event.turn or {}).get("kind") == "emergency"
            if event.author == "system" and not emergency:
                connected = state.get("state") == HandoffState.CONNECTED.value
            if event.author == "assistant" and not emergency:
                assert not connected, "the assistant spoke while a nurse had the floor"
            if event.author == "nurse":
                assert connected, "a nurse spoke without the floor"
                assert event.name in self.nurses

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()

    def _tries(self, act: Callable[[Session, Nurse], object], name: str) -> bool:
        try:
            with self.database.write() as session:
                act(session, self.nurses[name])
        except (Conflict, Gone, NotFound):
            return False
        return True

    def _floor_of(self) -> tuple[Holder, int | None]:
        with self.database.read() as session:
            found = floor.view(session.get_one(ConversationRow, self.chat))
        return found.holder, found.nurse

    def _holder(self) -> Holder:
        return self._floor_of()[0]

    def _open(self) -> SimpleNamespace | None:
        with self.database.read() as session:
            row = session.scalars(
                select(HandoffRow).where(HandoffRow.state != "resolved")
            ).one_or_none()
            if row is None:
                return None
            return SimpleNamespace(
                id=row.id, state=row.state, kind=row.kind, urgency=row.urgency,
                assigned_to=row.assigned_to, due_at=row.due_at,
            )  # fmt: skip

    def _handoff(self) -> SimpleNamespace:
        row = self._open()
        assert row is not None
        return row

    def _owed(self) -> set[int]:
        with self.database.read() as session:
            wanted = select(PendingTurnRow.seq).where(PendingTurnRow.withdrawn.is_(False))
            return set(session.scalars(wanted))

    def _events(self) -> tuple[conversations.Event, ...]:
        with self.database.read() as session:
            return conversations.events_after(session, self.chat)

    def _was_told_lately(self) -> bool:
        told = [event.at for event in self._events() if event.author != "patient"]
        return bool(told) and self.now - told[-1] < timedelta(seconds=60)


class OneOwnerOnPostgres(OneOwner):
    """The same on the other database."""

    kind = "postgresql"


TestOneOwner = OneOwner.TestCase
TestOneOwner.settings = settings(
    max_examples=int(os.environ.get("FLOOR_HISTORIES", "25")),
    stateful_step_count=30,
    deadline=None,
)
TestOneOwnerOnPostgres = OneOwnerOnPostgres.TestCase
TestOneOwnerOnPostgres.settings = settings(
    max_examples=int(os.environ.get("FLOOR_HISTORIES", "8")),
    stateful_step_count=30,
    deadline=None,
)


def test_the_same_machine_sees_a_desk_that_lets_both_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check checks: without the withdrawal of pending turns the machine fails."""
    monkeypatch.setattr(floor, "_withdraw", lambda *_args, **_named: None)
    machine = OneOwner()
    machine.begin()
    machine.writes(danger=False)
    machine.asks_for_a_nurse(0, Urgency.ROUTINE)
    machine.claims("Ada")
    with pytest.raises(AssertionError, match="owes nothing"):
        machine.the_floor_and_the_queue_agree()
    machine.teardown()
