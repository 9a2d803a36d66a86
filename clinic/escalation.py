"""Whom to tell, and when, while a patient waits and no nurse looks at the console.

A *notice* is one thing that nurses have to know. It goes up the steps that the clinic has set for
its urgency, one after another, until a nurse has taken the patient. Pure decisions on facts that
`desk.escalation` reads once a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from enum import Enum
from typing import Final, Literal

from clinic.turn import Urgency

__all__ = [
    "Address",
    "Cause",
    "DailySpan",
    "Move",
    "Notice",
    "Notifications",
    "Step",
    "is_answered",
    "is_quiet",
    "next_move",
    "next_step",
    "steps_of",
]


class Cause(str, Enum):
    """What has happened."""

    WAITS = "waits"
    """A patient has come into the queue."""
    GRAVER = "graver"
    """One who waits has become more urgent."""
    UNCLAIMED = "unclaimed"
    """Nobody came to her chat in time, and she was offered a call."""
    RETURNED = "returned"
    """The nurse who had her is gone, or gave her back."""
    HALF = "half"
    """Half of the time until her promised call has gone by."""
    END = "end"
    """All of it has."""


# A reminder of what the first step was told already: nobody else is woken for it.
_REMINDERS: Final = frozenset({Cause.UNCLAIMED, Cause.HALF})
_OF_A_PROMISE: Final = frozenset({Cause.HALF, Cause.END})


@dataclass(frozen=True)
class Address:
    """Somebody or something that is told. `url` and `secret` are names of secrets, not values."""

    name: str
    kind: Literal["apprise", "webhook"]
    url: str
    secret: str = ""


@dataclass(frozen=True)
class Step:
    """These addresses are told `after` so long, unless a nurse has taken the patient by then."""

    after: timedelta
    to: tuple[str, ...]


@dataclass(frozen=True)
class DailySpan:
    """From one minute of the day up to, not including, another; over midnight when it is earlier.

    Minutes after midnight on the clock of `zone`, which never stand still: where summer time skips
    or repeats an hour, so does the span.
    """

    start: int
    end: int
    zone: tzinfo

    def holds(self, now: datetime) -> bool:
        """Whether `now` (aware) lies in it."""
        local = now.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


@dataclass(frozen=True)
class Notifications:
    """What the clinic has set. Without addresses nobody is told anything.

    `console` is the address of the nurses' pages. While a nurse is there she has `grace` to take
    the patient before others are told. In `quiet` nobody is told of what is routine.
    """

    console: str = ""
    grace: timedelta = timedelta(minutes=2)
    quiet: DailySpan | None = None
    addresses: Mapping[str, Address] = field(default_factory=dict)
    steps: Mapping[Urgency, tuple[Step, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """One notice on its way: `told` steps were taken, the last one at `told_at`.

    `at` is when it happened, `due_at` the promised time that it tells of.
    """

    cause: Cause
    urgency: Urgency
    at: datetime
    due_at: datetime | None = None
    told: int = 0
    told_at: datetime | None = None


class Move(Enum):
    """What to do with a notice now."""

    WAIT = "wait"
    TELL = "tell"
    """Tell the addresses of the next step."""
    ANSWERED = "answered"
    """A nurse has taken the patient: it is over."""
    TOLD = "told"
    """Everybody was told: it is over."""


def steps_of(notifications: Notifications, cause: Cause, urgency: Urgency) -> tuple[Step, ...]:
    """The steps of such a notice; a reminder has the first one at most."""
    steps = notifications.steps.get(urgency, ())
    return steps[:1] if cause in _REMINDERS else steps


def next_move(
    notifications: Notifications,
    notice: Notice,
    *,
    now: datetime,
    answered: bool,
    nurse_there: bool,
    unreached: bool,
) -> Move:
    """What is to be done at `now`.

    The first step counts from the notice's instant, each further one from the step before it, so
    that after a stop of the desk people still get the time the clinic gave them. `nurse_there`: a
    nurse is available at the console. `unreached`: the last step's messages do not get through, so
    the next one is told at once.
    """
    if answered:
        return Move.ANSWERED
    following = next_step(notifications, notice, nurse_there=nurse_there)
    if following is None:
        return Move.TOLD
    if is_quiet(notifications, notice.urgency, now=now):
        return Move.WAIT
    due, _ = following
    return Move.TELL if unreached or due <= now else Move.WAIT


def next_step(
    notifications: Notifications, notice: Notice, *, nurse_there: bool
) -> tuple[datetime, Step] | None:
    """The step that comes next, and when unless it is quiet then; None when all are told."""
    steps = steps_of(notifications, notice.cause, notice.urgency)
    if notice.told >= len(steps):
        return None
    step = steps[notice.told]
    if notice.told_at is not None:
        return notice.told_at + step.after - steps[notice.told - 1].after, step
    due = notice.at + step.after
    return max(due, notice.at + notifications.grace) if nurse_there else due, step


def is_quiet(notifications: Notifications, urgency: Urgency, *, now: datetime) -> bool:
    """Whether nobody is told of something so urgent at `now`."""
    quiet = notifications.quiet
    return urgency is Urgency.ROUTINE and quiet is not None and quiet.holds(now)


def is_answered(
    notice: Notice,
    *,
    state: str,
    claimed_at: datetime | None,
    holder_there: bool,
    due_at: datetime | None,
) -> bool:
    """Whether a nurse has done what the notice asks for.

    The facts are the handoff's now. That a patient waits is answered when a nurse takes her, or has
    her and is there. A promised time that passes is answered by a claim after it, or by a call,
    which sets another time: whoever claimed her before may have forgotten her.
    """
    if state == "resolved":
        return True
    claimed_since = claimed_at is not None and _utc(claimed_at) >= _utc(notice.at)
    if notice.cause in _OF_A_PROMISE:
        return claimed_since or due_at != notice.due_at
    return state == "claimed" and (claimed_since or holder_there)


def _utc(instant: datetime) -> datetime:
    # Two instants of one zone compare by their clock times, and a folded hour has two of each.
    return instant.astimezone(timezone.utc)
