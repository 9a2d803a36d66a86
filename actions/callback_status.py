"""A patient who comes back: how her call stands, and taking the wish for it back."""

from __future__ import annotations

from typing import Any

import httpx
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.desk_client import DeskClient, Standing
from clinic.callback import names_the_call
from clinic.turn import HandoffState

Domain = dict[str, Any]


class ActionCallbackStatus(Action):
    """Tells how the patient's wish for a call stands."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_callback_status"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """What the desk says; in the middle of the form, that nothing was sent yet."""
        del domain
        try:
            standing = await DeskClient.from_environment().callback_status(tracker.sender_id)
        except httpx.HTTPError:
            dispatcher.utter_message(response="utter_callback_unknown")
            return []
        if standing.state != "queued" and tracker.active_loop_name:
            dispatcher.utter_message(response="utter_callback_unfinished")
        elif standing.state == "none":
            dispatcher.utter_message(response="utter_callback_none", told=standing.text)
        else:
            _tell(dispatcher, standing)
        return []


class ActionWithdrawCallback(Action):
    """Takes the wish for a call back, after asking where the words leave it open."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_withdraw_callback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """A bare "never mind" may mean anything: it cancels nothing before a yes."""
        del domain
        text = tracker.latest_message.get("text") or ""
        said_yes = (tracker.latest_message.get("intent") or {}).get("name") == "affirm"
        if said_yes and not tracker.get_slot("cancel_asked"):
            dispatcher.utter_message(response="utter_affirm")
            return []
        named = said_yes or names_the_call(text)
        try:
            asked = await (_cancel if named else _ask_back)(dispatcher, tracker.sender_id)
        except httpx.HTTPError:
            # Without the desk there is nothing to take back, or nobody who knows of it.
            dispatcher.utter_message(response="utter_callback_unknown" if named else "utter_deny")
            return []
        return [SlotSet("cancel_asked", value=asked or None)]


async def _cancel(dispatcher: CollectingDispatcher, conversation: str) -> bool:
    """Take it back; false, for nothing is asked any more."""
    standing = await DeskClient.from_environment().cancel_callback(conversation)
    if standing.state == "none":
        dispatcher.utter_message(response="utter_deny")
    else:
        _tell(dispatcher, standing)
    return False


async def _ask_back(dispatcher: CollectingDispatcher, conversation: str) -> bool:
    """Whether there was a call to ask about."""
    standing = await DeskClient.from_environment().callback_status(conversation)
    if standing.state != "queued":
        dispatcher.utter_message(response="utter_deny")
        return False
    dispatcher.utter_message(
        response="utter_ask_cancel",
        reference=standing.reference,
        turn={"handoff": _queued(standing)},
    )
    return True


def _tell(dispatcher: CollectingDispatcher, standing: Standing) -> None:
    dispatcher.utter_message(
        response="utter_callback_status", told=standing.text, turn={"handoff": _queued(standing)}
    )


def _queued(standing: Standing) -> dict[str, str | None]:
    state = HandoffState.QUEUED if standing.state == "queued" else HandoffState.CLOSED
    return {"state": state.value, "reference": standing.reference}
