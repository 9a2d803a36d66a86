"""How well the confidence of answers is kept: of those given at 0.9, are nine in ten right?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Answer", "Bin", "bins_of", "calibration_error", "trade"]

_BINS = 10
Answer = tuple[float, bool]  # its confidence, and whether it was right


@dataclass(frozen=True)
class Bin:
    """The answers of one tenth of the scale."""

    count: int
    confidence: float  # their mean
    right: float  # part of them that were right


def bins_of(answers: Sequence[Answer]) -> list[Bin]:
    """Ten equal bins by confidence; empty ones are left out."""
    held: list[list[Answer]] = [[] for _ in range(_BINS)]
    for sure, right in answers:
        held[min(int(sure * _BINS), _BINS - 1)].append((sure, right))
    return [
        Bin(
            len(one),
            sum(sure for sure, _ in one) / len(one),
            sum(right for _, right in one) / len(one),
        )
        for one in held
        if one
    ]


def calibration_error(answers: Sequence[Answer]) -> float:
    """Expected calibration error: mean distance of confidence from the part that is right."""
    total = sum(one.count for one in bins_of(answers))
    off = sum(one.count * abs(one.confidence - one.right) for one in bins_of(answers))
    return off / total if total else 0.0


def trade(answers: Sequence[Answer], questions: int) -> list[tuple[float, float]]:
    """(coverage, wrong) as parts of all `questions`, were only the surest answers given."""
    points: list[tuple[float, float]] = []
    wrong = 0
    for number, (_, right) in enumerate(sorted(answers, key=lambda one: -one[0]), start=1):
        wrong += not right
        points.append((number / questions, wrong / questions))
    return points
