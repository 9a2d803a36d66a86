"""Whether words of danger are only supposed or asked about: "what if I faint", "the risk of it".

Called by `clinic.red_flag_context`. The supposition must stand before the wording in its clause,
and nothing may say that it is there.
"""

from __future__ import annotations

from clinic.red_flag_cues import Cues, overlap, plain_forms
from clinic.red_flag_passage import Span
from clinic.red_flag_questions import asks_generally, calls, somebody

__all__ = ["after_treatment", "supposed", "surely_supposed"]

_NEAR = 2  # words between a wording and the "odds" of it
_FAR = 7  # words between a what-if and what it supposes
# A new subject begins a clause even where the comma was left out.
_SUBJECT = plain_forms(
    "i im ive it its he hes she shes my mine we were they theyre there theres this yo"
)
_I = plain_forms("i yo")
_IF = plain_forms("if suppose supposing imagine hypothetically si when")
_AS = plain_forms("as like")
_CALL = plain_forms("call")
_URGED = plain_forms("please now help hurry quick right")
_OPENING = plain_forms("what que y suppose supposing imagine hypothetically say lets in")
_OWN = plain_forms("my his her this these our their me him the")
_HAVING = plain_forms("have feel got get keep")
_MINE = plain_forms("mine mia mio")
_AFTER = plain_forms("after since following despues desde")
_SELF = plain_forms("i im me my yo")


def supposed(cues: Cues, span: Span, *, breath: bool) -> bool:
    """Whether it is supposed or asked about; `breath` says that it is of chest or breath."""
    if cues.says_now or cues.passage.places_of(_MINE):
        return False
    if _asked_after(cues, span):
        return True
    if cues.borne_out(span):
        return False
    # Chest or breath after a treatment is asked about by those who have it.
    if asks_generally(cues, span) and not (breath and after_treatment(cues, span)):
        return True
    return any(
        _leads(cues, cue, span) and _supposes(cues, cue, span) for cue in cues.spans["supposing"]
    ) or any(
        _leads(cues, cue, span) and _generally(cues, cue, span) for cue in cues.spans["general"]
    )


def surely_supposed(cues: Cues, span: Span, *, breath: bool) -> bool:
    """Whether it is so beyond doubt: an open "what if", or the patient is not named."""
    what_if = any(
        cue[0] <= span[0]
        and not cues.broken_between(cue[0], span[0])
        and cues.passage.holds(cue[0], _OPENING)
        for cue in cues.spans["supposing"]
    )
    if breath and after_treatment(cues, span):
        return False
    return what_if or not _names_self(cues, span)


def after_treatment(cues: Cues, span: Span) -> bool:
    """Whether its sentence speaks of the time after a treatment."""
    return cues.treated and any(
        cues.passage.holds(place, _AFTER) for place in range(*cues.segment_of(span))
    )


def _leads(cues: Cues, cue: Span, span: Span) -> bool:
    """Whether `cue` stands shortly before `span`, in its clause, and compares with nothing."""
    if cue[0] > span[0] or span[0] - cue[1] > _FAR:
        return False
    if cues.segments[cue[0]] != cues.segments[span[0]]:
        return False
    if cue[0] and cues.passage.holds(cue[0] - 1, _AS):
        return False  # "as if a knife went in"
    between = range(min(cue[1], span[0]), span[0])
    if any(cues.comma_at(place) for place in (*between, span[0])):
        return False
    called = calls(cues, range(cue[1], span[1]), span) and not _asks_who_calls(cues, cue, span)
    return not called and not _is_there(cues, cue, span)


def _asks_who_calls(cues: Cues, cue: Span, span: Span) -> bool:
    """Whether it is asked who would call: "would they call an ambulance", for nobody in need."""
    rest = (cue[1], cues.clause_end(span[1] - 1))
    return (
        overlap(cue, span)
        and cues.passage.holds(cue[1] - 1, _CALL)
        and not somebody(cues, rest)
        and not cues.passage.any_within(_OWN | _SELF | _URGED, *rest)
    )


def _supposes(cues: Cues, cue: Span, span: Span) -> bool:
    """Not where it points at something there: "worried about my chest pain"."""
    if any(cues.passage.holds(place, _IF) for place in range(*cue)):
        return True
    return not cues.passage.any_within(_OWN, cue[1], span[0])


def _generally(cues: Cues, cue: Span, span: Span) -> bool:
    """Not where anybody stands between of whom it is told."""
    between = (cue[1], max(cue[1], span[0]))
    if any(cues.passage.holds(place, _SUBJECT) for place in range(*between)):
        return False
    return not somebody(cues, between)


def _is_there(cues: Cues, cue: Span, span: Span) -> bool:
    """Whether something says so: "what if it is a stroke, my arm is numb"."""
    around = (cue[0], span[1])
    return any(
        overlap(other, around)
        and not cues.broken_between(other[0], other[1] - 1)
        and not _is_condition(cues, cue, other)
        for other in cues.spans["actual"]
    )


def _is_condition(cues: Cues, cue: Span, other: Span) -> bool:
    """Whether an "I have" belongs to the "what if" before it."""
    having = other[0] + 1 < other[1] and cues.passage.holds(other[0] + 1, _HAVING)
    return other[0] <= cue[1] and cues.passage.holds(other[0], _I) and having


def _asked_after(cues: Cues, span: Span) -> bool:
    """Whether a general question follows: "lung puncture odds", told of nobody."""
    return not _names_self(cues, span) and any(
        0 <= cue[0] - span[1] <= _NEAR and not cues.broken_between(span[1] - 1, cue[0])
        for cue in cues.spans["general_after"]
    )


def _names_self(cues: Cues, span: Span) -> bool:
    first = max(0, span[0] - _FAR)
    return any(cues.passage.holds(place, _SELF) for place in range(first, span[1]))
