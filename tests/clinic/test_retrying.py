"""Tries that fail come ever more seldom, never all at once, and end."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.retrying import LONGEST_WAIT, next_wait

FIRST, DAY = timedelta(seconds=5), timedelta(days=1)


def wait(tries: int, *, trying_for: timedelta = timedelta(), chance: float = 0.5) -> timedelta:
    found = next_wait(tries, first=FIRST, trying_for=trying_for, longest=DAY, chance=chance)
    assert found is not None
    return found


def test_it_doubles_from_seconds_to_an_hour() -> None:
    seconds = [wait(tries).total_seconds() for tries in range(1, 12)]
    assert seconds == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]


@settings(deadline=None)
@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_chance_spreads_it_by_a_quarter(tries: int, chance: float) -> None:
    found, middle = wait(tries, chance=chance), wait(tries)
    assert 0.75 * middle <= found <= 1.25 * middle
    assert found <= 1.25 * LONGEST_WAIT


def test_it_ends() -> None:
    assert next_wait(1, first=FIRST, trying_for=DAY, longest=DAY, chance=0.5) is None
    assert wait(99, trying_for=DAY - timedelta(seconds=1)) == LONGEST_WAIT
