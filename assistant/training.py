"""Training the understanding: examples, folds, and what is fitted on what was held out.

Everything that is chosen is chosen on held-out folds of the training messages; the question sets
are never seen here. The handouts' own sentences are learnt from but not held out: patients do not
write them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.kernel import KernelSettings, by_meaning, kernel, solve_votes
from assistant.ngrams import NgramIndex, SparseRow
from assistant.remembered import Likeness, Remembered
from assistant.words import KnownWords, normalise, words

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["Examples", "HeldOut", "Machine", "Settings", "gram_matrix", "train_machine"]

# Each intent is cut into this many runs a fold. Messages written one after another resemble each
# other; kept in one fold they do not flatter the held-out figures (by about 2.5 points).
_RUNS = 4
_NEAREST = 10
_ROWS_AT_ONCE = 1024
_SHARED = 0.03  # part of the messages; from here on a dense product is the quicker one


@dataclass(frozen=True)
class Settings:
    """How training goes.

    Confidence is fitted on `judged` of the `folds`: one of five is enough for its dozen numbers and
    costs next to nothing, all of them are what `evaluation/` measures on.
    """

    kernel: KernelSettings = field(default_factory=KernelSettings)
    folds: int = 5
    judged: int = 1


@dataclass(frozen=True)
class Examples:
    """Training messages: `labels` are places in `intents`; `scored` marks patients' messages."""

    texts: tuple[str, ...]
    labels: NDArray[np.int64]
    intents: tuple[str, ...]
    vectors: NDArray[np.float32] | None
    scored: NDArray[np.bool_]
    dictionary: frozenset[str] = frozenset()  # real words beside those of the messages


@dataclass(frozen=True)
class Machine:
    """What was learnt: scores of a message are `kernel(meaning, wording) @ votes`.

    Wording is a product of grams, so its part of them is added up by gram: `gram_votes`, (grams,
    intents), is what each gram says by all the messages that hold it. Only meaning has to be
    compared message by message.
    """

    index: NgramIndex
    known: KnownWords
    remembered: Remembered
    votes: NDArray[np.float32]
    gram_votes: NDArray[np.float32]
    settings: KernelSettings

    def judge(
        self, text: str, vector: NDArray[np.float32] | None
    ) -> tuple[NDArray[np.float32], Likeness, float]:
        """Scores of the intents, likeness to training messages, share of known words."""
        row = self.index.row(text)
        likeness = self.remembered.likeness(row, vector)
        scores = self._by_wording(row)
        if likeness.meaning is not None:
            meant = by_meaning(likeness.meaning, self.settings) @ self.votes
            scores = np.asarray(meant + self.settings.wording * scores, dtype=np.float32)
        return scores, likeness, self.known.share(normalise(text))

    def judge_wording(self, text: str) -> NDArray[np.float32]:
        """Scores by wording alone, at a tenth of the cost."""
        return self._by_wording(self.index.row(text))

    def _by_wording(self, row: SparseRow) -> NDArray[np.float32]:
        return np.asarray(row.values @ self.gram_votes[row.columns], dtype=np.float32)


@dataclass(frozen=True)
class HeldOut:
    """A message with its scores by a machine that did not learn from it."""

    text: str
    label: int
    scores: NDArray[np.float32]
    likeness: Likeness
    known_words: float


def train_machine(examples: Examples, settings: Settings) -> tuple[Machine, list[HeldOut]]:
    """Learn from all the examples, and judge scored ones by machines that left them out.

    The n-grams' rarity is counted once, over all messages; votes and known words are the folds'.
    """
    index = NgramIndex.fit(examples.texts)
    rows = [index.row(text) for text in examples.texts]
    holds = gram_matrix(rows, len(index.vocabulary))
    found = [frozenset(words(normalise(text))) for text in examples.texts]
    fold = _folds(examples.labels, settings.folds)
    votes = np.empty((len(rows), len(examples.intents)), dtype=np.float32)
    judged: list[HeldOut] = []
    for number in range(settings.judged):
        tested = (fold == number) & examples.scored
        order = np.concatenate([np.flatnonzero(~tested), np.flatnonzero(tested)])
        vectors = None if examples.vectors is None else examples.vectors[order]
        held_out = int(tested.sum())
        matrix = _kernel_matrix(vectors, holds[order], settings.kernel)
        nearest = _nearest(
            matrix if vectors is None else vectors, held_out, cosines=vectors is None
        )
        learnt, scores = solve_votes(
            matrix,
            examples.labels[order],
            classes=len(examples.intents),
            ridge=settings.kernel.ridge,
            held_out=held_out,
            votes_wanted=number == 0,
        )
        del matrix
        if learnt is not None:
            votes[order] = learnt
        judged += _judged(examples, tested, scores, nearest=nearest, found=found)
    machine = Machine(
        index=index,
        known=KnownWords(frozenset[str]().union(*found), examples.dictionary),
        remembered=Remembered.of(rows, examples.vectors, grams=len(index.vocabulary)),
        votes=votes,
        gram_votes=np.asarray(holds.T @ votes, dtype=np.float32),
        settings=settings.kernel,
    )
    return machine, judged


