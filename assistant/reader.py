"""Reads one text: its meaning, and what the trained understanding makes of it.

Shared by everything in a message that is read by itself: the whole, its parts, a follow-up put
behind the title of what was answered before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.meaning import Meaning
from assistant.understanding import Reading, Understanding
from clinic.decision import Heard
from clinic.library import Library

__all__ = ["Read", "Reader", "Vector", "heard"]

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Read:
    """A text, its vector (`None` for n-grams alone) and its reading."""

    text: str
    vector: Vector | None
    reading: Reading


@dataclass(frozen=True)
class Reader:
    """`meaning` is `None` for n-grams alone."""

    understanding: Understanding
    library: Library
    meaning: Meaning | None

    def read(self, text: str, vector: Vector | None = None) -> Read:
        """Read a text; `vector` is the encoder's of this very text, where it is known.

        Names of handouts are made neutral first: "dry needling" asks for no section by itself.
        """
        neutral = self.library.neutral(text) if len(self.library.documents) > 1 else text
        if self.meaning is None:
            meant = None
        else:
            meant = self.meaning.of(neutral, vector if neutral == text else None)
        return Read(text, meant, self.understanding.read(neutral, meant))

    def share(self, read: Read, section: str) -> float:
        """The probability that the text asks for a section's topic."""
        return dict(read.reading.ranking).get(self.library.topic_of(section), 0.0)


def heard(reading: Reading, text: str, *, asks: bool = True, alone: Reading | None = None) -> Heard:
    """A reading as `clinic.decision` weighs it; `alone` where it leans on the text before."""
    return Heard(
        choice=reading.choice,
        shares=dict(reading.ranking),
        confidence=reading.confidence,
        asks=asks,
        words=len(text.split()),
        weak=dict(alone.ranking) if alone else {},
    )
