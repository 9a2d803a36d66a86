"""Giving up: never before three calls at two times of the day, never alone when it is urgent."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.attempts import (
    UNREACHED,
    Attempt,
    AttemptOutcome,
    AttemptRules,
    Objection,
    at_different_times,
    objection,
)
from clinic.turn import Urgency

CHICAGO = ZoneInfo("America/Chicago")
RULES = AttemptRules()
FAILED = [outcome.value for outcome in UNREACHED]
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=timezone.utc)
)
ATTEMPTS = st.lists(st.builds(Attempt, INSTANTS, st.sampled_from(AttemptOutcome)), max_size=7)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


def calls(*times: str, outcome: AttemptOutcome = AttemptOutcome.NO_ANSWER) -> list[Attempt]:
    return [Attempt(local(time), outcome) for time in times]


def check(
    outcome: str,
    attempts: list[Attempt],
    *,
    urgency: Urgency = Urgency.ROUTINE,
    has_note: bool = True,
    confirmed: bool = False,
) -> Objection | None:
    return objection(
        outcome,
        urgency=urgency,
        attempts=attempts,
        has_note=has_note,
        confirmed=confirmed,
        rules=RULES,
        zone=CHICAGO,
    )


@pytest.mark.parametrize(
    ("times", "different"),
    [
        (["2026-11-24T09:00", "2026-11-24T11:00"], True),
        (["2026-11-24T09:00", "2026-11-24T10:59"], False),
        (["2026-11-24T09:00", "2026-11-25T09:00", "2026-11-27T09:30"], False),  # mornings
        (["2026-11-24T09:00", "2026-11-25T14:00"], True),
        (["2026-11-24T23:30", "2026-11-25T00:30"], False),  # an hour over midnight
        (["2026-11-24T23:00", "2026-11-25T01:00"], True),
        (["2026-10-31T09:00", "2026-11-02T10:30"], False),  # summer time ended in between
        (["2026-11-24T09:00", "2026-11-24T10:30", "2026-11-24T11:59"], True),
        (["2026-11-24T09:00"], False),
        ([], False),
    ],
)
def test_times_of_the_day_are_those_of_the_clinics_clock(
    times: list[str], *, different: bool
) -> None:
    instants = [local(time) for time in times]
    assert at_different_times(instants, apart=RULES.apart, zone=CHICAGO) is different
    in_utc = [instant.astimezone(timezone.utc) for instant in instants]
    assert at_different_times(in_utc, apart=RULES.apart, zone=CHICAGO) is different


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([], Objection.TOO_FEW),
        (calls("2026-11-24T09:00", "2026-11-24T14:00"), Objection.TOO_FEW),
        (
            calls("2026-11-24T09:00", "2026-11-24T09:20", "2026-11-24T09:40"),
            Objection.SAME_TIME,
        ),
        (calls("2026-11-24T09:00", "2026-11-24T09:20", "2026-11-24T14:00"), None),
        (
            calls("2026-11-24T09:00", "2026-11-24T14:00")
            + calls("2026-11-24T16:00", outcome=AttemptOutcome.REACHED),
            Objection.TOO_FEW,
        ),
    ],
)
def test_a_routine_one_is_given_up_after_three_calls_at_two_times(
    attempts: list[Attempt], expected: Objection | None
) -> None:
    for outcome in FAILED:
        assert check(outcome, attempts) is expected


def test_an_urgent_one_is_given_up_by_two_nurses() -> None:
    enough = calls("2026-11-24T09:00", "2026-11-24T09:20", "2026-11-24T14:00")
    for urgency in (Urgency.URGENT, Urgency.EMERGENCY):
        for outcome in [*FAILED, "other"]:
            alone = check(outcome, enough, urgency=urgency)
            assert alone is Objection.NEEDS_SECOND_NURSE
            assert check(outcome, enough, urgency=urgency, confirmed=True) is None
        assert check("reached", enough, urgency=urgency) is None


def test_something_else_needs_a_note() -> None:
    assert check("other", [], has_note=False) is Objection.NEEDS_NOTE
    assert check("other", [], urgency=Urgency.URGENT) is None, "nobody was called in vain"


@given(attempts=ATTEMPTS, urgency=st.sampled_from(Urgency), confirmed=st.booleans())
def test_nobody_is_given_up_before_three_failed_calls_at_two_times(
    attempts: list[Attempt], urgency: Urgency, *, confirmed: bool
) -> None:
    failed = [attempt for attempt in attempts if attempt.outcome in UNREACHED]
    clocks = [attempt.at.astimezone(CHICAGO) for attempt in failed]
    minutes = [clock.hour * 60 + clock.minute + clock.second / 60 for clock in clocks]
    gaps = [abs(a - b) for a in minutes for b in minutes]
    apart = any(min(gap, 1440 - gap) >= 120 for gap in gaps)
    allowed = len(failed) >= 3 and apart and (urgency is Urgency.ROUTINE or confirmed)
    for outcome in FAILED:
        said = check(outcome, attempts, urgency=urgency, confirmed=confirmed)
        assert (said is None) == allowed


@given(attempts=ATTEMPTS, urgency=st.sampled_from(Urgency))
def test_who_was_reached_may_always_be_closed(attempts: list[Attempt], urgency: Urgency) -> None:
    assert check("reached", attempts, urgency=urgency, has_note=False) is None


@given(
    attempts=ATTEMPTS.flatmap(
        lambda drawn: st.tuples(st.just(drawn), st.permutations(drawn)),
    ),
    more=ATTEMPTS,
    outcome=st.sampled_from(FAILED),
)
def test_order_does_not_matter_and_another_call_never_forbids_what_was_allowed(
    attempts: tuple[list[Attempt], list[Attempt]], more: list[Attempt], outcome: str
) -> None:
    drawn, shuffled = attempts
    assert check(outcome, drawn) is check(outcome, shuffled)
    if check(outcome, drawn) is None:
        assert check(outcome, [*drawn, *more]) is None


@given(instants=st.lists(INSTANTS, max_size=6), hours=st.integers(1, 12), days=st.integers(-9, 9))
def test_the_day_does_not_matter(instants: list[datetime], hours: int, days: int) -> None:
    utc, apart = ZoneInfo("UTC"), timedelta(hours=hours)
    moved = [instant + timedelta(days=days * n) for n, instant in enumerate(instants)]
    assert at_different_times(instants, apart=apart, zone=utc) == at_different_times(
        moved, apart=apart, zone=utc
    )
