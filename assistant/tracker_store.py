"""A tracker store that reads a window, so that a turn costs the same at any length of a chat.

Rasa's SQL store reads and replays the whole conversation on every message. This one keeps, beside
the events, a checkpoint a turn: the state in a few events (slots, active loop, pause). A tracker
is restored from the oldest of the last checkpoints and the events after it. The tables of Rasa's
own store stay as they are, so that its tools read them.

Named in `endpoints.yml`: `tracker_store: type: assistant.tracker_store.WindowedTrackerStore`.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa  # type: ignore[import-untyped]
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    ConversationPaused,
    Event,
    LoopInterrupted,
    SlotSet,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import ConnectionException
from rasa.shared.utils.common import all_subclasses
from sqlalchemy.orm import Session  # type: ignore[import-untyped]

from clinic.internal_secret import var_folder

logger = logging.getLogger(__name__)

WINDOW_TURNS = 8
"""Turns that a restored tracker holds.

The longest rule looks back over two turns (an offer and its answer); eight leave room for
questions in the middle of a form. Measured: the cost of a turn rises by about 0.1 ms a turn held.
"""

# What each connection is set to, and what SQLite then says of it.
_PRAGMAS = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "secure_delete": ("ON", 1),
    "busy_timeout": ("5000", 5000),
}
_STORED = "_clinic_events_stored"
_EVENT_TYPES: dict[str, type[Event]] = {}


class _Checkpoint(SQLTrackerStore.Base):
    """The state of one conversation after one turn."""

    __tablename__ = "checkpoints"

    id = sa.Column(sa.Integer, primary_key=True)
    sender_id = sa.Column(sa.String(255), nullable=False, index=True)
    last_event_id = sa.Column(sa.Integer, nullable=False)
    state = sa.Column(sa.Text, nullable=False)


class WindowedTrackerStore(SQLTrackerStore):
    """Rasa's SQL tracker store with a window on the conversation's end."""

    def __init__(
        self,
        domain: Domain | None = None,
        dialect: str = "sqlite",
        db: str | None = None,
        event_broker: EventBroker | None = None,
        **kwargs: Any,
    ) -> None:
        """Open the database, making its folder and tables where they are missing.

        Arguments are those of `SQLTrackerStore`; `db` is by default a file in the data folder.
        SQLite is opened so that what is committed survives a power cut and what is erased is
        overwritten.
        """
        db = db or str(var_folder(os.environ) / "rasa.sqlite3")
        if dialect == "sqlite" and db != ":memory:":
            Path(db).parent.mkdir(parents=True, exist_ok=True)
        super().__init__(domain=domain, dialect=dialect, db=db, event_broker=event_broker, **kwargs)
        self.engine.hide_parameters = True  # or an error would quote what the patient wrote
        if dialect == "sqlite":
            sa.event.listen(self.engine, "connect", _configure_sqlite)
            self.engine.dispose()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker with the last turns, or None where the conversation is new."""
        with self.session_scope() as session:
            checkpoints = (
                session.query(_Checkpoint)
                .filter(_Checkpoint.sender_id == sender_id)
                .order_by(_Checkpoint.last_event_id.desc())
                .limit(WINDOW_TURNS)
                .all()
            )
            if not checkpoints:
                return None
            # The last checkpoint is the present; the window starts at the oldest one read, unless
            # that is the conversation's first, in which case nothing is left out.
            oldest = checkpoints[-1]
            whole = len(checkpoints) < WINDOW_TURNS
            after = 0 if whole else oldest.last_event_id
            rows = (
                session.query(self.SQLEvent.data)
                .filter(self.SQLEvent.sender_id == sender_id, self.SQLEvent.id > after)
                .order_by(self.SQLEvent.id)
                .all()
            )
        head = [] if whole else json.loads(oldest.state)
        tracker = DialogueStateTracker.from_events(
            sender_id,
            evts=[_event(data) for data in head] + [_event(json.loads(row.data)) for row in rows],
            slots=self.domain.slots,
            domain=self.domain,
        )
        setattr(tracker, _STORED, len(tracker.events))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Add the tracker's new events and the checkpoint of this turn, in one transaction."""
        await self.stream_events(tracker)
        stored = getattr(tracker, _STORED, 0)
        new = list(tracker.events)[stored:]
        if not new:
            return
        with self.session_scope() as session:
            rows = [self._row(tracker.sender_id, event) for event in new]
            session.add_all(rows)
            session.flush()
            session.add(
                _Checkpoint(
                    sender_id=tracker.sender_id,
                    last_event_id=max(row.id for row in rows),
                    state=json.dumps([event.as_dict() for event in _state_events(tracker)]),
                )
            )
            self._drop_old_checkpoints(session, tracker.sender_id)
            session.commit()
        setattr(tracker, _STORED, len(tracker.events))

    async def undo_last_turn(self, sender_id: str) -> None:
        """Take back what the last `save` stored, as if that message had never been handled."""
        with self.session_scope() as session:
            ids = [
                row.last_event_id
                for row in session.query(_Checkpoint.last_event_id)
                .filter(_Checkpoint.sender_id == sender_id)
                .order_by(_Checkpoint.last_event_id.desc())
                .limit(2)
            ]
            before = ids[1] if len(ids) > 1 else 0
            self._delete(session, sender_id, after=before)
            session.commit()

    async def delete(self, sender_id: str) -> None:
        """Erase all that is stored of a conversation."""
        with self.session_scope() as session:
            self._delete(session, sender_id, after=0)
            session.commit()
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))

    def ping(self) -> None:
        """Ask the database for a sign of life; raises SQLAlchemy's error when there is none."""
        with self.session_scope() as session:
            session.execute(sa.text("SELECT 1"))

    def _row(self, sender_id: str, event: Event) -> Any:
        data = event.as_dict()
        return self.SQLEvent(
            sender_id=sender_id,
            type_name=event.type_name,
            timestamp=data.get("timestamp"),
            intent_name=data.get("parse_data", {}).get("intent", {}).get("name"),
            action_name=data.get("name"),
            data=json.dumps(data),
        )

    def _delete(self, session: Session, sender_id: str, *, after: int) -> None:
        session.query(self.SQLEvent).filter(
            self.SQLEvent.sender_id == sender_id, self.SQLEvent.id > after
        ).delete()
        session.query(_Checkpoint).filter(
            _Checkpoint.sender_id == sender_id, _Checkpoint.last_event_id > after
        ).delete()

    def _drop_old_checkpoints(self, session: Session, sender_id: str) -> None:
        kept = (
            session.query(_Checkpoint.id)
            .filter(_Checkpoint.sender_id == sender_id)
            .order_by(_Checkpoint.last_event_id.desc())
            .limit(WINDOW_TURNS)
        )
        session.query(_Checkpoint).filter(
            _Checkpoint.sender_id == sender_id, _Checkpoint.id.notin_(kept)
        ).delete(synchronize_session=False)


