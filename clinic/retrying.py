"""When a message that did not get through is tried again: soon at first, then ever more seldom."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

__all__ = ["LONGEST_WAIT", "next_wait"]

LONGEST_WAIT: Final = timedelta(hours=1)
_JITTER: Final = 0.25  # of the wait: many that failed together do not come back together
_MOST_DOUBLINGS: Final = 20  # beyond every wait that is allowed, and far from overflow


def next_wait(
    tries: int,
    *,
    first: timedelta,
    trying_for: timedelta,
    longest: timedelta,
    chance: float,
) -> timedelta | None:
    """How long to wait after so many tries, at least one; None once it was `longest` in vain.

    It doubles from `first` up to an hour. `trying_for` is the time since the message was written,
    `chance` a random number from 0 up to 1, which spreads the wait by a quarter both ways.
    """
    if trying_for >= longest:
        return None
    doubled: int = 2 ** min(tries - 1, _MOST_DOUBLINGS)
    wait = min(first * doubled, LONGEST_WAIT)
    return wait * (1 - _JITTER + 2 * _JITTER * chance)
