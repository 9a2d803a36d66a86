"""A second handout without code: found by name, told apart from the first, asked about if unclear.

The handout and its questions were written for this test; those of cupping_questions.yml are never
learnt from.
"""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

pytest.importorskip("rasa")

from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant import comprehension_store
from assistant.comprehension import Comprehension, Understood
from assistant.encoder_session import Encoder
from assistant.lessons import Course
from assistant.splitter import split
from assistant.topics import Lesson
from assistant.training import Settings
from clinic.context import Context
from clinic.decision import UNCLEAR, Weights
from clinic.example_questions import example_questions
from clinic.handout import HandoutError, load_handout, load_handouts
from clinic.understanding import Thresholds

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
HELD_OUT = [
    (section, text)
    for section, texts in yaml.safe_load((HERE / "cupping_questions.yml").read_text()).items()
    for text in texts
]


@cache
def training_data() -> TrainingData:
    paths = [str(path) for path in sorted((ROOT / "data").glob("nlu*.yml"))]
    return training_data_from_paths(paths, "en")


def training_messages() -> list[Lesson]:
    return [
        Lesson(message.get(TEXT), message.get(INTENT))
        for message in training_data().intent_examples
        if message.get(INTENT) != "other_handout"
    ]


def course(folder: Path) -> Course:
    return Course.of(
        training_messages(),
        load_handouts(folder),
        folder,
        primary="dry-needling",
        body_words=training_data().entity_synonyms,
    )


def learn(folder: Path, *, examples: bool, vectors: NDArray[np.float32]) -> Comprehension:
    """Trained on both handouts, stored and read back; `vectors` are the training messages'."""
    shutil.copy(ROOT / "documents" / "dry-needling.md", folder)
    shutil.copy(HERE / "cupping.md", folder)
    if examples:
        shutil.copy(HERE / "cupping.yml", folder)
    learnt, _, _ = course(folder).train(
        Settings(folds=2), Thresholds(), encoder=Encoder.shared(), vectors=vectors
    )
    comprehension_store.save(learnt, folder)
    return comprehension_store.load(folder, weights=Weights())


@pytest.fixture(scope="module")
def vectors() -> NDArray[np.float32]:
    return Encoder.shared().encode_all([lesson.text for lesson in training_messages()])


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, vectors: NDArray[np.float32]) -> Comprehension:
    return learn(tmp_path_factory.mktemp("bare"), examples=False, vectors=vectors)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory, vectors: NDArray[np.float32]) -> Comprehension:
    return learn(tmp_path_factory.mktemp("taught"), examples=True, vectors=vectors)


def ask(learnt: Comprehension, text: str, context: Context | None = None) -> Understood:
    vector = Encoder.shared().encode(text)
    return learnt.understand(text, vector, split(text), context or Context())


def right(learnt: Comprehension) -> float:
    """Part of the held-out questions whose answer holds the section, and at most one more."""
    hits = 0
    for section, text in HELD_OUT:
        found = ask(learnt, text).decision.sections
        hits += f"cupping#{section}" in found and len(found) <= 2
    return hits / len(HELD_OUT)


def test_with_six_examples_a_section_it_is_answered(taught: Comprehension) -> None:
    assert right(taught) >= 0.88


def test_without_any_example_it_is_answered_from_the_text(bare: Comprehension) -> None:
    assert right(bare) >= 0.75


@pytest.mark.parametrize("kind", ["bare", "taught"])
def test_the_handout_that_is_named_is_meant(kind: str, request: pytest.FixtureRequest) -> None:
    learnt: Comprehension = request.getfixturevalue(kind)
    assert ask(learnt, "does cupping hurt?").decision.sections == ("cupping#does-it-hurt",)
    assert ask(learnt, "does dry needling hurt?").decision.sections == ("does-it-hurt",)
    assert ask(learnt, "does the needle hurt?").decision.sections == ("does-it-hurt",)
    assert ask(learnt, "are you open on thursdays").decision.sections == ("hours",)


@pytest.mark.parametrize("kind", ["bare", "taught"])
def test_when_it_is_unclear_which_is_meant_it_asks(
    kind: str, request: pytest.FixtureRequest
) -> None:
    learnt: Comprehension = request.getfixturevalue(kind)
    understood = ask(learnt, "does it hurt?")
    assert understood.decision.intent == UNCLEAR
    assert understood.decision.options == ("does-it-hurt", "cupping#does-it-hurt")
    labels = [learnt.library.label(name) for name in understood.decision.options]
    assert labels == ["Does it hurt? (Dry needling)", "Does cupping hurt? (Cupping therapy)"]
    offered = Context(options=understood.decision.options)
    for text in ("the second one", labels[1], "cupping"):
        assert ask(learnt, text, offered).decision.sections == ("cupping#does-it-hurt",)


@pytest.mark.parametrize("kind", ["bare", "taught"])
def test_the_conversation_stays_with_its_handout(kind: str, request: pytest.FixtureRequest) -> None:
    learnt: Comprehension = request.getfixturevalue(kind)
    before = Context(sections=("cupping#what-is-it",), document="cupping")
    assert ask(learnt, "does it hurt?", before).decision.sections == ("cupping#does-it-hurt",)
    other = Context(sections=("what-is-it",), document="dry-needling")
    assert ask(learnt, "does it hurt?", other).decision.sections == ("does-it-hurt",)


def test_what_the_named_handout_does_not_say_is_not_taken_from_the_other(
    taught: Comprehension,
) -> None:
    for text in ("is cupping the same as acupuncture?", "does cupping treat trigger points"):
        assert "acupuncture" not in ask(taught, text).decision.sections
        assert "trigger-points" not in ask(taught, text).decision.sections


PLAIN = "what-is-it:\n  - what is it\n  - explain"
RASA = """version: "3.1"
nlu:
  - intent: what-is-it
    examples: |
      - what is it
      - explain
"""
LISTED = "nlu:\n  - intent: cupping#what-is-it\n    examples: [what is it, explain]\n"


@pytest.mark.parametrize("text", [PLAIN, RASA, LISTED])
def test_example_questions_are_read_in_both_formats(tmp_path: Path, text: str) -> None:
    shutil.copy(HERE / "cupping.md", tmp_path)
    (tmp_path / "cupping.yml").write_text(text)
    handout = load_handout(tmp_path / "cupping.md")
    assert example_questions(tmp_path, handout) == (
        ("what is it", "what-is-it"),
        ("explain", "what-is-it"),
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("price:\n  - how much", "no section price"),
        ("- a list", "expected 'section-id:'"),
        ("what-is-it: 3", "expected a list"),
        ("nlu: 3", "'nlu' must be a list"),
        ("nlu:\n  - intent: x", "'examples:'"),
        ("a: [", "YAML"),
    ],
)
def test_a_broken_file_of_questions_names_its_place(
    tmp_path: Path, text: str, complaint: str
) -> None:
    shutil.copy(HERE / "cupping.md", tmp_path)
    (tmp_path / "cupping.yml").write_text(text)
    with pytest.raises(HandoutError, match=complaint):
        example_questions(tmp_path, load_handout(tmp_path / "cupping.md"))
