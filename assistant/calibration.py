"""How sure the first guess is: signals of one message, and their fusion into P(right).

Max probability alone lets near topics through; energy, distance and margin see other things
(research/nlu-performance.md section 2). The fusion is a logistic regression fitted on held-out
folds, where "right" means that the guessed intent is the labelled one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.ensemble import Evidence

__all__ = ["SIGNALS", "Fusion", "signals"]

SIGNALS = (
    "log_odds",  # of the guess
    "lead",  # log of guess over runner-up
    "rejected",  # probability of near topic or out of scope
    "energy",
    "margin",
    "margin_lead",
    "nearest",
    "nearest_five",
    "nearest_wording",
    "known_words",
    "votes",
    "length",
    "section",  # 1 when the guess is a section
)
_FLOOR = 1e-6


@dataclass(frozen=True)
class Fusion:
    """P(right) = sigmoid((signals - mean) / scale @ weights + bias)."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: float

    def probability(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of one row of signals, or of many."""
        score = (values - self.mean) / self.scale @ self.weights + self.bias
        return np.asarray(1 / (1 + np.exp(-score)), dtype=np.float64)

    @classmethod
    def fit(cls, values: NDArray[np.float64], right: NDArray[np.bool_]) -> Fusion:
        """Fit on held-out messages. With only one outcome, the share of it is the answer."""
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - training only

        mean, scale = values.mean(axis=0), values.std(axis=0) + _FLOOR
        if right.all() or not right.any():
            share = (right.sum() + 1) / (right.size + 2)
            return cls(mean, scale, np.zeros(values.shape[1]), float(np.log(share / (1 - share))))
        model = LogisticRegression(C=1.0, max_iter=2000)
        model.fit((values - mean) / scale, right)
        return cls(mean, scale, model.coef_[0].astype(np.float64), float(model.intercept_[0]))


def signals(
    evidence: Evidence,
    log_probabilities: NDArray[np.float32],
    *,
    guess: int,
    rejecting: NDArray[np.bool_],
    sections: NDArray[np.bool_],
    length: int,
) -> NDArray[np.float64]:
    """The row of `SIGNALS` for a guess; `rejecting` and `sections` mark classes, (classes,)."""
    others = np.delete(log_probabilities, guess)
    top = float(log_probabilities[guess])
    margins = np.delete(evidence.margin, guess)
    raw = evidence.margin if evidence.vector is None else evidence.vector
    energy = float(raw.max() + np.log(np.exp(raw - raw.max()).sum()))
    probabilities = np.exp(log_probabilities)
    return np.array(
        [
            top - np.log(max(1 - np.exp(top), _FLOOR)),
            top - float(others.max()) if others.size else 0.0,
            float(probabilities[rejecting].sum()),
            energy,
            float(evidence.margin[guess]),
            float(evidence.margin[guess] - margins.max()) if margins.size else 0.0,
            evidence.nearest,
            evidence.nearest_five,
            evidence.nearest_wording,
            evidence.known_words,
            float(evidence.votes[guess]),
            float(np.log1p(length)),
            float(sections[guess]),
        ],
        dtype=np.float64,
    )
