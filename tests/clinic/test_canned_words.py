"""The names of canned replies, and what stands for the nurse and the clinic in their words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.canned_replies import PLACEHOLDERS, fill, is_shortcut, unknown_placeholders


@pytest.mark.parametrize(
    ("word", "good"),
    [("ice", True), ("after-care-2", True), ("", False), ("-ice", False), ("Ice", False),
     ("two words", False), ("ä", False), ("a" * 32, True), ("a" * 33, False)],
)  # fmt: skip
def test_a_shortcut_can_be_typed_after_a_slash(word: str, *, good: bool) -> None:
    assert is_shortcut(word) is good


def test_the_nurse_and_the_clinic_stand_in_their_places() -> None:
    said = "I am {nurse} of {clinic}. Call {phone}. {nurse}!"
    values = {"nurse": "Ada", "clinic": "Riverside", "phone": "608"}
    assert fill(said, values) == "I am Ada of Riverside. Call 608. Ada!"


def test_a_value_in_braces_is_not_filled_again() -> None:
    assert fill("{nurse}", {"nurse": "{clinic}", "clinic": "Riverside"}) == "{clinic}"


def test_other_words_in_braces_are_named() -> None:
    assert unknown_placeholders("{nurse} {name} {}") == ("name", "")


@given(st.text())
def test_what_passes_leaves_no_placeholder_for_the_patient(text: str) -> None:
    values = dict.fromkeys(PLACEHOLDERS, "x")
    if not unknown_placeholders(text):
        filled = fill(text, values)
        assert all(f"{{{name}}}" not in filled for name in PLACEHOLDERS)
