"""The meaning of a text as a vector, also where its words are misspelt.

A text with misspelt words gets the mean of its vector and that of the corrected text: held-out
messages are a little surer so than with either alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.encoder_session import Encoder
from assistant.spelling import Spelling

__all__ = ["Meaning"]

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Meaning:
    """Encoder and spelling together."""

    encoder: Encoder
    spelling: Spelling

    def of(self, text: str, vector: Vector | None = None) -> Vector:
        """The vector, (384,), of unit length; `vector` is the encoder's of the text, if known."""
        written = self.encoder.encode(text) if vector is None else vector
        corrected = self.spelling.correct(text)
        if corrected == text:
            return written
        return _unit(written + self.encoder.encode(corrected))

    def of_all(self, texts: Sequence[str], vectors: Vector | None = None) -> Vector:
        """One vector a row, row by row the same as `of`."""
        written = self.encoder.encode_all(texts) if vectors is None else vectors
        corrected = [self.spelling.correct(text) for text in texts]
        places = [place for place, text in enumerate(texts) if corrected[place] != text]
        if not places:
            return written
        found = written.copy()
        right = self.encoder.encode_all([corrected[place] for place in places])
        found[places] = _unit(written[places] + right)
        return found


def _unit(vectors: Vector) -> Vector:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), dtype=np.float32)
