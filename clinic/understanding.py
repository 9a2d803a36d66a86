"""From probabilities to the intent that the assistant acts on.

Called by the classifier in `assistant/`. An unsure guess becomes an honest "not in the handout";
danger is acted on earlier than anything else, for a false alarm costs less than a miss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Collection, Mapping

__all__ = ["CRISIS", "EMERGENCY", "NEAR_TOPIC", "OUT_OF_SCOPE", "URGENT", "Choice", "Thresholds"]
__all__ += ["choose"]

NEAR_TOPIC = "near_topic"
OUT_OF_SCOPE = "out_of_scope"
EMERGENCY = "emergency"
CRISIS = "crisis"
URGENT = "urgent"
_NOTHING_KNOWN = 0.1  # the most confidence a message without a known word is given


@dataclass(frozen=True)
class Thresholds:
    """All are probabilities, 0 to 1; `answer` and `other` are compared with P(guess is right)."""

    answer: float = 0.6  # a section is answered from here on
    other: float = 0.4  # small talk, a wish for a person
    now: float = 0.4  # emergency and crisis together
    soon: float = 0.4  # urgent, emergency and crisis together
    far: float = 0.6  # out of scope; below it the clinic's "not in the handout" is the safer no


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
) -> Choice:
    """Decide on one message.

    `probabilities` are of all intents and add up to 1; `confidence` is P(the likeliest is right);
    `known_words` the share of words that training had.
    """
    if not probabilities or known_words <= 0:
        return Choice(NEAR_TOPIC, min(confidence, _NOTHING_KNOWN), "nothing_known")
    now = {name: probabilities.get(name, 0.0) for name in (EMERGENCY, CRISIS)}
    danger_now = sum(now.values())
    danger = danger_now + probabilities.get(URGENT, 0.0)
    if danger_now >= thresholds.now:
        return Choice(max(now, key=lambda name: now[name]), max(danger_now, confidence), "danger")
    if danger >= thresholds.soon:
        return Choice(URGENT, max(danger, confidence), "danger")
    guess = max(probabilities, key=lambda name: probabilities[name])
    if guess in {EMERGENCY, CRISIS, URGENT}:
        return Choice(NEAR_TOPIC, 1 - confidence, "unsure")
    if guess == NEAR_TOPIC:
        return Choice(NEAR_TOPIC, confidence, "guess")
    if guess == OUT_OF_SCOPE:
        sure = probabilities[guess] >= thresholds.far
        return Choice(guess if sure else NEAR_TOPIC, confidence, "guess" if sure else "unsure")
    least = thresholds.answer if guess in sections else thresholds.other
    if confidence >= least:
        return Choice(guess, confidence, "guess")
    return Choice(NEAR_TOPIC, 1 - confidence, "unsure")
