"""`PassageClassifier`: which passages of the handouts a message asks for, or honestly none.

A Rasa intent classifier around `assistant.comprehension`. Beside `intent` and `intent_ranking` it
writes `understanding`: the sections to answer, those to ask back about, and the guess, which is
kept even where the assistant falls back.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant import comprehension_store
from assistant.classifier_config import ClassifierConfig
from assistant.comprehension import Comprehension, Understood
from assistant.lessons import Course
from assistant.question_splitter import PARTS
from assistant.topics import Lesson
from clinic.context import Context
from clinic.decision import UNCLEAR, Weights
from clinic.example_questions import questions_path
from clinic.handout import Handout, HandoutError, load_handouts
from clinic.library import Library
from clinic.understanding import DANGERS, HANDOFF

if TYPE_CHECKING:
    from assistant.encoder_session import Encoder

__all__ = ["AFFIRM", "OTHER_HANDOUT", "UNDERSTANDING", "PassageClassifier"]

UNDERSTANDING = "understanding"
OTHER_HANDOUT = "other_handout"  # the intent for sections of all handouts but the primary one
AFFIRM = "affirm"
_RANKING_LENGTH = 10
_LEAST_INTENTS = 2


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER,
    is_trainable=True,
)
class PassageClassifier(IntentClassifier, GraphComponent):
    """Intent classifier whose confidence is the probability that its reply is right."""

    def __init__(
        self,
        config: ClassifierConfig,
        model_storage: ModelStorage,
        resource: Resource,
        comprehension: Comprehension | None = None,
    ) -> None:
        """`comprehension` is there once trained or loaded."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._comprehension = comprehension

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The settings where `config.yml` says nothing."""
        return asdict(ClassifierConfig())

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be there to train."""
        return ["sklearn", "scipy", "spacy"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Digest of what the graph does not see: handouts, their questions, the code beside."""
        folder = Path({**cls.get_default_config(), **config}["documents"])
        digest = hashlib.sha256()
        for source in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(source.read_bytes())
        for handout in _handouts(folder):
            digest.update(f"{handout.id} {handout.digest}\n".encode())
            questions = questions_path(folder, handout)
            digest.update(questions.read_bytes() if questions.exists() else b"")
        return digest.hexdigest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - the parameter is Rasa's
    ) -> PassageClassifier:
        """An untrained classifier; raises `InvalidConfigException`."""
        return cls(ClassifierConfig.read(config), model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the labelled messages and the handouts' own words, and store the result."""
        messages = [
            message
            for message in training_data.intent_examples
            if message.get(TEXT) and message.get(INTENT) not in {None, "", OTHER_HANDOUT}
        ]
        if len({message.get(INTENT) for message in messages}) < _LEAST_INTENTS:
            raise InvalidConfigException(
                "PassageClassifier: training needs examples of at least two intents"
            )
        vectors = _stacked(messages)
        encoder = None if vectors is None else _encoder(like=vectors[0])
        self._comprehension, _, _ = self._course(messages, training_data.entity_synonyms).train(
            self._config.settings, self._config.thresholds, encoder=encoder, vectors=vectors
        )
        with self._model_storage.write_to(self._resource) as folder:
            comprehension_store.save(self._comprehension, folder)
        return self._resource

    def _course(self, messages: list[Message], body_words: dict[str, str]) -> Course:
        folder = Path(self._config.documents)
        handouts = _handouts(folder)
        primary = self._config.document or handouts[0].id
        if primary not in {handout.id for handout in handouts}:
            raise InvalidConfigException(
                f"PassageClassifier: 'document' is {primary!r}, but there is no "
                f"{folder / primary}.md"
            )
        lessons = [Lesson(message.get(TEXT), message.get(INTENT)) for message in messages]
        try:
            return Course.of(lessons, handouts, folder, primary=primary, body_words=body_words)
        except HandoutError as error:
            raise InvalidConfigException(f"PassageClassifier: {error}") from error

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - the parameters are Rasa's
        **kwargs: Any,  # noqa: ARG003
    ) -> PassageClassifier:
        """The trained classifier; fails aloud when it was not stored."""
        with model_storage.read_from(resource) as folder:
            comprehension = comprehension_store.load(folder, weights=Weights())
        return cls(ClassifierConfig.read(config), model_storage, resource, comprehension)

    def process(self, messages: list[Message]) -> list[Message]:
        """Write `intent`, `intent_ranking` and `understanding` into each message."""
        if self._comprehension is None:
            raise InvalidConfigException("PassageClassifier: used before it was trained")
        for message in messages:
            context = Context.from_metadata(message.get("metadata"))
            understood = self._comprehension.understand(
                message.get(TEXT) or "",
                sentence_vector(message),
                message.get(PARTS) or (),
                context,
            )
            _write(message, understood, self._comprehension.library, context)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing further down the pipeline learns from guesses on training messages."""
        return training_data


def sentence_vector(message: Message) -> NDArray[np.float32] | None:
    """The encoder's vector of the message, (width,), or `None` without an encoder."""
    _, sentence = message.get_dense_features(TEXT, [])
    return None if sentence is None else np.asarray(sentence.features, np.float32).reshape(-1)


