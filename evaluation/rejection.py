"""How well a score tells what is in scope from what is not, whatever threshold is chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Rejection"]

_KEPT = 0.95


@dataclass(frozen=True)
class Rejection:
    """Two usual measures of a score that is greater in scope than outside.

    `auroc` is the chance that a question in scope scores above one outside (ties count half);
    `let_through` the part of those outside that pass where 95 % of those in scope do (FPR95).
    """

    auroc: float
    let_through: float

    @classmethod
    def of(cls, inside: NDArray[np.float64], outside: NDArray[np.float64]) -> Rejection:
        """From the scores of both; neither may be empty."""
        ordered = np.sort(outside)
        below = np.searchsorted(ordered, inside, side="left")
        ties = np.searchsorted(ordered, inside, side="right") - below
        threshold = np.quantile(inside, 1 - _KEPT)
        return cls(
            auroc=float((below + ties / 2).mean() / outside.size),
            let_through=float((outside >= threshold).mean()),
        )
