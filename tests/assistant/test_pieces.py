"""Which pieces a message is read in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pytest

pytest.importorskip("spacy")

from assistant.pieces import Pieces
from assistant.reader import Read, Reader
from assistant.splitter import split
from assistant.understanding import Reading
from clinic.understanding import Choice

KNOWN = {
    "is it clean": ("clean", 0.95),
    "does it hurt": ("hurt", 0.97),
    "is it clean does it hurt": ("hurt", 0.8),
    "can it help my neck?": ("list", 0.95),
    "does it work for that?": ("proof", 0.4),
    "can it help my neck? does it work for that?": ("list", 0.98),
    "neck": ("list", 0.99),
    "back pain": ("list", 0.99),
}


@dataclass
class Dictionary:
    """Reads what it knows, and counts what it was asked; a stand-in for the trained reader."""

    sections: frozenset[str] = frozenset({"clean", "hurt", "list"})
    asked: list[str] = field(default_factory=list)

    def read(self, text: str) -> Read:
        self.asked.append(text)
        guess, sure = KNOWN.get(text, ("near_topic", 0.3))
        return Read(text, None, Reading(Choice(guess, sure, "guess"), ((guess, sure),), sure, 1.0))

    def glance(self, text: str) -> str:
        """The guess by the wording alone."""
        return KNOWN.get(text, ("near_topic", 0.3))[0]


def pieces_of(text: str) -> list[tuple[str, str]]:
    reader = cast("Reader", Dictionary())
    pieces = Pieces(reader).of(reader.read(text), split(text))
    return [(piece.part.text, piece.guess) for piece in pieces]


def test_two_questions_without_a_mark_between_them_are_cut() -> None:
    assert pieces_of("is it clean does it hurt") == [
        ("is it clean", "clean"),
        ("does it hurt", "hurt"),
    ]


def test_one_question_about_two_things_is_not() -> None:
    assert pieces_of("neck and back pain") == []


def test_a_question_that_means_nothing_alone_is_read_after_the_one_before() -> None:
    assert pieces_of("can it help my neck? does it work for that?") == [
        ("can it help my neck?", "list"),
        ("does it work for that?", "list"),
    ]


def test_a_long_text_without_a_sure_half_costs_little() -> None:
    dictionary = Dictionary()
    reader = cast("Reader", dictionary)
    text = "what is " * 500
    assert Pieces(reader).of(reader.read(text), split(text)) == ()
    assert len(dictionary.asked) <= 6
