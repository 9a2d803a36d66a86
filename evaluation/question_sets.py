"""Question sets: a JSON object a line, with the `text` a patient wrote and what it should get.

{"text": "does it hurt?", "expect": {"kind": "answer", "sections": ["does-it-hurt"]}}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "Question", "QuestionError", "own_sets", "read"]

FOLDER = Path(__file__).resolve().parent / "questions"
_WITH_SECTIONS = {"answer", "answer_all"}
_KINDS = _WITH_SECTIONS | {
    "decline", "out_of_scope", "emergency", "urgent", "handoff", "chitchat",
}  # fmt: skip


class QuestionError(Exception):
    """A line is no question; the message says which, and what was expected."""


@dataclass(frozen=True)
class Question:
    """One message with its label; `place` is the file's name and the line."""

    text: str
    expect: dict[str, Any]
    place: str


def own_sets() -> Sequence[Path]:
    """The project's own sets."""
    return sorted(FOLDER.glob("*.jsonl"))


def read(file: Path) -> list[Question]:
    """All questions of a file, empty lines left out. Raises `QuestionError`."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"{file} cannot be read: {error}") from error
    found = [_question(line, f"{file.name}:{n}") for n, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise QuestionError(f"{file} holds no questions")
    return found


def _question(line: str, place: str) -> Question:
    try:
        row = json.loads(line)
        text, expect = row["text"], row["expect"]
        kind, sections = expect["kind"], expect.get("sections", [])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise QuestionError(
            f'{place}: expected {{"text": …, "expect": {{"kind": …, "sections": […]}}}}'
        ) from None
    if not isinstance(text, str) or kind not in _KINDS:
        raise QuestionError(f"{place}: 'kind' must be one of {', '.join(sorted(_KINDS))}")
    if kind in _WITH_SECTIONS and not sections:
        raise QuestionError(f"{place}: an {kind} needs the 'sections' that it may be taken from")
    return Question(text, expect, place)
