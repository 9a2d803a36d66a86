"""The way to a nurse, step by step: what the form heard, handed to the desk.

Where a nurse can come to the chat the form ends with the reason; else it collects a call-back.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.desk_client import DeskClient, DeskRefusedError
from actions.triage import QUESTIONS, URGENCY, plan, take_answer, triage_of
from clinic.callback import WITHOUT_REPLY, Reading, read
from clinic.consent import CHAT as CHAT_CONSENT
from clinic.handout import load_handouts
from clinic.left_number import leaves_a_number
from clinic.turn import Ask, HandoffState, Turn, TurnError, Urgency

Domain = dict[str, Any]

_DETAILS = (
    *("reason", "name", "phone", "phone_shown", "time", "consent", URGENCY),
    *QUESTIONS,
)
_UNREADABLE = 422
_NOBODY_CAN_COME = 409
_URGENCIES = tuple(Urgency)
_END = SlotSet("requested_slot", None)
"""Ends the form, whatever is missing."""


class ValidateCallbackForm(Action):
    """Takes the detail that was asked for, once the desk accepts it."""

    def name(self) -> str:
        """The name by which Rasa's form finds its validation."""
        return "validate_callback_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """Slots to set; none when the message is no detail, so that the rules reply to it."""
        del domain
        requested = tracker.get_slot("requested_slot")
        if not requested:
            return await _begin(tracker)
        intent = tracker.latest_message.get("intent") or {}
        intent_name, confidence = intent.get("name") or "", intent.get("confidence") or 0.0
        if requested in QUESTIONS:
            question = QUESTIONS[requested]
            answered = take_answer(question, tracker, _urgency(tracker), dispatcher)
            return answered or _aside(requested, intent_name)
        ask, text = Ask(requested), tracker.latest_message.get("text") or ""
        reading = read(ask, text, intent=intent_name, confidence=confidence)
        if reading is Reading.ASIDE:
            return _aside(ask.value, intent_name)
        if ask is Ask.CONSENT:
            return [SlotSet("consent", reading is Reading.YES)]
        if ask is Ask.REASON:
            return await _take_reason(text, intent_name, tracker, dispatcher)
        return [*await _checked(ask, text, dispatcher), SlotSet(URGENCY, _urgency(tracker).value)]


class ActionRequestCallback(Action):
    """Puts the finished form into the nurses' queue: for a call, or for the chat."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_request_callback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """Say what the desk promised, or that it failed; the details are forgotten either way."""
        del domain
        if tracker.get_slot("reason") is not None and tracker.get_slot("name") is None:
            return await _request_chat(dispatcher, tracker)
        if tracker.get_slot("consent") is not True:
            dispatcher.utter_message(response="utter_callback_refused")
            return _forget()
        urgency = _urgency(tracker)
        details = {
            "conversation": tracker.sender_id,
            "reason": tracker.get_slot("reason"),
            "name": tracker.get_slot("name"),
            "phone": tracker.get_slot("phone"),
            "best_time": tracker.get_slot("time"),
            "consent": True,
            "consent_version": CHAT_CONSENT,
            "urgency": urgency.value,
            "triage": triage_of(tracker),
            "transcript": list(_transcript(tracker)),
        }
        try:
            reference, promise = await DeskClient.from_environment().request_callback(
                details, idempotency_key=_idempotency_key(tracker)
            )
        except DeskRefusedError:
            dispatcher.utter_message(response="utter_callback_failed")
            return _forget()
        queued = {"state": HandoffState.QUEUED.value, "reference": reference}
        dispatcher.utter_message(
            response="utter_callback_queued",
            promise=promise,
            reference=reference,
            turn={"urgency": urgency.value, "handoff": queued},
        )
        return _forget()


