"""Who types and who looks, at this moment: kept in memory, never stored, gone after seconds.

Losing it costs a typing line and nothing else, so a restart begins empty, and several desk
processes would each know their own.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

__all__ = ["PATIENT", "TYPING_LIFE", "Signals"]

PATIENT: Final = "patient"
# A page says it again every few seconds while somebody types.
TYPING_LIFE: Final = timedelta(seconds=6)
_LOOKING_LIFE: Final = timedelta(seconds=45)
_LIVES: Final = {"typing": TYPING_LIFE, "looking": _LOOKING_LIFE}


@dataclass(frozen=True)
class _Sign:
    who: str
    sort: Literal["typing", "looking"]


class Signals:
    """Short-lived signs by conversation; `who` is `PATIENT` or a nurse's name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[str, dict[_Sign, datetime]] = {}

    def types(self, conversation_id: str, who: str, *, now: datetime) -> None:
        """That side types now."""
        self._note(conversation_id, _Sign(who, "typing"), now=now)

    def looks(self, conversation_id: str, who: str, *, now: datetime) -> None:
        """That nurse has the conversation open now."""
        self._note(conversation_id, _Sign(who, "looking"), now=now)

    def stops(self, conversation_id: str, who: str) -> None:
        """What was typed has been sent."""
        with self._lock:
            self._until.get(conversation_id, {}).pop(_Sign(who, "typing"), None)

    def typing(self, conversation_id: str, *, now: datetime) -> tuple[str, ...]:
        """Who types, in alphabetical order."""
        return self._who(conversation_id, "typing", now=now)

    def looking(self, conversation_id: str, *, now: datetime) -> tuple[str, ...]:
        """Which nurses have it open, in alphabetical order."""
        return self._who(conversation_id, "looking", now=now)

    def _note(self, conversation_id: str, sign: _Sign, *, now: datetime) -> None:
        with self._lock:
            self._forget_old(now)
            signs = self._until.setdefault(conversation_id, {})
            signs[sign] = now + _LIVES[sign.sort]

    def _who(self, conversation_id: str, sort: str, *, now: datetime) -> tuple[str, ...]:
        with self._lock:
            signs = self._until.get(conversation_id, {})
            return tuple(sorted(s.who for s, end in signs.items() if s.sort == sort and end > now))

    def _forget_old(self, now: datetime) -> None:
        for conversation_id, signs in list(self._until.items()):
            for sign in [sign for sign, end in signs.items() if end <= now]:
                del signs[sign]
            if not signs:
                del self._until[conversation_id]
