"""Words of a message as they are compared: normalised text, and which of them are known.

Called by the n-gram index and the classifier. A word counts as known when training had it, or one
that is a single slip away (a letter dropped, added, changed or two swapped), or when the encoder's
vocabulary has it whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

__all__ = ["KnownWords", "normalise", "words"]

_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_LENGTHENED = re.compile(r"(.)\1{2,}")  # "soooo" and "sooooooo" are one word
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SPACE = re.compile(r"\s+")
# Slips are looked for in words of at least this length: with three letters nearly any two agree.
_SLIP_LENGTH = 5


def normalise(text: str) -> str:
    """Small letters, straight quotes, single spaces, no letter more than twice in a row."""
    plain = unicodedata.normalize("NFKC", text).translate(_QUOTES).lower()
    return _SPACE.sub(" ", _LENGTHENED.sub(r"\1\1", plain)).strip()


def words(text: str) -> list[str]:
    """The words of `normalise`d text; punctuation and emoji are none."""
    return _WORD.findall(text)


class KnownWords:
    """The words training had, and how many of a message's are among them."""

    def __init__(self, known: Iterable[str], dictionary: Iterable[str] = ()) -> None:
        """`dictionary` holds more real words, known as they are, without slips."""
        self.words = frozenset(known)
        self.dictionary = frozenset(dictionary)
        # Two words one slip apart share a form with one letter less (or are such a form).
        self._shortened = frozenset(
            form for word in self.words if len(word) >= _SLIP_LENGTH for form in _one_less(word)
        )

    def knows(self, word: str) -> bool:
        """Whether it is a real word, or a single slip away from one that training had."""
        if word in self.words or word in self.dictionary:
            return True
        if len(word) < _SLIP_LENGTH - 1:
            return False
        return word in self._shortened or any(
            form in self._shortened or (len(form) >= _SLIP_LENGTH and form in self.words)
            for form in _one_less(word)
        )

    def share(self, text: str) -> float:
        """Known words divided by all words of `normalise`d text; 0 when it has no words."""
        found = words(text)
        return sum(map(self.knows, found)) / len(found) if found else 0.0


def _one_less(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}
