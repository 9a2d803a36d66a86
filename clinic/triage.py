"""Which questions of a triage nurse's first minute matter before a call-back is queued.

At most three, asked in the chat by the call-back form (`actions/`), never in an emergency, each of
which the patient may skip. How the answers are read stands in `clinic.triage_answers`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from clinic.mild_words import CHEST_AND_BREATH
from clinic.treated_when import treated
from clinic.turn import Urgency

__all__ = ["MOST", "Known", "Question", "known_from", "questions"]

MOST = 3


class Question(str, Enum):
    """A question; its value is the form's slot. In the order in which they are asked."""

    BREATHING = "breathing"
    WORSE = "worse"
    TREATED = "treated"
    PART = "part"


_BREATHING, _WORSE, _TREATED, _PART = Question
# What a nurse asks first about each urgent sign of assistant/red_flags.yml. Engineers' choice after
# the telephone-triage habit of airway first, then course, time and place; for a clinician to
# correct (docs/clinical-safety.md).
_MATTERS: dict[str, tuple[Question, ...]] = {
    "infection": (_WORSE, _TREATED, _PART),
    "numbness": (_WORSE, _TREATED, _PART),
    "bruise": (_WORSE, _TREATED, _PART),
    "soreness": (_BREATHING, _TREATED, _PART),
    "needle_left": (_BREATHING, _TREATED, _PART),
    "dizziness": (_BREATHING, _WORSE, _TREATED),
    "needlestick": (_TREATED,),
    "pregnancy": (_TREATED, _PART),
    "low_mood": (),
}
_USUAL = (_BREATHING, _WORSE, _TREATED)

_COMPLAINT = re.compile(
    r"\b(?:sore\w*|pain\w*|hurt\w*|ach(?:e|es|ing|y)|stiff\w*|bruis\w*|swoll?en|swell\w*|numb\w*|"
    r"tingl\w*|dizz\w*|weak\w*|bleed\w*|bled|itch\w*|rash|red|tender|cramp\w*|throb\w*|burn\w*|"
    r"twitch\w*|spasm\w*|feel(?:s|ing)? (?:odd|off|weird|funny|strange|sick|unwell|bad)|"
    r"duele|dolor\w*|hinchad\w*|moret\w*|maread\w*)\b",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"\b(?:head|face|jaw|neck|throat|shoulders?|(?:upper|lower|mid) back|back|spine|chest|ribs?|"
    r"arms?|elbows?|wrists?|hands?|fingers?|thumb|stomach|belly|hips?|butt(?:ocks?)?|glutes?|groin|"
    r"legs?|thighs?|hamstrings?|knees?|cal(?:f|ves)|shins?|ankles?|foot|feet|toes?|"
    r"cabeza|cuello|hombros?|espalda|pecho|brazos?|manos?|piernas?|rodillas?|pies?)\b",
    re.IGNORECASE,
)
_COURSE = re.compile(
    r"\b(?:worse\w*|better|improv\w*|spread\w*|grow\w*|bigger|same as|no change|not changing|"
    r"going away|not going away|peor|mejor)\b",
    re.IGNORECASE,
)
_BREATHES_WELL = re.compile(
    r"\b(?:breath\w*|chest)\b[^.?!,]{0,20}\b(?:fine|ok|okay|normal|good|all right|alright|clear)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Known:
    """What the patient's own words have answered already."""

    breathing: bool = False
    worse: bool = False
    treated: bool = False
    part: bool = False
    after_treatment: bool = False  # a complaint of somebody who tells of a treatment

    def answers(self, question: Question) -> bool:
        """Whether the question need not be asked any more."""
        return bool(getattr(self, question.value))


def known_from(texts: Iterable[str], *, denied: Iterable[str], now: datetime) -> Known:
    """What the patient's messages say; `denied` are the flags that they deny.

    `now` is on the clinic's clock.
    """
    said = "\n".join(texts)
    treatment = treated(said, now=now)
    return Known(
        breathing=bool(CHEST_AND_BREATH & set(denied) or _BREATHES_WELL.search(said)),
        worse=bool(_COURSE.search(said)),
        treated=treatment is not None and treatment.dated,
        part=bool(_PARTS.search(said)),
        after_treatment=treatment is not None and bool(_COMPLAINT.search(said)),
    )


def questions(flags: Iterable[str], urgency: Urgency, known: Known) -> tuple[Question, ...]:
    """What to ask, at most three, in order; `flags` are the signs of danger found so far.

    None in an emergency, and none for a routine call that is not about how somebody feels after a
    treatment.
    """
    routine = urgency is Urgency.ROUTINE and known.after_treatment
    if not (urgency is Urgency.URGENT or routine):
        return ()
    named = [_MATTERS[flag] for flag in flags if flag in _MATTERS]
    matter = {question for one in named for question in one} if named else set(_USUAL)
    open_ones = [one for one in Question if one in matter and not known.answers(one)]
    return tuple(open_ones[:MOST])
