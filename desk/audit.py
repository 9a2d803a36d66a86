"""The audit trail: who did what to which object, when; ids and codes only, never values.

Rows are only ever added, each with the hash of the one before (`clinic.audit_chain`); the database
itself refuses to change one. Those that the retention no longer keeps leave from the front, with
the place of the cut kept so that the rest can still be checked.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import delete, event, func, select, update
from sqlalchemy.orm import Session

from clinic.audit_chain import Break, Entry, Link, find_breaks, hash_of
from desk.storage.tables import AuditChainRow, AuditRow

__all__ = [
    "ObjectKind",
    "Verdict",
    "hash_at",
    "network_of",
    "record",
    "remove_before",
    "verify",
]

ObjectKind = Literal[
    "accounts",
    "audit",
    "backup",
    "canned_reply",
    "conversation",
    "figures",
    "handoff",
    "notice",
    "notices",
    "nurse",
    "queue",
    "session",
    "unanswered",
]

_PENDING: Final = "desk_audit"
_THE_CHAIN: Final = 1
_BATCH: Final = 1000


@dataclass(frozen=True)
class Verdict:
    """What a check of the whole chain found; `entries` is how many were read."""

    entries: int
    start: Link
    end: Link
    breaks: tuple[Break, ...]


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    object_kind: ObjectKind,
    object_id: str | int,
    now: datetime,
    detail: str = "",
) -> None:
    """Add one row to the caller's transaction, so that it stands exactly if the act does.

    `actor` is "nurse:<id>", "patient", "assistant" or "system"; `action` a dotted name in the
    past tense such as "handoff.claimed"; `detail` a code such as a role, never what people wrote.
    The row joins the chain as the last thing before the commit: whoever writes next waits for it
    only that long, and two transactions cannot wait for each other.
    """
    pending: list[dict[str, Any]] = session.info.setdefault(_PENDING, [])
    if not pending:
        event.listen(session, "before_commit", _chain, once=True)
    pending.append(
        {
            "at": now,
            "actor": actor,
            "action": action,
            "object_kind": object_kind,
            "object_id": str(object_id).replace("\0", ""),  # as it will stand there
            "detail": detail,
        }
    )


def record_account(
    session: Session,
    nurse_id: int,
    action: str,
    *,
    now: datetime,
    by: str | None = None,
    detail: str = "",
) -> None:
    """Add what was done to an account; by its own nurse, where `by` names no other actor."""
    record(
        session,
        actor=by or f"nurse:{nurse_id}",
        action=action,
        object_kind="nurse",
        object_id=nurse_id,
        detail=detail,
        now=now,
    )


def verify(session: Session) -> Verdict:
    """Read the whole trail and say where its chain breaks."""
    chain = session.get_one(AuditChainRow, _THE_CHAIN)
    start, end = Link(chain.cut_id, chain.cut_hash), Link(chain.last_id, chain.last_hash)
    counted = 0

    def count(entries: Iterator[Entry]) -> Iterator[Entry]:
        nonlocal counted
        for entry in entries:
            counted += 1
            yield entry

    breaks = tuple(find_breaks(count(_entries(session)), start=start, end=end))
    return Verdict(entries=counted, start=start, end=end, breaks=breaks)


def hash_at(session: Session, entry_id: int) -> str | None:
    """The hash of one entry, None when it is not there; to compare with one noted elsewhere."""
    return session.scalar(select(AuditRow.hash).where(AuditRow.id == entry_id))


def remove_before(session: Session, cut: datetime, *, now: datetime) -> int:
    """Take away the rows written before `cut`, from the front of the chain; how many went.

    That it was done is itself a row. The rest still verifies, from the place of the cut.
    """
    # The last one that is old enough with all before it old too: the chain has no holes.
    first_kept = session.scalar(select(func.min(AuditRow.id)).where(AuditRow.at >= cut))
    old = select(AuditRow.id, AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)
    if first_kept is not None:
        old = old.where(AuditRow.id < first_kept)
    last_old = session.execute(old).one_or_none()
    if last_old is None:
        return 0
    session.execute(
        update(AuditChainRow)
        .where(AuditChainRow.id == _THE_CHAIN)
        .values(cut_id=last_old.id, cut_hash=last_old.hash)
    )
    gone = session.execute(
        delete(AuditRow).where(AuditRow.id <= last_old.id).returning(AuditRow.id)
    )
    count = len(gone.all())
    record(
        session,
        actor="system",
        action="audit.removed_by_age",
        object_kind="audit",
        object_id=last_old.id,
        detail=str(count),
        now=now,
    )
    return count


def network_of(peer: str) -> str:
    """The network of an address: enough to notice a stranger, too little to name a household."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        address = mapped
    prefix = 24 if address.version == 4 else 48  # noqa: PLR2004 (research: safety-security.md, 3c)
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))


def _chain(session: Session) -> None:
    pending = session.info.pop(_PENDING, [])
    chain = session.get_one(AuditChainRow, _THE_CHAIN, with_for_update=True, populate_existing=True)
    for values in pending:
        chain.last_id += 1
        sealed = hash_of(id=chain.last_id, previous=chain.last_hash, **values)
        session.add(AuditRow(id=chain.last_id, previous=chain.last_hash, hash=sealed, **values))
        chain.last_hash = sealed


def _entries(session: Session) -> Iterator[Entry]:
    rows = session.scalars(
        select(AuditRow).order_by(AuditRow.id).execution_options(yield_per=_BATCH)
    )
    for row in rows:
        yield Entry(
            id=row.id,
            at=row.at,
            actor=row.actor,
            action=row.action,
            object_kind=row.object_kind,
            object_id=row.object_id,
            detail=row.detail,
            previous=row.previous,
            hash=row.hash,
        )
        session.expunge(row)
