"""A patient who comes back: how her call stands, and taking the wish for it back."""

from __future__ import annotations

from typing import Any

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
        standing = await DeskClient.from_environment().callback_status(tracker.sender_id)
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
        desk, text = DeskClient.from_environment(), tracker.latest_message.get("text") or ""
        intent = (tracker.latest_message.get("intent") or {}).get("name")
        said_yes = intent == "affirm"
        if said_yes and not tracker.get_slot("cancel_asked"):
            dispatcher.utter_message(response="utter_affirm")
            return []
        if said_yes or names_the_call(text):
            standing = await desk.cancel_callback(tracker.sender_id)
            if standing.state == "none":
                dispatcher.utter_message(response="utter_deny")
            else:
                _tell(dispatcher, standing)
            return [SlotSet("cancel_asked", None)]
        standing = await desk.callback_status(tracker.sender_id)
        if standing.state != "queued":
            dispatcher.utter_message(response="utter_deny")
            return [SlotSet("cancel_asked", None)]
        dispatcher.utter_message(
            response="utter_ask_cancel",
            reference=standing.reference,
            turn={"handoff": _queued(standing)},
        )
        return [SlotSet("cancel_asked", value=True)]


def _tell(dispatcher: CollectingDispatcher, standing: Standing) -> None:
    dispatcher.utter_message(
        response="utter_callback_status", told=standing.text, turn={"handoff": _queued(standing)}
    )


def _queued(standing: Standing) -> dict[str, str | None]:
    state = HandoffState.QUEUED if standing.state == "queued" else HandoffState.CLOSED
    return {"state": state.value, "reference": standing.reference}
