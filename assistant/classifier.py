"""`PassageClassifier`: which passage of the handout a message asks for, or honestly none.

A Rasa intent classifier around `assistant.understanding`. Beside `intent` and `intent_ranking` it
writes `understanding`, which keeps the guess even where the assistant falls back.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, fields
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

from assistant.handout_examples import handout_sentences
from assistant.kernel import KernelSettings
from assistant.training import Examples, Settings
from assistant.understanding import Reading, Understanding
from clinic.handout import Handout, HandoutError, load_handouts
from clinic.understanding import Thresholds

if TYPE_CHECKING:
    from assistant.encoder_session import Encoder

__all__ = ["UNDERSTANDING", "ClassifierConfig", "PassageClassifier"]

UNDERSTANDING = "understanding"
_RANKING_LENGTH = 10
_LEAST_FOLDS = 2
_LEAST_INTENTS = 2


@dataclass(frozen=True)
class ClassifierConfig:
    """The component's settings as `config.yml` may give them."""

    # Folder of the handouts, from where Rasa is started: their titles and sentences are examples.
    documents: str = "documents"
    # What makes messages alike, see assistant/kernel.py.
    reach: float = KernelSettings.reach
    wording: float = KernelSettings.wording
    ridge: float = KernelSettings.ridge
    # Parts of the training messages that are held out in turn to fit the confidence.
    folds: int = Settings.folds
    # Thresholds of the decision, see clinic/understanding.py.
    answer: float = Thresholds.answer
    other: float = Thresholds.other
    now: float = Thresholds.now
    soon: float = Thresholds.soon
    far: float = Thresholds.far

    @classmethod
    def read(cls, config: dict[str, Any]) -> ClassifierConfig:
        """Check Rasa's dictionary; raises `InvalidConfigException` and names the key."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(config) - known)
        if unknown:
            raise InvalidConfigException(
                f"PassageClassifier: unknown setting {', '.join(map(repr, unknown))}; "
                f"known are {', '.join(sorted(known))}"
            )
        documents = config.get("documents", cls.documents)
        if not isinstance(documents, str) or not documents:
            raise InvalidConfigException("PassageClassifier: 'documents' must name a folder")
        read = cls(**config)
        for name in ("answer", "other", "now", "soon", "far"):
            if not _is_number(value := getattr(read, name)) or not 0 <= value <= 1:
                raise InvalidConfigException(
                    f"PassageClassifier: '{name}' must be a number from 0 to 1, not {value!r}"
                )
        for name in ("reach", "wording", "ridge"):
            if not _is_number(value := getattr(read, name)) or value <= 0:
                raise InvalidConfigException(
                    f"PassageClassifier: '{name}' must be a number above 0, not {value!r}"
                )
        if type(read.folds) is not int or read.folds < _LEAST_FOLDS:
            raise InvalidConfigException(
                f"PassageClassifier: 'folds' must be a whole number from {_LEAST_FOLDS} on, "
                f"not {read.folds!r}"
            )
        return read

    @property
    def settings(self) -> Settings:
        """What training needs of it."""
        return Settings(KernelSettings(self.reach, self.wording, self.ridge), self.folds)

    @property
    def thresholds(self) -> Thresholds:
        """What the decision needs of it."""
        return Thresholds(self.answer, self.other, self.now, self.soon, self.far)


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
        understanding: Understanding | None = None,
    ) -> None:
        """`understanding` is there once trained or loaded."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._understanding = understanding

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The settings where `config.yml` says nothing."""
        return asdict(ClassifierConfig())

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be there to train."""
        return ["sklearn", "scipy"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Digest of what the graph does not see: the handouts, and the code beside this class."""
        folder = Path({**cls.get_default_config(), **config}["documents"])
        digest = hashlib.sha256()
        for source in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(source.read_bytes())
        for handout in _handouts(folder):
            digest.update(f"{handout.id} {handout.digest}\n".encode())
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
        """Train on the labelled messages and the handouts' own sentences, and store the result."""
        handouts = _handouts(Path(self._config.documents))
        messages = [
            message
            for message in training_data.intent_examples
            if message.get(TEXT) and message.get(INTENT)
        ]
        if len({message.get(INTENT) for message in messages}) < _LEAST_INTENTS:
            raise InvalidConfigException(
                "PassageClassifier: training needs examples of at least two intents"
            )
        self._understanding, _ = Understanding.train(
            _examples(messages, handout_sentences(handouts)),
            {section.id for handout in handouts for section in handout.sections},
            self._config.settings,
            self._config.thresholds,
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._understanding.save(folder)
        return self._resource

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
            understanding = Understanding.load(folder)
        return cls(ClassifierConfig.read(config), model_storage, resource, understanding)

    def process(self, messages: list[Message]) -> list[Message]:
        """Write `intent`, `intent_ranking` and `understanding` into each message."""
        if self._understanding is None:
            raise InvalidConfigException("PassageClassifier: used before it was trained")
        for message in messages:
            reading = self._understanding.read(message.get(TEXT) or "", sentence_vector(message))
            _write(message, reading)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing further down the pipeline learns from guesses on training messages."""
        return training_data


def sentence_vector(message: Message) -> NDArray[np.float32] | None:
    """The encoder's vector of the message, (width,), or `None` without an encoder."""
    _, sentence = message.get_dense_features(TEXT, [])
    return None if sentence is None else np.asarray(sentence.features, np.float32).reshape(-1)


def _write(message: Message, reading: Reading) -> None:
    guess = reading.ranking[0]
    runner_up = reading.ranking[1] if len(reading.ranking) > 1 else (None, 0.0)
    choice = reading.choice
    intent = {INTENT_NAME_KEY: choice.intent, "confidence": choice.confidence}
    others = [
        {INTENT_NAME_KEY: name, "confidence": share}
        for name, share in reading.ranking
        if name != choice.intent
    ]
    message.set(INTENT, intent, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [intent, *others][:_RANKING_LENGTH], add_to_output=True)
    message.set(
        UNDERSTANDING,
        {
            "guess": guess[0],
            "confidence": reading.confidence,
            "runner_up": runner_up[0],
            "runner_up_confidence": runner_up[1],
            "known_words": reading.known_words,
            "in_scope": reading.in_scope,
            "reason": choice.reason,
        },
        add_to_output=True,
    )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _handouts(folder: Path) -> tuple[Handout, ...]:
    try:
        return load_handouts(folder)
    except HandoutError as error:
        raise InvalidConfigException(f"PassageClassifier: {error}") from error


def _examples(messages: list[Message], sentences: list[tuple[str, str]]) -> Examples:
    texts = [message.get(TEXT) for message in messages]
    labels = [message.get(INTENT) for message in messages]
    vectors = [sentence_vector(message) for message in messages]
    present = [vector for vector in vectors if vector is not None]
    texts += [text for text, _ in sentences]
    labels += [section for _, section in sentences]
    intents = tuple(sorted(set(labels)))
    together, dictionary = None, frozenset[str]()
    if len(present) == len(vectors):
        encoder = _encoder(like=present[0])
        more = encoder.encode_all([text for text, _ in sentences])
        together = np.concatenate([np.stack(present), more])
        dictionary = encoder.dictionary()
    return Examples(
        texts=tuple(texts),
        labels=np.array([intents.index(label) for label in labels], dtype=np.int64),
        intents=intents,
        vectors=together,
        scored=np.arange(len(labels)) < len(messages),
        dictionary=dictionary,
    )


def _encoder(*, like: NDArray[np.float32]) -> Encoder:
    """The encoder, for the handouts' sentences, which the graph does not bring."""
    from assistant.encoder_session import Encoder  # noqa: PLC0415 - only if vectors are used

    encoder = Encoder.shared()
    if encoder.encode("").shape != like.shape:
        raise InvalidConfigException(
            "PassageClassifier: the dense features are not SentenceEncoder's; "
            "keep no other dense featurizer before it"
        )
    return encoder
