"""What the conversation was just about, read off Rasa's tracker for the next message.

Called by the channel before a message is handled; what follows from it is decided in `clinic/`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from clinic.context import Context, context_of
from clinic.turn import Turn, TurnError, merge

__all__ = ["DOUBTED", "OPTIONS", "TREATED_ON", "recollect"]

OPTIONS = "options"  # beside `turn` in an utterance's custom data; the channel does not send it on
DOUBTED = "doubted"  # the key of the parse result, see `clinic.context.Context`
TREATED_ON = "treated_on"  # the slot, and the entity that fills it: an ISO date


def recollect(tracker: DialogueStateTracker) -> Context:
    """The context of the next message; what was talked about is left out while a form asks."""
    written = tracker.get_slot(TREATED_ON)
    treated_on = date.fromisoformat(written) if written else None
    if tracker.active_loop_name:
        return Context(asked=tracker.get_slot(REQUESTED_SLOT), treated_on=treated_on)
    doubted = (tracker.latest_message.parse_data or {}).get(DOUBTED)
    return replace(_talk(tracker), treated_on=treated_on, doubted=doubted)


def _talk(tracker: DialogueStateTracker) -> Context:
    replies: list[Turn] = []
    options: list[str] = []
    said: list[Turn] = []
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            custom: dict[str, Any] = event.data.get("custom") or {}
            try:
                said.insert(0, Turn.from_json(custom.get("turn") or {}))
            except TurnError:
                continue
            if not replies:
                options = list(custom.get(OPTIONS) or []) or options
        elif isinstance(event, UserUttered) and said:
            replies.append(merge(said))
            said = []
    return context_of(replies, options=options)
