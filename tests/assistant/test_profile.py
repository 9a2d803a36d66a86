"""Which section of a further handout a message is about, and how sure that is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assistant.profile import Profile

SECTIONS = ("taping#how-long", "taping#water", "taping#itching")
AXES = np.eye(5, dtype=np.float32)
PRICE = AXES[3]  # a question that no handout answers
LEARNT = np.stack([PRICE, AXES[4]])
PROFILE = Profile(
    sections=SECTIONS,
    said=AXES[[0, 1, 2, 2]],
    said_by=np.array([0, 1, 2, 2]),
    titled=AXES[:3],
    titled_by=np.arange(3),
    whole=AXES[:3],
    refused=np.array([True, False]),
)


def unit(*parts: float) -> NDArray[np.float32]:
    vector = np.array([*parts, *[0.0] * (5 - len(parts))], dtype=np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def test_the_nearest_section_is_found_and_sure_where_nothing_else_is_near() -> None:
    match = PROFILE.match(AXES[1], LEARNT)
    assert match.section == "taping#water"
    assert match.confidence > 0.9


def test_between_two_sections_it_is_less_sure_than_with_one() -> None:
    one, two = unit(0.2, 1.0), unit(0.9, 1.0)
    assert PROFILE.match(two, LEARNT).section == "taping#water"
    assert PROFILE.match(two, LEARNT).confidence < PROFILE.match(one, LEARNT).confidence


def test_what_resembles_a_question_that_nothing_answers_is_less_sure_by_far() -> None:
    price = PROFILE.match(unit(0.2, 0.3, 0.2, 1.0), LEARNT)
    assert price.confidence < 0.45
    assert PROFILE.match(unit(0.2, 0.3, 0.2, 0.0, 1.0), LEARNT).confidence > price.confidence
