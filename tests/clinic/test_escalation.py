"""Who is told, and when: step after step until a nurse has taken the patient."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.escalation import (
    Cause,
    DailySpan,
    Move,
    Notice,
    Notifications,
    Step,
    is_answered,
    next_move,
    next_step,
    steps_of,
)
from clinic.turn import Urgency

CHICAGO = ZoneInfo("America/Chicago")
MINUTE = timedelta(minutes=1)
AT = datetime(2026, 12, 1, 23, tzinfo=CHICAGO)
STEPS = (
    Step(timedelta(), ("duty",)),
    Step(5 * MINUTE, ("lead",)),
    Step(15 * MINUTE, ("head", "system")),
)
NIGHT = DailySpan(21 * 60, 7 * 60, CHICAGO)
CLINIC = Notifications(
    console="https://chat.clinic.example/nurse",
    quiet=NIGHT,
    steps={Urgency.EMERGENCY: STEPS, Urgency.URGENT: STEPS, Urgency.ROUTINE: STEPS[:2]},
)


def notice(cause: Cause = Cause.WAITS, urgency: Urgency = Urgency.URGENT) -> Notice:
    return Notice(cause, urgency, AT, due_at=AT + timedelta(hours=9))


def move(
    one: Notice,
    after: timedelta,
    *,
    answered: bool = False,
    nurse_there: bool = False,
    unreached: bool = False,
) -> Move:
    return next_move(
        CLINIC,
        one,
        now=AT + after,
        answered=answered,
        nurse_there=nurse_there,
        unreached=unreached,
    )


def told(one: Notice, after: timedelta) -> Notice:
    return replace(one, told=one.told + 1, told_at=AT + after)


def test_with_nobody_there_the_first_step_is_told_at_once() -> None:
    assert move(notice(), timedelta()) is Move.TELL


def test_a_nurse_who_is_there_has_her_time_first() -> None:
    assert move(notice(), 2 * MINUTE - timedelta(seconds=1), nurse_there=True) is Move.WAIT
    assert move(notice(), 2 * MINUTE, nurse_there=True) is Move.TELL
    # She leaves before that: nobody looks, so nobody is waited for.
    assert move(notice(), MINUTE, nurse_there=False) is Move.TELL


def test_each_step_comes_when_the_one_before_was_in_vain() -> None:
    first = told(notice(), timedelta())
    assert move(first, 5 * MINUTE - timedelta(seconds=1)) is Move.WAIT
    assert move(first, 5 * MINUTE) is Move.TELL
    second = told(first, 5 * MINUTE)
    assert move(second, 14 * MINUTE) is Move.WAIT
    assert move(second, 15 * MINUTE) is Move.TELL
    assert move(told(second, 15 * MINUTE), 15 * MINUTE) is Move.TOLD


def test_after_a_stop_of_the_desk_each_step_still_has_its_time() -> None:
    late = told(notice(), timedelta(hours=2))
    assert move(late, timedelta(hours=2, minutes=4)) is Move.WAIT
    assert move(late, timedelta(hours=2, minutes=5)) is Move.TELL


def test_who_comes_next_and_when_is_known_before() -> None:
    assert next_step(CLINIC, notice(), nurse_there=False) == (AT, STEPS[0])
    assert next_step(CLINIC, notice(), nurse_there=True) == (AT + 2 * MINUTE, STEPS[0])
    first = told(notice(), MINUTE)
    assert next_step(CLINIC, first, nurse_there=True) == (AT + 6 * MINUTE, STEPS[1])
    everybody = replace(first, told=3)
    assert next_step(CLINIC, everybody, nurse_there=False) is None


def test_who_cannot_be_reached_is_not_waited_for() -> None:
    first = told(notice(), timedelta())
    assert move(first, timedelta(seconds=20), unreached=True) is Move.TELL


def test_an_answer_ends_it_at_any_step() -> None:
    assert move(notice(), timedelta(), answered=True) is Move.ANSWERED
    assert move(told(notice(), timedelta()), 5 * MINUTE, answered=True) is Move.ANSWERED


def test_only_what_is_routine_waits_for_the_morning() -> None:
    routine = notice(urgency=Urgency.ROUTINE)
    assert move(routine, timedelta(hours=7, minutes=59)) is Move.WAIT
    assert move(routine, timedelta(hours=8)) is Move.TELL
    assert move(notice(urgency=Urgency.EMERGENCY), timedelta()) is Move.TELL


@pytest.mark.parametrize(
    ("cause", "steps"),
    [(Cause.HALF, 1), (Cause.UNCLAIMED, 1), (Cause.END, 3), (Cause.RETURNED, 3), (Cause.GRAVER, 3)],
)
def test_a_reminder_wakes_nobody_else(cause: Cause, steps: int) -> None:
    assert len(steps_of(CLINIC, cause, Urgency.URGENT)) == steps


@pytest.mark.parametrize(
    ("local", "quiet"),
    [
        ("2026-12-01T20:59", False),
        ("2026-12-01T21:00", True),
        ("2026-12-02T00:00", True),
        ("2026-12-02T06:59", True),
        ("2026-12-02T07:00", False),
        ("2026-03-08T03:30", True),  # the night of summer time, where 02:30 does not exist
    ],
)
def test_quiet_goes_over_midnight(local: str, quiet: bool) -> None:
    now = datetime.fromisoformat(local).replace(tzinfo=CHICAGO)
    assert NIGHT.holds(now.astimezone(timezone.utc)) is quiet
    assert DailySpan(7 * 60, 21 * 60, CHICAGO).holds(now) is not quiet


LATER, BEFORE = AT + MINUTE, AT - MINUTE
DUE = AT + timedelta(hours=9)


@pytest.mark.parametrize(
    ("cause", "state", "claimed_at", "there", "due_at", "answered"),
    [
        (Cause.WAITS, "waiting", None, False, DUE, False),
        (Cause.WAITS, "claimed", LATER, False, DUE, True),
        (Cause.WAITS, "resolved", None, False, DUE, True),
        # It became graver while a nurse had her: she sees it if she is there.
        (Cause.GRAVER, "claimed", BEFORE, True, DUE, True),
        (Cause.GRAVER, "claimed", BEFORE, False, DUE, False),
        # She claimed the call-back an hour ago and has not called.
        (Cause.HALF, "claimed", BEFORE, True, DUE, False),
        (Cause.END, "claimed", BEFORE, True, DUE, False),
        (Cause.END, "claimed", LATER, False, DUE, True),
        (Cause.END, "claimed", BEFORE, False, DUE + MINUTE, True),  # she called: another time
        (Cause.END, "resolved", BEFORE, False, DUE, True),
    ],
)
def test_what_counts_as_an_answer(
    *,
    cause: Cause,
    state: str,
    claimed_at: datetime | None,
    there: bool,
    due_at: datetime,
    answered: bool,
) -> None:
    assert (
        is_answered(
            notice(cause), state=state, claimed_at=claimed_at, holder_there=there, due_at=due_at
        )
        is answered
    )


@settings(deadline=None)
@given(st.data())
def test_whatever_happens_each_step_is_told_once_in_order_and_none_after_an_answer(
    data: st.DataObject,
) -> None:
    one = notice(urgency=data.draw(st.sampled_from(Urgency)))
    steps, after, answered = CLINIC.steps[one.urgency], timedelta(), False
    for _ in range(40):
        after += data.draw(st.timedeltas(timedelta(), timedelta(minutes=90)))
        answered = answered or data.draw(st.sampled_from([False] * 9 + [True]))
        made = move(
            one,
            after,
            answered=answered,
            nurse_there=data.draw(st.booleans()),
            unreached=one.told > 0 and data.draw(st.booleans()),
        )
        if made is Move.TELL:
            assert not answered
            assert one.told < len(steps)
            assert after >= steps[0].after
            assert not (one.urgency is Urgency.ROUTINE and NIGHT.holds(AT + after))
            one = told(one, after)
        if made is Move.TOLD:
            assert one.told == len(steps)
    # With nobody to answer and two days gone by, everybody was told.
    for _ in range(16):
        after += timedelta(hours=3)
        if move(one, after) is Move.TELL:
            one = told(one, after)
    assert one.told == len(steps)
