import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.turn import Ask, Handoff, HandoffState, Kind, Turn, TurnError, Urgency, merge

handoffs = st.builds(
    Handoff,
    state=st.sampled_from(HandoffState),
    asks_for=st.none() | st.sampled_from(Ask),
    reference=st.none() | st.text("ABCDEF23456789-", min_size=1, max_size=7),
)
turns = st.builds(
    Turn,
    kind=st.sampled_from(Kind),
    document=st.none() | st.just("dry-needling"),
    sections=st.lists(st.sampled_from(["a", "b", "c"]), max_size=3).map(tuple),
    urgency=st.none() | st.sampled_from(Urgency),
    handoff=st.none() | handoffs,
    confidence=st.integers(0, 10_000).map(lambda n: n / 10_000),
)


@given(turns)
def test_a_turn_survives_the_way_through_json(turn: Turn) -> None:
    assert Turn.from_json(turn.to_json()) == turn


def test_a_turn_has_exactly_the_keys_of_the_contract() -> None:
    turn = Turn(kind=Kind.ANSWER, document="dry-needling", sections=("does-it-hurt",))
    assert turn.to_json() == {
        "kind": "answer",
        "document": "dry-needling",
        "sections": ["does-it-hurt"],
        "urgency": None,
        "handoff": None,
        "confidence": 1.0,
    }


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"kind": "poem"},
        {"kind": "answer", "urgency": "soonish"},
        {"kind": "answer", "handoff": {"state": "lost"}},
        {"kind": "answer", "confidence": "high"},
        {"kind": "handoff", "handoff": {"state": "collecting", "asks_for": "age"}},
    ],
)
def test_what_is_no_turn_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(TurnError):
        Turn.from_json(broken)


def test_a_question_answered_in_the_form_is_an_answer_that_still_asks() -> None:
    answer = Turn(kind=Kind.ANSWER, document="d", sections=("a",), confidence=0.9)
    asks = Turn(kind=Kind.HANDOFF, handoff=Handoff(HandoffState.COLLECTING, asks_for=Ask.PHONE))
    reply = merge([answer, asks])
    assert (reply.kind, reply.sections, reply.confidence) == (Kind.ANSWER, ("a",), 0.9)
    assert reply.handoff is not None
    assert reply.handoff.asks_for is Ask.PHONE


@given(st.lists(turns, min_size=1, max_size=5), turns)
def test_an_emergency_outranks_whatever_else_is_said(said: list[Turn], other: Turn) -> None:
    emergency = Turn(kind=Kind.EMERGENCY, urgency=Urgency.EMERGENCY)
    reply = merge([*said, emergency, other])
    assert reply.kind is Kind.EMERGENCY
    assert reply.urgency is Urgency.EMERGENCY
    assert reply.sections == ()


@given(st.lists(turns, min_size=1, max_size=5))
def test_sections_are_said_once_each_and_only_by_answers(said: list[Turn]) -> None:
    reply = merge(said)
    assert len(set(reply.sections)) == len(reply.sections)
    if reply.kind is not Kind.ANSWER:
        assert reply.sections == ()


def test_a_reply_without_a_turn_is_refused() -> None:
    with pytest.raises(TurnError):
        merge([])
