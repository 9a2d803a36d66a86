"""Lay words for when the treatment was, and what is none."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.treated_when import is_lately, said_time, treated

NOW = datetime(2026, 11, 25, 14, 30)  # noqa: DTZ001 - a Wednesday on the clinic's clock
TODAY = NOW.date()


def days_ago(text: str, *, now: datetime = NOW) -> int | None:
    """How many days ago at least the treatment of `text` was."""
    found = treated(text, now=now)
    return (now.date() - found.last).days if found else None


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("I was needled this morning", 0),
        ("they did my shoulder an hour ago", 0),
        ("had dry needling today and feel odd", 0),
        ("got treated 3 hours ago", 0),
        ("my session was yesterday", 1),
        ("since yesterday's session my arm is heavy", 1),
        ("i was there last night for my treatment", 1),
        ("needled the day before yesterday", 2),
        ("treated two days ago", 2),
        ("treatment was 2 days ago", 2),
        ("had needling a couple of days ago", 2),
        ("my visit a few days ago", 2),
        ("needled my neck and shoulder on Tuesday", 1),
        ("the session last Tuesday", 1),
        ("my appointment on Thursday was rough", 6),
        ("treated a week ago", 7),
        ("dry needling 3 weeks ago", 21),
        ("treated in therapy Nov 23rd", 2),
        ("was needled 11/20", 5),
        ("Does that go away? I was needled yesterday", 1),
        ("me pusieron agujas ayer", 1),
        ("tuve la sesión hace dos días", 2),
        ("pincharon mi hombro esta mañana", 0),
    ],
)
def test_a_treatment_is_dated_by_the_latest_day_it_may_mean(text: str, ago: int) -> None:
    assert days_ago(text) == ago


@pytest.mark.parametrize(
    "text",
    ["sore since my session", "ever since the treatment I cough", "right after I was needled"],
)
def test_since_the_treatment_without_a_time_may_be_today(text: str) -> None:
    assert days_ago(text) == 0


@pytest.mark.parametrize(
    "text",
    [
        "my appointment is tomorrow",
        "I have an appointment today",
        "can I eat before my session today?",
        "pain since yesterday, would the treatment help",
        "I have had neck pain since last week. Does needling help?",
        "does it hurt?",
        "how long does a treatment take",
        "are you open this Thursday",
        "",
    ],
)
def test_what_tells_of_no_treatment_dates_none(text: str) -> None:
    assert treated(text, now=NOW) is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("yesterday", 1, 1),
        ("Tuesday I think", 8, 1),
        ("maybe 4 days ago", 4, 4),
        ("last week", 9, 3),
        ("5 days now", 5, 5),
        ("hace tres días", 3, 3),
    ],
)
def test_an_answer_to_when_is_read_as_the_days_it_may_mean(
    text: str, first: int, last: int
) -> None:
    found = said_time(text, now=NOW)
    assert found is not None
    assert ((TODAY - found.first).days, (TODAY - found.last).days) == (first, last)


def test_hours_reach_over_midnight() -> None:
    assert days_ago("treated 3 hours ago", now=NOW.replace(hour=1)) == 1


def test_a_day_that_does_not_exist_is_none() -> None:
    assert said_time("Feb 31", now=NOW) is None


def test_the_words_are_found_where_they_stand() -> None:
    text = "Hello. I was needled yesterday, and it aches"
    found = treated(text, now=NOW)
    assert found is not None
    assert text[found.start : found.end] == "needled yesterday"


@pytest.mark.parametrize(("days", "lately"), [(0, True), (3, True), (4, False), (-1, True)])
def test_lately_is_three_days(days: int, lately: bool) -> None:
    assert is_lately(TODAY - timedelta(days=days), today=TODAY) is lately


@given(text=st.text(max_size=300))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    for found in (said_time(text, now=NOW), treated(text, now=NOW)):
        if found is not None:
            assert 0 <= found.start < found.end <= len(text)
            assert isinstance(found.last, date)


@given(count=st.integers(0, 999), unit=st.sampled_from(["days", "weeks", "months", "years"]))
def test_any_count_is_a_date(count: int, unit: str) -> None:
    assert said_time(f"{count} {unit} ago", now=NOW) is not None
