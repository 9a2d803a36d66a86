"""Questions that have nothing to do with a clinic: the out-of-scope test part of CLINC150.

Nobody wrote them for this assistant, and none of them is among its training messages. What is
answered as if it were about the handout misleads; anything else is a way to say no.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluation.question_sets import Question, QuestionError

__all__ = ["answered_line", "far_off"]

_FILE = "clinc150/data_full.json"


def far_off(folder: Path) -> list[Question]:
    """The questions in the folder of public data sets. Raises `QuestionError`."""
    path = folder / _FILE
    try:
        texts = [text for text, _ in json.loads(path.read_text(encoding="utf-8"))["oos_test"]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise QuestionError(f"{path} is not CLINC150's data_full.json: {error!r}") from error
    return [
        Question(text, {"kind": "out_of_scope"}, f"{path.name}, oos_test {number}")
        for number, text in enumerate(texts, 1)
    ]


def answered_line(replies: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    """How many got a passage of the handout."""
    answered = sum(any(turn["kind"] == "answer" for turn in turns) for turns in replies)
    return f"answered from the handout: {answered} of {len(replies)}, {answered / len(replies):.1%}"
