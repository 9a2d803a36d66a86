"""The figures as sheets: the rows from which the page draws chart and table, and CSV its lines.

Every number that a chart shows stands in its sheet, so that table, chart and export cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from clinic.figures import WAIT_STEPS, Figures, Opinions, Span, Spread, WishKind
from clinic.turn import Kind

__all__ = [
    "COLUMNS",
    "Row",
    "Share",
    "Sheet",
    "Times",
    "cells",
    "duration",
    "shares_of",
    "sheets_of",
    "times_of",
]

COLUMNS: Final = ("from", "to", "figure", "row", "column", "value")
_WENT: Final = ("Answered by the assistant", "Handed to a nurse", "Neither")
_WISHES: Final[dict[WishKind, str]] = {
    WishKind.EMERGENCY: "Emergency",
    WishKind.CHAT: "Chat with a nurse",
    WishKind.CALLBACK: "Call-back",
}
_KINDS: Final[dict[Kind, str]] = {
    Kind.ANSWER: "Answered from the handout",
    Kind.DECLINE: "Not in the handout",
    Kind.OUT_OF_SCOPE: "Nothing to do with the clinic",
    Kind.CLARIFY: "Asked back what was meant",
    Kind.EMERGENCY: "Emergency: told whom to call",
    Kind.URGENT: "Urgent: put to a nurse",
    Kind.HANDOFF: "On the way to a nurse",
    Kind.CHITCHAT: "Greetings and small talk",
}
_SHOWN_WITH_TENTHS: Final = 10  # seconds
_TIMES: Final = (
    "Asked",
    "Left before a nurse came",
    "Taken: half within",
    "Taken: nine in ten within",
    "First reply: half within",
    "First reply: nine in ten within",
)


@dataclass(frozen=True)
class Row:
    """One line of a sheet; `short` is its name under a bar."""

    name: str
    short: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Sheet:
    """One figure. `series` name the counts of each row; `heading` says what the rows are.

    `lying`: its bars lie, for rows with long names.
    """

    id: str
    title: str
    text: str
    heading: str
    series: tuple[str, ...]
    rows: tuple[Row, ...]
    lying: bool = False

    @property
    def total(self) -> int:
        """All counts together; with none there is nothing to draw."""
        return sum(sum(row.counts) for row in self.rows)


@dataclass(frozen=True)
class Share:
    """A count and what it is a part of; `of` is 0 for a count by itself."""

    name: str
    count: int
    of: int = 0

    @property
    def percent(self) -> int:
        """In whole hundredths, of something that is not nothing."""
        return round(100 * self.count / self.of)


@dataclass(frozen=True)
class Times:
    """How long people waited: a table without a chart, `None` where there is nothing to say."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int | timedelta | None, ...]], ...]


def sheets_of(found: Figures) -> tuple[Sheet, ...]:
    """Every sheet with bars, in the order of the page."""
    return (
        Sheet(
            "chats",
            "Chats by month" if found.by_month else "Chats by day",
            "Chats in which the patient wrote something, by the day on which they began.",
            "Month" if found.by_month else "Day",
            _WENT,
            tuple(_span_row(span, *_day_names(span.name)) for span in found.spans),
        ),
        Sheet(
            "hours",
            "Chats by hour of the day",
            "The same chats by the hour at the clinic in which they began.",
            "Hour",
            _WENT,
            tuple(
                _span_row(span, f"{span.name}:00 to {span.name}:59", span.name)
                for span in found.hours
            ),
        ),
        Sheet(
            "replies",
            "What the assistant replied",
            "Every reply of the assistant in these chats, by its kind.",
            "Reply",
            ("Replies",),
            tuple(Row(name, name, (found.kinds[kind],)) for kind, name in _KINDS.items()),
            lying=True,
        ),
        Sheet(
            "helpful",
            "Helpful or not",
            "What patients said when the chat asked whether a reply had helped.",
            "Reply",
            ("Helped", "Did not help"),
            (
                _opinion_row("Answers from the handout", found.answers),
                _opinion_row("All other replies", found.without_answer),
            ),
            lying=True,
        ),
        _steps(
            "waiting",
            "Waiting for a nurse",
            "From the wish for a nurse until the first nurse took it, day and night counted.",
            found.taken,
        ),
        _steps(
            "first-reply",
            "First reply of a nurse",
            "From the wish for a nurse until her first message in the chat or her first call.",
            found.answered,
        ),
    )


