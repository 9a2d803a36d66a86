"""`DangerInContext`: what the conversation adds to the signs of danger in one message.

Placed after `RedFlagRecogniser`, which reads one message at a time. It notes when the patient was
treated, as an entity that fills a slot, and overrides `intent` where the context makes a message
grave: mild words of somebody treated lately, answers to the safety questions. In doubt it has the
patient asked. What each of these means is decided in `clinic/`. It logs nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_CONFIDENCE,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    EXTRACTOR,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from assistant.classifier import UNDERSTANDING
from assistant.recollection import DOUBTED, TREATED_ON
from assistant.red_flag_recogniser import RED_FLAG, RED_FLAGS
from assistant.red_flag_verdict import Trust
from assistant.red_flags import assessor
from clinic.callback import is_question
from clinic.context import Context as Talk
from clinic.doubt import is_doubtful
from clinic.mild_words import CHEST_AND_BREATH, mild_words
from clinic.red_flag_context import Context
from clinic.red_flags import Finding
from clinic.settings import ClinicError, load_numbers
from clinic.treated_when import is_lately, said_time, treated
from clinic.triage import Question
from clinic.triage_answers import Answer, read_breathing, read_doubt
from clinic.understanding import EMERGENCY, GRAVE, URGENT

__all__ = ["DangerInContext"]

_NAME = "DangerInContext"
_STOP = "stop"
_UNCERTAIN = Context.UNCERTAIN.value
_WORRY = "worry"  # the entity that fills the form's slot "reason"
_LONGEST_REASON = 1000


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR,
    is_trainable=False,
)
class DangerInContext(GraphComponent):
    """Raises the alarms that need the messages before, too."""

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        """`clock` gives the present on the clinic's clock."""
        self._clock = clock
        self._rules = assessor()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],  # noqa: ARG003 - the parameters are Rasa's
        model_storage: ModelStorage,  # noqa: ARG003
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> DangerInContext:
        """The component, ready; raises `InvalidConfigException` where `clinic.yml` is wrong."""
        try:
            zone = load_numbers(Path(os.environ.get("CLINIC_CONFIG") or "clinic.yml")).time_zone
        except ClinicError as error:
            raise InvalidConfigException(f"{_NAME}: {error}") from error
        return cls(clock=lambda: datetime.now(timezone.utc).astimezone(zone))

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entity `treated_on`, and override `intent` where the context makes it grave."""
        now = self._clock()
        for message in messages:
            context = Talk.from_metadata(message.get("metadata"))
            day = _note_treatment(message, context, now)
            lately = day is not None and is_lately(day, today=now.date())
            if _intent(message) in GRAVE or self._decided(message, context, lately=lately):
                continue
            _ask_in_doubt(message)
            if _intent(message) == URGENT and context.asked is None:
                text = message.get(TEXT) or ""
                _add_entity(message, _WORRY, text[:_LONGEST_REASON], (0, len(text)))
        return messages

    def _decided(self, message: Message, context: Talk, *, lately: bool) -> bool:
        """Whether the context makes the message grave, or it answers a safety question."""
        if self._answered(message, context):
            return True
        found = mild_words(self._rules, message.get(TEXT) or "") if lately else ()
        if found:
            _raise_alarm(message, found, reason="treated lately")
        return bool(found)

    def _answered(self, message: Message, context: Talk) -> bool:
        """Whether the message answers a safety question, and nothing is left to decide."""
        text = message.get(TEXT) or ""
        if context.doubted is not None:
            return _answer_doubt(message, text, context.doubted)
        if context.asked == Question.BREATHING.value:
            about_it = _intent(message) != _STOP and not is_question(text)
            if about_it and read_breathing(text) is Answer.NO:
                _raise_alarm(message, (), reason="breathing or chest not all right")
                return True
        if context.asked == Question.PART.value and self._is_chest(text):
            _raise_alarm(message, (), reason="the part is the chest")
            return True
        return False

    def _is_chest(self, part: str) -> bool:
        """Whether what the patient complains of is there: "my ribs, on the left"."""
        found = self._rules.assess(f"pain in {part}").found
        return any(finding.flag in CHEST_AND_BREATH for finding in found)


def _answer_doubt(message: Message, text: str, doubted: Mapping[str, Any]) -> bool:
    """Yes is an alarm, no brings the reply to what was written before; anything else is new."""
    answer = read_doubt(text)
    if answer is Answer.YES:
        _raise_alarm(message, (), reason="yes to the doubt", intent=doubted["grave"])
        return True
    if answer is Answer.UNCLEAR or is_question(text) or _intent(message) == URGENT:
        return False
    _set_intent(message, doubted["intent"], doubted["confidence"])
    message.set(UNDERSTANDING, doubted["understanding"], add_to_output=True)
    return True


def _ask_in_doubt(message: Message) -> None:
    """Make the message urgent where it may be grave, and keep how to read it if it is not."""
    flags = message.get(RED_FLAGS) or {}
    doubtful = is_doubtful(
        _intent(message),
        uncertain=any(one["context"] == _UNCERTAIN for one in flags.get("silenced") or ()),
        asks=bool(flags.get("ask")),
        explained=bool(flags.get("explained")),
        likelihood=float(flags.get("likelihood") or 0.0),
    )
    if not doubtful:
        return
    understanding = message.get(UNDERSTANDING) or {}
    shares = understanding.get("danger") or {}
    doubted = {
        "intent": _intent(message),
        "confidence": float((message.get(INTENT) or {}).get(PREDICTED_CONFIDENCE_KEY) or 0.0),
        "understanding": understanding,
        "grave": max(GRAVE, key=lambda name: shares.get(name, 0.0)),
    }
    message.set(DOUBTED, doubted, add_to_output=True)
    _set_intent(message, URGENT, Trust.urgent)


def _intent(message: Message) -> str:
    return (message.get(INTENT) or {}).get(INTENT_NAME_KEY) or ""


def _note_treatment(message: Message, context: Talk, now: datetime) -> date | None:
    """The latest day on which the patient may have been treated, as far as it was ever said."""
    text = message.get(TEXT) or ""
    asked = context.asked == Question.TREATED.value
    told = (said_time(text, now=now) if asked else None) or treated(text, now=now)
    if told is None or (context.treated_on and told.last <= context.treated_on and not asked):
        return context.treated_on
    _add_entity(message, TREATED_ON, told.last.isoformat(), (told.start, told.end))
    return told.last


def _set_intent(message: Message, name: str, confidence: float) -> None:
    intent = {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence}
    others = [one for one in message.get(INTENT_RANKING_KEY) or [] if one[INTENT_NAME_KEY] != name]
    message.set(INTENT, intent, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [intent, *others], add_to_output=True)


def _raise_alarm(
    message: Message, found: Sequence[Finding], *, reason: str, intent: str = EMERGENCY
) -> None:
    _set_intent(message, intent, Trust.grave)
    known = message.get(RED_FLAGS) or {}
    flags = [finding.to_json() for finding in found]
    message.set(
        RED_FLAGS,
        {
            **known,
            "acuity": intent,
            "found": [*(known.get("found") or []), *flags],
            "reason": reason,
        },
        add_to_output=True,
    )
    for finding in found:
        _add_entity(message, RED_FLAG, finding.flag, (finding.start, finding.end))


def _add_entity(message: Message, kind: str, value: str, place: tuple[int, int]) -> None:
    entity = {
        ENTITY_ATTRIBUTE_TYPE: kind,
        ENTITY_ATTRIBUTE_VALUE: value,
        ENTITY_ATTRIBUTE_START: place[0],
        ENTITY_ATTRIBUTE_END: place[1],
        ENTITY_ATTRIBUTE_CONFIDENCE: Trust.grave,
        EXTRACTOR: _NAME,
    }
    message.set(ENTITIES, [*(message.get(ENTITIES) or []), entity], add_to_output=True)
