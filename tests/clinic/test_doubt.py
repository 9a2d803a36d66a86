"""When silence is in doubt, and when it is not."""

from __future__ import annotations

import pytest

from clinic.doubt import LEAST, is_doubtful


@pytest.mark.parametrize(
    ("intent", "likelihood", "doubtful"),
    [
        ("near_topic", LEAST, True),
        ("out_of_scope", 0.1, True),
        ("nlu_fallback", 0.1, True),
        ("urgent", 0.1, True),
        ("hours", 0.1, False),  # a reply that is likely right
        ("thanks", 0.1, False),
        ("near_topic", 0.04, False),
    ],
)
def test_near_an_alarm_it_is_asked_where_there_is_no_better_reply(
    intent: str, likelihood: float, doubtful: bool
) -> None:
    near = {"uncertain": False, "asks": False, "likelihood": likelihood}
    assert is_doubtful(intent, explained=False, **near) is doubtful
    assert not is_doubtful(intent, explained=True, **near), "silence was earned"


@pytest.mark.parametrize(
    ("intent", "likelihood", "doubtful"),
    [("near_topic", 0.0, True), ("hours", 0.0, False), ("hours", LEAST, True)],
)
def test_a_silence_that_was_not_earned_is_asked_about(
    intent: str, likelihood: float, doubtful: bool
) -> None:
    found = is_doubtful(intent, uncertain=False, asks=True, explained=False, likelihood=likelihood)
    assert found is doubtful


@pytest.mark.parametrize("intent", ["near_topic", "hours", "thanks", "handoff"])
def test_an_alarm_that_was_set_aside_is_always_asked_about(intent: str) -> None:
    assert is_doubtful(intent, uncertain=True, asks=True, explained=False, likelihood=0.0)
