"""Whether what is told lies behind: a time long gone, over, cured, or so for years.

Called by `clinic.red_flag_context`, which asks only where nothing in the message says now. The cue
must govern the wording in its own clause.
"""

from __future__ import annotations

from clinic.red_flag_cues import Cues, overlap, plain_forms
from clinic.red_flag_passage import Span

__all__ = ["departed", "ended", "happens", "lasts", "of_a_relative", "of_an_illness", "solved"]

_ENDED = plain_forms(
    "fine ok okay good clear normal gone better resolved subsided cleared bien perfect stopped "
    "ended disappeared away over"
)
_LINKS = plain_forms(
    "is are was its all feels feel much got went has have since completely totally esta"
)
_AFTER_END = plain_forms(
    "now already hours yesterday on thanks thank completely since ages long so and for"
)
_ILLNESS = plain_forms("stroke strokes attack infarct derrame infarto embolia")
_HAPPENS = plain_forms(
    "is isnt im hes shes cant wont hurts feels keeps breathes wheezes coughs shakes gasps barely"
)
_AND = plain_forms("and y but")
# What may stand between an illness and how long it has been there, commas or not.
_KNOWN = plain_forms(
    "stable controlled managed known documented mild diagnosed medicated well about some same "
    "NUM ten two three four five six seven eight nine twelve fifteen twenty thirty"
)
_NEAR = 3  # words between what cured it and what was cured
_NOT = plain_forms(
    "not never hasnt havent didnt isnt wasnt doesnt cant wont nothing nobody barely almost nearly "
    "could would should will if until before"
)


def ended(cues: Cues, span: Span) -> bool:
    """Whether it is said to be over: "the bleeding stopped hours ago"."""
    tokens = cues.passage.tokens
    for place in range(span[1], min(span[1] + 4, len(tokens))):
        if cues.segments[place] != cues.segments[span[0]]:
            return False
        linked = place == span[1] or cues.passage.holds(place - 1, _LINKS)
        last = place + 1 >= len(tokens) or cues.broken_between(place, place + 1)
        last = last or cues.passage.holds(place + 1, _AFTER_END)
        if cues.passage.holds(place, _ENDED) and linked and last:
            return not any(overlap(cue, (span[1], place)) for cue in cues.spans["denial"])
    return False


def solved(cues: Cues, span: Span) -> bool:
    """Whether something cured it: "antibiotics cleared the cellulitis"; not "never cleared it"."""
    for cue in cues.spans["solved"]:
        if not 0 <= span[0] - cue[1] <= _NEAR or cues.broken_between(cue[0], span[0]):
            continue
        before = (max(cues.clause_start(cue[0]), cue[0] - _NEAR), cue[0])
        if not cues.passage.any_within(_NOT, *before):
            return True
    return False


def lasts(cues: Cues, span: Span) -> bool:
    """Whether its clause says that it has been so for years: "angina, stable, ten years now"."""
    for cue in cues.spans["lasting"]:
        if overlap(cue, span):
            continue  # "the worst headache of my whole life"
        between = range(min(cue[1], span[1]), max(cue[0], span[0]))
        known = all(cues.passage.holds(place, _KNOWN) for place in between)
        if known and cues.segments[cue[0]] == cues.segments[span[0]]:
            return True
        apart = cues.broken_between(min(cue[0], span[0]), max(cue[1], span[1]) - 1)
        if not apart and not any(cues.passage.holds(place, _AND) for place in between):
            return True
    return False


def happens(cues: Cues, span: Span) -> bool:
    """Whether its verb is of today: "he had some beers and breathes once a minute"."""
    return any(cues.passage.holds(place, _HAPPENS) for place in range(*span))


def departed(cues: Cues, span: Span) -> bool:
    """Whether it is told of somebody dead: "my late husband collapsed"."""
    return any(
        0 <= span[0] - cue[1] <= 1 and not cues.broken_between(cue[0], span[1] - 1)
        for cue in cues.spans["departed"]
    )


def of_a_relative(cues: Cues, span: Span) -> bool:
    """Whether somebody else is told of before it, in its sentence."""
    return any(
        cue[0] < span[1] and cues.segments[cue[0]] == cues.segments[span[0]]
        for cue in cues.spans["relative"]
    )


def of_an_illness(cues: Cues, span: Span) -> bool:
    """Whether an illness is named that people speak of as history: "had a stroke"."""
    return any(cues.passage.holds(place, _ILLNESS) for place in range(*span))
