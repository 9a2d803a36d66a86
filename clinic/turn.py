"""The turn: what one reply of the assistant says in machine-readable form.

Rasa's generator writes a turn for each thing it says; `merge` makes the one turn of a reply out of
them; the desk reads it back with `Turn.from_json`. The public contract fixes the keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

__all__ = ["Ask", "Handoff", "HandoffState", "Kind", "Turn", "TurnError", "Urgency", "merge"]


class Kind(str, Enum):
    """What sort of reply a turn is, in the contract's words."""

    ANSWER = "answer"
    DECLINE = "decline"
    OUT_OF_SCOPE = "out_of_scope"
    CLARIFY = "clarify"
    EMERGENCY = "emergency"
    URGENT = "urgent"
    HANDOFF = "handoff"
    CHITCHAT = "chitchat"


class Urgency(str, Enum):
    """How soon a person has to look, gravest last."""

    ROUTINE = "routine"
    URGENT = "urgent"
    EMERGENCY = "emergency"


class HandoffState(str, Enum):
    """How far the way to a nurse has got."""

    OFFERED = "offered"
    COLLECTING = "collecting"
    QUEUED = "queued"
    CONNECTED = "connected"
    CLOSED = "closed"
    FAILED = "failed"


class Ask(str, Enum):
    """The detail that the call-back form asks for in this turn."""

    REASON = "reason"
    NAME = "name"
    PHONE = "phone"
    TIME = "time"
    CONSENT = "consent"


class TurnError(ValueError):
    """The JSON is not a turn of the contract."""


# Gravest first. Emergency and urgent outrank everything; an answer given in the middle of a form
# stays an answer (contract), so `answer` stands before `handoff`.
_GRAVITY: tuple[Kind, ...] = (
    Kind.EMERGENCY,
    Kind.URGENT,
    Kind.ANSWER,
    Kind.CLARIFY,
    Kind.DECLINE,
    Kind.OUT_OF_SCOPE,
    Kind.HANDOFF,
    Kind.CHITCHAT,
)
_URGENCIES: tuple[Urgency, ...] = tuple(Urgency)


@dataclass(frozen=True)
class Handoff:
    """The state of the way to a nurse, as one turn shows it."""

    state: HandoffState
    asks_for: Ask | None = None
    reference: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """The contract's object."""
        return {
            "state": self.state.value,
            "asks_for": self.asks_for.value if self.asks_for else None,
            "reference": self.reference,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Handoff:
        """Read the contract's object; raises `TurnError` when it is none."""
        try:
            asks_for = data.get("asks_for")
            return cls(
                state=HandoffState(data["state"]),
                asks_for=Ask(asks_for) if asks_for else None,
                reference=data.get("reference"),
            )
        except (KeyError, ValueError, AttributeError) as error:
            raise TurnError(f"not a handoff of the contract: {error}") from error


@dataclass(frozen=True)
class Turn:
    """One reply's meaning.

    `sections` are section ids of `document`, or `other-document#section-id`, in the order in which
    they were said. `confidence` is a probability, 0 to 1.
    """

    kind: Kind
    document: str | None = None
    sections: tuple[str, ...] = field(default=())
    urgency: Urgency | None = None
    handoff: Handoff | None = None
    confidence: float = 1.0

    def to_json(self) -> dict[str, Any]:
        """The contract's object."""
        return {
            "kind": self.kind.value,
            "document": self.document,
            "sections": list(self.sections),
            "urgency": self.urgency.value if self.urgency else None,
            "handoff": self.handoff.to_json() if self.handoff else None,
            "confidence": round(self.confidence, 4),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Turn:
        """Read the contract's object; raises `TurnError` when it is none."""
        try:
            urgency, handoff = data.get("urgency"), data.get("handoff")
            return cls(
                kind=Kind(data["kind"]),
                document=data.get("document"),
                sections=tuple(data.get("sections") or ()),
                urgency=Urgency(urgency) if urgency else None,
                handoff=Handoff.from_json(handoff) if handoff else None,
                confidence=float(data.get("confidence", 1.0)),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise TurnError(f"not a turn of the contract: {error}") from error


def merge(turns: Iterable[Turn]) -> Turn:
    """The one turn of a reply in which several things were said, in their order.

    The gravest kind wins and brings its confidence; sections are joined, each once; the last
    handoff and the gravest urgency stand. Raises `TurnError` when there is nothing to merge.
    """
    said = list(turns)
    if not said:
        raise TurnError("a reply needs at least one turn")
    gravest = min(said, key=lambda turn: _GRAVITY.index(turn.kind))
    sections = tuple(dict.fromkeys(section for turn in said for section in turn.sections))
    urgencies = [turn.urgency for turn in said if turn.urgency]
    handoffs = [turn.handoff for turn in said if turn.handoff]
    return replace(
        gravest,
        document=next((turn.document for turn in said if turn.document), None),
        sections=sections if gravest.kind is Kind.ANSWER else (),
        urgency=max(urgencies, key=_URGENCIES.index) if urgencies else None,
        handoff=handoffs[-1] if handoffs else None,
    )
