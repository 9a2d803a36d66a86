"""Attempts to reach a patient by phone: when the next is due, and when giving up is allowed.

A patient who is not reached is called at least three times, and not always at the same time of the
day: who works in the morning does not answer at nine on Monday, Tuesday or Wednesday either. For
an urgent one a second nurse has to agree. The numbers stand in `clinic.yml`; their sources are
named in docs/clinical-safety.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from itertools import combinations
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from clinic.turn import Urgency

__all__ = [
    "LEAST_ATTEMPTS",
    "UNREACHED",
    "Attempt",
    "AttemptOutcome",
    "AttemptRules",
    "Objection",
    "at_different_times",
    "objection",
]

LEAST_ATTEMPTS: Final = 3
_DAY: Final = timedelta(days=1)


class AttemptOutcome(str, Enum):
    """How one call went."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"


UNREACHED: Final = frozenset(AttemptOutcome) - {AttemptOutcome.REACHED}


@dataclass(frozen=True)
class Attempt:
    """One call, at an aware instant."""

    at: datetime
    outcome: AttemptOutcome


@dataclass(frozen=True)
class AttemptRules:
    """What a clinic sets.

    `again_after`: after so long the next step is due, for each urgency. `at_least` attempts come
    before giving up, two of them at times of the day that lie `apart` or more.
    """

    again_after: Mapping[Urgency, timedelta] = field(
        default_factory=lambda: MappingProxyType(
            {
                Urgency.EMERGENCY: timedelta(minutes=5),
                Urgency.URGENT: timedelta(minutes=15),
                Urgency.ROUTINE: timedelta(hours=2),
            }
        )
    )
    at_least: int = LEAST_ATTEMPTS
    apart: timedelta = timedelta(hours=2)


class Objection(str, Enum):
    """Why a call-back may not be closed so."""

    NEEDS_NOTE = "needs_note"
    TOO_FEW = "too_few"
    SAME_TIME = "same_time"
    NEEDS_SECOND_NURSE = "needs_second_nurse"


def objection(
    outcome: str,
    *,
    urgency: Urgency,
    attempts: Sequence[Attempt],
    has_note: bool,
    confirmed: bool,
    rules: AttemptRules,
    zone: ZoneInfo,
) -> Objection | None:
    """What stands against closing with this outcome; None when it may be closed.

    `outcome` is an `AttemptOutcome` or another word for the end of a handoff; `confirmed`: a second
    nurse agrees; `zone` is the clinic's.
    """
    failed = [attempt for attempt in attempts if attempt.outcome in UNREACHED]
    unreached = outcome in {one.value for one in UNREACHED}
    if outcome == "other" and not has_note:
        return Objection.NEEDS_NOTE
    if unreached and len(failed) < rules.at_least:
        return Objection.TOO_FEW
    if unreached and not at_different_times(
        (attempt.at for attempt in failed), apart=rules.apart, zone=zone
    ):
        return Objection.SAME_TIME
    # Another word for the same end must not be the way round the second nurse.
    given_up = unreached or (outcome == "other" and 0 < len(attempts) == len(failed))
    if given_up and urgency is not Urgency.ROUTINE and not confirmed:
        return Objection.NEEDS_SECOND_NURSE
    return None


def at_different_times(instants: Iterable[datetime], *, apart: timedelta, zone: ZoneInfo) -> bool:
    """Whether two of them lie `apart` or more on the clock of `zone`, whatever the day.

    Nine on Monday and nine on Tuesday are one time of the day; so are 23:30 and 00:30 for two
    hours. `apart` is 12 hours at most.
    """
    times = [_time_of_day(instant.astimezone(zone)) for instant in instants]
    return any(apart <= abs(one - other) <= _DAY - apart for one, other in combinations(times, 2))


def _time_of_day(local: datetime) -> timedelta:
    return timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
