"""The figures of a period are counted by the clinic's own days and hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.figures import (
    WAIT_STEPS,
    Chat,
    Figures,
    Opinions,
    Period,
    PeriodError,
    Span,
    Wish,
    WishKind,
    figures_of,
)
from clinic.turn import Kind

ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
CHICAGO = ZoneInfo("America/Chicago")
ZONES = st.sampled_from(
    ["America/Chicago", "UTC", "Asia/Kathmandu", "America/Santiago", "Australia/Lord_Howe"]
).map(ZoneInfo)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
DAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 18, tzinfo=timezone.utc)  # in Chicago
MINUTE = timedelta(minutes=1)


def chat(at: datetime = NOON, *, handed_over: bool = False, **kinds: int) -> Chat:
    counted = tuple(kinds.get(kind.value, 0) for kind in Kind)
    return Chat(begun_at=at, kinds=counted, handed_over=handed_over)


def wish(
    taken: timedelta | None = None,
    *,
    kind: WishKind = WishKind.CHAT,
    answered: timedelta | None = None,
    closed: bool = True,
) -> Wish:
    return Wish(
        kind=kind,
        asked_at=NOON,
        taken_at=None if taken is None else NOON + taken,
        answered_at=None if answered is None else NOON + answered,
        closed=closed,
    )


def count(*chats: Chat, wishes: tuple[Wish, ...] = (), period: Period | None = None) -> Figures:
    return figures_of(period or Period(DAY, DAY), chats, wishes, zone=CHICAGO)


def test_each_chat_went_one_way() -> None:
    found = count(
        chat(answer=2, decline=1),
        chat(answer=1, handed_over=True),
        chat(decline=1),
        chat(chitchat=1),
        chat(handed_over=True),
    )
    assert found.spans == (Span("2026-11-24", answered=1, handed_over=2, neither=2),)
    assert found.hours[12] == Span("12", answered=1, handed_over=2, neither=2)
    assert (found.kinds[Kind.ANSWER], found.kinds[Kind.DECLINE]) == (3, 2)
    assert sum(found.kinds.values()) == 6


def test_opinions_on_answers_and_on_all_else_are_two_things() -> None:
    found = figures_of(
        Period(DAY, DAY),
        [Chat(NOON, (0,) * len(Kind), False, helped=3, failed=1, failed_without=2)],
        [],
        zone=CHICAGO,
    )
    assert (found.answers, found.without_answer) == (Opinions(3, 1), Opinions(0, 2))


def test_median_and_ninth_decile_of_waiting() -> None:
    found = count(wishes=tuple(wish(minutes * MINUTE) for minutes in range(1, 11)))
    spread = found.taken[WishKind.CHAT]
    assert (spread.count, spread.median, spread.ninth_decile) == (10, 5.5 * MINUTE, 9 * MINUTE)
    assert found.taken[WishKind.CALLBACK].median is None
    assert spread.steps == (1, 4, 5, 0, 0, 0, 0), "what takes a minute took up to a minute"


def test_who_left_before_a_nurse_came_is_abandoned_and_who_waits_is_not_yet() -> None:
    gone, waits, met = wish(), wish(closed=False), wish(MINUTE, answered=2 * MINUTE)
    found = count(wishes=(gone, waits, met))
    assert found.wishes[WishKind.CHAT] == 3
    assert found.abandoned == {
        WishKind.EMERGENCY: 0,
        WishKind.CHAT: 1,
        WishKind.CALLBACK: 0,
    }
    assert found.answered[WishKind.CHAT].median == 2 * MINUTE


def test_the_night_when_clocks_go_back_is_one_day_and_its_hour_comes_twice() -> None:
    """In Chicago 2026-11-01 has 25 hours; half past one comes at 6:30 and at 7:30 UTC."""
    night = [datetime(2026, 11, 1, hour, 30, tzinfo=timezone.utc) for hour in (6, 7)]
    edges = [
        datetime(2026, 11, 1, 5, tzinfo=timezone.utc),
        datetime(2026, 11, 2, 6, tzinfo=timezone.utc) - timedelta(microseconds=1),
    ]
    outside = [edges[0] - timedelta(microseconds=1), edges[1] + timedelta(microseconds=1)]
    found = count(
        *(chat(at) for at in [*night, *edges, *outside]),
        period=Period(date(2026, 11, 1), date(2026, 11, 1)),
    )
    assert found.chats == 4
    assert found.hours[1].neither == 2


def test_the_day_when_clocks_go_forward_has_23_hours() -> None:
    since, until = Period(date(2026, 3, 8), date(2026, 3, 8)).instants(CHICAGO)
    assert until - since == timedelta(hours=23)


def test_a_long_period_is_shown_by_month() -> None:
    period = Period(date(2026, 1, 15), date(2026, 12, 31))
    found = count(chat(answer=1), period=period)
    assert found.by_month
    assert len(found.spans) == 12
    assert found.spans[10] == Span("2026-11", answered=1)


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        (date(2026, 2, 1), date(2026, 1, 1), "after the last"),
        (date(2020, 1, 1), date(2026, 1, 1), "two years"),
        (date.max, date.max, "this century"),
        (date.min, date(2026, 1, 1), "this century"),
    ],
)
def test_what_is_no_period_says_what_to_do(first: date, last: date, says: str) -> None:
    with pytest.raises(PeriodError, match=says):
        Period(first, last)


@ANY_SPEED
@given(DAYS, st.integers(1, 60), ZONES)
def test_days_follow_each_other_without_gap_or_overlap(
    first: date, count: int, zone: ZoneInfo
) -> None:
    days = [Period(day, day) for day in Period.of_last_days(count, today=first).days]
    for one, following in pairwise(days):
        assert one.instants(zone)[1] == following.instants(zone)[0]


@ANY_SPEED
@given(
    DAYS,
    ZONES,
    st.lists(st.integers(-100, 3 * 24 * 60), max_size=30),
)
def test_each_chat_inside_is_in_one_day_and_one_hour_and_none_outside(
    first: date, zone: ZoneInfo, minutes: list[int]
) -> None:
    period = Period(first, first + timedelta(days=1))
    since, until = period.instants(zone)
    begun = [since + minute * MINUTE for minute in minutes]
    found = figures_of(period, [chat(at, answer=1) for at in begun], [], zone=zone)
    inside = [at for at in begun if since <= at < until]
    assert found.chats == len(inside)
    assert sum(span.answered for span in found.spans) == len(inside)
    assert sum(span.answered for span in found.hours) == len(inside)
    for span in found.spans:
        day = date.fromisoformat(span.name)
        assert span.answered == sum(at.astimezone(zone).date() == day for at in inside)


@ANY_SPEED
@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=50))
def test_every_wait_is_in_one_bar_and_nine_in_ten_are_below_the_ninth_decile(
    seconds: list[int],
) -> None:
    waits = tuple(wish(timedelta(seconds=one)) for one in seconds)
    spread = count(wishes=waits).taken[WishKind.CHAT]
    assert sum(spread.steps) == len(seconds)
    assert len(spread.steps) == len(WAIT_STEPS) + 1
    assert spread.ninth_decile is not None
    below = sum(timedelta(seconds=one) <= spread.ninth_decile for one in seconds)
    assert below >= 0.9 * len(seconds)


@ANY_SPEED
@given(st.permutations(range(6)))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    chats = [chat(NOON + place * timedelta(hours=1), answer=place % 2) for place in range(6)]
    wishes = [wish(place * MINUTE) for place in range(6)]
    assert count(*(chats[p] for p in order), wishes=tuple(wishes[p] for p in order)) == count(
        *chats, wishes=tuple(wishes)
    )
