"""Whom each nurse's open list shows: kept in memory, so that looking on is no new reading.

A list on the screen brings itself up to date every minute. What it shows is in the audit once it
was opened; from then on only somebody new is another reading. A restart begins empty, and costs
one more row for each list that is open.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

__all__ = ["QueueViews"]


class QueueViews:
    """The handoffs on each nurse's list, by her id and theirs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shown: dict[int, frozenset[int]] = {}

    def shown_to(self, nurse_id: int) -> frozenset[int]:
        """Whom her list shows already; nobody while she has opened none."""
        with self._lock:
            return self._shown.get(nurse_id, frozenset())

    def note(self, nurse_id: int, handoff_ids: Iterable[int]) -> None:
        """Her list shows these now, and the audit knows of it."""
        with self._lock:
            self._shown[nurse_id] = frozenset(handoff_ids)
