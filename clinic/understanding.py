"""From probabilities to the intent that the assistant acts on.

Called by the classifier in `assistant/`. An unsure guess becomes an honest "not in the handout";
danger is acted on earlier than anything else, for a false alarm costs less than a miss.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

__all__ = [
    "CRISIS",
    "EMERGENCY",
    "NEAR_TOPIC",
    "OUT_OF_SCOPE",
    "URGENT",
    "Choice",
    "Thresholds",
    "choose",
]

NEAR_TOPIC = "near_topic"
OUT_OF_SCOPE = "out_of_scope"
EMERGENCY = "emergency"
CRISIS = "crisis"
URGENT = "urgent"
_DANGERS = frozenset({EMERGENCY, CRISIS, URGENT})
_NEVER_BY_LOOK = _DANGERS | {NEAR_TOPIC, OUT_OF_SCOPE}
# Of 25 unknown words of small talk ("mmk", "yesh") 7 reach it, of 15 of gibberish none does.
_SURE_TALK = 0.7
_NOTHING_KNOWN = 0.1  # the most confidence a message without a known word is given


@dataclass(frozen=True)
class Thresholds:
    """All are probabilities, 0 to 1; `answer` and `other` are compared with P(guess is right).

    Measured on held-out folds of the training messages and the development questions, 2026-11.
    """

    # A section is answered when that is likelier right than wrong: each step of 0.1 above costs
    # about three right answers for one wrong answer less.
    answer: float = 0.5
    # Small talk, a wish for a person: a mistake costs little.
    other: float = 0.3
    # Emergency and crisis together: 82 % of held-out emergencies by this alone, with 1.2 % false
    # alarms; at 0.4 it was 76 % and 0.5 %. Red-flag rules run beside it.
    now: float = 0.25
    # Urgent, emergency and crisis together: 80 % of held-out urgent ones, 1 % false.
    soon: float = 0.4
    # Out of scope; below it "not in the handout", which offers a nurse, is the safer no.
    far: float = 0.6


@dataclass(frozen=True)
class Choice:
    """The intent to act on, how likely that is right, and why it was chosen."""

    intent: str
    confidence: float
    reason: str


def choose(
    probabilities: Mapping[str, float],
    *,
    confidence: float,
    known_words: float,
    sections: Collection[str],
    thresholds: Thresholds,
    wordless: bool = False,
) -> Choice:
    """Decide on one message.

    `probabilities` are of all intents and add up to 1; `confidence` is P(the likeliest is right);
    `known_words` the share of words that training had; `wordless` says that there are none.
    """
    guess = max(probabilities, key=lambda name: probabilities[name], default=NEAR_TOPIC)
    if not probabilities or known_words <= 0:
        # A greeting or a yes is spelt in too many ways to have them all; nothing else is taken
        # for what its letters resemble.
        if confidence >= _SURE_TALK and not wordless and guess not in {*sections, *_NEVER_BY_LOOK}:
            return Choice(guess, confidence, "guess")
        return Choice(NEAR_TOPIC, min(confidence, _NOTHING_KNOWN), "nothing_known")
    danger = _danger(probabilities, thresholds)
    if danger is not None:
        intent, share = danger
        sure = max(share, confidence) if guess in _DANGERS else share
        return Choice(intent, sure, "danger")
    if guess == NEAR_TOPIC:
        return Choice(NEAR_TOPIC, confidence, "guess")
    if guess == OUT_OF_SCOPE:
        enough = probabilities[guess] >= thresholds.far
    elif guess in _DANGERS:
        enough = False
    else:
        enough = confidence >= (thresholds.answer if guess in sections else thresholds.other)
    if enough:
        return Choice(guess, confidence, "guess")
    return Choice(NEAR_TOPIC, 1 - confidence, "unsure")


def _danger(probabilities: Mapping[str, float], thresholds: Thresholds) -> tuple[str, float] | None:
    """The danger to act on with its probability, or `None`."""
    now = {name: probabilities.get(name, 0.0) for name in (EMERGENCY, CRISIS)}
    share = sum(now.values())
    if share >= thresholds.now:
        return max(now, key=lambda name: now[name]), share
    share += probabilities.get(URGENT, 0.0)
    return (URGENT, share) if share >= thresholds.soon else None