def shares_of(found: Figures) -> tuple[Share, ...]:
    """What a lead looks for first."""
    replies = sum(found.kinds.values())
    opinions = found.answers.helped + found.answers.failed
    return (
        Share("Chats", found.chats),
        Share(_WENT[0], sum(span.answered for span in found.spans), found.chats),
        Share(_WENT[1], sum(span.handed_over for span in found.spans), found.chats),
        Share("Replies that were not in the handout", found.kinds[Kind.DECLINE], replies),
        Share("Judged answers that helped", found.answers.helped, opinions),
    )


def times_of(found: Figures) -> Times:
    """Median and ninth decile of waiting and of the first reply, and who left before."""
    rows: list[tuple[str, tuple[int | timedelta | None, ...]]] = [
        (
            name,
            (
                found.wishes[kind],
                found.abandoned[kind],
                found.taken[kind].median,
                found.taken[kind].ninth_decile,
                found.answered[kind].median,
                found.answered[kind].ninth_decile,
            ),
        )
        for kind, name in _WISHES.items()
    ]
    assistant = found.assistant
    rows.append(
        (
            "Assistant",
            (assistant.count, None, None, None, assistant.median, assistant.ninth_decile),
        )
    )
    return Times(_TIMES, tuple(rows))


def cells(found: Figures) -> Iterator[tuple[str, ...]]:
    """One line for each number, under `COLUMNS`; times are in seconds."""
    period = (found.period.first.isoformat(), found.period.last.isoformat())
    for sheet in sheets_of(found):
        for row in sheet.rows:
            for series, count in zip(sheet.series, row.counts, strict=True):
                yield (*period, sheet.title, row.name, series, str(count))
    times = times_of(found)
    for name, values in times.rows:
        for column, value in zip(times.columns, values, strict=True):
            if isinstance(value, timedelta):
                seconds = f"{value.total_seconds():.1f}"
                yield (*period, "Times", name, f"{column} (seconds)", seconds)
            elif value is not None:
                yield (*period, "Times", name, column, str(value))
    offered = str(found.call_offered)
    yield (*period, "Times", _WISHES[WishKind.CHAT], "Nobody came in time", offered)


def duration(length: timedelta | None) -> str:
    """In the two largest units, cut off: "45 s", "3 min 20 s", "1 d 4 h"; a dash for none."""
    if length is None:
        return "–"
    seconds = length.total_seconds()
    if seconds < _SHOWN_WITH_TENTHS:
        return f"{seconds:.1f} s"
    units = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
    parts, rest = [], int(seconds)
    for unit, worth in units:
        count, rest = divmod(rest, worth)
        parts.append((count, unit))
    first = next(place for place, (count, _) in enumerate(parts) if count)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count)


def _span_row(span: Span, name: str, short: str) -> Row:
    return Row(name, short, (span.answered, span.handed_over, span.neither))


def _day_names(name: str) -> tuple[str, str]:
    """Of "2026-11-24" or "2026-11": for the table, and for the chart."""
    if len(name) == len("2026-11"):
        month = date.fromisoformat(f"{name}-01")
        return f"{month:%B %Y}", f"{month:%b}"
    day = date.fromisoformat(name)
    return f"{day:%a} {name}", f"{day.day} {day:%b}"


def _opinion_row(name: str, opinions: Opinions) -> Row:
    return Row(name, name, (opinions.helped, opinions.failed))


def _steps(id_: str, title: str, text: str, spreads: Mapping[WishKind, Spread]) -> Sheet:
    short = [duration(step) for step in WAIT_STEPS]
    names = [f"up to {name}" for name in short] + [f"more than {short[-1]}"]
    counts = zip(*(spreads[kind].steps for kind in _WISHES), strict=True)
    return Sheet(
        id_,
        title,
        text,
        "Time",
        tuple(_WISHES.values()),
        tuple(Row(name, name, count) for name, count in zip(names, counts, strict=True)),
    )
