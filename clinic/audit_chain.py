"""The chain that holds the audit trail together: each entry carries the hash of the one before.

Changing, removing or slipping in an entry breaks it at that place. `desk.audit` writes and reads
the entries; here is only the arithmetic, so that a copy of the log can be checked anywhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

__all__ = ["NOTHING", "Break", "Entry", "Link", "find_breaks", "hash_of"]


@dataclass(frozen=True)
class Link:
    """A place in the chain: the number of an entry and its hash, SHA-256 in hexadecimal."""

    id: int
    hash: str

    def __str__(self) -> str:
        return f"{self.id}:{self.hash}"


# What the first entry of all follows.
NOTHING: Final = Link(0, "0" * 64)


@dataclass(frozen=True)
class Entry:
    """One row of the trail as it is stored; `previous` is the hash that it says it follows."""

    id: int
    at: datetime
    actor: str
    action: str
    object_kind: str
    object_id: str
    detail: str
    previous: str
    hash: str


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold: the entry's number and what is wrong, in a sentence."""

    id: int
    what: str


def hash_of(
    *,
    id: int,  # noqa: A002 (the entry's own name for it)
    at: datetime,
    actor: str,
    action: str,
    object_kind: str,
    object_id: str,
    detail: str,
    previous: str,
) -> str:
    """SHA-256 of the entry in its one canonical form: JSON with sorted keys, `at` in UTC."""
    content = {
        "id": id,
        "at": at.astimezone(timezone.utc).isoformat(timespec="microseconds"),
        "actor": actor,
        "action": action,
        "object_kind": object_kind,
        "object_id": object_id,
        "detail": detail,
        "previous": previous,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def find_breaks(entries: Iterable[Entry], *, start: Link, end: Link) -> Iterator[Break]:
    """Every place where the chain from `start` to `end` does not hold; none when it is whole.

    `start` is the last entry that the retention has taken away, or `NOTHING`; `end` is the last
    one written. `entries` come in the order of their numbers.
    """
    last = start
    for entry in entries:
        if entry.previous != last.hash:
            yield Break(
                entry.id,
                f"does not follow entry {last.id}: entries between them were removed, or one "
                "was put in",
            )
        if entry.hash != _own_hash(entry):
            yield Break(entry.id, "was changed after it was written")
        last = Link(entry.id, entry.hash)
    if last != end:
        yield Break(
            end.id,
            f"should be the last entry, but that is {last.id}: the end was removed, or changed",
        )


def _own_hash(entry: Entry) -> str:
    return hash_of(
        id=entry.id,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        object_kind=entry.object_kind,
        object_id=entry.object_id,
        detail=entry.detail,
        previous=entry.previous,
    )
