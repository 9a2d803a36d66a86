"""The audit trail: who did what to which object, when; ids only, never values."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from desk.storage.tables import AuditRow

__all__ = ["ObjectKind", "record"]

ObjectKind = Literal["conversation", "handoff", "nurse", "queue", "session"]


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    object_kind: ObjectKind,
    object_id: str | int,
    now: datetime,
) -> None:
    """Add one row in the caller's transaction, so that it stands exactly if the act does.

    `actor` is "nurse:<id>", "patient", "assistant" or "system"; `action` a dotted name in the
    past tense such as "handoff.claimed".
    """
    session.add(
        AuditRow(
            at=now,
            actor=actor,
            action=action,
            object_kind=object_kind,
            object_id=str(object_id),
        )
    )
