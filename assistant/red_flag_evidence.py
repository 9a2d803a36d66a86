"""How likely an emergency is where the rules found none: the classifier's shares and the signs.

Called by `assistant.red_flag_verdict`. By itself the classifier takes "do you breathe?" for danger.
A question, an old illness, a story or few words make it less likely, a now makes it more. The
weights are those of a logistic regression on held-out training messages in which the rules raised
no grave alarm; `python -m evaluation.red_flags` fits them anew and says what they are worth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from clinic.red_flag_signs import Sign
from clinic.red_flags import Assessment
from clinic.understanding import CRISIS, EMERGENCY

__all__ = ["WEIGHTS", "features", "likelihood"]

_FLOOR = 1e-3  # a share of nothing is no certainty
_MANY_WORDS = 12  # few words say little; more than so many add nothing
_GRAVE = "odds of emergency or crisis"
_WORDS = "words, as a part of twelve"
_BIAS = "always"

# Fitted 2026-11.
WEIGHTS = {
    _BIAS: -4.86,
    _GRAVE: 0.82,
    _WORDS: 4.39,
    Sign.ASKS.value: -1.50,
    Sign.PAST.value: -1.12,
    Sign.LASTING.value: -3.61,
    Sign.FICTION.value: -2.46,
    Sign.DREAD.value: -1.26,
    Sign.NOW.value: 0.72,
    Sign.WELL.value: -1.22,
    Sign.TREATED.value: -1.08,
    Sign.SELF.value: 0.52,
    Sign.OTHER.value: 0.44,
}
_SIGNS = tuple(sign for sign in Sign if sign.value in WEIGHTS)


def features(assessment: Assessment, shares: Mapping[str, float]) -> dict[str, float]:
    """What the weights are for; `shares` are the classifier's probabilities by intent."""
    return {
        _BIAS: 1.0,
        _GRAVE: _log_odds(shares.get(EMERGENCY, 0.0) + shares.get(CRISIS, 0.0)),
        _WORDS: min(assessment.words, _MANY_WORDS) / _MANY_WORDS,
        **{sign.value: float(sign in assessment.signs) for sign in _SIGNS},
    }


def likelihood(assessment: Assessment, shares: Mapping[str, float]) -> float:
    """Probability that a message without a grave alarm of the rules is an emergency."""
    score = sum(WEIGHTS[name] * value for name, value in features(assessment, shares).items())
    return 1 / (1 + math.exp(-score))


def _log_odds(share: float) -> float:
    return math.log((share + _FLOOR) / (1 - min(share, 1.0) + _FLOOR))
