"""`QuestionSplitter`: cuts a message into the questions it asks, for `PassageClassifier`.

A Rasa component around `assistant.splitter`; goes first in the pipeline. Training messages are left
whole: each asks for one thing.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.splitter import split

__all__ = ["PARTS", "QuestionSplitter"]

PARTS = "parts"  # key in the message: a tuple of `assistant.splitter.Part`


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER,
    is_trainable=False,
)
class QuestionSplitter(GraphComponent):
    """Leaves the parts of each message in it."""

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be there."""
        return ["spacy"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:  # noqa: ARG003 - Rasa's
        """The rules' own digest, which the graph does not see."""
        return hashlib.sha256(Path(__file__).with_name("splitter.py").read_bytes()).hexdigest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,  # noqa: ARG003 - the parameters are Rasa's
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> QuestionSplitter:
        """The component; raises `InvalidConfigException`, for it has no settings."""
        if config:
            named = ", ".join(map(repr, sorted(config)))
            raise InvalidConfigException(f"QuestionSplitter: unknown setting {named}; it has none")
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the parts to each message."""
        for message in messages:
            message.set(PARTS, split(message.get(TEXT) or ""))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing to do."""
        return training_data