class ActionCancelCallback(Action):
    """Ends the form because the patient said so."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_cancel_callback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """Say that no call will come, and forget the details given so far."""
        del tracker, domain
        dispatcher.utter_message(response="utter_callback_cancelled")
        return [ActiveLoop(None), SlotSet("requested_slot", None), *_forget()]


async def _take_reason(
    text: str, intent: str, tracker: Tracker, dispatcher: CollectingDispatcher
) -> list[EventType]:
    """The reason, and what follows from it: a nurse in the chat now, or the questions that matter.

    A worry is said to be one; a reason that the handout answers is answered as well, for the
    patient may need no call, and she hears that it is passed on all the same.
    """
    urgency = _urgency(tracker)
    if intent == Urgency.URGENT.value:
        urgency = max(urgency, Urgency.URGENT, key=_URGENCIES.index)
        dispatcher.utter_message(response="utter_urgent_noted")
    elif intent in _section_ids():
        dispatcher.utter_message(response="utter_lead_noted")
        dispatcher.utter_message(response="utter_answer")
    events = await _checked(Ask.REASON, text, dispatcher)
    if events[0]["value"] is None:
        return events
    if await _nurse_can_come(tracker):
        return [*events, SlotSet(URGENCY, urgency.value), _END]
    return [*events, *plan(tracker, urgency)]


async def _begin(tracker: Tracker) -> list[EventType]:
    """What is settled when the form begins: a number that was left, a worry told as its reason."""
    number = await _number_left(tracker.latest_message.get("text") or "")
    if not tracker.get_slot("reason"):
        return number
    urgency = _urgency(tracker)
    if await _nurse_can_come(tracker):
        return [SlotSet(URGENCY, urgency.value), _END]
    return [*number, *plan(tracker, urgency)]


async def _number_left(text: str) -> list[EventType]:
    """The phone number in the message that began the form, if the desk accepts it, or nothing.

    The desk's word only saves a question here, so the form begins without it too.
    """
    if not leaves_a_number(text):
        return []
    try:
        value, shown = await DeskClient.from_environment().check(Ask.PHONE.value, text)
    except (DeskRefusedError, httpx.HTTPError):
        return []
    return [SlotSet("phone", value), SlotSet("phone_shown", shown)]


async def _nurse_can_come(tracker: Tracker) -> bool:
    """Whether a nurse can come to the chat now, so that the reason is all that is asked."""
    return await DeskClient.from_environment().offers_chat(tracker.sender_id)


async def _request_chat(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Put the patient into the line; when nobody can come after all, the form goes on."""
    urgency = _urgency(tracker)
    wanted = {
        "conversation": tracker.sender_id,
        "reason": tracker.get_slot("reason"),
        "urgency": urgency.value,
    }
    try:
        state, reference, place = await DeskClient.from_environment().request_chat(
            wanted, idempotency_key=_idempotency_key(tracker)
        )
    except DeskRefusedError as error:
        if error.status == _NOBODY_CAN_COME:
            return [FollowupAction("callback_form")]
        dispatcher.utter_message(response="utter_callback_failed")
        return _forget()
    dispatcher.utter_message(
        response="utter_chat_queued",
        place=place,
        reference=reference,
        turn={"urgency": urgency.value, "handoff": {"state": state, "reference": reference}},
    )
    return _forget()


def _aside(asked: str, intent_name: str) -> list[EventType]:
    """Nothing, which leaves the message to the rules; or the same question again."""
    # A rule that leads straight back into the form is never found: Rasa looks for one as if the
    # form had not been left, and says the fallback until it gives up.
    return [SlotSet(asked, None)] if intent_name in WITHOUT_REPLY else []


async def _checked(ask: Ask, text: str, dispatcher: CollectingDispatcher) -> list[EventType]:
    """The slot with the value the desk accepts, or what was wrong with it."""
    try:
        value, shown = await DeskClient.from_environment().check(ask.value, text)
    except DeskRefusedError as error:
        if error.status != _UNREADABLE:
            raise
        dispatcher.utter_message(response="utter_say_again", problem=error.detail)
        return [SlotSet(ask.value, None)]
    events = [SlotSet(ask.value, value)]
    if ask is Ask.PHONE:
        events.append(SlotSet("phone_shown", shown))
    return events


def _forget() -> list[EventType]:
    return [SlotSet(detail, None) for detail in _DETAILS]


def _section_ids() -> frozenset[str]:
    """Intents that a section answers: its own, or the one for all but the primary handout."""
    sections = {s.id for handout in load_handouts(Path("documents")) for s in handout.sections}
    return frozenset({*sections, "other_handout"})


def _turns(tracker: Tracker) -> Iterator[Turn]:
    """The turns said so far, the latest first, as far as the tracker's window reaches."""
    for event in reversed(tracker.events):
        custom: dict[str, Any] | None = (event.get("data") or {}).get("custom")
        if event.get("event") == "bot" and custom and "turn" in custom:
            try:
                yield Turn.from_json(custom["turn"])
            except TurnError:
                continue


def _urgency(tracker: Tracker) -> Urgency:
    """The gravest urgency since the last call-back was queued or closed, also before the window."""
    found = Urgency.ROUTINE
    for turn in _turns(tracker):
        if turn.handoff and _settles(turn.handoff.state, turn.urgency):
            break
        if turn.urgency is Urgency.EMERGENCY:
            return Urgency.EMERGENCY
        if turn.urgency is Urgency.URGENT:
            found = Urgency.URGENT
    return max(found, Urgency(tracker.get_slot(URGENCY) or found), key=_URGENCIES.index)


def _settles(state: HandoffState, urgency: Urgency | None) -> bool:
    """Whether what was said before belongs to another request. How one stands settles nothing."""
    queued = state is HandoffState.QUEUED and urgency is not None
    return queued or state is HandoffState.CLOSED


def _transcript(tracker: Tracker) -> Iterator[dict[str, str]]:
    """The conversation as Rasa saw it; the desk uses it only where it has no log of its own."""
    authors = {"user": "patient", "bot": "assistant"}
    for event in tracker.events:
        author = authors.get(event.get("event", ""))
        if author and event.get("text"):
            yield {"author": author, "text": event["text"]}


def _idempotency_key(tracker: Tracker) -> str:
    """The same for a turn that is handled again, another for every other turn."""
    last = next(event for event in reversed(tracker.events) if event.get("event") == "user")
    message_id = (last.get("metadata") or {}).get("message_id") or last["timestamp"]
    return f"{tracker.sender_id}:{message_id}"
