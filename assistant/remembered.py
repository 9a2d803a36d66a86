"""The training messages, and how alike a new message is to each: in meaning and in wording.

Meaning is the cosine of sentence vectors, wording the cosine of weighted n-grams. Both are plain
arrays. Wording is looked up through inverted lists, so that only messages that share a gram cost,
and only without vectors: beside them its votes are added up by gram (`assistant.training`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assistant.ngrams import SparseRow
from assistant.quantised import Quantised

__all__ = ["Likeness", "Remembered"]


@dataclass(frozen=True)
class Likeness:
    """Cosines with each training message, (messages,); `None` where they were not asked for."""

    meaning: NDArray[np.float32] | None
    wording: NDArray[np.float32] | None

    @property
    def nearness(self) -> NDArray[np.float32]:
        """Of meaning, or without an encoder of wording. Raises `ValueError` without either."""
        near = self.wording if self.meaning is None else self.meaning
        if near is None:
            raise ValueError("a message that was compared in neither meaning nor wording")
        return near


@dataclass(frozen=True)
class Remembered:
    """Vectors, (messages, width), of unit length, and for each gram the messages that hold it.

    The messages with gram g are `messages[starts[g]:starts[g + 1]]`, its weight in them `values`;
    the lists are empty where there are vectors.
    """

    count: int
    vectors: NDArray[np.float32] | None
    starts: NDArray[np.int64]
    messages: NDArray[np.int32]
    values: NDArray[np.float32]

    @classmethod
    def of(
        cls, rows: Sequence[SparseRow], vectors: NDArray[np.float32] | None, *, grams: int
    ) -> Remembered:
        """Remember messages; `rows` are their n-grams, out of a vocabulary of `grams`."""
        if vectors is not None:
            none = np.zeros(0, dtype=np.int32)
            starts = np.zeros(grams + 1, dtype=np.int64)
            return cls(len(rows), vectors, starts, none, none.astype(np.float32))
        sizes = [row.columns.size for row in rows]
        holder = np.repeat(np.arange(len(rows), dtype=np.int32), sizes)
        columns = np.concatenate([row.columns for row in rows])
        values = np.concatenate([row.values for row in rows])
        order = np.argsort(columns, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(columns, minlength=grams))])
        return cls(len(rows), None, starts.astype(np.int64), holder[order], values[order])

    def likeness(self, row: SparseRow, vector: NDArray[np.float32] | None) -> Likeness:
        """Compare one message. Raises `ValueError` when it lacks the vector that training had."""
        if self.vectors is None:
            return Likeness(None, self._wording(row))
        if vector is None:
            raise ValueError(
                "trained with sentence vectors, but the message has none; keep SentenceEncoder "
                "before PassageClassifier in config.yml"
            )
        return Likeness(self._quantised.dot(vector), None)

    @cached_property
    def _quantised(self) -> Quantised:
        if self.vectors is None:
            raise ValueError("without vectors there is no meaning to compare")
        return Quantised(self.vectors)

    def _wording(self, row: SparseRow) -> NDArray[np.float32]:
        starts, ends = self.starts[row.columns], self.starts[row.columns + 1]
        if not starts.size:
            return np.zeros(self.count, dtype=np.float32)
        held = [slice(*span) for span in zip(starts.tolist(), ends.tolist(), strict=True)]
        weights = np.concatenate([self.values[span] for span in held])
        weights *= np.repeat(row.values, ends - starts)
        messages = np.concatenate([self.messages[span] for span in held])
        found = np.bincount(messages, weights=weights, minlength=self.count)
        return found.astype(np.float32)
