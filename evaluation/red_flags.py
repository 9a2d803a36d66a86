"""What rules and classifier recognise together on held-out messages, and the weights anew.

    python -m evaluation.red_flags [--fit]

Runs in the assistant's environment, in minutes. Trains the understanding, judges every training
message by a machine that did not learn from it, and prints how many emergencies, urgent matters and
harmless messages raise which alarm. `--fit` also fits the weights of `assistant.red_flag_evidence`
and prints them as they stand there.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from assistant.encoder_session import Encoder
from assistant.red_flag_evidence import WEIGHTS, features, likelihood
from assistant.red_flag_verdict import Trust, in_doubt, verdict
from assistant.red_flags import Acuity, Assessment, assess
from assistant.training import Settings
from clinic.understanding import CRISIS, EMERGENCY, URGENT, Thresholds
from evaluation.offline import learnt_course

_GRAVE = (EMERGENCY, CRISIS)
# An urgent message taken for an emergency costs less than a harmless one.
_URGENT_WEIGHT = 0.3
_STRENGTH = 0.3  # inverse of the regularisation, as in scikit-learn


@dataclass(frozen=True)
class _Judged:
    label: str
    assessment: Assessment
    intent: str
    confidence: float
    shares: dict[str, float]

    @property
    def grave(self) -> bool:
        return self.label in _GRAVE

    @property
    def weighed(self) -> bool:
        """Whether the classifier's share decides: the rules neither alarmed nor explained it."""
        alarmed = self.assessment.acuity in (Acuity.EMERGENCY, Acuity.CRISIS)
        return not (alarmed or self.assessment.explained)

    @property
    def raised(self) -> str:
        """What the two raise together."""
        trust, assessment = Trust(), self.assessment
        if in_doubt(assessment, self.shares, trust):
            assessment = assessment.doubted()
        decided = verdict(assessment, self.intent, self.confidence, self.shares, trust)
        if decided.intent in _GRAVE:
            return "emergency"
        if decided.intent == URGENT:
            return "urgent"
        return "asked" if assessment.ask else "nothing"


def main() -> int:
    """Print the table and the weights; 0 whatever they are."""
    parser = argparse.ArgumentParser(description="Score the red flags on held-out messages.")
    parser.add_argument("--fit", action="store_true", help="print the weights fitted anew")
    arguments = parser.parse_args()
    judged = _held_out()
    print(f"{'label':<12}{'n':>6}{'emergency':>11}{'urgent':>8}{'asked':>7}{'nothing':>9}")
    for name, part in {
        "emergency": [one for one in judged if one.grave],
        "urgent": [one for one in judged if one.label == URGENT],
        "harmless": [one for one in judged if not one.grave and one.label != URGENT],
    }.items():
        raised = Counter(one.raised for one in part)
        counts = [raised[kind] for kind in ("emergency", "urgent", "asked", "nothing")]
        print("{:<12}{:>6}{:>11}{:>8}{:>7}{:>9}".format(name, len(part), *counts))
    weighed = [one for one in judged if one.weighed and one.label != URGENT]
    print("\nwhere the classifier's share decides, at likelihoods from")
    for least in (0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.3):
        print(f"{least:>6}: {_alarmed(weighed, least, grave=True)} of the emergencies", end="")
        print(f", {_alarmed(weighed, least, grave=False)} of the harmless")
    if arguments.fit:
        for weight in _fitted(one for one in judged if one.weighed):
            print(weight)
    return 0


def _held_out() -> list[_Judged]:
    comprehension, held_out, examples = learnt_course().train(
        Settings(), Thresholds(), encoder=Encoder.shared()
    )
    judged = []
    for one in held_out:
        understood = comprehension.understand_held_out(one)
        judged.append(
            _Judged(
                examples.intents[one.label],
                assess(one.text),
                understood.decision.intent,
                understood.decision.confidence,
                dict(understood.reading.ranking),
            )
        )
    return judged


def _alarmed(weighed: list[_Judged], least: float, *, grave: bool) -> str:
    part = [one for one in weighed if one.grave == grave]
    alarmed = sum(likelihood(one.assessment, one.shares) >= least for one in part)
    return f"{alarmed} of {len(part)}"


def _fitted(judged: Iterable[_Judged]) -> list[str]:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - only when asked for

    learnt = list(judged)
    rows = [features(one.assessment, one.shares) for one in learnt]
    bias, *names = WEIGHTS
    values = np.array([[row[name] for name in names] for row in rows])
    mean, scale = values.mean(axis=0), values.std(axis=0) + 1e-9
    model = LogisticRegression(C=_STRENGTH, max_iter=4000)
    model.fit(
        (values - mean) / scale,
        [one.grave for one in learnt],
        sample_weight=[_URGENT_WEIGHT if one.label == URGENT else 1.0 for one in learnt],
    )
    weights = model.coef_[0] / scale
    intercept = model.intercept_[0] - float(weights @ mean)
    fitted = {bias: intercept, **dict(zip(names, weights, strict=True))}
    return [f"{name:<40}{weight:>7.2f}" for name, weight in fitted.items()]


if __name__ == "__main__":
    sys.exit(main())
