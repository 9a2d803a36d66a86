"""The figures of one system on one public data set, and where they lie for the report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

from evaluation.public_data import Split
from evaluation.rejection import Rejection
from evaluation.results import RESULTS

__all__ = ["FIGURES", "HEAD", "Figures", "keep_figures", "kept_figures"]

FIGURES = RESULTS / "public.json"
HEAD = f"{'':<48}{'n':>6}{'accuracy':>10}{'outside':>9}{'AUROC':>8}{'FPR95':>8}{'seconds':>9}"


@dataclass(frozen=True)
class Figures:
    """Measured on the official test part; `rejection` is `None` where nothing is out of scope."""

    name: str
    questions: int  # in scope
    accuracy: float  # of the likeliest intent, on questions in scope, none of them refused
    outside: int  # questions out of scope
    rejection: Rejection | None
    seconds: float  # for training and asking

    @classmethod
    def of(
        cls, split: Split, right: Sequence[bool], rejection: Rejection | None, seconds: float
    ) -> Figures:
        """From whether each question of the test part was understood."""
        accuracy = sum(right) / len(right)
        return cls(split.name, len(right), accuracy, len(split.outside), rejection, seconds)

    @classmethod
    def mean_of(cls, several: Sequence[Figures], *, name: str) -> Figures:
        """The means of the measures, each of them given the same weight."""
        rejections = [one.rejection for one in several if one.rejection]
        return cls(
            name=name,
            questions=sum(one.questions for one in several),
            accuracy=fmean(one.accuracy for one in several),
            outside=sum(one.outside for one in several),
            rejection=Rejection(
                auroc=fmean(one.auroc for one in rejections),
                let_through=fmean(one.let_through for one in rejections),
            )
            if rejections
            else None,
            seconds=sum(one.seconds for one in several),
        )

    def line(self) -> str:
        """One row below `HEAD`."""
        outside = ""
        if self.rejection:
            auroc, let_through = self.rejection.auroc, self.rejection.let_through
            outside = f"{self.outside:>9}{auroc:>8.3f}{let_through:>8.3f}"
        return (
            f"{self.name:<48}{self.questions:>6}{self.accuracy:>10.2%}{outside:<25}"
            f"{self.seconds:>9.0f}"
        )


def keep_figures(path: Path, figures: Sequence[Figures]) -> None:
    """Write them in place of those of an earlier run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in figures], indent=1), encoding="utf-8")


def kept_figures(path: Path) -> list[Figures]:
    """What the last run measured; none where there was none."""
    if not path.is_file():
        return []
    return [
        Figures(**{**row, "rejection": Rejection(**row["rejection"]) if row["rejection"] else None})
        for row in json.loads(path.read_text(encoding="utf-8"))
    ]
