"""Rows of a run as the tests need them."""

from evaluation.results import Scored, score

SECRET = "my husband John says it hurts"


def row(text: str, wanted: str, said: str, *, line: int = 1, confidence: float = 0.9) -> Scored:
    """A question for section `wanted` that got an answer from `said`, or a turn of that kind."""
    kinds = {"decline", "clarify"}
    turn = {
        "kind": said if said in kinds else "answer",
        "sections": [] if said in kinds else [said],
        "confidence": confidence,
    }
    expect = {"kind": "answer", "sections": [wanted]}
    return score(text, expect, [turn], place=f"asked.jsonl:{line}")
