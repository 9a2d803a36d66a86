"""The classifier proper: every training message votes for its intent, as far as it is alike.

Kernel ridge regression. How much a message counts is solved for in closed form, so that near
copies share one vote and a message among others' territory is kept in check. One machine sees
meaning and wording together. Measured on five folds (7 255 messages, 30 intents, 2026-11): 81.2 %
of first guesses right, against 73.9 of logistic regression on the vectors, 68.8 of a support vector
machine on n-grams, 66.5 of nearest neighbours, 79.8 of the geometric mean of those three; the three
added to this one changed nothing beyond chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["KernelSettings", "by_meaning", "kernel", "log_softmax", "solve_votes"]


@dataclass(frozen=True)
class KernelSettings:
    """What makes messages alike."""

    # Cosine of meaning that a message may be off before its vote falls to 1/e.
    reach: float = 0.4
    # Part of wording beside that of meaning (without an encoder wording is all).
    wording: float = 0.5
    # Doubt about each training label; more makes smoother borders.
    ridge: float = 0.1


def kernel(
    meaning: NDArray[np.float32] | None, wording: NDArray[np.float32], settings: KernelSettings
) -> NDArray[np.float32]:
    """Both kinds of likeness as one number a training message; works on whole matrices as well."""
    if meaning is None:
        return wording
    return np.asarray(by_meaning(meaning, settings) + settings.wording * wording, dtype=np.float32)


def by_meaning(meaning: NDArray[np.float32], settings: KernelSettings) -> NDArray[np.float32]:
    """The part of meaning in it."""
    return np.asarray(np.exp((meaning - 1) / settings.reach), dtype=np.float32)


def solve_votes(
    matrix: NDArray[np.float32],
    labels: NDArray[np.int64],
    *,
    classes: int,
    ridge: float,
    held_out: int,
    votes_wanted: bool = True,
) -> tuple[NDArray[np.float32] | None, NDArray[np.float32]]:
    """Votes, (messages, classes), and scores of messages by votes that left them out.

    `kernel @ votes` is near 1 for a message's class, 0 elsewhere. `matrix` is the kernel of the
    training messages with each other, of which the upper triangle is read, and is overwritten: with
    many messages there is no room for a second one. The last `held_out` messages are scored as if
    they were not there.

    Both come out of one Cholesky factor: of L = [[A, 0], [B, C]] the block A alone is the factor of
    the others, so that B A⁻¹ Y are the scores.
    """
    from scipy.linalg import cholesky, solve_triangular  # noqa: PLC0415 - training only

    others = labels.size - held_out
    wanted = np.zeros((labels.size, classes), dtype=np.float32)
    wanted[np.arange(labels.size), labels] = 1
    matrix[np.diag_indices_from(matrix)] += ridge
    # Transposed it is the same, and in the order of LAPACK, which then needs no copy.
    factor = cholesky(matrix.T, lower=True, overwrite_a=True, check_finite=False)
    halfway = solve_triangular(factor, wanted, lower=True, check_finite=False)
    scores = np.asarray(factor[others:, :others] @ halfway[:others], dtype=np.float32)
    if not votes_wanted:
        return None, scores
    votes = solve_triangular(factor, halfway, lower=True, trans="T", check_finite=False)
    return np.asarray(votes, dtype=np.float32), scores


def log_softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logarithms of probabilities over the last axis."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), np.float32)
