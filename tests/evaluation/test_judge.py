"""The verdict on a reply, by the rules that come with the question sets."""

from typing import Any

import pytest

from evaluation.judge import Verdict, judge


def turn(kind: str, *sections: str) -> dict[str, Any]:
    return {"kind": kind, "sections": list(sections), "confidence": 0.9}


@pytest.mark.parametrize(
    ("wanted", "said", "verdict"),
    [
        (turn("answer", "a", "b"), turn("answer", "b"), "right"),
        (turn("answer", "a"), turn("answer", "x", "a"), "right"),
        (turn("answer", "a"), turn("answer", "x", "y", "a"), "wrong"),
        (turn("answer", "a"), turn("answer", "x"), "wrong"),
        (turn("answer", "a"), turn("decline"), "miss"),
        (turn("answer", "a"), turn("clarify"), "clarify"),
        (turn("answer", "a"), turn("emergency"), "wrong"),
        (turn("answer_all", "a", "b"), turn("answer", "b", "a"), "right"),
        (turn("answer_all", "a", "b"), turn("answer", "a"), "miss"),
        (turn("answer_all", "a", "b"), turn("answer", "x"), "wrong"),
        (turn("emergency"), turn("emergency"), "right"),
        (turn("emergency"), turn("urgent"), "miss"),
        (turn("emergency"), turn("decline"), "wrong"),
        (turn("decline"), turn("answer", "a"), "wrong"),
        (turn("decline"), turn("handoff"), "right"),
        (turn("out_of_scope"), turn("decline"), "right"),
        (turn("chitchat"), turn("clarify"), "clarify"),
    ],
)
def test_a_reply_is_judged(wanted: dict[str, Any], said: dict[str, Any], verdict: str) -> None:
    assert judge(wanted, [said]) is Verdict(verdict)


def test_a_reply_without_exactly_one_turn_is_wrong() -> None:
    assert judge(turn("decline"), []) is Verdict.WRONG
    assert judge(turn("decline"), [turn("decline")] * 2) is Verdict.WRONG
