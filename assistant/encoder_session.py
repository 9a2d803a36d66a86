"""The built encoder in use: text to a unit vector of 384 numbers.

One thread works on one message, so a server's processes do not fight over cores. A message gets the
very same vector alone and among others, for each is run by itself. On another kind of processor
the numbers may differ in the last digits: cosine 0.9999 or more.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from assistant.encoder_build import MODEL_FILE, VOCABULARY_FILE, ensure_encoder
from assistant.wordpiece import WordPiece

__all__ = ["LONGEST", "Encoder"]

# Pieces of a message that are read, marks included; the model was trained with 256. A message of
# this length costs 20 times a usual one, which bounds what a hostile one can cost.
LONGEST = 256
_ERRORS_ONLY = 3


class Encoder:
    """The session and the tokenizer."""

    def __init__(self, folder: Path) -> None:
        """`folder` is what `ensure_encoder` returns."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        self._session = onnxruntime.InferenceSession(
            str(folder / MODEL_FILE), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = WordPiece(folder / VOCABULARY_FILE, longest=LONGEST)

    @classmethod
    @lru_cache(maxsize=1)
    def shared(cls) -> Encoder:
        """The one of this process; builds the graph when it is missing."""
        return cls(ensure_encoder())

    def dictionary(self) -> frozenset[str]:
        """The real words that the model knows as such."""
        return self._tokenizer.whole_words()

    def encode(self, text: str) -> NDArray[np.float32]:
        """The vector, (384,), of unit length."""
        ids = np.array(self._tokenizer.numbers(text), dtype=np.int64)
        return np.asarray(self._session.run(["vector"], {"ids": ids})[0], dtype=np.float32)

    def encode_all(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One vector a row, on all cores; row by row the same as `encode`."""
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            vectors = list(pool.map(self.encode, texts))
        return np.stack(vectors) if vectors else np.empty((0, 384), dtype=np.float32)
