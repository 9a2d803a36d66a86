"""What a run leaves for the report and for the next run: a verdict a question, and no text.

One JSON line a question in `evaluation/results/<set>.jsonl`, which is not in git. A question is
known again by a digest of its words; where it stands in its file says which one it is.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evaluation.calibration import Answer
from evaluation.judge import Verdict, judge

__all__ = [
    "RESULTS",
    "STOCK_RESULTS",
    "Scored",
    "answers_of",
    "before",
    "counts",
    "digest",
    "groups",
    "keep",
    "kept",
    "score",
]

RESULTS = Path(__file__).resolve().parent / "results"
STOCK_RESULTS = RESULTS / "stock"
_SEVERAL = "several"


@dataclass(frozen=True)
class Scored:
    """One question: where it stands, what was wanted, what was replied, the verdict on it."""

    place: str
    question: str  # digest
    kind: str  # wanted
    sections: tuple[str, ...]  # wanted
    asked: str  # intent, or section or kind, for the confusion matrix
    replied: str  # the same of the reply
    confidence: float | None  # of an answer to a single question
    verdict: Verdict


def score(
    text: str, expect: Mapping[str, Any], turns: Sequence[Mapping[str, Any]], *, place: str
) -> Scored:
    """Judge the reply that carried `turns`; `expect` is the label's object."""
    kind = str(expect["kind"])
    turn = turns[0] if len(turns) == 1 else None
    answered = turn is not None and turn["kind"] == "answer" and kind != "answer_all"
    return Scored(
        place=place,
        question=digest(text),
        kind=kind,
        sections=tuple(expect.get("sections", ())),
        asked=_asked(kind, expect),
        replied=_replied(turn),
        confidence=float(turn["confidence"]) if turn is not None and answered else None,
        verdict=judge(expect, turns),
    )


def digest(text: str) -> str:
    """Short name of a text that does not tell the text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def groups(rows: Sequence[Scored], by: str) -> dict[str, list[Scored]]:
    """The rows of each kind, or of each section (`by`), and of "all".

    A question with several sections counts in each, so sections may add up to more than all.
    """
    found: dict[str, list[Scored]] = {}
    for row in rows:
        for name in (row.kind,) if by == "kind" else row.sections:
            found.setdefault(name, []).append(row)
    together = {name: found[name] for name in sorted(found)}
    return {**together, "all": [row for row in rows if by == "kind" or row.sections]}


def counts(rows: Sequence[Scored]) -> dict[Verdict, float]:
    """The part of the rows that got each verdict."""
    found = Counter(row.verdict for row in rows)
    return {verdict: found[verdict] / len(rows) for verdict in Verdict}


def answers_of(rows: Sequence[Scored]) -> list[Answer]:
    """Confidence of each answer to a single question, and whether it was right."""
    return [
        (row.confidence, row.verdict is Verdict.RIGHT) for row in rows if row.confidence is not None
    ]


def keep(path: Path, rows: Sequence[Scored]) -> None:
    """Write the rows; those of the last run move to `before(path)`."""
    before(path).parent.mkdir(parents=True, exist_ok=True)
    if path.is_file():
        path.replace(before(path))
    lines = (json.dumps(asdict(row)) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")


def before(path: Path) -> Path:
    """Where the rows of the run before the last lie."""
    return path.parent / "before" / path.name


def kept(path: Path) -> list[Scored]:
    """The rows that a run wrote; none where there was no run, or one of another version."""
    if not path.is_file():
        return []
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [
            Scored(
                **{
                    **line,
                    "sections": tuple(line["sections"]),
                    "verdict": Verdict(line["verdict"]),
                }
            )
            for line in lines
        ]
    except (KeyError, TypeError, ValueError):
        return []


def _asked(kind: str, expect: Mapping[str, Any]) -> str:
    if kind == "answer_all":
        return _SEVERAL
    return str(expect["sections"][0]) if kind == "answer" else kind


def _replied(turn: Mapping[str, Any] | None) -> str:
    if turn is None:
        return "no single turn"
    if turn["kind"] != "answer":
        return str(turn["kind"])
    return _SEVERAL if len(turn["sections"]) > 1 else "".join(turn["sections"]) or "answer"
