"""What a message means after what was said: options picked, follow-ups, the context itself."""

from __future__ import annotations

import pytest

from clinic.context import CONTEXT, Context, context_of
from clinic.follow_up import asks_to_explain, leans_on_before
from clinic.options import pick, refuses
from clinic.sentences import sentences
from clinic.turn import Handoff, HandoffState, Kind, Turn

TITLES = ("Does it hurt?", "What are the side effects?", "What should I do after the treatment?")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("2", (1,)),
        ("the second one", (1,)),
        ("2nd please", (1,)),
        ("First.", (0,)),
        ("yes the third", (2,)),
        ("the last one", (2,)),
        ("Does it hurt?", (0,)),
        ("does it hurt", (0,)),
        ("yes, side effects", (1,)),
        ("the side effect one", (1,)),
        ("hurting", (0,)),
        ("a", (0,)),
        ("all of them", (0, 1, 2)),
        ("yes", ()),
        ("", ()),
        ("4", ()),
        ("a pony", ()),
        ("how many times must I come before the second treatment is over", ()),
    ],
)
def test_a_typed_choice_works_like_the_press(text: str, places: tuple[int, ...]) -> None:
    assert pick(text, TITLES) == places


def test_the_last_of_two_is_the_second() -> None:
    assert pick("the latter", TITLES[:2]) == (1,)
    assert pick("both", TITLES[:2]) == (0, 1)
    assert pick("third", TITLES[:2]) == ()


@pytest.mark.parametrize("text", ["no", "Something else", "none of them", "neither", "not those"])
def test_none_of_them_is_understood(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize("text", ["no pain?", "does it hurt", "something else hurts", "yes"])
def test_other_words_refuse_nothing(text: str) -> None:
    assert not refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "how long for?",
        "what can I do about it?",
        "and my jaw?",
        "what about my arm",
        "is that normal",
        "for everyone?",
        "how often",
        "does it go away",
    ],
)
def test_a_message_without_a_topic_leans_on_the_last_answer(text: str) -> None:
    assert leans_on_before(text, known=frozenset({"jaw", "arm"}))


@pytest.mark.parametrize(
    "text", ["does insurance pay", "", "are the needles clean?", "hours on thursday", "x " * 20]
)
def test_a_message_with_a_topic_stands_alone(text: str) -> None:
    assert not leans_on_before(text)


@pytest.mark.parametrize(
    "text",
    [
        "why?",
        "why is that",
        "simpler please",
        "in plain english please",
        "what do you mean?",
        "I don't understand",
        "can you explain that",
        "tell me more",
        "ok but why",
    ],
)
def test_a_wish_for_an_explanation_is_one(text: str) -> None:
    assert asks_to_explain(text)


@pytest.mark.parametrize("text", ["why does it hurt", "explain dry needling", "more sessions?", ""])
def test_a_question_is_no_wish_for_an_explanation(text: str) -> None:
    assert not asks_to_explain(text)


ANSWER = Turn(Kind.ANSWER, document="bees", sections=("sting",))
OTHER = Turn(Kind.ANSWER, document="bees", sections=("sting", "wasps#nest"))
DECLINE = Turn(Kind.DECLINE, handoff=Handoff(HandoffState.OFFERED))
CLARIFY, CHAT = Turn(Kind.CLARIFY), Turn(Kind.CHITCHAT)


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([], Context()),
        ([ANSWER], Context(sections=("sting",), document="bees")),
        ([OTHER], Context(sections=("sting", "wasps#nest"), document="wasps")),
        ([CHAT, ANSWER], Context(sections=("sting",), document="bees")),
        ([DECLINE, ANSWER], Context(document="bees", misses=1, offered=True)),
        ([DECLINE, CLARIFY], Context(misses=2, offered=True)),
        ([CHAT, DECLINE], Context()),
        ([CLARIFY, DECLINE], Context(options=("a", "b"), misses=2)),
    ],
)
def test_the_context_is_what_was_said_last(turns: list[Turn], expected: Context) -> None:
    assert context_of(turns, options=("a", "b")) == expected


def test_the_context_survives_the_message() -> None:
    context = Context(("a",), ("b", "c"), "bees", 2, offered=True)
    assert Context.from_metadata({CONTEXT: context.to_json()}) == context
    assert Context.from_metadata(None) == Context.from_metadata({CONTEXT: 3}) == Context()


def test_sentences_end_where_a_reader_ends_them() -> None:
    text = 'From Sept. 5 it is open until 7:30 p.m. Come in. "Really?" Yes.\n- One. Two\nLast'
    assert sentences(text) == (
        "From Sept. 5 it is open until 7:30 p.m.",
        "Come in.",
        '"Really?"',
        "Yes.",
        "- One. Two",
        "Last",
    )
