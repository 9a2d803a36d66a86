"""How long a patient waits for a nurse in the chat: an honest estimate from what is known."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from datetime import timedelta

__all__ = ["expected_wait", "usual_length"]

_ENOUGH = 5
"""From so many measured chats on their median says more than the clinic's setting."""


def usual_length(measured: Sequence[timedelta], *, otherwise: timedelta) -> timedelta:
    """How long a chat takes: the median of the last ones, or `otherwise` while they are few."""
    if len(measured) < _ENOUGH:
        return otherwise
    return timedelta(seconds=statistics.median(length.total_seconds() for length in measured))


def expected_wait(*, ahead: int, nurses: int, busy: int, usual: timedelta) -> timedelta | None:
    """The wait of somebody with `ahead` patients before, in whole minutes, one at least.

    `nurses` are there and `busy` of them in a chat, one at a time each, which is half over on
    average. None when no nurse is there: then nothing can be promised.
    """
    if nurses <= 0:
        return None
    free = max(nurses - busy, 0)
    if ahead < free:
        return timedelta(minutes=1)
    rounds = (ahead - free) // nurses  # whole chats to wait for after the first that ends
    wait = usual / 2 + rounds * usual
    return timedelta(minutes=max(1, math.ceil(wait / timedelta(minutes=1))))
