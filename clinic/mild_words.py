"""Chest or breath words that are an emergency because the patient was treated lately.

The catalogue has wordings that count beside a treatment alone: "a dry cough since the session". A
patient tells of the treatment and of the cough in two messages; here the second is read as if it
named the treatment as well. Called where the time of the treatment is known
(`clinic.treated_when`): by the assistant, and by the desk when the assistant is down.
"""

from __future__ import annotations

from dataclasses import replace

from clinic.red_flags import Assessor, Finding

__all__ = ["CHEST_AND_BREATH", "mild_words"]

CHEST_AND_BREATH = frozenset({"breathing", "chest_pain", "coughing_blood"})
"""The flags of pneumothorax, the gravest harm of dry needling."""

_TREATED = ", after my treatment"
_END_MARKS = " .?!…\n\t"


def mild_words(assessor: Assessor, text: str) -> tuple[Finding, ...]:
    """The flags of chest and breath in a message of somebody who was treated within three days.

    What the message by itself denies, or puts long ago, stays silent.
    """
    beside = assessor.assess(text.rstrip(_END_MARKS) + _TREATED)
    found = [
        _within(one, text)
        for one in beside.found
        if one.flag in CHEST_AND_BREATH and one.start < len(text)
    ]
    if not found:
        return ()
    silent = [one for one in assessor.assess(text).silenced if one.sure]
    return tuple(one for one in found if not any(_same(one, other) for other in silent))


def _same(found: Finding, other: Finding) -> bool:
    """Whether both are one flag, or share words."""
    return found.flag == other.flag or (found.start < other.end and other.start < found.end)


def _within(found: Finding, text: str) -> Finding:
    end = min(found.end, len(text.rstrip(_END_MARKS)))
    return replace(found, end=end, words=text[found.start : end])
