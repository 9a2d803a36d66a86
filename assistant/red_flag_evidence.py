"""How likely danger is, from the classifier's shares, the rules and what the message shows.

Called by `assistant.red_flag_verdict`. By itself the classifier takes "do you breathe?" for danger,
and the rules take "a heart attack when I saw the bill" for a heart attack. A question, an old
illness, a story make it less likely, a now makes it more, and so does the sense in which such words
are mostly meant (`assistant.alarm_sense`). The weights are those of logistic regressions on
held-out training messages: in which the rules raised a grave alarm, and in which they raised none.
`python -m evaluation.red_flags` says what they are worth and fits them anew.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from clinic.red_flag_catalogue import Acuity
from clinic.red_flag_signs import Sign
from clinic.red_flags import Assessment
from clinic.understanding import CRISIS, EMERGENCY, URGENT

__all__ = [
    "ALARM_WEIGHTS",
    "GRAVE_WEIGHTS",
    "NO_SENSE",
    "URGENT_WEIGHTS",
    "alarm_likelihood",
    "features",
    "grave_likelihood",
    "urgent_likelihood",
]

NO_SENSE = 0.0
"""Where nothing was learnt of words like those of an alarm: neither meant nor not."""

_FLOOR = 1e-3  # a share of nothing is no certainty
_MANY_WORDS = 12  # few words say little; more than so many add nothing
_GRAVE = "odds of emergency or crisis"
_URGENT = "odds of urgent"
_DANGER = "odds of urgent, emergency or crisis"
_RULES = "an urgent flag of the rules"
_WORDS = "words, as a part of twelve"
_HEDGED = "half a sign of silence in each sentence of alarm"
_SENSE = "the words of alarm are meant"
_BIAS = "always"

# Fitted 2026-11.
ALARM_WEIGHTS = {
    _BIAS: 5.30,
    _GRAVE: 0.36,
    _DANGER: 0.33,
    _SENSE: 2.25,
    _WORDS: -4.52,
    _HEDGED: -0.71,
    Sign.ASKS.value: -0.34,
    Sign.NOW.value: 0.79,
    Sign.TREATED.value: 0.30,
}
GRAVE_WEIGHTS = {
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
URGENT_WEIGHTS = {
    _BIAS: -2.49,
    _DANGER: 0.49,
    _URGENT: 0.43,
    _RULES: 4.08,
    _WORDS: 1.10,
    Sign.ASKS.value: -1.45,
    Sign.PAST.value: -1.82,
    Sign.THING.value: -1.30,
    Sign.TREATED.value: 0.99,
    Sign.SELF.value: 0.43,
}


def features(
    assessment: Assessment, shares: Mapping[str, float], sense: float = NO_SENSE
) -> dict[str, float]:
    """What the weights are for; `shares` are the classifier's probabilities by intent.

    `sense` is in which sense the words of a grave alarm are meant (`assistant.alarm_sense`).
    """
    grave = shares.get(EMERGENCY, 0.0) + shares.get(CRISIS, 0.0)
    urgent = shares.get(URGENT, 0.0)
    # What was silenced is no danger, unless the rules see an urgent sign beside it.
    silenced = assessment.explained and assessment.acuity is None
    alarms = assessment.grave
    return {
        _BIAS: 1.0,
        _GRAVE: _log_odds(grave),
        _URGENT: _log_odds(urgent),
        _DANGER: _log_odds(urgent if silenced else urgent + grave),
        _RULES: float(assessment.acuity is Acuity.URGENT),
        _SENSE: sense,
        _HEDGED: float(bool(alarms) and all(found.hedged for found in alarms)),
        _WORDS: min(assessment.words, _MANY_WORDS) / _MANY_WORDS,
        **{sign.value: float(sign in assessment.signs) for sign in Sign},
    }


def alarm_likelihood(assessment: Assessment, shares: Mapping[str, float], sense: float) -> float:
    """Probability that a grave alarm of the rules is right, by what its clause shows."""
    return _likelihood(ALARM_WEIGHTS, features(assessment, shares, sense))


def grave_likelihood(assessment: Assessment, shares: Mapping[str, float]) -> float:
    """Probability that a message without a grave alarm of the rules is an emergency."""
    return _likelihood(GRAVE_WEIGHTS, features(assessment, shares))


def urgent_likelihood(assessment: Assessment, shares: Mapping[str, float]) -> float:
    """Probability that a message that is no emergency is urgent."""
    return _likelihood(URGENT_WEIGHTS, features(assessment, shares))


def _likelihood(weights: Mapping[str, float], found: Mapping[str, float]) -> float:
    return 1 / (1 + math.exp(-sum(weight * found[name] for name, weight in weights.items())))


def _log_odds(share: float) -> float:
    return math.log((share + _FLOOR) / (1 - min(share, 1.0) + _FLOOR))
