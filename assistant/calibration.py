"""How sure the first guess is: signals of one message, and their fusion into P(right).

The greatest probability alone lets near topics through; distance to known messages, the sum of all
votes and known words see other things (research/nlu-performance.md section 2). The fusion is a
logistic regression fitted on held-out folds, where "right" means that the guess is the label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.kernel import log_softmax
from assistant.remembered import Likeness

__all__ = ["SIGNALS", "Fusion", "fit_sharpness", "signals"]

SIGNALS = (
    "score",  # of the guess
    "lead",  # over the runner-up
    "rejecting",  # best score of near topic and out of scope
    "rejecting_share",  # their probability
    "all_votes",  # sum of scores: low far from everything known
    "order",  # sum of p log p: 0 when only one intent is likely
    "nearest",  # cosine of the nearest training message
    "nearest_five",  # mean of the five nearest
    "known_words",
    "length",
    "section",  # 1 when the guess is a section of the handout
)
_FLOOR = 1e-6
_SHARPNESS = np.geomspace(4, 40, 24)
_NEAREST = 5


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
        """Fit on held-out messages. With only one outcome, its smoothed share is the answer."""
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - training only

        mean, scale = values.mean(axis=0), values.std(axis=0) + _FLOOR
        if right.all() or not right.any():
            share = (right.sum() + 1) / (right.size + 2)
            return cls(mean, scale, np.zeros(values.shape[1]), float(np.log(share / (1 - share))))
        model = LogisticRegression(C=1.0, max_iter=2000)
        model.fit((values - mean) / scale, right)
        return cls(mean, scale, model.coef_[0].astype(np.float64), float(model.intercept_[0]))


def fit_sharpness(scores: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The factor before softmax that makes held-out scores, (messages, classes), likeliest."""
    places = np.arange(labels.size)
    losses = [
        -float(log_softmax((factor * scores).astype(np.float32))[places, labels].mean())
        for factor in _SHARPNESS
    ]
    return float(_SHARPNESS[int(np.argmin(losses))])


def signals(
    scores: NDArray[np.float32],
    log_probabilities: NDArray[np.float32],
    likeness: Likeness,
    *,
    rejecting: NDArray[np.bool_],
    sections: NDArray[np.bool_],
    known_words: float,
    length: int,
) -> NDArray[np.float64]:
    """The row of `SIGNALS` for the likeliest intent; all arrays but `likeness` are (classes,)."""
    guess = int(scores.argmax())
    others = np.delete(scores, guess)
    probabilities = np.exp(log_probabilities.astype(np.float64))
    near = likeness.nearness
    nearest = np.sort(np.partition(near, -min(_NEAREST, near.size))[-_NEAREST:])
    return np.array(
        [
            scores[guess],
            scores[guess] - others.max() if others.size else 0,
            scores[rejecting].max() if rejecting.any() else 0,
            probabilities[rejecting].sum(),
            scores.sum(),
            (probabilities * log_probabilities).sum(),
            nearest[-1],
            nearest.mean(),
            known_words,
            np.log1p(length),
            sections[guess],
        ],
        dtype=np.float64,
    )
