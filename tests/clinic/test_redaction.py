"""What could say whose question it is goes; what the question is about stays."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.redaction import redact

ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Call me at 608-555-0134", "Call me at [number]"),
        ("(608) 555 0134 or +1 608.555.0134", "[number] or [number]"),
        ("My chart is 00412377", "My chart is [number]"),
        ("Madison WI 53703-1234", "Madison WI [number]"),
        ("born 3/4/1980, or 1980-04-03", "born [date], or [date]"),
        ("born March 4, 1980", "born [date]"),
        ("on 4th of May 2026 I come", "on [date] I come"),
        ("write to kim.doe+x@mail.example.org", "write to [e-mail]"),
        ("see https://me.example/kim and www.me.example", "see [link] and [link]"),
        ("I am @kimdoe there", "I am [name] there"),
        ("I live at 12 Main Street in town", "I live at [address] in town"),
        ("my name is kim and I hurt", "my name is [name] and I hurt"),
        ("My name's Kim Ann Doe. Is it safe?", "My name's [name]. Is it safe?"),
    ],
)
def test_what_names_a_person_goes(said: str, kept: str) -> None:
    assert redact(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "I am 67, can I have it?",
        "It has hurt for 3 days, 20 minutes each",
        "Can I take 2.5 mg twice a day?",
        "I had a hip done in 2019",
        "Is it 1 or 2 needles?",
        "Is it safe in May?",
        "What is the name of the needle?",
        "My blood pressure is 140/90",
    ],
)
def test_what_the_question_is_about_stays(said: str) -> None:
    assert redact(said) == said


def test_names_that_were_given_go_as_words_in_capitals_or_not() -> None:
    said = "kim's shoulder; KIM DOE; does a kimono help? O'Neil, Jean-Luc"
    assert redact(said, names=["Kim Doe", "Jean-Luc O'Neil", "B."]) == (
        "[name]'s shoulder; [name] [name]; does a kimono help? [name], [name]"
    )


@ANY_SPEED
@given(st.text(max_size=200), st.lists(st.text(max_size=12), max_size=3))
def test_twice_is_once(said: str, names: list[str]) -> None:
    once = redact(said, names=names)
    assert redact(once, names=names) == once


@ANY_SPEED
@given(
    st.text(max_size=60),
    st.lists(st.integers(0, 9), min_size=7, max_size=15),
    st.sampled_from(["", " ", "-", ".", " - "]),
)
def test_no_phone_number_gets_through(around: str, digits: list[int], between: str) -> None:
    number = between.join(map(str, digits))
    assert number not in redact(f"{around} {number} {around}")
