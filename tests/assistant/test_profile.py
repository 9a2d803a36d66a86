"""Which section of a further handout a message is about, how sure that is, and if it is meant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.kernel import KernelSettings
from assistant.ngrams import SparseRow
from assistant.profile import Asked, Profile

SECTIONS = ("taping#how-long", "taping#water", "taping#itching")
AXES = np.eye(5, dtype=np.float32)
SETTINGS = KernelSettings()
SHOWER = 7  # a gram that stands in the texts on water alone
# Of the training messages the first asks for a price, which no handout says; the second is about
# the primary handout.
LEARNT = AXES[[3, 4]]
PROFILE = Profile(
    title="Taping",
    sections=SECTIONS,
    topics=SECTIONS,
    plain=AXES[[0, 1, 2, 0, 1, 2]],
    framed=AXES[[0, 1, 2, 0, 1, 2]],
    owner=np.array([0, 1, 2, 0, 1, 2]),
    titled=np.array([False] * 3 + [True] * 3),
    example=np.zeros(6, dtype=np.bool_),
    votes=np.tile(np.eye(3, dtype=np.float32), (2, 1)) / 3,
    grams=np.array([SHOWER]),
    gram_votes=np.array([[0.0, 0.5, 0.0]], dtype=np.float32),
    refused=np.array([True, False]),
    answered=np.array([False, True]),
)
NO_GRAMS = SparseRow(np.zeros(0, np.int64), np.zeros(0, np.float32))


def asked(*parts: float, row: SparseRow = NO_GRAMS, own_words: int = 0) -> Asked:
    """A message that lies between the axes: water is the second, prices are the fourth."""
    vector = np.array([*parts, *[0.0] * (5 - len(parts))], dtype=np.float32)
    vector /= np.linalg.norm(vector)
    return Asked(vector, vector, row, LEARNT @ vector, {}, own_words=own_words)


def shares(message: Asked) -> NDArray[np.float64]:
    return np.array(list(PROFILE.shares(message, SETTINGS).values()))


def test_the_nearest_section_is_the_likeliest() -> None:
    found = PROFILE.shares(asked(0.0, 1.0), SETTINGS)
    assert max(found, key=lambda name: found[name]) == "taping#water"
    assert found["taping#water"] > 0.8


def test_between_two_sections_each_is_less_likely_than_with_one() -> None:
    assert shares(asked(0.9, 1.0))[1] < shares(asked(0.2, 1.0))[1]


def test_what_resembles_a_question_that_nothing_answers_is_likelier_answered_by_none() -> None:
    assert shares(asked(0.3, 0.5, 0.3, 1.0)).sum() < shares(asked(0.3, 0.5, 0.3)).sum()


def test_texts_that_are_near_together_count_as_a_crowd() -> None:
    """Whatever is about the treatment is near many texts; an answer stands out among them."""
    message = asked(0.1, 1.0)
    crowded = replace(PROFILE, plain=AXES[[1, 1, 1, 0, 1, 2]], framed=AXES[[1, 1, 1, 0, 1, 2]])
    found = crowded.compare(message, SETTINGS)
    assert found.crowd > PROFILE.compare(message, SETTINGS).crowd


def test_words_that_only_one_section_uses_speak_for_it() -> None:
    row = SparseRow(np.array([3, SHOWER]), np.array([0.6, 0.8], dtype=np.float32))
    assert PROFILE.by_wording(row) == pytest.approx([0.0, 0.4, 0.0])
    assert shares(asked(1.0, 0.9, row=row))[1] > shares(asked(1.0, 0.9))[1]


def test_a_gram_that_no_text_has_says_nothing() -> None:
    row = SparseRow(np.array([SHOWER + 1]), np.array([1.0], dtype=np.float32))
    assert PROFILE.by_wording(row) == pytest.approx([0.0, 0.0, 0.0])


def test_an_unnamed_handout_is_likelier_meant_with_its_own_words() -> None:
    plainly, in_its_words = asked(0.0, 1.0), asked(0.0, 1.0, own_words=2)
    assert PROFILE.meant(in_its_words, SETTINGS) > PROFILE.meant(plainly, SETTINGS)


def test_a_message_that_the_primary_handout_answers_is_not_about_another() -> None:
    assert PROFILE.meant(asked(0.0, 0.3, 0.0, 0.0, 1.0), SETTINGS) < 0.05
