"""The stage of the floor's stateful test: a desk's store with one patient and two nurses."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.floor import Holder
from clinic.settings import load_clinic
from clinic.turn import Urgency
from desk import conversations, floor
from desk.accounts import Nurse
from desk.alarm import Raised, Said
from desk.errors import Conflict, Gone, NotFound
from desk.outages import Outages
from desk.public_holidays import public_holidays
from desk.settings import CHECKOUT
from desk.staff import make_nurse
from desk.storage.database import Database
from desk.storage.tables import ConversationRow, HandoffRow, PendingTurnRow
from desk.turns import DueTurn
from tests.desk.databases import DatabaseKind, databases_of, migrated

CLINIC = load_clinic(CHECKOUT / "clinic.yml", public_holidays)
OPENING = datetime(2026, 11, 24, 14, tzinfo=timezone.utc)  # Tuesday, 8 a.m. in Chicago


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


class FloorStage:
    """One patient, two nurses. `under_way` is the turn that Rasa works on at this moment."""

    kind: ClassVar[DatabaseKind] = "sqlite"

    def open(self) -> None:
        """A new store, with a chat that has just begun."""
        empty, self.nurses = prepared(self.kind)
        self.folder = tempfile.TemporaryDirectory()
        self.url = databases_of(self.kind).new(Path(self.folder.name), like=empty)
        self.database = Database(self.url)
        self.now = OPENING + timedelta(minutes=5)
        self.count = 0
        self.under_way: DueTurn | None = None
        with self.database.write() as session:
            self.chat = conversations.create(session, now=self.now).id

    def teardown(self) -> None:
        """Take it all away."""
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()

    def tries(self, act: Callable[[Session, Nurse], object], name: str) -> bool:
        """Whether the desk lets that nurse do it."""
        try:
            with self.database.write() as session:
                act(session, self.nurses[name])
        except (Conflict, Gone, NotFound):
            return False
        return True

    def floor_of(self) -> tuple[Holder, int | None]:
        """Who answers the patient, and which nurse."""
        with self.database.read() as session:
            found = floor.view(session.get_one(ConversationRow, self.chat))
        return found.holder, found.nurse

    def holder(self) -> Holder:
        """Who answers the patient."""
        return self.floor_of()[0]

    def open_handoff(self) -> SimpleNamespace | None:
        """The patient's entry in the queue."""
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

    def handoff(self) -> SimpleNamespace:
        """The same where there must be one."""
        row = self.open_handoff()
        assert row is not None
        return row

    def owed(self) -> set[int]:
        """The messages that the assistant has still to answer."""
        with self.database.read() as session:
            wanted = select(PendingTurnRow.seq).where(PendingTurnRow.withdrawn.is_(False))
            return set(session.scalars(wanted))

    def events(self) -> tuple[conversations.Event, ...]:
        """The chat so far."""
        with self.database.read() as session:
            return conversations.events_after(session, self.chat)

    def was_told_lately(self) -> bool:
        """Whether the patient heard something within a minute."""
        told = [event.at for event in self.events() if event.author != "patient"]
        return bool(told) and self.now - told[-1] < timedelta(seconds=60)
