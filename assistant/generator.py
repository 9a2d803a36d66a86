"""What the assistant says: passages out of the handout, and the domain's fixed phrases around it.

Rasa asks this class for the words of every `utter_…` action, in process, so a turn that only says
something costs no call to the action server, and `rasa shell` says the same. Each response carries
its `turn`; the channel joins those of one reply.

Named in `endpoints.yml`: `nlg: type: assistant.generator.HandoutGenerator`.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from clinic.handout import Handout, Section, load_handouts
from clinic.settings import Clinic, load_clinic
from clinic.turn import Kind, Turn, TurnError

_UNDERSTOOD = frozenset({Kind.ANSWER, Kind.DECLINE, Kind.OUT_OF_SCOPE, Kind.CHITCHAT})
"""Kinds that rest on the classifier's guess alone and so carry its confidence."""


class HandoutGenerator(TemplatedNaturalLanguageGenerator):
    """Fills the domain's responses with the clinic's facts and the handout's passages."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        """Read handouts and clinic settings once.

        Args:
            endpoint_config: `documents` is the folder of the handouts, `document` the id of the
                one whose sections are named without a prefix.
            domain: the phrases, under `responses`.

        Raises:
            HandoutError, ClinicError: with the place and what was expected.
            KeyError: `document` names no handout.
        """
        super().__init__(domain.responses)
        options = endpoint_config.kwargs
        handouts = load_handouts(Path(options.get("documents", "documents")))
        self._handouts = {handout.id: handout for handout in handouts}
        self._primary = self._handouts[options["document"]]
        self._facts = _clinic_facts(
            load_clinic(Path(os.environ.get("CLINIC_CONFIG") or "clinic.yml"))
        )

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """The response with `text`, perhaps `buttons`, and the turn under `custom`."""
        if utter_action == "utter_repeat":
            again = _last_said(tracker)
            if again:
                return again
        response = await super().generate(
            utter_action, tracker, output_channel, **{**self._facts, **kwargs}
        )
        if response is None:
            return None
        # An action may know more of the turn than the domain: the reference, the urgency.
        said = {**response.get("custom", {}).get("turn", {}), **kwargs.get("turn", {})}
        turn = Turn.from_json(said)
        if turn.kind in _UNDERSTOOD:
            turn = replace(turn, confidence=_confidence(tracker))
        if utter_action == "utter_answer":
            handout, section = self._passage(tracker.latest_message.intent["name"])
            response["text"] = section.text
            turn = replace(
                turn, document=self._primary.id, sections=(self._name(handout, section),)
            )
        response["custom"] = {"turn": turn.to_json()}
        return response

    def _passage(self, intent: str) -> tuple[Handout, Section]:
        """The passage that an intent names: `section`, or `document#section`."""
        document, _, section = intent.rpartition("#")
        handout = self._handouts[document] if document else self._primary
        return handout, handout.section(section)

    def _name(self, handout: Handout, section: Section) -> str:
        return section.id if handout is self._primary else f"{handout.id}#{section.id}"


def _clinic_facts(clinic: Clinic) -> dict[str, str]:
    """The values that phrases of the domain may name in braces."""
    return {
        "clinic_name": clinic.name,
        "emergency_number": clinic.emergency_number,
        "crisis_line": clinic.crisis_line,
        "or_by_phone": f" You can also call {clinic.name} at {clinic.phone}."
        if clinic.phone
        else "",
    }


def _confidence(tracker: DialogueStateTracker) -> float:
    message = tracker.latest_message
    return float(message.intent.get("confidence") or 0.0) if message else 0.0


def _last_said(tracker: DialogueStateTracker) -> dict[str, Any] | None:
    """The last thing said that was a reply of substance, to be said once more."""
    for event in reversed(tracker.applied_events()):
        if not isinstance(event, BotUttered) or not event.text:
            continue
        try:
            turn = Turn.from_json((event.data.get("custom") or {}).get("turn", {}))
        except TurnError:
            continue
        if turn.kind is not Kind.CHITCHAT:
            return {
                "text": event.text,
                "buttons": event.data.get("buttons") or [],
                "custom": {"turn": turn.to_json()},
            }
    return None
