"""What the conversation has just been about, as far as the next message needs it.

The channel makes it of the turns said and sends it along with the message; the classifier and the
generator read it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from clinic.turn import HandoffState, Kind, Turn

__all__ = ["CONTEXT", "Context", "context_of"]

CONTEXT = "context"  # the key in a message's metadata
_MISSED = frozenset({Kind.DECLINE, Kind.CLARIFY})


@dataclass(frozen=True)
class Context:
    """Empty at the start of a conversation; while a form asks, only `asked` and `treated_on` tell.

    `doubted` is what was asked back about whether somebody is in danger: how that message is to be
    read if nobody is, as the assistant's component keeps it (`assistant.danger_in_context`).
    """

    sections: tuple[str, ...] = ()  # the last answer's, by the names that turns use
    options: tuple[str, ...] = ()  # sections just offered in "did you mean"
    document: str | None = None  # of the last answer, however long ago in the window
    misses: int = 0  # replies in a row, up to now, that answered nothing
    offered: bool = False  # a nurse has just been offered
    asked: str | None = None  # the form's slot that was just asked for
    treated_on: date | None = None  # the latest day the patient may have been treated, if said
    doubted: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """For the message's metadata."""
        return {
            "sections": list(self.sections),
            "options": list(self.options),
            "document": self.document,
            "misses": self.misses,
            "offered": self.offered,
            "asked": self.asked,
            "treated_on": self.treated_on.isoformat() if self.treated_on else None,
            "doubted": dict(self.doubted) if self.doubted else None,
        }

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any] | None) -> Context:
        """Read it back; empty where the message came another way than through the channel."""
        data = (metadata or {}).get(CONTEXT)
        if not isinstance(data, Mapping):
            return cls()
        return cls(
            sections=tuple(data.get("sections") or ()),
            options=tuple(data.get("options") or ()),
            document=data.get("document"),
            misses=int(data.get("misses") or 0),
            offered=bool(data.get("offered")),
            asked=data.get("asked"),
            treated_on=_day(data.get("treated_on")),
            doubted=data.get("doubted"),
        )


def context_of(
    turns: Sequence[Turn], *, options: Sequence[str] = (), primary: str | None = None
) -> Context:
    """The context after `turns`, one a reply, the latest first.

    `options` are what the latest reply offered, where it asked back; `primary` is not needed where
    turns name their document.
    """
    if not turns:
        return Context()
    talk = [turn for turn in turns if turn.kind is not Kind.CHITCHAT]
    last = talk[0] if talk else None
    misses = 0
    for turn in turns:
        if turn.kind not in _MISSED:
            break
        misses += 1
    answered = next((turn for turn in turns if turn.kind is Kind.ANSWER and turn.sections), None)
    latest = turns[0]
    return Context(
        sections=last.sections if last and last.kind is Kind.ANSWER else (),
        options=tuple(options) if latest.kind is Kind.CLARIFY else (),
        document=_document(answered, primary) if answered else None,
        misses=misses,
        offered=bool(latest.handoff and latest.handoff.state is HandoffState.OFFERED),
    )


def _document(turn: Turn, primary: str | None) -> str | None:
    document, mark, _ = turn.sections[-1].partition("#")
    return document if mark else turn.document or primary


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
