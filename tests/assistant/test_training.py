"""The trained machine against the same sums written out plainly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.kernel import KernelSettings, kernel
from assistant.ngrams import NgramIndex
from assistant.training import Examples, Settings, gram_matrix, train_machine

WORDS = ["needle", "needles", "hurt", "sore", "back", "neck", "open", "ice", "plan", "nurse"]
KERNEL = KernelSettings()
messages = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join),
    min_size=10,
    max_size=60,
)


def examples_of(texts: list[str], *, vectors: bool) -> Examples:
    chance = np.random.default_rng(len(texts))
    meanings = chance.normal(size=(len(texts), 8)).astype(np.float32)
    meanings /= np.linalg.norm(meanings, axis=1, keepdims=True)
    return Examples(
        texts=tuple(texts),
        labels=np.arange(len(texts)) % 3,
        intents=("one", "two", "three"),
        vectors=meanings if vectors else None,
        scored=np.ones(len(texts), dtype=np.bool_),
    )


@pytest.mark.parametrize("vectors", [True, False])
@settings(deadline=None, max_examples=30)
@given(texts=messages)
def test_votes_are_those_of_the_whole_kernel(texts: list[str], vectors: bool) -> None:
    examples = examples_of(texts, vectors=vectors)
    index = NgramIndex.fit(texts)
    holds = gram_matrix([index.row(text) for text in texts], len(index.vocabulary)).toarray()
    meaning = examples.vectors @ examples.vectors.T if examples.vectors is not None else None
    whole = kernel(meaning, holds @ holds.T, KERNEL) + KERNEL.ridge * np.eye(len(texts))

    machine, held_out = train_machine(examples, Settings(KERNEL))

    wanted = np.eye(3)[examples.labels]
    assert np.allclose(machine.votes, np.linalg.solve(whole, wanted), atol=1e-2)
    assert np.allclose(machine.gram_votes, holds.T @ machine.votes, atol=1e-4)
    for message in held_out:
        assert (message.likeness.meaning is None) is not vectors


def test_a_held_out_message_is_compared_with_each_of_the_others() -> None:
    texts = [f"{first} {second}" for first in WORDS for second in WORDS]
    examples = examples_of(texts, vectors=False)

    _, held_out = train_machine(examples, Settings(KERNEL))

    index = NgramIndex.fit(texts)
    holds = gram_matrix([index.row(text) for text in texts], len(index.vocabulary)).toarray()
    tested = {texts.index(message.text) for message in held_out}
    others = [place for place in range(len(texts)) if place not in tested]
    for message in held_out:
        cosines = holds[others] @ holds[texts.index(message.text)]
        assert message.likeness.wording is not None
        nearest = np.sort(cosines)[-message.likeness.wording.size :]
        assert np.allclose(np.sort(message.likeness.wording), nearest, atol=1e-5)
