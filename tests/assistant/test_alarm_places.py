"""Where the alarms of a message stand: their phrases, and the clauses that count for them."""

from __future__ import annotations

import pytest

from assistant.alarm_places import places
from assistant.red_flags import assess
from clinic.red_flag_signs import Sign
from clinic.red_flags import Assessment


def phrases(text: str) -> list[str]:
    return [place.phrase for place in places(text, assess(text), assess)]


def test_a_phrase_is_the_flags_words_with_three_beside_them() -> None:
    text = "well hello there my old dad passed out in the hall this very morning"
    assert phrases(text) == ["my old dad passed out in the hall"]
    assert phrases("chest pain") == ["chest pain"]


def test_a_phrase_ends_with_its_sentence() -> None:
    assert phrases("Are you open late? Dad passed out. Does it hurt?") == ["Dad passed out"]


def test_without_an_alarm_there_is_no_place() -> None:
    assert phrases("does it hurt, because I am afraid. But only a little") == []


def test_what_stands_beside_the_clause_of_an_alarm_does_not_count() -> None:
    alone = places("Dad passed out.", assess("Dad passed out."), assess)
    text = "Are you open late on Fridays? Dad passed out."
    beside = places(text, assess(text), assess)
    assert Sign.ASKS in assess(text).signs
    assert [(one.seen.words, one.seen.signs) for one in beside] == [
        (one.seen.words, one.seen.signs) for one in alone
    ]


def test_a_reason_is_a_clause_of_its_own() -> None:
    text = "Can it collapse a lung, because I can't breathe"
    told = [place for place in places(text, assess(text), assess) if "breathe" in place.phrase]
    assert [place.seen.words for place in told] == [assess("because I can't breathe").words]
    assert Sign.ASKS not in told[0].seen.signs


@pytest.mark.parametrize(
    ("joke", "meant"),
    [
        ("Someone fainted at the parade on Sunday and the band stopped.", "My wife fainted now."),
        ("would you rather die by shark or by bear, office debate.", "I want to die"),
    ],
)
def test_the_same_flag_is_found_a_second_time(joke: str, meant: str) -> None:
    text = f"{joke} {meant}"
    assert len(assess(text).grave) == 1
    assert meant.rstrip(".") in phrases(text)
    assert len(phrases(text)) == 2


def test_a_text_of_thousands_of_clauses_is_read_in_few_steps() -> None:
    steps = []

    def counted(clause: str) -> Assessment:
        steps.append(clause)
        return assess(clause)

    text = "chest pain. " + "a but b. " * 1000
    assert places(text, assess(text), counted)
    assert len(steps) <= 41
    assert "b." in steps[-1]
