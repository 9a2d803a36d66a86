"""Whether words of danger are only talked about: as words, on a form, in a lesson, as hearsay.

Called by `clinic.red_flag_context`. Silence is earned here as elsewhere: the sentence must say what
the words are for, and between that and the wording stands nobody of whom it is told.
"""

from __future__ import annotations

from clinic.red_flag_cues import US, Cues, plain_forms
from clinic.red_flag_passage import Span
from clinic.red_flag_questions import calls, opens_question, somebody

__all__ = ["as_hearsay", "as_words", "in_a_lesson", "on_a_form", "only_reach"]

_PEOPLE = US | plain_forms("he she him her his hes shes they them")
_STRANGER = plain_forms("he she him her his they someone somebody lady guy man woman person people")
# What a lesson asks for: "need the order of checks", "which is worse".
_ASKED_FOR = plain_forms(
    "need what whats which how order define explain list name difference meaning advice steps"
)
_NONE = plain_forms("none no nothing neither nope never not ninguno ninguna")
_YES, _OR = plain_forms("yes yep yeah si"), plain_forms("or")
_TICKED = plain_forms("tick ticked check checked mark marked circled put answered have had got")
_LONG_QUOTE, _NEAR = 40, 3  # words of a quote, and between it and what is quoted
_SAY = plain_forms("say dice")
# With any of these an arm that cannot be lifted is no stiff shoulder.
_STROKE = plain_forms(
    "sudden suddenly face mouth smile speech words slur slurred slurring droop drooping numb limp "
    "floppy tingling dead useless paralyzed minutes minute hour hours today tonight now just woke "
    "morning confused leg legs lado cara repente"
)


def as_words(cues: Cues, span: Span) -> bool:
    """Whether a word or a text is asked for: "translate: the patient lost consciousness"."""
    first, last = cues.segment_of(span)
    if _quoted_from(cues, ("wording", "fiction"), span):
        return True
    for cue in cues.spans["wording"]:
        if not first <= cue[0] < last:
            continue
        begun = cue[1] if cue[0] < span[0] else first
        if cues.passage.holds(cue[1] - 1, _SAY) and cues.passage.holds(begun, _STRANGER):
            begun += 1  # "how do you say he fainted": who that is nobody asks
        if not cues.passage.any_within(_PEOPLE, begun, span[1]):
            return True
    return False


def _quoted(cues: Cues, span: Span) -> bool:
    """Whether it stands between quotation marks."""
    return all(cues.passage.tokens[place].quoted for place in range(*span))


def _quoted_from(cues: Cues, names: tuple[str, ...], span: Span) -> bool:
    """Whether a song, a text or the like is quoted: 'the song goes "I can't feel my face"'."""
    if not _quoted(cues, span):
        return False
    begun = span[0]
    while begun and cues.passage.tokens[begun - 1].quoted and span[0] - begun < _LONG_QUOTE:
        begun -= 1
    return any(
        0 <= begun - cue[1] <= _NEAR
        and not cues.passage.any_within(_PEOPLE, cue[1], begun)
        and not somebody(cues, (cue[1], begun))
        for name in names
        for cue in cues.spans[name]
    )


def on_a_form(cues: Cues, span: Span) -> bool:
    """Whether a form names it and nobody is said to have it: "it lists stroke, I tick none"."""
    if cues.says_now or cues.treated_lately or cues.borne_out(span) or not cues.spans["form"]:
        return False
    quoted = _quoted(cues, span)
    first, last = (0, len(cues.segments)) if quoted else cues.segment_of(span)
    named = [cue for cue in cues.spans["form"] if first <= cue[0] < last]
    if not named or calls(cues, range(first, span[0]), span):
        return False
    begun = max([cues.clause_start(span[0]), *(cue[1] for cue in named if cue[1] <= span[0])])
    told = _TICKED if quoted else _TICKED | _PEOPLE
    if cues.passage.any_within(told, begun, span[1]) or _says_yes(cues):
        return False  # "the form asks, and I do have chest pain"
    return bool(cues.passage.places_of(_NONE)) or any(
        cues.passage.tokens[place].asked or opens_question(cues, place) is not None
        for place in range(len(cues.segments))
    )


def _says_yes(cues: Cues) -> bool:
    """Whether something is answered with yes; "yes or no" answers nothing."""
    return any(
        not cues.passage.any_within(_OR, place, place + 2) for place in cues.passage.places_of(_YES)
    )


def in_a_lesson(cues: Cues, span: Span) -> bool:
    """Whether somebody studies it: "nursing student, need the checks for an unresponsive adult"."""
    if not cues.spans["study"] or cues.says_now or cues.borne_out(span):
        return False
    first, last = cues.segment_of(span)
    told = (cues.clause_start(span[0]), span[1])
    if somebody(cues, told) or cues.passage.any_within(US, *told):
        return False
    if calls(cues, range(first, span[0]), span):
        return False
    return (
        cues.passage.tokens[span[0]].asked
        or cues.passage.any_within(_ASKED_FOR, first, last)
        or any(opens_question(cues, place) is not None for place in range(first, last))
    )


def as_hearsay(cues: Cues, span: Span) -> bool:
    """Whether it was read or heard of a stranger: "read that someone's lung collapsed"."""
    if cues.says_now or cues.borne_out(span):
        return False
    first, _ = cues.segment_of(span)
    # "Read about you, chest pain" tells of nobody else.
    if _retold(cues, span):
        return True
    stranger = cues.passage.any_within(_STRANGER, cues.clause_start(span[0]), span[1])
    return any(
        first <= cue[0] < span[0]
        and (stranger or not cues.broken_between(cue[0], span[0]))
        and not cues.passage.any_within(US, cue[1], span[1])
        for cue in cues.spans["hearsay"]
    )


def _retold(cues: Cues, span: Span) -> bool:
    """Whether gossip is told to ask how often it happens: "girl at my gym said …, how common"."""
    first, _ = cues.segment_of(span)
    asked = any(cue[0] >= span[1] for cue in cues.spans["general_after"])
    return asked and any(
        first <= cue[0] < span[0] and not cues.passage.any_within(US, cue[1], span[1])
        for cue in cues.spans["gossip"]
    )


def only_reach(cues: Cues, span: Span) -> bool:
    """Whether an arm that cannot be lifted is a stiff shoulder: "can't reach to comb my hair"."""
    first, last = cues.segment_of(span)
    return any(first <= cue[0] < last for cue in cues.spans["reach"]) and not (
        cues.passage.places_of(_STROKE)
    )
