"""`SentenceEncoder`: gives each message the vector of its meaning.

A Rasa featurizer with fixed weights; nothing is trained. Goes before `PassageClassifier`, or before
any classifier that reads dense sentence features.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.encoder_build import EncoderMissingError, digest
from assistant.encoder_session import Encoder

__all__ = ["EncoderConfig", "SentenceEncoder"]


@dataclass(frozen=True)
class EncoderConfig:
    """The component's settings as `config.yml` may give them."""

    # Name of the features, for pipelines with several featurizers.
    alias: str = "SentenceEncoder"

    @classmethod
    def read(cls, config: dict[str, Any]) -> EncoderConfig:
        """Check Rasa's dictionary; raises `InvalidConfigException` and names the key."""
        unknown = sorted(set(config) - {field.name for field in fields(cls)})
        if unknown:
            named = ", ".join(map(repr, unknown))
            raise InvalidConfigException(
                f"SentenceEncoder: unknown setting {named}; known is 'alias'"
            )
        alias = config.get("alias", cls.alias)
        if not isinstance(alias, str) or not alias:
            raise InvalidConfigException("SentenceEncoder: 'alias' must be a name")
        return cls(alias)


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER,
    is_trainable=False,
)
class SentenceEncoder(GraphComponent):
    """Sentence vectors of all-MiniLM-L6-v2, int8, one thread a message."""

    def __init__(self, config: EncoderConfig, encoder: Encoder) -> None:
        """`encoder` is the process's own, built when it was missing."""
        self._config = config
        self._encoder = encoder

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The settings where `config.yml` says nothing."""
        return asdict(EncoderConfig())

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be there."""
        return ["onnxruntime"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:  # noqa: ARG003 - Rasa's
        """Other weights or another graph are a reason to train again."""
        return digest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,  # noqa: ARG003 - the parameters are Rasa's
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> SentenceEncoder:
        """The encoder, built when missing; raises `InvalidConfigException` with the remedy."""
        read = EncoderConfig.read(config)
        try:
            return cls(read, Encoder.shared())
        except EncoderMissingError as error:
            raise InvalidConfigException(f"SentenceEncoder: {error}") from error

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the sentence vector to each message; an empty one has a vector too."""
        for message in messages:
            self._add(message, self._encoder.encode(message.get(TEXT) or ""))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for all training messages, on all cores."""
        messages = [message for message in training_data.training_examples if message.get(TEXT)]
        vectors = self._encoder.encode_all([message.get(TEXT) for message in messages])
        for message, vector in zip(messages, vectors, strict=True):
            self._add(message, vector)
        return training_data

    def _add(self, message: Message, vector: NDArray[np.float32]) -> None:
        message.add_features(
            Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._config.alias)
        )
