"""What the conversation was just about, read off Rasa's tracker for the next message.

Called by the channel before a message is handled; what follows from it is decided in `clinic/`.
"""

from __future__ import annotations

from typing import Any

from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from clinic.context import Context, context_of
from clinic.turn import Turn, TurnError, merge

__all__ = ["OPTIONS", "recollect"]

OPTIONS = "options"  # beside `turn` in an utterance's custom data; the channel does not send it on


def recollect(tracker: DialogueStateTracker) -> Context:
    """The context of the next message; empty while a form asks, for then it is an answer."""
    if tracker.active_loop_name:
        return Context()
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
