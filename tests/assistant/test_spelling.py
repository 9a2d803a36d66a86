"""Misspelt words are set right for the encoder, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.encoder_session import Encoder
from assistant.meaning import Meaning
from assistant.spelling import Spelling

USED = {"needle": 90, "shoulder": 40, "acupuncture": 30, "hurt": 60, "neck": 50, "ache": 20,
        "sterile": 12, "tens": 3}  # fmt: skip
SPELLING = Spelling(USED, ["sore"])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("my shoudler hurts", "my shoulder hurts"),
        ("is it acupunture?", "is it acupuncture?"),
        ("Steril NEEDLS", "sterile needle"),
        ("neckache", "neck ache"),
        ("dose it hert", "dose it hurt"),
    ],
)
def test_a_slip_becomes_the_word_that_patients_use(written: str, meant: str) -> None:
    assert SPELLING.correct(written) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "does it hurt my shoulder",
        "the violinist wonders about gabapentin",  # real words that training never had
        "TENS, ok?",
        "duele mucho la espalda cuando camino",  # another language
        "zzqxv",
        "👍 12:30",
    ],
)
def test_what_is_right_or_unknown_stays(text: str) -> None:
    assert SPELLING.correct(text) == text


@given(st.text(max_size=80))
def test_any_text_can_be_corrected(text: str) -> None:
    SPELLING.correct(SPELLING.correct(text))


def test_words_that_few_messages_have_are_no_target() -> None:
    spelling = Spelling.fit(["my shoulder"] * 2, [])
    assert spelling.correct("my shoudler") == "my shoudler"


@pytest.fixture(scope="module")
def meaning() -> Meaning:
    return Meaning(Encoder.shared(), SPELLING)


def test_a_misspelt_text_means_nearly_what_the_right_one_means(meaning: Meaning) -> None:
    right = meaning.of("sterile needle")
    assert meaning.of("steril needel") @ right > meaning.encoder.encode("steril needel") @ right


@pytest.mark.parametrize("texts", [(), ("sore neck",), ("sore neck", "my shoudler", "hurt")])
def test_many_texts_mean_what_each_means(meaning: Meaning, texts: Sequence[str]) -> None:
    vectors = meaning.of_all(texts)
    assert len(vectors) == len(texts)
    for vector, text in zip(vectors, texts, strict=True):
        assert np.allclose(vector, meaning.of(text), atol=1e-6)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
