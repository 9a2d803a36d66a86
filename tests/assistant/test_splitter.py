"""Where a message is cut into its questions, and where it is not."""

from __future__ import annotations

import pytest

pytest.importorskip("spacy")

from assistant.body_parts import BodyParts
from assistant.splitter import halves, split


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("does it hurt and does it help", ["does it hurt", "does it help"]),
        ("Does it hurt? Is it clean?", ["Does it hurt?", "Is it clean?"]),
        ("does it hurt.is it clean.thanks", ["does it hurt.", "is it clean.", "thanks"]),
        ("is it new, what is it for, n does the plan pay",
         ["is it new", "what is it for", "does the plan pay"]),
        ("hello! where is it", ["hello!", "where is it"]),
        ("does it hurt\nhow long", ["does it hurt", "how long"]),
        ("1. does it hurt 2. what is it", ["does it hurt", "what is it"]),
        ("first, is it clean and second, does it hurt", ["is it clean", "does it hurt"]),
        ("tell me what it is and then how it is done", ["tell me what it is", "how it is done"]),
        ("plan pays? need more? what for?", ["plan pays?", "need more?", "what for?"]),
        ("I have a cold. Also, can I come", ["I have a cold.", "can I come"]),
    ],
)  # fmt: skip
def test_a_message_is_cut_where_a_new_question_begins(text: str, parts: list[str]) -> None:
    assert [part.text for part in split(text)] == parts


@pytest.mark.parametrize(
    "text",
    [
        "neck and back pain",
        "can you treat my neck, back and jaw?",
        "it hurts and is swollen",
        "is it sterile and safe?",
        "does it hurt, or what?",
        "open until 7:30 p.m. on Thursdays",
        "I came on Sept. 5 and left",
        "hi",
    ],
)
def test_one_question_stays_whole(text: str) -> None:
    assert len(split(text)) == 1


@pytest.mark.parametrize("text", ["", "   ", "???", "...", "\n\n", "🙂"])
def test_without_words_there_is_no_part(text: str) -> None:
    assert split(text) == ()


def test_a_long_letter_is_bounded() -> None:
    assert len(split("Is it so? " * 500)) <= 10


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("is it clean", True),
        ("does it", True),
        ("clean?", True),
        ("I wonder about the price", True),
        ("please tell me how", True),
        ("the second one is what are the risks", True),
        ("first question is can it help my jaw", True),
        ("after the needling is there anything I must not do", True),
        ("my neck hurts", False),
        ("thank you so much", False),
    ],
)
def test_a_part_says_whether_it_asks(text: str, *, asks: bool) -> None:
    assert [part.asks for part in split(text)] == [asks]


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("what is a knot how long am I sore", ("what is a knot", "how long am I sore")),
        ("is it dear, and for how long am I sore", ("is it dear", "for how long am I sore")),
        ("is it clean / does it hurt", ("is it clean", "does it hurt")),
        ("I have a cold will it help", ("I have a cold", "will it help")),
    ],
)
def test_halves_are_offered_where_a_second_question_may_begin(
    text: str, half: tuple[str, str]
) -> None:
    assert half in [(first.text, second.text) for first, second in halves(text)]


@pytest.mark.parametrize("text", ["", "hi", "needle?", "the knot in my neck", "what is that?"])
def test_nothing_is_offered_where_no_second_question_may_begin(text: str) -> None:
    assert halves(text) == ()


def test_few_halves_are_offered_of_a_long_list() -> None:
    assert len(halves("neck, " * 400)) <= 4


def test_parts_of_the_body_are_found_by_lay_words() -> None:
    parts = BodyParts(
        {"hammy": "leg", "leg": "leg", "neck": "neck", "arm and a leg": "no part", "tmj": "jaw"}
    )
    assert parts.find("My HAMMY and my neck, both legs... the leg") == ("leg", "neck")
    assert parts.find("it costs an arm and a leg") == ()
    assert parts.find("") == ()
    assert parts.single_words() == {"hammy", "leg", "neck", "tmj"}
