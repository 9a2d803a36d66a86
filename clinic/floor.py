"""Who has the floor: at every moment exactly one side answers the patient.

The assistant, a nurse, or nobody yet while the patient waits for one; nobody any more once the
chat is erased. Every transition stands here with its guard; the desk stores what they return
(`desk.floor`) and does nothing to the floor by itself.

    ask        assistant → waiting
    take       assistant, waiting → nurse
    pass_on    nurse → another nurse
    put_back   nurse → waiting
    give_back  waiting, nurse → assistant
    end        any → ended
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

__all__ = [
    "ChatTimes",
    "Due",
    "Floor",
    "FloorError",
    "Holder",
    "ask",
    "due",
    "end",
    "give_back",
    "pass_on",
    "put_back",
    "take",
    "told_of_closing",
]


class Holder(str, Enum):
    """Who answers what the patient writes now."""

    ASSISTANT = "assistant"
    WAITING = "waiting"
    """Nobody yet: what is written is kept for the nurse who will take the chat."""
    NURSE = "nurse"
    ENDED = "ended"
    """The patient has erased the chat: nothing can be written any more."""


class FloorError(ValueError):
    """The transition is not allowed from here; the floor stays as it is."""


@dataclass(frozen=True)
class Floor:
    """`nurse` is the account of the nurse who has it, else None; `since` is aware.

    `closing_told`: the patient knows that the office closed during this chat.
    """

    holder: Holder
    since: datetime
    nurse: int | None = None
    closing_told: bool = False

    def __post_init__(self) -> None:
        if (self.holder is Holder.NURSE) != (self.nurse is not None):
            raise ValueError("a nurse is named exactly while a nurse has the floor")


@dataclass(frozen=True)
class ChatTimes:
    """How long things may last in a live chat.

    A patient waits for `nobody_came_after` at most before a call is offered, or before it is said
    that her nurse does not answer; a nurse not heard of for `nurse_gone_after` has left;
    `usual_chat` is how long a chat takes, for the estimate of a wait where none has been measured.
    """

    nobody_came_after: timedelta = timedelta(minutes=5)
    nurse_gone_after: timedelta = timedelta(seconds=60)
    usual_chat: timedelta = timedelta(minutes=8)


def ask(floor: Floor, *, now: datetime) -> Floor:
    """The patient wants a nurse. Asked again, or late, it changes nothing."""
    if floor.holder is Holder.ASSISTANT:
        return Floor(Holder.WAITING, since=now)
    if floor.holder is Holder.ENDED:
        raise FloorError("the chat is over")
    return floor


def take(floor: Floor, nurse: int, *, now: datetime) -> Floor:
    """The nurse begins to answer. Again by herself it changes nothing."""
    if floor.holder is Holder.ENDED:
        raise FloorError("the chat is over")
    if floor.holder is Holder.NURSE:
        if floor.nurse != nurse:
            raise FloorError("another nurse has it")
        return floor
    return Floor(Holder.NURSE, since=now, nurse=nurse)


def pass_on(floor: Floor, to: int, *, now: datetime) -> Floor:
    """From the nurse who has it to another."""
    if floor.holder is not Holder.NURSE:
        raise FloorError("no nurse has it")
    return replace(floor, nurse=to, since=now)


def put_back(floor: Floor, *, now: datetime) -> Floor:
    """The nurse leaves, or is lost, and the patient waits for another."""
    if floor.holder is not Holder.NURSE:
        raise FloorError("no nurse has it")
    return Floor(Holder.WAITING, since=now)


def give_back(floor: Floor, *, now: datetime) -> Floor:
    """The assistant answers again; where it does already nothing changes."""
    if floor.holder is Holder.ENDED:
        raise FloorError("the chat is over")
    if floor.holder is Holder.ASSISTANT:
        return floor
    return Floor(Holder.ASSISTANT, since=now)


def end(floor: Floor, *, now: datetime) -> Floor:
    """The chat is erased; there is no way back."""
    return floor if floor.holder is Holder.ENDED else Floor(Holder.ENDED, since=now)


def told_of_closing(floor: Floor) -> Floor:
    """The patient was told that the office closed while the nurse goes on."""
    return replace(floor, closing_told=True)


class Due(str, Enum):
    """What has to happen to the floor because time went by."""

    NURSE_GONE = "nurse_gone"
    NURSE_SILENT = "nurse_silent"
    """The nurse is there and does not answer: the patient is told, and may choose."""
    NOBODY_CAME = "nobody_came"
    OFFICE_CLOSED = "office_closed"
    """Waiting: nobody will come today. In a chat: the patient is told, and the nurse may finish."""


def due(
    floor: Floor,
    *,
    now: datetime,
    times: ChatTimes,
    office_open: bool,
    office_was_open: bool,
    nurse_heard_of: bool,
    nurse_present: bool,
    unanswered_since: datetime | None = None,
) -> Due | None:
    """What is due at `now`, or None.

    `office_was_open` tells of the moment `floor.since`. `nurse_heard_of`: the nurse who has the
    floor gave a sign of life within `times.nurse_gone_after` and is signed in; `nurse_present`: any
    nurse is there to take a waiting patient. `unanswered_since` is when the patient wrote what
    nothing was said to yet.
    """
    if floor.holder is Holder.NURSE:
        if not nurse_heard_of:
            return Due.NURSE_GONE
        if office_was_open and not office_open and not floor.closing_told:
            return Due.OFFICE_CLOSED
        silent = unanswered_since is not None and now - unanswered_since >= times.nobody_came_after
        return Due.NURSE_SILENT if silent else None
    if floor.holder is not Holder.WAITING:
        return None
    if not office_open:
        return Due.OFFICE_CLOSED
    waited = now - floor.since
    # With nobody there at all the patient is not kept for the whole time; but a nurse whose
    # connection failed for a moment finds the patient still waiting.
    longest = times.nobody_came_after if nurse_present else times.nurse_gone_after
    return Due.NOBODY_CAME if waited >= longest else None
