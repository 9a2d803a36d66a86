"""The floor's rules, one by one: who may get it from whom, and what time does to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic import floor as rules
from clinic.floor import ChatTimes, Due, Floor, FloorError, Holder
from clinic.waiting_line import expected_wait, usual_length

BEGAN = datetime(2026, 11, 24, 15, tzinfo=timezone.utc)
NOW = BEGAN + timedelta(seconds=10)
TIMES = ChatTimes()
ADA, BEA = 1, 2

ASSISTANT = Floor(Holder.ASSISTANT, since=BEGAN)
WAITING = Floor(Holder.WAITING, since=BEGAN)
WITH_ADA = Floor(Holder.NURSE, since=BEGAN, nurse=ADA)
ENDED = Floor(Holder.ENDED, since=BEGAN)
EVERY = (ASSISTANT, WAITING, WITH_ADA, ENDED)

STEPS: dict[str, Callable[[Floor], Floor]] = {
    "ask": lambda floor: rules.ask(floor, now=NOW),
    "Ada takes": lambda floor: rules.take(floor, ADA, now=NOW),
    "Bea takes": lambda floor: rules.take(floor, BEA, now=NOW),
    "to Bea": lambda floor: rules.pass_on(floor, BEA, now=NOW),
    "put back": lambda floor: rules.put_back(floor, now=NOW),
    "give back": lambda floor: rules.give_back(floor, now=NOW),
    "end": lambda floor: rules.end(floor, now=NOW),
}
REFUSED = "refused"
# From each holder: who has it after the step.
TABLE = {
    Holder.ASSISTANT: ("waiting", "nurse 1", "nurse 2", REFUSED, REFUSED, "assistant", "ended"),
    Holder.WAITING: ("waiting", "nurse 1", "nurse 2", REFUSED, REFUSED, "assistant", "ended"),
    Holder.NURSE: ("nurse 1", "nurse 1", REFUSED, "nurse 2", "waiting", "assistant", "ended"),
    Holder.ENDED: (REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, "ended"),
}


@pytest.mark.parametrize("floor", EVERY, ids=lambda floor: floor.holder.value)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_from_every_holder(floor: Floor, step: str) -> None:
    wanted = TABLE[floor.holder][list(STEPS).index(step)]
    if wanted == REFUSED:
        with pytest.raises(FloorError):
            STEPS[step](floor)
        return
    after = STEPS[step](floor)
    assert wanted == " ".join([after.holder.value, *([str(after.nurse)] if after.nurse else [])])
    assert after.since == (floor.since if after == floor else NOW)


@given(steps=st.lists(st.sampled_from(sorted(STEPS))))
def test_a_nurse_is_named_exactly_while_a_nurse_has_it(steps: list[str]) -> None:
    floor = ASSISTANT
    for step in steps:
        try:
            floor = STEPS[step](floor)
        except FloorError:
            continue
        assert (floor.holder is Holder.NURSE) == (floor.nurse is not None)
        assert not floor.closing_told


@pytest.mark.parametrize("holder", [Holder.NURSE, Holder.ASSISTANT])
def test_a_floor_that_contradicts_itself_cannot_be_made(holder: Holder) -> None:
    with pytest.raises(ValueError, match="exactly"):
        Floor(holder, since=BEGAN, nurse=None if holder is Holder.NURSE else ADA)


def due(
    floor: Floor,
    after: timedelta,
    *,
    office: bool = True,
    was_open: bool = True,
    heard: bool = True,
    present: bool = True,
    unanswered: timedelta | None = None,
) -> Due | None:
    return rules.due(
        floor,
        now=BEGAN + after,
        times=TIMES,
        office_open=office,
        office_was_open=was_open,
        nurse_heard_of=heard,
        nurse_present=present,
        unanswered_since=None if unanswered is None else BEGAN + unanswered,
    )


INSTANT = timedelta(microseconds=1)


def test_nobody_is_kept_waiting_longer_than_the_clinic_says() -> None:
    assert due(WAITING, TIMES.nobody_came_after - INSTANT) is None
    assert due(WAITING, TIMES.nobody_came_after) is Due.NOBODY_CAME


def test_with_no_nurse_there_at_all_the_wait_is_short() -> None:
    assert due(WAITING, TIMES.nurse_gone_after - INSTANT, present=False) is None
    assert due(WAITING, TIMES.nurse_gone_after, present=False) is Due.NOBODY_CAME


def test_a_closed_office_ends_the_wait_at_once() -> None:
    assert due(WAITING, timedelta(), office=False) is Due.OFFICE_CLOSED


def test_a_nurse_who_is_gone_is_noticed_whatever_the_hour() -> None:
    for office in (True, False):
        assert due(WITH_ADA, timedelta(), heard=False, office=office) is Due.NURSE_GONE


def test_a_chat_goes_on_after_closing_and_the_patient_is_told_once() -> None:
    assert due(WITH_ADA, timedelta(hours=9)) is None, "a chat has no end of its own"
    assert due(WITH_ADA, timedelta(), office=False) is Due.OFFICE_CLOSED
    assert due(rules.told_of_closing(WITH_ADA), timedelta(), office=False) is None


def test_a_nurse_who_does_not_answer_is_told_of() -> None:
    wrote, longest = timedelta(minutes=2), TIMES.nobody_came_after
    assert due(WITH_ADA, wrote + longest - INSTANT, unanswered=wrote) is None
    assert due(WITH_ADA, wrote + longest, unanswered=wrote) is Due.NURSE_SILENT


def test_a_chat_that_began_at_night_hears_nothing_of_closing() -> None:
    assert due(WITH_ADA, timedelta(), office=False, was_open=False) is None


@pytest.mark.parametrize("floor", [ASSISTANT, ENDED], ids=["assistant", "ended"])
def test_time_does_nothing_where_nobody_waits(floor: Floor) -> None:
    assert due(floor, timedelta(days=9), office=False, heard=False, present=False) is None


@pytest.mark.parametrize(
    ("ahead", "nurses", "busy", "minutes"),
    [
        (0, 1, 0, 1),  # a free nurse
        (0, 1, 1, 4),  # half a chat of eight minutes
        (1, 1, 1, 12),
        (1, 1, 0, 4),  # the free nurse takes the one before
        (3, 2, 2, 12),
        (0, 0, 0, None),
        (0, 1, 5, 4),  # nurses who chat though they are "away"
    ],
)
def test_the_wait_is_estimated_from_who_is_before_and_who_is_there(
    ahead: int, nurses: int, busy: int, minutes: int | None
) -> None:
    usual = timedelta(minutes=8)
    wait = expected_wait(ahead=ahead, nurses=nurses, busy=busy, usual=usual)
    assert wait == (None if minutes is None else timedelta(minutes=minutes))


@given(
    ahead=st.integers(0, 50),
    nurses=st.integers(1, 10),
    busy=st.integers(0, 10),
    usual=st.timedeltas(timedelta(seconds=1), timedelta(hours=4)),
)
def test_whoever_stands_further_back_never_waits_less(
    ahead: int, nurses: int, busy: int, usual: timedelta
) -> None:
    waits = [
        expected_wait(ahead=n, nurses=nurses, busy=busy, usual=usual) for n in (ahead, ahead + 1)
    ]
    assert waits[0] is not None
    assert waits[1] is not None
    assert timedelta(minutes=1) <= waits[0] <= waits[1]


def test_few_measured_chats_do_not_outweigh_the_setting() -> None:
    long = [timedelta(minutes=30)]
    assert usual_length(long * 4, otherwise=timedelta(minutes=8)) == timedelta(minutes=8)
    assert usual_length(long * 5, otherwise=timedelta(minutes=8)) == timedelta(minutes=30)
