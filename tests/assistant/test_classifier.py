"""The classifier: learns, is stored and read back, and never answers what it does not know."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("rasa")

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.classifier import UNDERSTANDING, PassageClassifier
from assistant.encoder import SentenceEncoder

ROOT = Path(__file__).resolve().parents[2]
HANDOUT = """---
title: Bees
version: "1"
reviewed by: nobody
reviewed on: 2026-11-01
source: made up for this test
---

## How is honey made? {#honey}

Bees dry the nectar with their wings.

## Do bees sting? {#sting}

A bee stings only when it feels in danger.

## Where do bees sleep? {#sleep}

They rest in the hive.
"""
EXAMPLES = {
    "honey": [
        "how do they make honey",
        "where does the honey come from",
        "what is nectar turned into",
        "is honey just dried nectar",
        "the sweet stuff in the jar, how do bees produce it",
        "honey making, explain please",
        "whats the process for honey",
        "do bees cook the honey",
    ],
    "sting": [
        "will a bee sting me",
        "do they always sting",
        "i am scared of being stung",
        "when does a bee use its sting",
        "is the sting dangerous",
        "why did that bee sting my son",
        "how to not get stung",
        "stings??",
    ],
    "near_topic": [
        "how much is a hive",
        "what do beekeepers earn",
        "can i keep bees on a balcony",
        "which hat should i buy",
        "do wasps make nests in walls",
        "is there a course for beginners",
        "how long does a queen live",
        "what flowers should i plant",
    ],
    "emergency": [
        "my throat is closing after the sting",
        "she can not breathe",
        "he passed out when a bee got him",
        "my face is swelling up fast",
        "cant breathe help",
        "her lips are blue",
        "dad collapsed in the garden",
        "i am choking",
    ],
}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "bees.md").write_text(HANDOUT, encoding="utf-8")
    return folder


class Pipeline:
    """The components as a model would hold them."""

    def __init__(self, folder: Path, documents: Path, *, encoder: bool) -> None:
        self.storage: ModelStorage = LocalModelStorage.create(folder)
        self.resource = Resource("classifier")
        self.context = ExecutionContext(GraphSchema({}), "test")
        self.config = {**PassageClassifier.get_default_config(), "documents": str(documents)}
        self.encoder = (
            SentenceEncoder.create({}, self.storage, Resource("encoder"), self.context)
            if encoder
            else None
        )
        training = TrainingData(
            [
                Message.build(text=text, intent=intent)
                for intent, texts in EXAMPLES.items()
                for text in texts
            ]
        )
        if self.encoder:
            self.encoder.process_training_data(training)
        self.trained = PassageClassifier.create(
            self.config, self.storage, self.resource, self.context
        )
        self.trained.train(training)

    def load(self) -> PassageClassifier:
        return PassageClassifier.load(self.config, self.storage, self.resource, self.context)

    def read(self, text: str, classifier: PassageClassifier | None = None) -> Message:
        message = Message.build(text=text)
        if self.encoder:
            self.encoder.process([message])
        (classifier or self.trained).process([message])
        return message


@pytest.fixture(scope="module", params=[True, False], ids=["encoder", "n-grams only"])
def pipeline(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, documents: Path
) -> Pipeline:
    return Pipeline(tmp_path_factory.mktemp("model"), documents, encoder=request.param)


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("how is the honey made", "honey"),
        ("do bees sting people", "sting"),
        ("can i keep bees on a roof", "near_topic"),
        ("i cant breathe", "emergency"),
        ("They rest in the hive.", "sleep"),  # no example: known from the handout alone
    ],
)
def test_it_guesses_what_it_learnt(pipeline: Pipeline, text: str, guess: str) -> None:
    assert pipeline.read(text).get(UNDERSTANDING)["guess"] == guess


def test_the_loaded_classifier_says_the_same(pipeline: Pipeline) -> None:
    loaded = pipeline.load()
    for text in ("how is the honey made", "zzz", "my throat is closing", "roof?"):
        before, after = pipeline.read(text), pipeline.read(text, loaded)
        for key in ("intent", "intent_ranking", UNDERSTANDING):
            assert before.get(key) == after.get(key)


def test_danger_is_acted_on(pipeline: Pipeline) -> None:
    assert pipeline.read("my throat is closing").get("intent")["name"] == "emergency"


@pytest.mark.parametrize(
    "text", ["", " ", "?", "?!...", "🙂🙂", "qwrtzp", "xkcd blorf zzzt", "12 45", "дом", "\u200b"]
)
def test_text_without_a_known_word_is_never_answered(pipeline: Pipeline, text: str) -> None:
    message = pipeline.read(text)
    assert message.get("intent")["name"] == "near_topic"
    assert message.get("intent")["confidence"] <= 0.1
    assert message.get(UNDERSTANDING)["reason"] == "nothing_known"


def test_what_it_writes_goes_into_the_output(pipeline: Pipeline) -> None:
    message = pipeline.read("do they sting")
    output = message.as_dict(only_output_properties=True)
    ranking = output["intent_ranking"]
    assert output["intent"] == ranking[0]
    assert len({entry["name"] for entry in ranking}) == len(ranking)
    assert set(output[UNDERSTANDING]) == {
        "sections",
        "lead",
        "options",
        "likely",
        "listed",
        "not_listed",
        "guess",
        "confidence",
        "runner_up",
        "runner_up_confidence",
        "known_words",
        "in_scope",
        "reason",
        "danger",
    }
    assert json.loads(json.dumps(output[UNDERSTANDING])) == output[UNDERSTANDING]


def test_the_guess_is_kept_when_it_falls_back(tmp_path: Path, documents: Path) -> None:
    pipeline = Pipeline(tmp_path, documents, encoder=False)
    strict = PassageClassifier.create(
        {**pipeline.config, "wrong": 1e9}, pipeline.storage, Resource("strict"), pipeline.context
    )
    strict.train(
        TrainingData(
            [
                Message.build(text=text, intent=intent)
                for intent, texts in EXAMPLES.items()
                for text in texts
            ]
        )
    )
    message = pipeline.read("how is the honey made", strict)
    assert message.get("intent")["name"] == "near_topic"
    assert message.get(UNDERSTANDING)["guess"] == "honey"
    assert message.get(UNDERSTANDING)["reason"] == "unsure"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("anwser", 0.5),
        ("wrong", 0),
        ("second", 1.5),
        ("now", "high"),
        ("soon", True),
        ("folds", 1),
        ("folds", 2.5),
        ("reach", 0),
        ("documents", ""),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, key: str, value: object) -> None:
    config = {**PassageClassifier.get_default_config(), key: value}
    with pytest.raises(InvalidConfigException, match=key):
        PassageClassifier.create(
            config,
            LocalModelStorage.create(tmp_path),
            Resource("r"),
            ExecutionContext(GraphSchema({}), "test"),
        )


def test_one_intent_is_too_little(tmp_path: Path, documents: Path) -> None:
    classifier = PassageClassifier.create(
        {"documents": str(documents)},
        LocalModelStorage.create(tmp_path),
        Resource("r"),
        ExecutionContext(GraphSchema({}), "test"),
    )
    with pytest.raises(InvalidConfigException, match="two intents"):
        classifier.train(TrainingData([Message.build(text="hello", intent="greet")]))


def test_a_model_that_was_not_stored_fails_aloud(tmp_path: Path, documents: Path) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        PassageClassifier.load(
            {"documents": str(documents)},
            LocalModelStorage.create(tmp_path),
            Resource("nothing"),
            ExecutionContext(GraphSchema({}), "test"),
        )


def test_a_message_without_its_vector_fails_aloud(tmp_path: Path, documents: Path) -> None:
    pipeline = Pipeline(tmp_path, documents, encoder=True)
    with pytest.raises(ValueError, match="SentenceEncoder"):
        pipeline.trained.process([Message.build(text="do they sting")])


def test_a_changed_handout_is_a_reason_to_train_again(tmp_path: Path) -> None:
    path = tmp_path / "bees.md"
    path.write_text(HANDOUT, encoding="utf-8")
    before = PassageClassifier.fingerprint_addon({"documents": str(tmp_path)})
    assert PassageClassifier.fingerprint_addon({"documents": str(tmp_path)}) == before
    path.write_text(HANDOUT.replace("wings", "wing"), encoding="utf-8")
    assert PassageClassifier.fingerprint_addon({"documents": str(tmp_path)}) != before


def test_the_stored_model_is_arrays_and_json(tmp_path: Path, documents: Path) -> None:
    pipeline = Pipeline(tmp_path, documents, encoder=False)
    with pipeline.storage.read_from(pipeline.resource) as folder:
        assert sorted(p.name for p in folder.iterdir()) == [
            "library.json",
            "sentences.npz",
            "understanding.json",
            "understanding.npz",
        ]


def test_reading_a_model_needs_no_learning_library() -> None:
    heavy = ["rasa", "tensorflow", "skops", "sklearn", "scipy", "torch", "onnx"]
    code = (
        "import sys, assistant.understanding, assistant.encoder_session\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
