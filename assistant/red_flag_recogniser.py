"""`RedFlagRecogniser`: the red-flag rules as a Rasa component, placed after the classifier.

It reads the message itself, weighs it against what the classifier thought
(`assistant.red_flag_verdict`), and overrides `intent` where somebody may be in danger. It logs
nothing: what a patient writes stays in the message.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, fields
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
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.alarm_places import places
from assistant.alarm_sense import AlarmSense, alarms_in
from assistant.classifier import UNDERSTANDING, sentence_vector
from assistant.component_settings import check_known, check_share
from assistant.encoder_session import Encoder
from assistant.red_flag_evidence import NO_SENSE, grave_likelihood
from assistant.red_flag_verdict import Trust, Verdict, in_doubt, may_be_doubted, verdict
from assistant.red_flags import assessor
from assistant.training import Settings
from clinic.red_flag_catalogue import load_catalogue
from clinic.red_flags import Assessment
from clinic.understanding import NEAR_TOPIC
from clinic.yaml_reader import SettingError

__all__ = ["RED_FLAG", "RED_FLAGS", "RecogniserConfig", "RedFlagRecogniser"]

RED_FLAG = "red_flag"  # the entity's type
RED_FLAGS = "red_flags"  # the key of the parse result
_NAME = "RedFlagRecogniser"
_SHARES = tuple(field.name for field in fields(Trust))


@dataclass(frozen=True)
class RecogniserConfig:
    """The component's settings as `config.yml` may give them."""

    # The catalogue, from where Rasa is started; its real words stand beside it.
    catalogue: str = "assistant/red_flags.yml"
    # See `assistant.red_flag_verdict.Trust`.
    grave: float = Trust.grave
    urgent: float = Trust.urgent
    alarm: float = Trust.alarm
    soon: float = Trust.soon
    doubt: float = Trust.doubt
    doubt_of_suicide: float = Trust.doubt_of_suicide

    @classmethod
    def read(cls, config: dict[str, Any]) -> RecogniserConfig:
        """Check Rasa's dictionary; raises `InvalidConfigException` and names the key."""
        check_known(_NAME, config, cls)
        read = cls(**config)
        if not read.catalogue:
            raise InvalidConfigException(f"{_NAME}: 'catalogue' must name a file")
        check_share(_NAME, {name: getattr(read, name) for name in _SHARES})
        return read

    @property
    def trust(self) -> Trust:
        """What the verdict needs of it."""
        return Trust(**{name: getattr(self, name) for name in _SHARES})


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR,
    is_trainable=True,
)
class RedFlagRecogniser(GraphComponent):
    """Finds signs of danger and lets them outrank what the classifier thought."""

    def __init__(
        self,
        config: RecogniserConfig,
        model_storage: ModelStorage,
        resource: Resource,
        sense: AlarmSense | None = None,
    ) -> None:
        """Reads the catalogue now, so that a fault in it stops the start and not a patient."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._sense = sense
        try:
            self._rules = assessor(Path(config.catalogue))
        except SettingError as error:
            raise InvalidConfigException(f"{_NAME}: {error}") from error

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The settings where `config.yml` says nothing."""
        return asdict(RecogniserConfig())

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """The catalogue's digest: a changed catalogue makes a new model."""
        path = Path({**cls.get_default_config(), **config}["catalogue"])
        try:
            return load_catalogue(path).digest
        except SettingError:
            return hashlib.sha256(str(path).encode()).hexdigest()  # `create` complains aloud

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - the parameter is Rasa's
    ) -> RedFlagRecogniser:
        """The component, untrained; raises `InvalidConfigException`."""
        return cls(RecogniserConfig.read(config), model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn in which sense words of danger are meant, and store it.

        Without an alarm of either kind among the messages nothing is learnt, and none is needed.
        """
        messages = [message for message in training_data.intent_examples if message.get(TEXT)]
        alarms = alarms_in(
            ((message.get(TEXT), message.get(INTENT)) for message in messages), self._rules.assess
        )
        with self._model_storage.write_to(self._resource) as folder:
            if len({alarm.meant for alarm in alarms}) > 1:
                with_vectors = sentence_vector(messages[0]) is not None
                self._sense, _ = AlarmSense.train(
                    alarms, encoder=Encoder.shared() if with_vectors else None, settings=Settings()
                )
                self._sense.save(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - the parameters are Rasa's
        **kwargs: Any,  # noqa: ARG003
    ) -> RedFlagRecogniser:
        """The trained component; fails aloud when it was not stored."""
        with model_storage.read_from(resource) as folder:
            sense = AlarmSense.load(folder)
        return cls(RecogniserConfig.read(config), model_storage, resource, sense)

    def process(self, messages: list[Message]) -> list[Message]:
        """Write `red_flags` and entities, and override `intent` where somebody may be in danger."""
        for message in messages:
            text = message.get(TEXT) or ""
            assessment = self._rules.assess(text)
            shares = _shares(message)
            intent = message.get(INTENT) or {}
            name = intent.get(INTENT_NAME_KEY) or NEAR_TOPIC
            if may_be_doubted(assessment, name, shares) and in_doubt(
                places(text, assessment, self._rules.assess),
                self._sense_of,
                shares,
                self._config.trust,
            ):
                assessment = assessment.doubted()
            decided = verdict(
                assessment,
                name,
                float(intent.get(PREDICTED_CONFIDENCE_KEY) or 0.0),
                shares,
                self._config.trust,
            )
            _write(message, assessment, decided, grave_likelihood(assessment, shares))
        return messages

    def _sense_of(self, phrase: str) -> float:
        return self._sense.of(phrase) if self._sense else NO_SENSE


def _shares(message: Message) -> dict[str, float]:
    """The classifier's probabilities by intent, those of danger whole where it gives them."""
    ranking = message.get(INTENT_RANKING_KEY) or []
    shares = {one[INTENT_NAME_KEY]: float(one[PREDICTED_CONFIDENCE_KEY]) for one in ranking}
    return {**shares, **(message.get(UNDERSTANDING) or {}).get("danger", {})}


def _write(message: Message, assessment: Assessment, decided: Verdict, likely: float) -> None:
    intent = {INTENT_NAME_KEY: decided.intent, PREDICTED_CONFIDENCE_KEY: decided.confidence}
    others = [
        one
        for one in message.get(INTENT_RANKING_KEY) or []
        if one[INTENT_NAME_KEY] != decided.intent
    ]
    message.set(INTENT, intent, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [intent, *others], add_to_output=True)
    entities = [
        {
            ENTITY_ATTRIBUTE_TYPE: RED_FLAG,
            ENTITY_ATTRIBUTE_VALUE: finding.flag,
            ENTITY_ATTRIBUTE_START: finding.start,
            ENTITY_ATTRIBUTE_END: finding.end,
            ENTITY_ATTRIBUTE_CONFIDENCE: decided.confidence,
            EXTRACTOR: _NAME,
        }
        for finding in assessment.found
    ]
    message.set(ENTITIES, [*(message.get(ENTITIES) or []), *entities], add_to_output=True)
    message.set(
        RED_FLAGS,
        {
            "acuity": assessment.acuity.value if assessment.acuity else None,
            "found": [finding.to_json() for finding in assessment.found],
            "silenced": [finding.to_json() for finding in assessment.silenced],
            "ask": assessment.ask,
            "explained": assessment.explained,
            "likelihood": likely,
            "treated": assessment.treated,
            "reason": decided.reason,
        },
        add_to_output=True,
    )
