"""What a message shows as a whole, beside its wordings of danger: half a sign each.

Called by `clinic.red_flags`. None of them silences anything by itself; `assistant.red_flag_verdict`
weighs them with what the classifier thinks.
"""

from __future__ import annotations

from enum import Enum

from clinic.red_flag_cues import Cues, plain_forms
from clinic.red_flag_passage import Span
from clinic.red_flag_questions import calls, opens_question

__all__ = ["Sign", "hedged", "signs"]

_ME = plain_forms("i im ive ill me my mine yo mi me")


class Sign(str, Enum):
    """One thing that a message shows."""

    ASKS = "a question"
    GENERAL = "a general question"
    SUPPOSES = "a supposition"
    PAST = "a time long gone"
    LASTING = "something that has been so for years"
    THING = "a thing or an animal"
    FICTION = "a story or a game"
    DREAD = "the thought of a needle"
    NOW = "something that happens now"
    WELL = "something said to be well"
    DENIES = "a denial"
    ALARMING = "an alarming word"
    TREATED = "a treatment"
    SELF = "the patient"
    OTHER = "somebody else"


# Where one of these lists speaks in the sentence, words of danger may be meant otherwise.
_HEDGES = ("general", "supposing", "past", "lasting", "things", "dread")
_LISTS = {
    Sign.GENERAL: "general",
    Sign.SUPPOSES: "supposing",
    Sign.PAST: "past",
    Sign.LASTING: "lasting",
    Sign.THING: "things",
    Sign.DREAD: "dread",
    Sign.WELL: "well",
    Sign.ALARMING: "alarming",
    Sign.TREATED: "treated",
    Sign.OTHER: "relative",
}


def signs(cues: Cues) -> frozenset[Sign]:
    """What the message shows."""
    tokens = cues.passage.tokens
    shown = {
        Sign.ASKS: any(token.asked for token in tokens)
        or any(opens_question(cues, place) is not None for place in range(len(tokens)))
        or (bool(cues.spans["request"]) and not cues.spans["alarming"]),
        Sign.FICTION: bool(cues.fiction),
        Sign.NOW: cues.says_now,
        Sign.DENIES: bool(cues.denials),
        Sign.SELF: bool(cues.passage.places_of(_ME)),
    }
    shown.update({sign: bool(cues.spans[name]) for sign, name in _LISTS.items()})
    return frozenset(sign for sign, there in shown.items() if there)


def hedged(cues: Cues, span: Span) -> bool:
    """Whether half a sign of silence stands in the sentence of `span`, and nothing bears it out."""
    first, last = cues.segment_of(span)
    if cues.borne_out(span) or calls(cues, range(first, span[0]), span):
        return False
    found = [cue[0] for name in _HEDGES for cue in cues.spans[name]]
    found += [cue[0] for cue in cues.fiction]
    asked = cues.passage.tokens[span[1] - 1].asked
    return (
        asked
        or any(first <= place < last for place in found)
        or any(opens_question(cues, place) is not None for place in range(first, last))
    )
