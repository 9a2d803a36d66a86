"""Which sentence of a passage may be said first."""

import pytest

from assistant.passages import can_stand_first


@pytest.mark.parametrize(
    "sentence",
    [
        "If that goes well, the next step follows a week later.",
        "If it bleeds, press a clean cloth on it.",
        "This helps the muscle to relax.",
        "After this you may feel sore.",
        "- Neck pain",
    ],
)
def test_a_sentence_that_leans_on_the_one_before_it_is_never_first(sentence: str) -> None:
    assert not can_stand_first(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "If your plan does not pay, you may have to.",
        "Itching passes within a day.",
        "Soreness may last two days.",
    ],
)
def test_one_that_makes_sense_alone_may_be(sentence: str) -> None:
    assert can_stand_first(sentence)