def _write(message: Message, understood: Understood, library: Library, context: Context) -> None:
    decision, reading = understood.decision, understood.reading
    chosen = _intent(decision.intent, library)
    if chosen == AFFIRM and context.offered:
        chosen = HANDOFF  # yes, to the nurse who was just offered
    shares: dict[str, float] = {}
    for name, share in reading.ranking:
        known = _intent(name, library)
        shares[known] = shares.get(known, 0.0) + share
    intent = {INTENT_NAME_KEY: chosen, "confidence": decision.confidence}
    others = [
        {INTENT_NAME_KEY: name, "confidence": share}
        for name, share in shares.items()
        if name != chosen
    ]
    message.set(INTENT, intent, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [intent, *others][:_RANKING_LENGTH], add_to_output=True)
    guess, runner_up = reading.ranking[0], (*reading.ranking[1:2], (None, 0.0))[0]
    message.set(
        UNDERSTANDING,
        {
            "sections": list(decision.sections),
            "lead": list(understood.lead),
            "options": list(decision.options) if chosen == UNCLEAR else [],
            "likely": understood.likely,
            "listed": understood.listed,
            "not_listed": understood.not_listed,
            "guess": guess[0],
            "confidence": reading.confidence,
            "runner_up": runner_up[0],
            "runner_up_confidence": runner_up[1],
            "known_words": reading.known_words,
            "in_scope": reading.in_scope,
            "reason": decision.reason,
            # Whole, for the red flags: the ranking is cut, and its first is a confidence.
            "danger": {name: shares.get(name, 0.0) for name in DANGERS},
        },
        add_to_output=True,
    )


def _intent(name: str, library: Library) -> str:
    """The domain's intent for a section or topic: the primary handout's have their own."""
    return OTHER_HANDOUT if "#" in name and name in {*library.titles, *library.topics} else name


def _handouts(folder: Path) -> tuple[Handout, ...]:
    try:
        return load_handouts(folder)
    except HandoutError as error:
        raise InvalidConfigException(f"PassageClassifier: {error}") from error


def _stacked(messages: list[Message]) -> NDArray[np.float32] | None:
    """The vectors of all messages, (messages, width), if each has one."""
    vectors = [sentence_vector(message) for message in messages]
    present = [vector for vector in vectors if vector is not None]
    return np.stack(present) if len(present) == len(vectors) else None


def _encoder(*, like: NDArray[np.float32]) -> Encoder:
    """The encoder, for texts that the graph does not bring: sentences, parts, follow-ups."""
    from assistant.encoder_session import Encoder  # noqa: PLC0415 - only if vectors are used

    encoder = Encoder.shared()
    if encoder.encode("").shape != like.shape:
        raise InvalidConfigException(
            "PassageClassifier: the dense features are not SentenceEncoder's; "
            "keep no other dense featurizer before it"
        )
    return encoder
