"""Training the understanding: folds, members, their weights, the fusion, the thresholds.

Everything that is chosen is chosen on held-out folds of the training messages; the question sets
are never seen here. The handout's own sentences train the members but are not scored: patients do
not write them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.calibration import Fusion, signals
from assistant.ensemble import Ensemble, Evidence, Neighbours, Weights, blend
from assistant.heads import sparse_matrix, train_logistic, train_margin
from assistant.ngrams import NgramIndex
from assistant.words import KnownWords, normalise, words

__all__ = ["Examples", "HeldOut", "Settings", "choose_weights", "fit_ensemble", "fit_fusion"]
__all__ += ["held_out", "judgements"]

_VECTOR_WEIGHTS = (0.5, 1.0)
_MARGIN_WEIGHTS = (0.5, 1.0, 1.5)
_NEIGHBOUR_WEIGHTS = (0.0, 0.25, 0.5, 1.0)
_SHARPNESS = (2.0, 4.0, 6.0)


@dataclass(frozen=True)
class Settings:
    """What the members are trained with."""

    logistic_strength: float = 10.0
    margin_strength: float = 0.5
    balance: float = 0.5
    folds: int = 5


@dataclass(frozen=True)
class Examples:
    """Training messages: `labels` are places in `intents`; `scored` marks patients' messages."""

    texts: tuple[str, ...]
    labels: NDArray[np.int64]
    intents: tuple[str, ...]
    vectors: NDArray[np.float32] | None
    scored: NDArray[np.bool_]

    def part(self, chosen: NDArray[np.bool_]) -> Examples:
        """The examples marked in `chosen`."""
        return Examples(
            texts=tuple(text for text, keep in zip(self.texts, chosen) if keep),
            labels=self.labels[chosen],
            intents=self.intents,
            vectors=None if self.vectors is None else self.vectors[chosen],
            scored=self.scored[chosen],
        )


@dataclass(frozen=True)
class HeldOut:
    """Messages judged by members that did not see them."""

    texts: tuple[str, ...]
    labels: NDArray[np.int64]
    evidence: tuple[Evidence, ...]


def fit_ensemble(examples: Examples, settings: Settings) -> Ensemble:
    """Train every member on all the examples."""
    index = NgramIndex.fit(examples.texts)
    rows = [index.row(text) for text in examples.texts]
    matrix = sparse_matrix(rows, len(index.vocabulary))
    by_gram = matrix.tocsc()
    vector = None
    if examples.vectors is not None:
        vector = train_logistic(
            examples.vectors,
            examples.labels,
            classes=len(examples.intents),
            strength=settings.logistic_strength,
            balance=settings.balance,
        )
    return Ensemble(
        index=index,
        known=KnownWords(word for text in examples.texts for word in words(normalise(text))),
        margin=train_margin(
            matrix,
            examples.labels,
            classes=len(examples.intents),
            strength=settings.margin_strength,
            balance=settings.balance,
        ),
        vector=vector,
        neighbours=Neighbours(
            examples.labels,
            len(examples.intents),
            examples.vectors,
            (
                by_gram.indptr.astype(np.int64),
                by_gram.indices.astype(np.int32),
                by_gram.data.astype(np.float32),
            ),
        ),
    )


def held_out(examples: Examples, settings: Settings) -> HeldOut:
    """Judge each scored message by an ensemble trained on the other folds."""
    fold = _folds(examples.labels, settings.folds)
    texts: list[str] = []
    labels: list[int] = []
    evidence: list[Evidence] = []
    for number in range(settings.folds):
        tested = (fold == number) & examples.scored
        if not tested.any():
            continue
        ensemble = fit_ensemble(examples.part(~tested), settings)
        part = examples.part(tested)
        for place, text in enumerate(part.texts):
            vector = None if part.vectors is None else part.vectors[place]
            evidence.append(ensemble.judge(text, vector))
            texts.append(text)
            labels.append(int(part.labels[place]))
    return HeldOut(tuple(texts), np.array(labels, dtype=np.int64), tuple(evidence))


def _folds(labels: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """A fold for each example, every class spread evenly, the same at each training."""
    fold = np.zeros(labels.size, dtype=np.int64)
    generator = np.random.default_rng(0)
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        fold[generator.permutation(places)] = np.arange(places.size) % count
    return fold


def choose_weights(judged: HeldOut) -> Weights:
    """The members' weights with the least log loss on held-out messages."""
    has_vector = judged.evidence[0].vector is not None
    best, least = Weights(), np.inf
    for vector, margin, neighbours, sharpness in product(
        _VECTOR_WEIGHTS if has_vector else (1.0,), _MARGIN_WEIGHTS, _NEIGHBOUR_WEIGHTS, _SHARPNESS
    ):
        tried = Weights(vector, margin, neighbours, sharpness)
        loss = -float(np.mean(judgements(judged, tried)[np.arange(judged.labels.size), judged.labels]))
        if loss < least:
            best, least = tried, loss
    return best


def judgements(judged: HeldOut, weights: Weights) -> NDArray[np.float32]:
    """Log probabilities, (messages, classes), of all held-out messages at once."""
    first = judged.evidence[0]
    together = Evidence(
        vector=None
        if first.vector is None
        else np.stack([e.vector for e in judged.evidence if e.vector is not None]),
        margin=np.stack([e.margin for e in judged.evidence]),
        votes=np.stack([e.votes for e in judged.evidence]),
        nearest=0.0,
        nearest_five=0.0,
        nearest_wording=0.0,
        known_words=1.0,
    )
    return blend(together, weights)


def fit_fusion(
    judged: HeldOut,
    weights: Weights,
    *,
    rejecting: NDArray[np.bool_],
    sections: NDArray[np.bool_],
) -> Fusion:
    """Fit P(the first guess is right) on the held-out messages."""
    probabilities = judgements(judged, weights)
    guesses = probabilities.argmax(axis=1)
    values = np.stack(
        [
            signals(
                evidence,
                row,
                guess=int(guess),
                rejecting=rejecting,
                sections=sections,
                length=len(text),
            )
            for evidence, row, guess, text in zip(
                judged.evidence, probabilities, guesses, judged.texts
            )
        ]
    )
    return Fusion.fit(values, guesses == judged.labels)


def intents_of(labels: Sequence[str]) -> tuple[str, ...]:
    """The intents in a fixed order."""
    return tuple(sorted(set(labels)))
