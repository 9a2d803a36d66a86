"""What the assistant did in one turn, in a nurse's words: its guess, the passages, how sure it was.

Only for turns in which the assistant understood a message; what the desk says by itself, and the
steps of a form, are no guess of anybody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from clinic.handout import Handout, find_section

__all__ = ["Guess", "Passage", "guess_of"]

_GUESSED: Final = {
    "answer": "Answered from",
    "clarify": "Asked which one was meant",
    "decline": "Took it for a question that the handout does not answer",
    "out_of_scope": "Took it for nothing to do with the clinic",
    "urgent": "Took it for urgent",
    "emergency": "Took it for an emergency",
}


@dataclass(frozen=True)
class Passage:
    """A section of a handout by its title, and where it stands; no address once it is gone."""

    title: str
    href: str | None


@dataclass(frozen=True)
class Guess:
    """`confidence` is the probability, 0 to 1, that this was right; None where none is known."""

    words: str
    passages: tuple[Passage, ...]
    confidence: float | None


def guess_of(
    author: str, turn: Mapping[str, Any] | None, handouts: Mapping[str, Handout]
) -> Guess | None:
    """What to show beside an event; None where the assistant has guessed nothing."""
    if author != "assistant" or not turn or turn.get("kind") not in _GUESSED:
        return None
    sure = turn.get("confidence")
    named = [_passage(turn.get("document"), name, handouts) for name in turn.get("sections") or ()]
    return Guess(
        words=_GUESSED[turn["kind"]],
        passages=tuple(named),
        confidence=float(sure) if isinstance(sure, int | float) else None,
    )


def _passage(document: str | None, name: str, handouts: Mapping[str, Handout]) -> Passage:
    found = find_section(handouts, document, name)
    if found is None:
        return Passage(name.rpartition("#")[2], None)
    handout, section = found
    return Passage(section.title, f"/handouts/{handout.id}#{section.id}")
