"""How answers to the safety questions are read: the form's, and the one that is asked in doubt.

Every answer is safe: what is not plainly "all right" to the question about chest and breath is an
emergency, what cannot be read is kept as it was said, and red-flag words raise the alarm before
anything here is asked (`assistant.danger_in_context`).
"""

from __future__ import annotations

import re
from enum import Enum

from clinic.callback import Reading, is_question
from clinic.triage import Question

__all__ = ["SKIPPED", "Answer", "is_worse", "read_breathing", "read_doubt", "read_triage"]

SKIPPED = "skipped"
"""Kept in the slot of a question that the patient did not want to answer."""

_SURE = 0.6  # as in clinic.callback
_SKIP = re.compile(
    r"^\W*(?:please )?(?:skip|pass|next|rather not|i(?: would|'d| d)? rather not|prefer not|"
    r"none of your|no comment|omitir|saltar)\b",
    re.IGNORECASE,
)
_UNSURE = (
    r"not sure|unsure|i do(?: not|n'?t) know|dunno|don'?t know|no idea|idk|maybe|perhaps|"
    r"hard to say|no s[eé]|quiz[aá]s?|tal vez"
)
_YES = r"yes|yeah|yep|yup|yea|ya|y|s[ií]|ok|okay|sure|correct|they are|it is|i am|both"
_NO = r"no|nope|nah|n|never|negative"
_STARTS_YES = re.compile(rf"^\W*(?:{_YES})\b", re.IGNORECASE)
_STARTS_NO = re.compile(rf"^\W*(?:{_NO})\b", re.IGNORECASE)
_STARTS_UNSURE = re.compile(rf"^\W*(?:um+\W+|well\W+|i'?m )?(?:{_UNSURE})\b", re.IGNORECASE)
_WELL = re.compile(
    r"\b(?:all right|alright|fine|normal|good|great|well|ok|okay|clear|perfect|i think so|"
    r"no (?:problems?|trouble|issues?|pain|difficulty|complaints?|chest)|nothing wrong|bien|"
    r"as usual)\b",
    re.IGNORECASE,
)
_UNWELL = re.compile(
    rf"\b(?:not|isn'?t|aren'?t|but|except|although|though|only when|a (?:bit|little)|kind ?of|"
    rf"kinda|sort ?of|sorta|somewhat|slight\w*|tight\w*|hurts?|sore|pain(?:ful|s)?|hard(?:er|ly)?|"
    rf"short|difficult|bad|worse|shallow|funny|weird|odd|off|{_UNSURE}|pero|poco|mal|cuesta)\b",
    re.IGNORECASE,
)
_DENIED_PAIN = re.compile(r"\bno (?:pain|trouble|difficulty|chest pain)\b", re.IGNORECASE)
_WORSE = re.compile(r"\b(?:worse|worsening|spreading|growing|bigger|peor)\b", re.IGNORECASE)
_NOT_WORSE = re.compile(
    r"\b(?:not|no|isn'?t|n't)\b[^.?!,]{0,20}\bworse\b|\bno worse\b", re.IGNORECASE
)


class Answer(str, Enum):
    """What a yes-or-no answer comes to."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


def read_breathing(text: str) -> Answer:
    """Whether breathing and chest are all right; anything less than a plain yes is a no.

    Unclear is only what says nothing of it: a skipped question, a name, a question.
    """
    if _SKIP.match(text):
        return Answer.UNCLEAR
    bare = _DENIED_PAIN.sub(" fine ", text)
    if _UNWELL.search(bare):
        return Answer.NO
    if _STARTS_YES.match(bare) or _WELL.search(bare):
        return Answer.YES
    return Answer.NO if _STARTS_NO.match(bare) else Answer.UNCLEAR


def read_doubt(text: str) -> Answer:
    """Whether somebody is in danger now; who is unsure is taken for a yes, anything else is new."""
    if _STARTS_UNSURE.match(text):
        return Answer.YES
    if _STARTS_YES.match(text):
        return Answer.YES
    return Answer.NO if _STARTS_NO.match(text) else Answer.UNCLEAR


def read_triage(text: str, *, intent: str, confidence: float) -> tuple[Reading, str]:
    """How to take a message where one of the form's safety questions was asked.

    A detail comes with what to keep. `intent` and `confidence` are the assistant's view of it:
    danger and the wish to stop are never an answer, nor is a question of the patient's own.
    """
    if _SKIP.match(text):
        return Reading.DETAIL, SKIPPED
    if intent in {"emergency", "crisis", "stop", "repeat"}:
        return Reading.ASIDE, ""
    if is_question(text) and confidence >= _SURE and intent != "urgent":
        return Reading.ASIDE, ""
    return Reading.DETAIL, " ".join(text.split())


def is_worse(question: Question, answer: str) -> bool:
    """Whether the answer says that it is getting worse, which makes a routine call urgent."""
    if question is not Question.WORSE:
        return False
    if _STARTS_YES.match(answer):
        return True
    return bool(_WORSE.search(answer)) and not _NOT_WORSE.search(answer)