def _configure_sqlite(connection: Any, _record: Any) -> None:
    """Durability and erasure are settings of each connection, not of the file."""
    for name, (value, wanted) in _PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != wanted:
            raise ConnectionException(f"SQLite refused {name}={value}; it says {found}")


def _event(data: dict[str, Any]) -> Event:
    """Rebuild an event; Rasa's own look-up walks all subclasses for each one."""
    if not _EVENT_TYPES:
        _EVENT_TYPES.update({cls.type_name: cls for cls in all_subclasses(Event)})
    # `_from_parameters` is what `Event.from_parameters` calls after its look-up.
    return _EVENT_TYPES[data["event"]]._from_parameters(data)  # noqa: SLF001


def _state_events(tracker: DialogueStateTracker) -> Iterable[Event]:
    """The events that bring a fresh tracker into this one's present state."""
    for name, slot in tracker.slots.items():
        if slot.value != slot.initial_value:
            yield SlotSet(name, slot.value)
    if tracker.active_loop:
        yield ActiveLoop(tracker.active_loop.name)
        if tracker.active_loop.is_interrupted:
            yield LoopInterrupted(is_interrupted=True)
    if tracker.is_paused():
        yield ConversationPaused()
    yield ActionExecuted(ACTION_LISTEN_NAME)
