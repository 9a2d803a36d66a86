"""Text to word-piece numbers, as the encoder's model was trained with (BERT, uncased).

The rules are those of the original BERT tokenizer: clean, lower, strip accents, split at space,
punctuation and CJK characters, then the longest known pieces from the left. The result was the same
as that of the `tokenizers` library on every message of the public sets (see the encoder's test).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

__all__ = ["WordPiece"]

_SHORTEST_WORD = 4
_LONGEST_WORD = 100  # characters; a longer one is unknown (BERT's own limit)
_CLS, _SEP, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_CJK = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
# ASCII signs that Unicode does not call punctuation but BERT does.
_ASCII_SIGNS = frozenset("$+<=>^`|~")


class WordPiece:
    """The vocabulary, and the numbers of a text in it."""

    def __init__(self, vocabulary: Path, *, longest: int) -> None:
        """Read `vocab.txt`; a text gives at most `longest` numbers, the two marks included."""
        lines = vocabulary.read_text(encoding="utf-8").split("\n")
        self._number = {piece: number for number, piece in enumerate(lines) if piece}
        self._longest = longest

    def whole_words(self) -> frozenset[str]:
        """English words of four letters or more that are one piece: real words, no gibberish."""
        return frozenset(
            piece
            for piece in self._number
            if len(piece) >= _SHORTEST_WORD and piece.isascii() and piece.isalpha()
        )

    def numbers(self, text: str) -> list[int]:
        """The piece numbers, between the start and the end mark."""
        pieces = [self._number[_CLS]]
        for word in _split(text):
            pieces.extend(self._pieces(word))
            if len(pieces) >= self._longest:
                break
        return [*pieces[: self._longest - 1], self._number[_SEP]]

    def _pieces(self, word: str) -> list[int]:
        if len(word) > _LONGEST_WORD:
            return [self._number[_UNKNOWN]]
        found: list[int] = []
        start = 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(len(word), start, -1):
                number = self._number.get(prefix + word[start:end])
                if number is not None:
                    found.append(number)
                    start = end
                    break
            else:
                return [self._number[_UNKNOWN]]
        return found


def _split(text: str) -> Iterator[str]:
    """Lower-case words without accents; each punctuation and CJK character is a word."""
    cleaned = "".join(_clean(character) for character in text)
    plain = "".join(
        character
        for character in unicodedata.normalize("NFD", cleaned)
        if unicodedata.category(character) != "Mn"
    ).lower()
    word = ""
    for character in plain:
        if character.isspace():
            alone = ""
        elif _is_punctuation(character):
            alone = character
        else:
            word += character
            continue
        if word:
            yield word
        if alone:
            yield alone
        word = ""
    if word:
        yield word


def _clean(character: str) -> str:
    if character in "\t\n\r" or unicodedata.category(character) == "Zs":
        return " "
    code = ord(character)
    if code in (0, 0xFFFD) or unicodedata.category(character)[0] == "C":
        return ""
    if any(first <= code <= last for first, last in _CJK):
        return f" {character} "
    return character


def _is_punctuation(character: str) -> bool:
    return character in _ASCII_SIGNS or unicodedata.category(character).startswith("P")
