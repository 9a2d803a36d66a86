"""Exactly one side answers, in every order of what patients, nurses, Rasa and time can do.

Runs on the real store. `FLOOR_HISTORIES=2000` asks for as many generated histories as a release
should pass; the ordinary run takes fewer.
"""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from clinic.floor import Holder
from clinic.hours import is_open
from clinic.turn import HandoffState, Kind, Turn, Urgency
from desk import attendance, chat_requests, floor, nurse_chat, nurse_work, turns
from desk.accounts import set_presence
from desk.chat_requests import ChatRequest
from desk.erasing import erase
from desk.errors import Conflict, Gone
from desk.rasa_client import Reply
from desk.storage.staff_tables import NurseRow, NurseSessionRow
from desk.storage.tables import ConversationRow
from tests.desk.floor_stage import CLINIC, OUTAGES, FloorStage

REPLY = Reply(text="reply", buttons=(), turn=Turn(kind=Kind.CHITCHAT))
DANGER = Reply(text="call 911", buttons=(), turn=Turn(Kind.EMERGENCY, urgency=Urgency.EMERGENCY))
NAMES = st.sampled_from(["Ada", "Bea"])


class OneOwner(FloorStage, RuleBasedStateMachine):
    """Everything that can happen on the stage, and what has to hold whatever happens."""

    @initialize()
    def begin(self) -> None:
        self.open()
        for name in self.nurses:
            self.comes(name)

    # What the patient does.

    @rule(danger=st.sampled_from([False, False, False, True]))
    def writes(self, *, danger: bool) -> None:
        before = self.holder()
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
        owed = self.owed()
        assert (seq in owed) == (before is Holder.ASSISTANT), "one side owes the answer"
        after = self.events()[seq:]
        if danger and before is not Holder.ASSISTANT:
            assert after[0].author == "system", "the number comes first, whoever has the floor"
            assert after[0].turn is not None
            assert after[0].turn["kind"] == "emergency"
            assert self.handoff().urgency == "emergency"
        if before is Holder.WAITING:
            assert self.was_told_lately(), "nobody waits in silence"

    @rule()
    def leaves(self) -> None:
        before = self.holder()
        try:
            with self.database.write() as session:
                chat_requests.leave(session, self.chat, now=self.now)
        except (Conflict, Gone):
            assert before not in {Holder.WAITING, Holder.NURSE}
            return
        assert self.holder() is Holder.ASSISTANT

    @precondition(lambda self: self.count > 6)
    @rule(sure=st.sampled_from([False, False, False, True]))
    def erases(self, *, sure: bool) -> None:
        if sure and self.holder() is not Holder.ENDED:
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
        turn, before = self.under_way, self.holder()
        assert turn is not None
        owed, length = self.owed(), len(self.events())
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
        for event in self.events()[length:]:
            if before is Holder.NURSE:
                assert event.turn is not None
                assert event.turn["kind"] == "emergency"

    @rule(key=st.integers(0, 3), urgency=st.sampled_from(list(Urgency)[:2]))
    def asks_for_a_nurse(self, key: int, urgency: Urgency) -> None:
        """As the action does in the middle of a turn; the same key is the same request."""
        before = self.holder()
        wanted = ChatRequest(self.chat, reason="sore", urgency=urgency)
        try:
            with self.database.write() as session:
                queued = chat_requests.request_chat(
                    session, CLINIC, wanted, key=f"key-{key}", now=self.now
                )
        except (Conflict, Gone):
            assert self.holder() is before
            return
        if before is Holder.NURSE:
            assert self.holder() is Holder.NURSE, "a late request changes nothing"
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
        row, erased = self.open_handoff(), self.holder() is Holder.ENDED
        if row is None:
            return
        if self.tries(
            lambda s, nurse: nurse_work.claim(s, row.id, nurse=nurse, now=self.now), name
        ):
            after = self.open_handoff()
            assert after is not None
            assert (after.state, after.assigned_to) == ("claimed", self.nurses[name].id)
            if row.state == "waiting" and row.kind == "chat" and not erased:
                assert self.floor_of() == (Holder.NURSE, self.nurses[name].id)
        else:
            assert row.assigned_to not in {None, self.nurses[name].id}

    @rule(name=NAMES)
    def releases(self, name: str) -> None:
        row, held = self.open_handoff(), self.floor_of()
        if row is not None and self.tries(
            lambda s, nurse: nurse_work.release(
                s, row.id, nurse=nurse, clinic=CLINIC, now=self.now
            ),
            name,
        ):
            if held[0] is Holder.NURSE:
                assert self.holder() is Holder.WAITING
            after = self.open_handoff()
            assert after is not None
            assert after.due_at == row.due_at, "at its old place"

    @rule(name=NAMES)
    def transfers(self, name: str) -> None:
        row, held = self.open_handoff(), self.floor_of()
        other = next(nurse for key, nurse in self.nurses.items() if key != name)
        if row is not None and self.tries(
            lambda s, nurse: nurse_chat.transfer(
                s, row.id, nurse=nurse, to=other.id, note="please", now=self.now
            ),
            name,
        ):
            wanted = (Holder.NURSE, other.id) if held[0] is Holder.NURSE else held
            assert self.floor_of() == wanted

    @rule(name=NAMES)
    def says(self, name: str) -> None:
        self.count += 1
        row, nurse = self.open_handoff(), self.nurses[name]
        said = self.tries(
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
        assert said == (may and self.holder() is not Holder.ENDED)
        if said:
            assert self.floor_of() == (Holder.NURSE, nurse.id), "who speaks has the floor"

    @rule(name=NAMES, outcome=st.sampled_from(["helped", "handed_back"]))
    def closes(self, name: str, outcome: nurse_work.Outcome) -> None:
        row = self.open_handoff()
        if row is not None and self.tries(
            lambda s, nurse: nurse_work.resolve(
                s, row.id, nurse=nurse, clinic=CLINIC, outcome=outcome, now=self.now
            ),
            name,
        ):
            assert self.holder() in {Holder.ASSISTANT, Holder.ENDED}

    # What time does.

    @rule(seconds=st.sampled_from([1, 20, 61, 120, 301]))
    def passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        attendance.look(self.database, CLINIC, now=self.now)
        attendance.look(self.database, CLINIC, now=self.now)
        held, row = self.floor_of(), self.open_handoff()
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
        (holder, nurse), row = self.floor_of(), self.open_handoff()
        owed = self.owed()
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
        events = self.events()
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
