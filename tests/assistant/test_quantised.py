"""Products in eight bits against products in full."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("onnxruntime")

from assistant.quantised import Quantised


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


@given(seed=st.integers(0, 10_000), count=st.integers(1, 40), width=st.integers(2, 384))
def test_a_product_of_unit_vectors_is_off_by_little(seed: int, count: int, width: int) -> None:
    chance = np.random.default_rng(seed)
    many, one = unit(chance.normal(size=(count, width))), unit(chance.normal(size=width))
    assert np.abs(Quantised(many).dot(one) - many @ one).max() <= 0.02


def test_products_of_sentence_vectors_are_off_by_less() -> None:
    chance = np.random.default_rng(7)
    many, one = unit(chance.normal(size=(5000, 384))), unit(chance.normal(size=384))
    assert np.abs(Quantised(many).dot(one) - many @ one).max() <= 0.005


def test_the_greatest_bytes_do_not_overflow() -> None:
    many = np.ones((3, 384), dtype=np.float32)
    assert np.allclose(Quantised(many).dot(many[0]), 384, rtol=1e-3)
    assert np.allclose(Quantised(-many).dot(many[0]), -384, rtol=1e-3)


def test_nothing_has_no_likeness() -> None:
    zeros = np.zeros((2, 8), dtype=np.float32)
    ones = np.ones(8, dtype=np.float32)
    assert np.array_equal(Quantised(zeros).dot(ones), [0, 0])
    assert np.array_equal(Quantised(zeros + 1).dot(zeros[0]), [0, 0])