def _judged(
    examples: Examples,
    tested: NDArray[np.bool_],
    scores: NDArray[np.float32],
    *,
    nearest: NDArray[np.float32],
    found: list[frozenset[str]],
) -> list[HeldOut]:
    """The held-out messages with their scores and nearest others, in their order."""
    others = frozenset[str]().union(*(found[place] for place in np.flatnonzero(~tested)))
    known = KnownWords(others, examples.dictionary)
    judged: list[HeldOut] = []
    for place, row, beside in zip(np.flatnonzero(tested), scores, nearest, strict=True):
        text = examples.texts[place]
        near = Likeness(None, beside) if examples.vectors is None else Likeness(beside, None)
        share = known.share(normalise(text))
        judged.append(HeldOut(text, int(examples.labels[place]), row, near, share))
    return judged


def _nearest(values: NDArray[np.float32], held_out: int, *, cosines: bool) -> NDArray[np.float32]:
    """Of the last messages the greatest cosines with the others, which the signals need.

    `values` are those cosines already (of which the upper triangle is read), or the vectors.
    """
    others = len(values) - held_out
    kept = min(_NEAREST, others)
    nearest = np.empty((held_out, kept), dtype=np.float32)
    for start in range(0, held_out, _ROWS_AT_ONCE):
        some = slice(others + start, min(others + start + _ROWS_AT_ONCE, len(values)))
        rows = values[:others, some].T if cosines else values[some] @ values[:others].T
        nearest[start : start + len(rows)] = np.partition(rows, others - kept)[:, others - kept :]
    return nearest


def gram_matrix(rows: list[SparseRow], grams: int) -> csr_matrix:
    """The messages' n-grams, (messages, grams)."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - training only

    ends = np.cumsum([0] + [row.columns.size for row in rows])
    columns = np.concatenate([row.columns for row in rows])
    values = np.concatenate([row.values for row in rows])
    return csr_matrix((values, columns, ends), shape=(len(rows), grams), dtype=np.float32)


def _kernel_matrix(
    vectors: NDArray[np.float32] | None, holds: csr_matrix, settings: KernelSettings
) -> NDArray[np.float32]:
    """Each message with each other: the upper triangle, which is all that `solve_votes` reads.

    Some rows at a time, since whole products would fill memory. Grams that many messages share are
    multiplied as a dense matrix: they are one in a hundred, and nineteen in twenty of the sparse
    product's steps.
    """
    count = holds.shape[0]
    shared = np.bincount(holds.indices, minlength=holds.shape[1]) > _SHARED * count
    common, rare = holds[:, shared].toarray(), holds[:, ~shared]
    columns = rare.T.tocsr()
    matrix = np.zeros((count, count), dtype=np.float32)
    for start in range(0, count, _ROWS_AT_ONCE):
        some, after = slice(start, start + _ROWS_AT_ONCE), slice(start, count)
        wording = common[some] @ common[after].T
        wording += (rare[some] @ columns[:, after]).toarray()
        meaning = None if vectors is None else vectors[some] @ vectors[after].T
        matrix[some, after] = kernel(meaning, wording, settings)
    return matrix


def _folds(labels: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """A fold for each example: runs of neighbours, every class in every fold."""
    fold = np.zeros(labels.size, dtype=np.int64)
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        fold[places] = np.arange(places.size) * count * _RUNS // places.size % count
    return fold
