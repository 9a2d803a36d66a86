"""Linear heads: trained with scikit-learn, kept and used as plain arrays.

scikit-learn is imported inside the training functions only; nothing of it is stored.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.ngrams import SparseRow

__all__ = ["LinearHead", "log_softmax", "sparse_matrix", "train_logistic", "train_margin"]


_ABSENT = -10.0  # score of a class of which a fold has no example


@dataclass(frozen=True)
class LinearHead:
    """One score a class: `weights` is (features, classes), `bias` (classes,), both float32."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def dense(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores of a dense vector, or of one vector a row."""
        return np.asarray(vector @ self.weights + self.bias, dtype=np.float32)

    def sparse(self, row: SparseRow) -> NDArray[np.float32]:
        """Scores of a sparse row."""
        return np.asarray(row.values @ self.weights[row.columns] + self.bias, dtype=np.float32)


def log_softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logarithms of probabilities over the last axis."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), np.float32)


def sparse_matrix(rows: Sequence[SparseRow], width: int) -> Any:
    """The rows as one scipy CSR matrix, for training."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - needed at training only

    ends = np.cumsum([0] + [row.columns.size for row in rows])
    columns = np.concatenate([row.columns for row in rows]) if rows else np.empty(0, np.int64)
    values = np.concatenate([row.values for row in rows]) if rows else np.empty(0, np.float32)
    return csr_matrix((values, columns, ends), shape=(len(rows), width), dtype=np.float32)


def train_logistic(
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    *,
    classes: int,
    strength: float,
    balance: float,
) -> LinearHead:
    """Multinomial logistic regression, run until it has converged.

    `strength` is scikit-learn's C; `classes` counts those without an example too. `balance` raises rare classes: 0 counts every example alike,
    1 every class alike.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - training only

    model = LogisticRegression(C=strength, max_iter=3000, tol=1e-4)
    model.fit(vectors, labels, sample_weight=_example_weights(labels, balance))
    return _head(model.coef_, model.intercept_, model.classes_, classes=classes)


def train_margin(
    rows: Any,
    labels: NDArray[np.int64],
    *,
    classes: int,
    strength: float,
    balance: float,
) -> LinearHead:
    """Linear support vector machine, one against the rest, on a sparse matrix."""
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 - training only
    from sklearn.svm import LinearSVC  # noqa: PLC0415 - training only

    model = LinearSVC(C=strength, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(rows, labels, sample_weight=_example_weights(labels, balance))
    return _head(model.coef_, model.intercept_, model.classes_, classes=classes)


def _example_weights(labels: NDArray[np.int64], balance: float) -> NDArray[np.float64]:
    counts = np.bincount(labels)
    weights = (counts.mean() / np.maximum(counts, 1)) ** balance
    return np.asarray(weights[labels] / weights[labels].mean(), dtype=np.float64)


def _head(
    weights: NDArray[np.float64],
    bias: NDArray[np.float64],
    present: NDArray[np.int64],
    *,
    classes: int,
) -> LinearHead:
    if weights.shape[0] == 1:  # scikit-learn gives one row for two classes
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    all_weights = np.zeros((weights.shape[1], classes), dtype=np.float32)
    all_bias = np.full(classes, _ABSENT, dtype=np.float32)
    all_weights[:, present] = weights.T
    all_bias[present] = bias
    return LinearHead(all_weights, all_bias)
