"""A nurse whose sign-in ends, however it ends, leaves no patient waiting for her."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from desk import staff
from tests.desk.cast import Account
from tests.desk.chatting import claimed_chat, come, in_staffed_hours, last, status
from tests.desk.running import Clock, RunningDesk, wait_until


@pytest.fixture
def clock() -> Clock:
    """In staffed hours."""
    return in_staffed_hours()


def _idle(desk: RunningDesk, ada: Account, clock: Clock) -> None:
    clock.ahead += timedelta(minutes=15)


def _signed_out(desk: RunningDesk, ada: Account, clock: Clock) -> None:
    ada.http.delete("/api/nurse/session")


def _everywhere(desk: RunningDesk, ada: Account, clock: Clock) -> None:
    desk.http.post("/nurse/settings/sign-out-everywhere", headers=ada.page)


def _closed(desk: RunningDesk, ada: Account, clock: Clock) -> None:
    with desk.database.write() as session:
        staff.set_active(session, ada.id, active=False, now=clock(), by="nurse:9")


WAYS = {
    "idle": _idle,
    "signs out": _signed_out,
    "everywhere": _everywhere,
    "account closed": _closed,
}


@pytest.mark.parametrize("end", WAYS.values(), ids=WAYS)
def test_her_patient_is_back_in_the_line_at_once_and_knows(
    desk: RunningDesk,
    internal: dict[str, str],
    ada: Account,
    *,
    bea: Account,
    clock: Clock,
    end: Callable[[RunningDesk, Account, Clock], None],
) -> None:
    come(ada)
    chat = claimed_chat(desk, internal, ada)
    assert status(chat)["floor"] == "nurse"
    end(desk, ada, clock)
    # Looked for every `timing.poll` and `timing.sweep`: one and two seconds outside the tests.
    wait_until(lambda: status(chat)["floor"] != "nurse", seconds=3)
    told = last(chat)
    assert told["author"] == "system"
    assert told["turn"]["handoff"]["state"] in {"queued", "offered"}
    assert desk.http.get("/api/availability").json()["nurse_present"] is False
