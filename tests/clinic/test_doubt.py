"""When silence is in doubt, and when it is not."""

from __future__ import annotations

import pytest

from clinic.doubt import LEAST_SHARE, is_doubtful


@pytest.mark.parametrize(
    ("intent", "share", "asks", "explained", "doubtful"),
    [
        ("near_topic", LEAST_SHARE, False, False, True),
        ("out_of_scope", 0.2, False, False, True),
        ("nlu_fallback", 0.2, False, False, True),
        ("urgent", 0.2, False, False, True),
        ("hours", 0.2, False, False, False),  # a reply that is likely right
        ("thanks", 0.2, False, False, False),
        ("near_topic", 0.14, False, False, False),
        ("near_topic", 0.2, False, True, False),  # silence was earned
        ("near_topic", 0.0, True, False, True),  # a rule fired, and its silence was not earned
        ("hours", 0.0, True, False, False),  # so it did here, but the reply is likely right
        ("hours", 0.06, True, False, True),
    ],
)
def test_doubt(intent: str, share: float, asks: bool, explained: bool, doubtful: bool) -> None:
    found = is_doubtful(intent, grave_share=share, asks=asks, explained=explained)
    assert found is doubtful
