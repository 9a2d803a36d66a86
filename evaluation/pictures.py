"""The report's pictures: each an image in the page, in words, and as a table beside it."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl  # type: ignore[import-untyped]

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure  # type: ignore[import-untyped]

from evaluation.calibration import Answer, bins_of, calibration_error, trade
from evaluation.results import Scored

__all__ = ["Picture", "calibration", "confusion", "coverage"]

_STEPS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_DARK = 0.5  # a cell with more than this part of its row is too dark for black figures


@dataclass(frozen=True)
class Picture:
    """`png` is the image, `text` what it shows in words, `rows` the same in figures."""

    title: str
    png: str  # base64
    text: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def confusion(rows: Sequence[Scored]) -> Picture:
    """What was asked against what was replied; the diagonal is right."""
    pairs = Counter((row.asked, row.replied) for row in rows)
    names = sorted({name for pair in pairs for name in pair})
    mistakes = [(pair, count) for pair, count in pairs.most_common() if pair[0] != pair[1]]
    same = len(rows) - sum(count for _, count in mistakes)
    text = f"{same} of {len(rows)} are on the diagonal."
    if mistakes:
        (asked, replied), count = mistakes[0]
        text += f" The most frequent other pair is {asked}, replied {replied}: {count}."
    return Picture(
        title="what was asked and what was replied",
        png=_png(_matrix(names, pairs)),
        text=text,
        head=("asked", "replied", "times"),
        rows=tuple((asked, replied, str(count)) for (asked, replied), count in mistakes),
    )


def calibration(answers: Sequence[Answer]) -> Picture:
    """How often answers of each confidence are right; on the dotted line it is kept."""
    bins = bins_of(answers)
    figure, axes = plt.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey")
    axes.plot([one.confidence for one in bins], [one.right for one in bins], marker="o")
    for one in bins:
        axes.annotate(f" {one.count}", (one.confidence, one.right))
    axes.set_xlabel("confidence")
    axes.set_ylabel("part right")
    return Picture(
        title="confidence of answers, and the part of them that is right",
        png=_png(figure),
        text=f"{len(answers)} answers; calibration error {calibration_error(answers):.3f}.",
        head=("mean confidence", "part right", "answers"),
        rows=tuple((f"{one.confidence:.2f}", f"{one.right:.1%}", str(one.count)) for one in bins),
    )


def coverage(answers: Sequence[Answer], questions: int) -> Picture:
    """How many of all questions are answered and how many wrongly, were only the surest given."""
    points = trade(answers, questions)
    figure, axes = plt.subplots(figsize=(6, 4))
    axes.plot([x for x, _ in points], [y for _, y in points])
    axes.set_xlabel("part of all questions answered, the surest first")
    axes.set_ylabel("part of all questions answered wrongly")
    rows = []
    for least in _STEPS:
        given = sum(sure >= least for sure, _ in answers)
        if given:
            answered, wrong = points[given - 1]
            rows.append((f"{least:.2f}", f"{answered:.1%}", f"{wrong:.1%}"))
    return Picture(
        title="answers given against answers wrong",
        png=_png(figure),
        text=f"{rows[0][1]} of all questions get an answer to a single question, "
        f"{rows[0][2]} a wrong one.",
        head=("least confidence", "answered", "answered wrongly"),
        rows=tuple(rows),
    )


def _matrix(names: Sequence[str], pairs: Counter[tuple[str, str]]) -> Figure:
    """Counts, on a ground that is the darker the greater their part of what was asked."""
    size = 2.5 + 0.32 * len(names)
    figure, axes = plt.subplots(figsize=(size, size))
    asked_of = Counter[str]()
    for (asked, _), count in pairs.items():
        asked_of[asked] += count
    shares = [[pairs[a, r] / max(asked_of[a], 1) for r in names] for a in names]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right")
    axes.set_yticks(range(len(names)), names)
    for (asked, replied), count in pairs.items():
        color = "white" if count > _DARK * asked_of[asked] else "black"
        place = (names.index(replied), names.index(asked))
        axes.text(*place, str(count), ha="center", va="center", color=color, fontsize=8)
    axes.set_xlabel("replied")
    axes.set_ylabel("asked")
    return figure


def _png(figure: Figure) -> str:
    output = io.BytesIO()
    figure.savefig(output, format="png", dpi=110, bbox_inches="tight")
    plt.close(figure)
    return base64.b64encode(output.getvalue()).decode()
