"""What a reply would be where only the intent is known: for folds, and for Rasa as it comes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

__all__ = ["label_of", "turn_of"]

_KINDS = {
    "near_topic": "decline",
    "out_of_scope": "out_of_scope",
    "emergency": "emergency",
    "crisis": "emergency",
    "urgent": "urgent",
    "handoff": "handoff",
    "callback_status": "handoff",
}


def label_of(intent: str, sections: Collection[str]) -> dict[str, Any]:
    """What a training message of `intent` should get; `sections` are the intents with answers."""
    if intent in sections:
        return {"kind": "answer", "sections": [intent]}
    return {"kind": _KINDS.get(intent, "chitchat")}


def turn_of(intent: str, sections: Collection[str], *, confidence: float) -> dict[str, Any]:
    """The turn of a reply that does no more than follow the intent."""
    label = label_of(intent, sections)
    return {"sections": [], **label, "confidence": confidence}
