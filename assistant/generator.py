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

from assistant.answer import Message, arranged
from assistant.recollection import OPTIONS
from clinic.handout import Handout, Section, load_handouts
from clinic.settings import Numbers, load_numbers
from clinic.turn import Handoff, HandoffState, Kind, Turn, TurnError, Urgency

_MOST_BUTTONS = 3
_URGENCY = "urgency"  # the slot that the form keeps
_UNDERSTOOD = frozenset({Kind.ANSWER, Kind.CLARIFY, Kind.DECLINE, Kind.OUT_OF_SCOPE, Kind.CHITCHAT})
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
            load_numbers(Path(os.environ.get("CLINIC_CONFIG") or "clinic.yml"))
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
        message = Message.of(tracker)
        response = await super().generate(
            self._variant(utter_action, message),
            tracker,
            output_channel,
            **{**self._facts, **kwargs},
        )
        if response is None:
            return None
        # An action may know more of the turn than the domain: the reference, the urgency.
        said = {**response.get("custom", {}).get("turn", {}), **kwargs.get("turn", {})}
        turn = Turn.from_json(said)
        if turn.handoff and turn.handoff.state is HandoffState.COLLECTING and not turn.urgency:
            turn = replace(turn, urgency=Urgency(tracker.get_slot(_URGENCY) or Urgency.ROUTINE))
        if turn.kind in _UNDERSTOOD:
            turn = replace(turn, confidence=message.confidence)
        response["custom"] = {"turn": turn.to_json()}
        if utter_action == "utter_answer":
            turn = self._answer(response, turn, message)
            response["custom"]["turn"] = turn.to_json()
        elif turn.kind is Kind.CLARIFY:
            self._offer(response, message)
        return response

    def _variant(self, utter_action: str, message: Message) -> str:
        """The wording that fits: in doubt about danger, after a miss, for a part not listed."""
        if message.doubted and f"{utter_action}_doubt" in self.responses:
            return f"{utter_action}_doubt"
        if message.context.misses and f"{utter_action}_again" in self.responses:
            return f"{utter_action}_again"
        if message.not_listed and f"{utter_action}_part" in self.responses:
            return f"{utter_action}_part"
        return utter_action

    def _answer(self, response: dict[str, Any], turn: Turn, message: Message) -> Turn:
        """Put the passages into `response`; the turn names their sections."""
        passages = [self._passage(name) for name in message.sections]
        texts = [
            arranged(section.text, lead)
            for (_, section), lead in zip(passages, message.leads, strict=True)
        ]
        turn = replace(turn, document=self._primary.id, sections=message.sections)
        again = set(message.sections) == set(message.context.sections) and not message.listed
        if again or message.nearest:
            texts.insert(0, self._phrase("utter_lead_again" if again else "utter_lead_nearest"))
            response["buttons"] = self._buttons("utter_offer_nurse")
            turn = replace(turn, handoff=Handoff(HandoffState.OFFERED))
        elif message.either:
            texts.insert(0, self._phrase("utter_lead_either"))
        elif message.listed:
            texts.insert(0, self._phrase("utter_lead_listed"))
        response["text"] = "\n\n".join(texts)
        return turn

    def _offer(self, response: dict[str, Any], message: Message) -> None:
        """Buttons for the sections that may be meant, with those that the phrase brings along.

        At most three; the phrase's own come first where a person is offered first, else last.
        """
        own = response.get("buttons") or []
        first = message.context.misses > 0
        room = _MOST_BUTTONS - (len(own) if first else 0)
        labels = [self._label(name) for name in message.options[:room]]
        offered = [{"title": label, "payload": label} for label in labels]
        buttons = [*own, *offered] if first else [*offered, *own]
        response["buttons"] = buttons[:_MOST_BUTTONS]
        response["custom"][OPTIONS] = list(message.options[:room])

    def _passage(self, name: str) -> tuple[Handout, Section]:
        """The passage that is named `section`, or `document#section`."""
        document, _, section = name.rpartition("#")
        handout = self._handouts[document] if document else self._primary
        return handout, handout.section(section)

    def _label(self, name: str) -> str:
        handout, section = self._passage(name)
        return section.title if len(self._handouts) == 1 else f"{section.title} ({handout.title})"

    def _phrase(self, name: str) -> str:
        return str(self.responses[name][0]["text"])

    def _buttons(self, name: str) -> list[dict[str, Any]]:
        return list(self.responses[name][0].get("buttons") or [])


def _clinic_facts(clinic: Numbers) -> dict[str, str]:
    """The values that phrases of the domain may name in braces."""
    return {
        "clinic_name": clinic.name,
        "emergency_number": clinic.emergency_number,
        "crisis_line": clinic.crisis_line,
        "or_by_phone": f" You can also call {clinic.name} at {clinic.phone}."
        if clinic.phone
        else "",
    }


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
