"""Three members that judge a message, and their geometric mean.

A logistic regression on the sentence vector knows meaning, a support vector machine on n-grams
knows wording and misspelling, the nearest training messages know rare cases. Members vote with
logarithms of probabilities; weights are chosen by cross-validation in `assistant.training`.
Without sentence vectors the n-gram members work alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.heads import LinearHead, log_softmax
from assistant.ngrams import NgramIndex, SparseRow
from assistant.words import KnownWords, normalise

__all__ = ["Ensemble", "Evidence", "Neighbours", "Weights", "blend"]

# Votes of the nearest messages: measured in research/nlu-performance.md section 1 (trick 2).
_NEAREST = 20
_NEARNESS = 0.05  # cosine difference that divides a vote by e
_SMOOTHING = 0.02  # a class without a near message keeps this share


@dataclass(frozen=True)
class Weights:
    """How much each member counts; the margin is multiplied by `sharpness` before softmax."""

    vector: float = 1.0
    margin: float = 1.0
    neighbours: float = 0.5
    sharpness: float = 4.0


@dataclass(frozen=True)
class Evidence:
    """What the members say of one message; arrays are (classes,)."""

    vector: NDArray[np.float32] | None  # raw scores of the logistic regression
    margin: NDArray[np.float32]
    votes: NDArray[np.float32]  # log of vote shares
    nearest: float  # cosine of the nearest training message, by vector if there is one
    nearest_five: float
    nearest_wording: float  # the same by n-grams
    known_words: float  # share, 0 to 1


class Neighbours:
    """The training messages, searched by vector or, by inverted lists, by n-grams."""

    def __init__(
        self,
        labels: NDArray[np.int64],
        classes: int,
        vectors: NDArray[np.float32] | None,
        lists: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]],
    ) -> None:
        """`vectors` is (messages, width), rows of unit length; `lists` = starts, messages, values.

        The messages that hold gram g are `messages[starts[g]:starts[g + 1]]`.
        """
        self.labels = labels
        self.classes = classes
        self.vectors = vectors
        self.starts, self.messages, self.values = lists

    def by_vector(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine with every training message; the encoder's vectors have unit length."""
        if self.vectors is None:
            raise ValueError("the model was trained without sentence vectors")
        return np.asarray(self.vectors @ vector, dtype=np.float32)

    def by_wording(self, row: SparseRow) -> NDArray[np.float32]:
        """Cosine of n-grams with every training message."""
        starts, ends = self.starts[row.columns], self.starts[row.columns + 1]
        lengths = ends - starts
        if not lengths.sum():
            return np.zeros(self.labels.size, dtype=np.float32)
        offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
        places = np.arange(int(lengths.sum())) + offsets
        weights = self.values[places] * np.repeat(row.values, lengths)
        found = np.bincount(self.messages[places], weights=weights, minlength=self.labels.size)
        return found.astype(np.float32)

    def votes(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log of the smoothed share of votes a class gets from the nearest messages."""
        count = min(_NEAREST, cosines.size)
        nearest = np.argpartition(-cosines, count - 1)[:count]
        weight = np.exp((cosines[nearest] - cosines[nearest].max()) / _NEARNESS)
        shares = np.bincount(self.labels[nearest], weights=weight, minlength=self.classes)
        shares = shares / shares.sum() + _SMOOTHING
        return np.log(shares / shares.sum()).astype(np.float32)


@dataclass(frozen=True)
class Ensemble:
    """The trained members."""

    index: NgramIndex
    known: KnownWords
    margin: LinearHead
    vector: LinearHead | None
    neighbours: Neighbours

    def judge(self, text: str, vector: NDArray[np.float32] | None) -> Evidence:
        """Ask every member about one message."""
        row = self.index.row(text)
        wording = self.neighbours.by_wording(row)
        if self.vector is not None and vector is None:
            raise ValueError("the model was trained with sentence vectors, the message has none")
        used = vector if self.vector is not None else None
        cosines = wording if used is None else self.neighbours.by_vector(used)
        best = np.sort(cosines)[-5:]
        return Evidence(
            vector=self.vector.dense(used) if self.vector is not None and used is not None else None,
            margin=self.margin.sparse(row),
            votes=self.neighbours.votes(cosines),
            nearest=float(best[-1]),
            nearest_five=float(best.mean()),
            nearest_wording=float(wording.max()),
            known_words=self.known.share(normalise(text)),
        )


def blend(evidence: Evidence, weights: Weights) -> NDArray[np.float32]:
    """Log probabilities of the classes: the members' weighted geometric mean."""
    total = weights.margin * log_softmax(weights.sharpness * evidence.margin)
    total = total + weights.neighbours * evidence.votes
    if evidence.vector is not None:
        total = total + weights.vector * log_softmax(evidence.vector)
    return log_softmax(np.asarray(total, dtype=np.float32))
