"""What the generator needs to know of the message it answers, and how a passage is put.

The classifier's `understanding` is read back here; a red-flag rule may have changed the intent
since, so everything falls back on the intent itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rasa.shared.core.trackers import DialogueStateTracker

from assistant.recollection import DOUBTED
from clinic.context import Context
from clinic.sentences import LIST_MARK, sentences
from clinic.understanding import NEAREST

__all__ = ["Message", "arranged"]


@dataclass(frozen=True)
class Message:
    """The latest message as it was understood."""

    sections: tuple[str, ...]
    leads: tuple[int, ...]
    options: tuple[str, ...]
    either: bool  # one of two sections may be meant, so both are said
    nearest: bool  # the section may not be the one that is meant
    confidence: float
    listed: bool
    not_listed: bool
    doubted: bool
    context: Context

    @classmethod
    def of(cls, tracker: DialogueStateTracker) -> Message:
        """Read it off the tracker, also where no classifier wrote an `understanding`."""
        message = tracker.latest_message
        data: dict[str, Any] = dict(message.parse_data or {}) if message else {}
        found: dict[str, Any] = data.get("understanding") or {}
        intent = dict(message.intent or {}) if message else {}
        sections = tuple(found.get("sections") or ())
        if not sections:
            likely = found.get("likely")
            name = intent.get("name") or ""
            sections = (str(likely) if likely and "#" in likely and name == _OTHER else name,)
        leads = tuple(found.get("lead") or ())
        return cls(
            sections=sections,
            leads=leads if len(leads) == len(sections) else (0,) * len(sections),
            options=tuple(found.get("options") or ()),
            either=found.get("reason") == "either" and len(sections) > 1,
            nearest=found.get("reason") == NEAREST,
            confidence=float(intent.get("confidence") or 0.0),
            listed=bool(found.get("listed")),
            not_listed=bool(found.get("not_listed")),
            doubted=bool(data.get(DOUBTED)),
            context=Context.from_metadata(message.metadata if message else None),
        )


_OTHER = "other_handout"


def arranged(text: str, lead: int) -> str:
    """A section's text, sentence `lead` of it moved to the front; all of it word for word."""
    found = sentences(text)
    if not 0 < lead < len(found) or found[lead].startswith(LIST_MARK):
        return text
    lines: list[str] = [found[lead]]
    place = 0
    for line in text.splitlines():
        kept = [
            sentence
            for number, sentence in enumerate(sentences(line), start=place)
            if number != lead
        ]
        place += len(sentences(line))
        if line.startswith(LIST_MARK) or not kept:
            lines += kept
        elif lines == [found[lead]]:
            lines = [" ".join([found[lead], *kept])]
        else:
            lines.append(" ".join(kept))
    return "\n".join(lines)
