"""Rules and classifier together: which intent a message gets once both have spoken.

Called by `assistant.red_flag_recogniser`. An alarm of either counts.

- The rules' grave alarm stands, whatever the classifier thought, but for one case: it is no crisis,
  half a sign of silence stands in its sentence (a question, an old illness, a story, …), nothing
  says now, and the classifier sees next to no danger. Two halves make a doubt, and one short
  question is asked in which the emergency number stands (`in_doubt`). So does a classifier alone
  that has words enough to judge by and sees none at all.
- Where the rules raised none, the classifier's shares and the signs are weighed together
  (`assistant.red_flag_evidence`), unless the rules found grave words, silenced every one beyond
  doubt, and nothing grave is left in the message (`Assessment.explained`).
- Whether it is urgent is weighed alike, with what the rules found as one more sign; low spirits
  beside a denied wish to die are never less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.red_flag_evidence import grave_likelihood, urgent_likelihood
from clinic.red_flag_catalogue import Acuity
from clinic.red_flag_signs import Sign
from clinic.red_flags import Assessment
from clinic.understanding import DANGERS, GRAVE, NEAR_TOPIC, URGENT

__all__ = ["Trust", "Verdict", "in_doubt", "verdict"]

# What was mostly danger to the classifier, and is none, is answered only where one other meaning
# has so much of what is left; or else the honest no that offers a nurse is the safer reply.
_MEANT_ELSE = 0.5
_WORDS_TO_JUDGE_BY = 6
_NOW = 0.2  # part of the share that a classifier alone may see where something says now
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
    # Share of danger below which the classifier's is the second half of a doubt.
    doubt: float = 0.05
    # The same where no sign of silence is the first half. On held-out messages (2026-11), the half
    # signs counted in: of the rules' 151 alarms on harmless ones 87 are asked about, and 3 of
    # their 1,205 right ones; at 0.005 it was 81 and 2, at 0.02 it would be 95 and 8.
    against: float = 0.01


@dataclass(frozen=True)
class Verdict:
    """The intent to act on; `reason` is rules, classifier, both, or silenced."""

    intent: str
    confidence: float
    reason: str


def in_doubt(assessment: Assessment, shares: Mapping[str, float], trust: Trust) -> bool:
    """Whether a grave alarm of the rules is to be asked about instead of raised."""
    grave = [found for found in assessment.found if found.acuity is not Acuity.URGENT]
    if not grave or any(found.acuity is Acuity.CRISIS for found in grave):
        return False
    now, danger = Sign.NOW in assessment.signs, _share(shares, DANGERS)
    if all(found.hedged for found in grave) and not now and danger < trust.doubt:
        return True
    judged = assessment.words >= _WORDS_TO_JUDGE_BY and any(name in shares for name in DANGERS)
    return judged and danger < (trust.against * _NOW if now else trust.against)


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
