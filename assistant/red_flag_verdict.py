"""Rules and classifier together: which intent a message gets once both have spoken.

Called by `assistant.red_flag_recogniser`. An alarm of either counts.

- The rules' grave alarm stands, but where it is so little likely to be right
  (`assistant.red_flag_evidence`) that one short question is asked instead, in which the emergency
  number and the crisis line stand (`in_doubt`). Words of suicide are believed more readily.
- Where the rules raised none, the classifier's shares and the signs are weighed together
  (`assistant.red_flag_evidence`), unless the rules found grave words, silenced every one beyond
  doubt, and nothing grave is left in the message (`Assessment.explained`).
- Whether it is urgent is weighed alike, with what the rules found as one more sign; low spirits
  beside a denied wish to die are never less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assistant.alarm_places import Place
from assistant.red_flag_evidence import alarm_likelihood, grave_likelihood, urgent_likelihood
from clinic.red_flag_catalogue import Acuity
from clinic.red_flags import Assessment
from clinic.understanding import DANGERS, GRAVE, NEAR_TOPIC, URGENT

__all__ = ["SUICIDE", "Trust", "Verdict", "in_doubt", "may_be_doubted", "verdict"]

SUICIDE = "suicide"
"""The flag, as in the catalogue."""

# What was mostly danger to the classifier, and is none, is answered only where one other meaning
# has so much of what is left; or else the honest no that offers a nurse is the safer reply.
_MEANT_ELSE = 0.5
# Alarms in one message: of 492 harmless training messages with one none has more than three, and a
# hostile text of many must not cost an encoding each.
_MOST_DOUBTED = 5
_SURE_PART = 0.9  # from here on danger in one part of a message is believed whatever the whole says


@dataclass(frozen=True)
class Trust:
    """How much the rules' word weighs; all are probabilities."""

    # Part of the rules' grave alarms that are right (measured with `make evaluate`, rounded down).
    grave: float = 0.9
    # The same of their urgent ones.
    urgent: float = 0.7
    # Where the rules raised no grave alarm: the least likelihood of one.
    alarm: float = 0.12
    # Of an urgent matter, where neither raised a grave one.
    soon: float = 0.1
    # The likelihood that a grave alarm of the rules is right below which it is asked about. Of the
    # 404 alarms on harmless held-out messages 335 are, and of the 1,229 right ones 17; at 0.2 it
    # was 308 and 7. Each step up to here spared two false ones or more for one right one (2026-11).
    doubt: float = 0.35
    # The same of words of suicide: 31 of 60, and 4 of 411.
    doubt_of_suicide: float = 0.1


@dataclass(frozen=True)
class Verdict:
    """The intent to act on; `reason` is rules, classifier, both, or silenced."""

    intent: str
    confidence: float
    reason: str


def may_be_doubted(assessment: Assessment, intent: str, shares: Mapping[str, float]) -> bool:
    """Whether grave alarms of the rules stand by themselves, and are few.

    `intent` is the classifier's, `shares` its probabilities by intent: where it sees an emergency
    too, or is not there, the rules are believed.
    """
    heard = any(name in shares for name in DANGERS)
    return 0 < len(assessment.grave) <= _MOST_DOUBTED and heard and intent not in GRAVE


def in_doubt(
    alarms: Sequence[Place],
    sense: Callable[[str], float],
    shares: Mapping[str, float],
    trust: Trust,
) -> bool:
    """Whether alarms that may be doubted are so little likely that they are asked about.

    `alarms` are their places in one message, of which the likeliest counts; `sense` says how the
    words of a phrase are mostly meant (`assistant.alarm_sense`).
    """
    if len(alarms) > _MOST_DOUBTED:
        return False
    suicide = any(found.flag == SUICIDE for place in alarms for found in place.seen.grave)
    least = trust.doubt_of_suicide if suicide else trust.doubt
    return all(
        alarm_likelihood(place.seen, shares, sense(place.phrase)) < least for place in alarms
    )


def verdict(
    assessment: Assessment,
    intent: str,
    confidence: float,
    shares: Mapping[str, float],
    trust: Trust,
) -> Verdict:
    """Decide on one message; `shares` are the classifier's probabilities by intent."""
    if intent in GRAVE and confidence >= _SURE_PART:
        shares = {**shares, intent: max(confidence, shares.get(intent, 0.0))}
    grave = confidence if intent in GRAVE else _share(shares, GRAVE)
    found = assessment.acuity
    if found in (Acuity.EMERGENCY, Acuity.CRISIS):
        agreed = intent in GRAVE
        return Verdict(found.value, max(trust.grave, grave), _by(agreed))
    if not assessment.explained:
        likely = grave_likelihood(assessment, shares)
        if likely >= trust.alarm:
            graver = max(GRAVE, key=lambda name: shares.get(name, 0.0))
            return Verdict(graver, likely, "classifier")
    likely = urgent_likelihood(assessment, shares)
    if likely >= trust.soon or assessment.stays_urgent:
        if found is None:
            return Verdict(URGENT, likely, "classifier")
        return Verdict(URGENT, max(trust.urgent, likely), _by(intent == URGENT))
    if intent not in DANGERS:
        return Verdict(intent, confidence, "classifier")
    calm = {name: share for name, share in shares.items() if name not in DANGERS}
    best = max(calm, key=lambda name: calm[name], default=NEAR_TOPIC)
    rest = sum(calm.values())
    share = calm[best] / rest if rest else 0.0
    return Verdict(best if share >= _MEANT_ELSE else NEAR_TOPIC, share, "silenced")


def _share(shares: Mapping[str, float], names: tuple[str, ...]) -> float:
    return min(1.0, sum(shares.get(name, 0.0) for name in names))


def _by(agreed: bool) -> str:  # noqa: FBT001 - read at two calls above
    return "both" if agreed else "rules"
