"""Who leaves a phone number wants to be called; other numbers are not taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.left_number import leaves_a_number


@pytest.mark.parametrize(
    "text",
    [
        "(202) 555-0173",
        "my cell is 202.555.0173 evenings are best",
        "1-202-555-0173 ask for the tall one",
        "2025550173",
        "555-0173 thats my landline",
        "+44 20 7946 0018 please",
        "this is the number, 202 555 0173.",
    ],
)
def test_a_number_that_is_left_is_seen(text: str) -> None:
    assert leaves_a_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "is 202 555 0173 the front desk?",
        "can i reach the clinic on 2025550173",
        "member id 2025550173",
        "my claim no. is 202-555-0173",
        "had it done on 2025-05-17",
        "my blood pressure was 120/80 then 140/90",
        "i weigh 2025 kg lol",
        "room 555 on floor 12",
        "zip 53703-0173",
        "call me",
        "",
    ],
)
def test_a_question_or_another_number_is_not(text: str) -> None:
    assert not leaves_a_number(text)


@given(
    st.tuples(*(st.sampled_from(["", " ", "-", ".", ") "]),) * 2),
    st.from_regex(r"\A[2-9][0-9]{2}[2-9][0-9]{6}\Z"),
)
def test_any_way_to_write_ten_digits_is_seen(gaps: tuple[str, str], digits: str) -> None:
    first, second = gaps
    assert leaves_a_number(f"{digits[:3]}{first}{digits[3:6]}{second}{digits[6:]} any time")


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert leaves_a_number(text) in (True, False)
