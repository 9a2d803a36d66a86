"""Votes and held-out scores out of one factor."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.kernel import solve_votes

RIDGE = 0.1


@settings(deadline=None)  # the first example imports scipy
@given(seed=st.integers(0, 1000), count=st.integers(4, 30))
def test_held_out_scores_are_those_of_a_machine_that_never_saw_the_message(
    seed: int, count: int
) -> None:
    chance = np.random.default_rng(seed)
    points = chance.normal(size=(count, 3)).astype(np.float32)
    matrix = np.exp(-((points[:, None] - points[None]) ** 2).sum(axis=-1)).astype(np.float32)
    labels = chance.integers(0, 3, size=count)
    held_out = count // 3

    votes, scores = solve_votes(matrix.copy(), labels, classes=3, ridge=RIDGE, held_out=held_out)

    wanted = np.eye(3)[labels]
    whole = np.linalg.solve(matrix + RIDGE * np.eye(count), wanted)
    assert votes is not None
    assert np.allclose(votes, whole, atol=1e-2)
    known = count - held_out
    alone = np.linalg.solve(matrix[:known, :known] + RIDGE * np.eye(known), wanted[:known])
    assert np.allclose(scores, matrix[known:, :known] @ alone, atol=1e-2)
