"""Logistic regressions whose weights stand in the code, to be fitted anew when data changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

__all__ = ["fitted"]


def fitted(
    names: Iterable[str],
    rows: Sequence[Mapping[str, float]],
    right: Sequence[bool],
    *,
    strength: float,
    weights: Sequence[float] | None = None,
) -> dict[str, float]:
    """Weights by name for raw values; the first of `names` is the bias.

    `strength` is the inverse of the regularisation on standardised values, as in scikit-learn;
    `weights` are those of the rows.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - only when asked for

    bias, *others = names
    values = np.array([[row[name] for name in others] for row in rows])
    mean, scale = values.mean(axis=0), values.std(axis=0) + 1e-9
    model = LogisticRegression(C=strength, max_iter=4000)
    model.fit((values - mean) / scale, right, sample_weight=weights)
    slopes = model.coef_[0] / scale
    intercept = float(model.intercept_[0] - slopes @ mean)
    return {bias: intercept, **dict(zip(others, map(float, slopes), strict=True))}
