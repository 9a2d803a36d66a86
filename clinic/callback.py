"""The call-back form's ear: is a message the detail that was asked for, or something else?

Patients answer a form as they chat: with a question of their own, with "never mind", with a
number inside a sentence. Called by `actions/`, which does what is decided here.
"""

from __future__ import annotations

import re
from enum import Enum

from clinic.turn import Ask

__all__ = ["WITHOUT_REPLY", "Reading", "is_question", "names_the_call", "read"]

_NEVER_A_DETAIL = frozenset({"emergency", "crisis", "stop", "repeat"})

_SURE = 0.6
"""From this confidence on a message that reads like a question is taken as one."""

_QUESTION_WORDS = (
    "what|whats|why|how|hows|when|where|wheres|who|whos|which|whose|can|could|do|does|did|is|are|"
    "am|was|were|will|would|should|shall|may|might|has|have|must"
)
_OPENERS = re.compile(rf"^\W*(?:{_QUESTION_WORDS})\b", re.IGNORECASE)
_CALL = re.compile(
    r"\b(?:call(?:s|ed|ing|back|-back)?|ring|phon(?:e|ed|ing)|request|llam\w+|marquen)\b",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_LEAST_PHONE_DIGITS = 5  # fewer, among words, are a dose or a date
_NAME_WORDS = 6  # "this is Maria de la Cruz" still reads as a name
_YES = re.compile(
    r"^\W*(?:yes|yeah|yep|yup|y|ok|okay|sure|fine|i agree|i consent|of course)\b", re.IGNORECASE
)
_NO = re.compile(r"^\W*(?:no|nope|nah|n|not ok|i do not|i don'?t)\b", re.IGNORECASE)


class Reading(str, Enum):
    """What a message in the middle of the form is."""

    DETAIL = "detail"
    YES = "yes"
    NO = "no"
    ASIDE = "aside"
    """A question, small talk or alarm: the rules reply to it, then the form goes on."""


def is_question(text: str) -> bool:
    """Whether the text is put as a question, by its mark or its first word."""
    return "?" in text or bool(_OPENERS.match(text))


def names_the_call(text: str) -> bool:
    """Whether the text speaks of a call, so that "cancel" in it means the call and nothing else."""
    return bool(_CALL.search(text))


def read(ask: Ask, text: str, *, intent: str, confidence: float) -> Reading:
    """Decide how to take `text` where `ask` was asked for.

    `intent` and `confidence` are the classifier's view of the same text. Danger and the wish to
    stop are never taken as a detail.
    """
    worry = intent == "urgent" and ask is not Ask.REASON
    if worry or intent in _NEVER_A_DETAIL:
        return Reading.ASIDE
    if ask is Ask.CONSENT:
        return _read_consent(text, intent)
    sure = confidence >= _SURE
    asks = is_question(text)
    aside = {
        # Whatever a patient wants to ask is the reason for the call; only small talk is not.
        Ask.REASON: intent in _SMALL_TALK,
        Ask.NAME: asks or (sure and len(text.split()) > _NAME_WORDS),
        Ask.PHONE: sure and not _is_number(text),
        Ask.TIME: asks and sure,
    }
    return Reading.ASIDE if aside[ask] else Reading.DETAIL


WITHOUT_REPLY = frozenset({"handoff", "greet", "goodbye", "compliment", "affirm", "deny", "repeat"})
"""Asides that no rule replies to in the middle of the form: its question is simply asked again."""

_SMALL_TALK = frozenset(
    {
        *("greet", "thanks", "compliment", "insult", "bot_challenge", "affirm", "handoff"),
        "callback_status",
    }
)


def _is_number(text: str) -> bool:
    """Whether a phone number is meant, a whole one or too short a one."""
    digits = len(_DIGIT.findall(text))
    return digits >= _LEAST_PHONE_DIGITS or digits > sum(letter.isalpha() for letter in text)


def _read_consent(text: str, intent: str) -> Reading:
    if _YES.match(text) or (intent == "affirm" and not _NO.match(text)):
        return Reading.YES
    if _NO.match(text) or intent == "deny":
        return Reading.NO
    return Reading.ASIDE
