"""The figures of a period: how much was asked, how it was answered, how long people waited.

Pure: rows and a time zone in, numbers out. Days and hours are the clinic's own, so the day on which
the clocks change has 23 or 25 hours and still is one day. Nothing here holds a word of a patient.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from enum import Enum
from itertools import pairwise
from typing import Final

from clinic.turn import Kind

__all__ = [
    "LONGEST_PERIOD",
    "WAIT_STEPS",
    "Chat",
    "Figures",
    "Opinions",
    "Period",
    "PeriodError",
    "Span",
    "Spread",
    "Wish",
    "WishKind",
    "figures_of",
]

LONGEST_PERIOD: Final = timedelta(days=731)
_LONGEST_BY_DAY: Final = 92  # days; a longer period is shown by month
_HOURS: Final = 24
_CENTURY: Final = range(2000, 2100)
_ANSWER: Final = tuple(Kind).index(Kind.ANSWER)
# Upper ends of the bars that waiting is shown in; what took longer than the last has its own.
WAIT_STEPS: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=4),
)


class PeriodError(ValueError):
    """No period to count; the message says to a person what to choose instead."""


@dataclass(frozen=True)
class Period:
    """Whole days at the clinic, `first` and `last` among them. Raises `PeriodError`."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise PeriodError("The first day comes after the last one. Swap them.")
        if not {self.first.year, self.last.year} <= set(_CENTURY):
            raise PeriodError("Choose days of this century.")
        if self.last - self.first >= LONGEST_PERIOD:
            raise PeriodError("Choose at most two years.")

    @classmethod
    def of_last_days(cls, days: int, *, today: date) -> Period:
        """So many days up to today."""
        return cls(today - timedelta(days=days - 1), today)

    @property
    def days(self) -> tuple[date, ...]:
        """Each of them, in order."""
        count = (self.last - self.first).days + 1
        return tuple(self.first + timedelta(days=number) for number in range(count))

    def instants(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Its first instant, and the first one after it, in UTC."""
        first, end = (
            datetime.combine(day, time(), tzinfo=zone).astimezone(timezone.utc)
            for day in (self.first, self.last + timedelta(days=1))
        )
        return first, end


@dataclass(frozen=True)
class Chat:
    """One chat in which the patient wrote something; `kinds` counts the replies of each kind.

    Opinions on replies: `helped` and `failed` on answers, `…_without` on all others.
    """

    begun_at: datetime
    kinds: tuple[int, ...]  # in the order of `Kind`
    handed_over: bool
    first_message_at: datetime | None = None
    first_reply_at: datetime | None = None
    helped: int = 0
    failed: int = 0
    helped_without: int = 0
    failed_without: int = 0


class WishKind(str, Enum):
    """What a patient waited for; an emergency is one however she came to the nurses."""

    EMERGENCY = "emergency"
    CHAT = "chat"
    CALLBACK = "callback"


@dataclass(frozen=True)
class Wish:
    """One patient put before the nurses.

    `taken_at`: a nurse claimed it first. `answered_at`: her first message or call. `closed`: it is
    not open any more. `call_offered`: nobody came to the chat in time.
    """

    kind: WishKind
    asked_at: datetime
    taken_at: datetime | None
    answered_at: datetime | None
    closed: bool
    call_offered: bool = False

    @property
    def is_abandoned(self) -> bool:
        """Over before any nurse took it: the patient left or took the wish back."""
        return self.closed and self.taken_at is None


@dataclass(frozen=True)
class Span:
    """Chats of a day, a month or an hour of the day, by how they went."""

    name: str
    answered: int = 0  # by the assistant alone
    handed_over: int = 0
    neither: int = 0  # no answer from the handout, and no nurse


@dataclass(frozen=True)
class Spread:
    """How long something took, of those in which it came; None for none."""

    count: int
    median: timedelta | None
    ninth_decile: timedelta | None
    steps: tuple[int, ...]  # how many took up to each of `WAIT_STEPS`, and longer


@dataclass(frozen=True)
class Opinions:
    """What patients said of replies."""

    helped: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Figures:
    """All numbers of a period. `by_month`: `spans` are months, otherwise days."""

    period: Period
    chats: int
    by_month: bool
    spans: tuple[Span, ...]
    hours: tuple[Span, ...]
    kinds: dict[Kind, int]
    answers: Opinions
    without_answer: Opinions
    assistant: Spread
    taken: dict[WishKind, Spread]
    answered: dict[WishKind, Spread]
    wishes: dict[WishKind, int]
    abandoned: dict[WishKind, int]
    call_offered: int


def figures_of(
    period: Period, chats: Iterable[Chat], wishes: Iterable[Wish], *, zone: tzinfo
) -> Figures:
    """Count them. Rows outside the period are left out, by the day at the clinic."""
    since, until = period.instants(zone)
    talks = [chat for chat in chats if since <= chat.begun_at < until]
    asked = [wish for wish in wishes if since <= wish.asked_at < until]
    by_month = len(period.days) > _LONGEST_BY_DAY
    local = [chat.begun_at.astimezone(zone) for chat in talks]
    length = len("2026-11") if by_month else len("2026-11-24")
    names = dict.fromkeys(day.isoformat()[:length] for day in period.days)
    kinds = [sum(column) for column in zip(*(chat.kinds for chat in talks), strict=True)]
    return Figures(
        period=period,
        chats=len(talks),
        by_month=by_month,
        spans=_spans(names, [at.isoformat()[:length] for at in local], talks),
        hours=_spans(
            [f"{hour:02}" for hour in range(_HOURS)], [f"{at.hour:02}" for at in local], talks
        ),
        kinds=dict(zip(Kind, kinds or [0] * len(Kind), strict=True)),
        answers=Opinions(sum(chat.helped for chat in talks), sum(chat.failed for chat in talks)),
        without_answer=Opinions(
            sum(chat.helped_without for chat in talks), sum(chat.failed_without for chat in talks)
        ),
        assistant=_spread([(chat.first_message_at, chat.first_reply_at) for chat in talks]),
        taken=_by_kind(asked, lambda wish: wish.taken_at),
        answered=_by_kind(asked, lambda wish: wish.answered_at),
        wishes=_count(wish.kind for wish in asked),
        abandoned=_count(wish.kind for wish in asked if wish.is_abandoned),
        call_offered=sum(wish.call_offered for wish in asked),
    )


def _spans(names: Iterable[str], where: Sequence[str], chats: Sequence[Chat]) -> tuple[Span, ...]:
    counted = Counter(zip(where, map(_went, chats), strict=True))
    return tuple(
        Span(
            name,
            answered=counted[name, "answered"],
            handed_over=counted[name, "handed_over"],
            neither=counted[name, "neither"],
        )
        for name in names
    )


def _went(chat: Chat) -> str:
    if chat.handed_over:
        return "handed_over"
    return "answered" if chat.kinds[_ANSWER] else "neither"


def _by_kind(
    wishes: Sequence[Wish], end: Callable[[Wish], datetime | None]
) -> dict[WishKind, Spread]:
    return {
        kind: _spread([(wish.asked_at, end(wish)) for wish in wishes if wish.kind is kind])
        for kind in WishKind
    }


def _count(kinds: Iterable[WishKind]) -> dict[WishKind, int]:
    counted = Counter(kinds)
    return {kind: counted[kind] for kind in WishKind}


def _spread(times: Iterable[tuple[datetime | None, datetime | None]]) -> Spread:
    # An emergency may join a wish that a nurse already has; nobody waited less than no time.
    took = sorted(
        max(end - begun, timedelta())
        for begun, end in times
        if begun is not None and end is not None
    )
    # Each bar ends with its step: what took exactly a minute belongs to "up to a minute".
    ends = [bisect_right(took, step) for step in WAIT_STEPS] + [len(took)]
    return Spread(
        count=len(took),
        median=(took[(len(took) - 1) // 2] + took[len(took) // 2]) / 2 if took else None,
        ninth_decile=took[math.ceil(len(took) * 0.9) - 1] if took else None,
        steps=tuple(end - begun for begun, end in pairwise([0, *ends])),
    )
