"""Character and word n-grams of a message, weighted by tf-idf, as a sparse unit vector.

Character n-grams (2 to 5, within words) survive misspellings; words and word pairs keep the sense.
Vocabulary and weights are plain arrays; a message is looked up with a dictionary, without sklearn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.words import normalise, words

__all__ = ["NgramIndex", "SparseRow", "grams"]

_CHARACTERS = range(2, 6)
_WORDS = range(1, 3)
_WORD_MARK = "\x1f"  # before word n-grams, so that the word "it" is not the characters "it"
# A gram seen once cannot be shared with an unseen message of training; dropping it halves the
# vocabulary (measured: no change in cross-validation).
_LEAST_MESSAGES = 2


@dataclass(frozen=True)
class SparseRow:
    """A message's known grams: `columns` (int64, ascending) and their `values` (unit length)."""

    columns: NDArray[np.int64]
    values: NDArray[np.float32]


def grams(text: str) -> Iterator[str]:
    """Every n-gram of `normalise`d text, repeated as often as it stands there."""
    found = words(text)
    for word in found:
        padded = f" {word} "
        for size in _CHARACTERS:
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]
            if size >= len(padded):
                break
    for size in _WORDS:
        for start in range(len(found) - size + 1):
            yield _WORD_MARK + " ".join(found[start : start + size])


class NgramIndex:
    """The grams of the training messages with their inverse document frequencies."""

    def __init__(self, vocabulary: Sequence[str], rarity: NDArray[np.float32]) -> None:
        """`rarity[i]` is the smoothed inverse document frequency of `vocabulary[i]`."""
        self.vocabulary = tuple(vocabulary)
        self.rarity = rarity
        self._column = {gram: column for column, gram in enumerate(self.vocabulary)}

    @classmethod
    def fit(cls, texts: Iterable[str]) -> NgramIndex:
        """Collect grams that at least two messages share. `texts` need not be normalised."""
        seen: Counter[str] = Counter()
        count = 0
        for text in texts:
            seen.update(set(grams(normalise(text))))
            count += 1
        kept = sorted(gram for gram, times in seen.items() if times >= _LEAST_MESSAGES)
        times = np.array([seen[gram] for gram in kept], dtype=np.float32)
        rarity = np.log((1 + count) / (1 + times)) + 1
        return cls(kept, rarity.astype(np.float32))

    def row(self, text: str) -> SparseRow:
        """The message as a unit vector: 1 + log of the count, times rarity; empty if unknown."""
        column = self._column
        counts = Counter(column[gram] for gram in grams(normalise(text)) if gram in column)
        columns = np.array(sorted(counts), dtype=np.int64)
        tally = np.array([counts[place] for place in columns.tolist()], dtype=np.float32)
        values = (1 + np.log(tally)) * self.rarity[columns] if columns.size else tally
        length = float(np.linalg.norm(values))
        return SparseRow(columns, (values / length if length else values).astype(np.float32))
