"""What rules and classifier recognise together on held-out messages, and the weights anew.

    python -m evaluation.red_flags [--fit | --rules]

Runs in the assistant's environment, in minutes. `--rules` takes seconds: the rules alone, on the
training messages and the question sets. Else trains the understanding, judges training messages
by a machine that did not learn from them, and prints how many emergencies, urgent matters and
harmless messages raise which alarm. `--fit` also fits the weights of `assistant.red_flag_evidence`
and prints them.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from assistant import red_flags
from assistant.alarm_places import Place, places
from assistant.alarm_sense import AlarmSense, alarms_in, score_of
from assistant.encoder_session import Encoder
from assistant.red_flag_evidence import (
    ALARM_WEIGHTS,
    GRAVE_WEIGHTS,
    NO_SENSE,
    URGENT_WEIGHTS,
    alarm_likelihood,
    features,
    grave_likelihood,
    urgent_likelihood,
)
from assistant.red_flag_verdict import SUICIDE, Trust, in_doubt, may_be_doubted, verdict
from assistant.red_flags import Acuity, Assessment
from assistant.training import Settings
from clinic.understanding import GRAVE, URGENT, Thresholds
from evaluation.logistic import fitted
from evaluation.offline import learnt_course
from evaluation.question_sets import own_sets, read

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
    places: Sequence[Place]
    senses: Mapping[str, float]  # of each phrase

    @property
    def features(self) -> dict[str, float]:
        """What the weights are for; of an alarm those of its first place."""
        if not self.places:
            return features(self.assessment, self.shares)
        first = self.places[0]
        return features(first.seen, self.shares, self.sense_of(first.phrase))

    def sense_of(self, phrase: str) -> float:
        """By machines that did not learn from it."""
        return self.senses.get(phrase, NO_SENSE)

    @property
    def grave(self) -> bool:
        return self.label in GRAVE

    @property
    def alarmed(self) -> bool:
        """Whether the rules raised a grave alarm."""
        return self.assessment.acuity in (Acuity.EMERGENCY, Acuity.CRISIS)

    @property
    def suicide(self) -> bool:
        """Whether that of suicide was among them."""
        return any(found.flag == SUICIDE for found in self.assessment.grave)

    @property
    def raised(self) -> str:
        """What the two raise together."""
        trust, assessment = Trust(), self.assessment
        if may_be_doubted(assessment, self.intent, self.shares) and in_doubt(
            self.places, self.sense_of, self.shares, trust
        ):
            assessment = assessment.doubted()
        decided = verdict(assessment, self.intent, self.confidence, self.shares, trust)
        if decided.intent in GRAVE:
            return "emergency"
        if decided.intent == URGENT:
            return "urgent"
        return "asked" if assessment.ask else "nothing"


def main() -> int:
    """Print the table and the weights; 0 whatever they are."""
    parser = argparse.ArgumentParser(description="Score the red flags on held-out messages.")
    parser.add_argument("--fit", action="store_true", help="print the weights fitted anew")
    parser.add_argument("--rules", action="store_true", help="the rules alone, in seconds")
    arguments = parser.parse_args()
    if arguments.rules:
        _print_rules()
        return 0
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
    calm = [one for one in judged if not one.alarmed]
    print("\nwhere the rules raised no grave alarm, at likelihoods from")
    weighed = [one for one in calm if one.label != URGENT and not one.assessment.explained]
    _print_choices("emergencies", weighed, _grave, GRAVE)
    weighed = [one for one in calm if not one.grave]
    _print_choices("urgent", weighed, _urgent, (URGENT,))
    alarmed = [one for one in judged if one.alarmed and one.label != URGENT]
    print("\nwhere they raised one, at likelihoods of its being right from")
    _print_choices("emergencies", [one for one in alarmed if not one.suicide], _alarm, GRAVE)
    print("and where it was one of suicide")
    _print_choices("emergencies", [one for one in alarmed if one.suicide], _alarm, GRAVE)
    if arguments.fit:
        print("\nALARM_WEIGHTS")
        _print_weights(_fitted(ALARM_WEIGHTS, alarmed, [one.grave for one in alarmed]))
        _print_fitted(calm)
    return 0


def _alarm(one: _Judged) -> float:
    """That of its likeliest place."""
    return max(
        alarm_likelihood(place.seen, one.shares, one.sense_of(place.phrase)) for place in one.places
    )


def _grave(one: _Judged) -> float:
    return grave_likelihood(one.assessment, one.shares)


def _urgent(one: _Judged) -> float:
    return urgent_likelihood(one.assessment, one.shares)


def _print_rules() -> None:
    """Which alarms the rules alone raise: totals, and no text."""
    sets = {"training": [(one.label, one.text) for one in learnt_course().messages]}
    for file in own_sets():
        sets[file.stem] = [(one.expect["kind"], one.text) for one in read(file)]
    print(f"{'set':<16}{'label':<12}{'n':>6}{'emergency':>11}{'urgent':>8}{'nothing':>9}")
    for name, rows in sets.items():
        raised = Counter((_kind(label), _raised(red_flags.assess(text))) for label, text in rows)
        for kind in ("emergency", "urgent", "harmless"):
            alarms = [raised[kind, alarm] for alarm in ("emergency", "urgent", "nothing")]
            print("{:<16}{:<12}{:>6}{:>11}{:>8}{:>9}".format(name, kind, sum(alarms), *alarms))


def _kind(label: str) -> str:
    if label in GRAVE:
        return "emergency"
    return "urgent" if label == URGENT else "harmless"


def _raised(assessment: Assessment) -> str:
    if assessment.acuity is None:
        return "nothing"
    return "urgent" if assessment.acuity is Acuity.URGENT else "emergency"


def _held_out() -> list[_Judged]:
    comprehension, held_out, examples = learnt_course().train(
        Settings(judged=Settings.folds), Thresholds(), encoder=Encoder.shared()
    )
    assess = cache(red_flags.assess)
    senses = _senses([(one.text, examples.intents[one.label]) for one in held_out], assess)
    judged = []
    for one in held_out:
        understood = comprehension.understand_held_out(one)
        assessment = assess(one.text)
        judged.append(
            _Judged(
                examples.intents[one.label],
                assessment,
                understood.decision.intent,
                understood.decision.confidence,
                dict(understood.reading.ranking),
                places(one.text, assessment, assess),
                senses,
            )
        )
    return judged


def _senses(
    messages: Sequence[tuple[str, str]], assess: Callable[[str], Assessment]
) -> dict[str, float]:
    """In which sense each phrase is meant, by machines that did not learn from it."""
    _, held_out = AlarmSense.train(
        alarms_in(messages, assess),
        encoder=Encoder.shared(),
        settings=Settings(judged=Settings.folds),
    )
    return {one.text: score_of(one.scores) for one in held_out}


def _print_choices(
    name: str,
    judged: Sequence[_Judged],
    likelihood: Callable[[_Judged], float],
    labels: Collection[str],
) -> None:
    likely = np.array([likelihood(one) for one in judged])
    right = np.array([one.label in labels for one in judged])
    for least in (0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.3, 0.35):
        caught, false = (likely >= least)[right], (likely >= least)[~right]
        print(
            f"{least:>6}: {caught.sum()} of {caught.size} {name}, "
            f"{false.sum()} of {false.size} others"
        )


def _print_fitted(calm: Sequence[_Judged]) -> None:
    grave = [one for one in calm if not one.assessment.explained]
    weights = [_URGENT_WEIGHT if one.label == URGENT else 1.0 for one in grave]
    print("\nGRAVE_WEIGHTS")
    _print_weights(_fitted(GRAVE_WEIGHTS, grave, [one.grave for one in grave], weights))
    urgent = [one for one in calm if not one.grave]
    print("\nURGENT_WEIGHTS")
    _print_weights(_fitted(URGENT_WEIGHTS, urgent, [one.label == URGENT for one in urgent]))


def _print_weights(weights: Mapping[str, float]) -> None:
    for name, weight in weights.items():
        print(f"{name:<40}{weight:>7.2f}")


def _fitted(
    names: Iterable[str],
    judged: Sequence[_Judged],
    right: Sequence[bool],
    weights: Sequence[float] | None = None,
) -> dict[str, float]:
    return fitted(
        names, [one.features for one in judged], right, strength=_STRENGTH, weights=weights
    )


if __name__ == "__main__":
    sys.exit(main())
