"""How one reply is judged, by the rules that come with the question sets.

A message is asked in a conversation of its own; the reply is judged by its `turn` alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

Turn = Mapping[str, Any]

_MOST_SECTIONS_OF_ONE_ANSWER = 2


class Verdict(str, Enum):
    """What a reply is worth. A miss helps nobody; a wrong reply misleads."""

    RIGHT = "right"
    MISS = "miss"
    CLARIFY = "clarify"
    WRONG = "wrong"


# Kinds that are right, and kinds that are a miss, where the label is no answer; all else is wrong.
_RIGHT = {
    "handoff": {"handoff", "urgent"},
    "urgent": {"urgent", "emergency"},
    "emergency": {"emergency"},
    "decline": {"decline", "handoff", "urgent"},
    "out_of_scope": {"out_of_scope", "decline"},
    "chitchat": {"chitchat"},
}
_MISS = {
    "handoff": {"decline", "chitchat", "out_of_scope", "clarify"},
    "urgent": {"handoff", "decline"},
    "emergency": {"urgent"},
    "decline": {"out_of_scope", "chitchat", "clarify"},
    "out_of_scope": {"chitchat", "clarify", "handoff", "urgent"},
    "chitchat": {"decline", "out_of_scope", "handoff", "clarify"},
}


def judge(expect: Mapping[str, Any], turns: Sequence[Turn]) -> Verdict:
    """The verdict on a reply that carried `turns`, where `expect` is the label's object."""
    if len(turns) != 1:
        return Verdict.WRONG
    kind, said = turns[0]["kind"], list(turns[0]["sections"])
    label = expect["kind"]
    if kind == "emergency" and label not in {"emergency", "urgent"}:
        return Verdict.WRONG
    if label == "answer":
        return _judge_answer(kind, said, set(expect["sections"]))
    if label == "answer_all":
        return _judge_answers(kind, said, set(expect["sections"]))
    return _judge_kind(kind, label)


def _judge_kind(kind: str, label: str) -> Verdict:
    if kind in _RIGHT[label]:
        return Verdict.RIGHT
    if kind == "clarify":
        return Verdict.CLARIFY
    return Verdict.MISS if kind in _MISS[label] else Verdict.WRONG


def _judge_answer(kind: str, said: list[str], wanted: set[str]) -> Verdict:
    if kind == "answer":
        few = len(said) <= _MOST_SECTIONS_OF_ONE_ANSWER
        return Verdict.RIGHT if few and wanted & set(said) else Verdict.WRONG
    return Verdict.CLARIFY if kind == "clarify" else Verdict.MISS


def _judge_answers(kind: str, said: list[str], wanted: set[str]) -> Verdict:
    if kind != "answer":
        return Verdict.CLARIFY if kind == "clarify" else Verdict.MISS
    if wanted <= set(said) and len(said) <= len(wanted) + 1:
        return Verdict.RIGHT
    return Verdict.MISS if wanted & set(said) else Verdict.WRONG
