"""Which handout a message names, however its name is written."""

from __future__ import annotations

import pytest

from clinic.library import Library

LIBRARY = Library(
    primary="needling",
    topics={},
    titles={},
    documents={"needling": "Needling", "shockwave": "Shockwave therapy"},
    names={"needling": ("needling",), "shockwave": ("shockwave therapy", "shockwave")},
    own_words={},
    listed={},
)


@pytest.mark.parametrize(
    "text",
    [
        "does shockwave hurt",
        "does shock wave hurt",
        "does shock-wave therapy hurt",
        "two Shock Waves in a week?",
        "does shokwave hurt",
    ],
)
def test_a_handout_is_named_in_one_word_or_two(text: str) -> None:
    assert LIBRARY.named(text) == ("shockwave",)
    assert "shock" not in LIBRARY.nameless(text).lower().replace("shokwave", "")


@pytest.mark.parametrize("text", ["does it hurt", "an electric shock", "a wave of shock", ""])
def test_parts_of_a_name_name_nothing(text: str) -> None:
    assert LIBRARY.named(text) == ()
    assert LIBRARY.nameless(text) == text
