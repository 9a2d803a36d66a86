"""What the assistant did in one turn, in a nurse's words."""

from __future__ import annotations

from typing import Any

import pytest

from clinic.handout import load_handouts
from desk.settings import CHECKOUT
from desk.web.turn_words import Passage, guess_of

HANDOUTS = {one.id: one for one in load_handouts(CHECKOUT / "documents")}
DRY = HANDOUTS["dry-needling"]


def turn(kind: str, **values: Any) -> dict[str, Any]:
    return {"kind": kind, "document": None, "sections": [], "confidence": 0.97, **values}


def test_an_answer_names_its_passages_by_their_titles() -> None:
    said = turn("answer", document=DRY.id, sections=["does-it-hurt", "aftercare"])
    guess = guess_of("assistant", said, HANDOUTS)
    assert guess is not None
    assert guess.words == "Answered from"
    assert guess.confidence == pytest.approx(0.97)
    assert guess.passages == tuple(
        Passage(DRY.section(name).title, f"/handouts/{DRY.id}#{name}")
        for name in ("does-it-hurt", "aftercare")
    )


def test_a_passage_of_a_second_handout_leads_there() -> None:
    said = turn("answer", document="other", sections=[f"{DRY.id}#insurance"])
    guess = guess_of("assistant", said, HANDOUTS)
    assert guess is not None
    assert guess.passages == (
        Passage(DRY.section("insurance").title, f"/handouts/{DRY.id}#insurance"),
    )


@pytest.mark.parametrize("name", ["gone", "gone#was-here", f"{DRY.id}#was-here"])
def test_a_passage_that_is_gone_keeps_its_name(name: str) -> None:
    guess = guess_of("assistant", turn("answer", document=DRY.id, sections=[name]), HANDOUTS)
    assert guess is not None
    assert guess.passages == (Passage(name.rpartition("#")[2], None),)


@pytest.mark.parametrize("turn_kind", ["clarify", "decline", "out_of_scope", "urgent", "emergency"])
def test_what_was_not_answered_is_a_guess_too(turn_kind: str) -> None:
    guess = guess_of("assistant", turn(turn_kind), HANDOUTS)
    assert guess is not None
    assert guess.passages == ()


@pytest.mark.parametrize(
    ("author", "said"),
    [
        ("system", turn("handoff", confidence=1.0)),
        ("system", turn("emergency", confidence=1.0)),
        ("assistant", turn("handoff")),
        ("assistant", turn("chitchat")),
        ("assistant", None),
        ("nurse", None),
        ("patient", None),
    ],
)
def test_what_nobody_guessed_shows_no_guess(author: str, said: dict[str, Any] | None) -> None:
    assert guess_of(author, said, HANDOUTS) is None
