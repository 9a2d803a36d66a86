"""Whether words of danger are said of a thing, in a story, in jest, or at the thought of a needle.

Called by `clinic.red_flag_context`. A thing must be the subject, with nobody told of between it and
the wording; a story counts only where the clause tells of nobody real; a jest needs a cause that
makes nobody ill, and that governs the wording.
"""

from __future__ import annotations

from clinic.red_flag_cues import US, Cues, overlap, plain_forms
from clinic.red_flag_passage import Span

__all__ = ["exaggerated", "in_dread", "in_fiction", "of_a_thing", "of_a_treat", "seen_thing"]

_FAR = 7  # words between a thing and what it does
_NEAR = 3  # words between an "in" and the story
_PREPOSITIONS = plain_forms("on in by with from to at over off through onto en del")
_PEOPLE = plain_forms("i im ive ill me my mine he she his her him hes shes us our we")
_OURS = US | plain_forms("he hes she shes")
_INSIDE = plain_forms("in on inside en")
_EYES = plain_forms("eye eyes vision sight eyesight ojo ojos vista half left right side hand face")
_AND = plain_forms("and since after y")
_IT = plain_forms("it its")  # "the laptop crashed and it's unresponsive"
_DOES = plain_forms("wheezes gasps coughs")
_WONT, _WAKE = plain_forms("wont doesnt"), plain_forms("wake")
_MY = plain_forms("my our his her their the")
# How a bill or a form is made the cause of it: "a stroke over that form", "has me gasping".
_OVER = plain_forms("of from over with at about")
_HAS_ME = plain_forms("has have had gives give gave makes make made leaves leave left got gets")
_OF = plain_forms("of called named")
_AT_TABLE = plain_forms("at over in on last yesterday again this while watching for so lol")
_WHEN = plain_forms("when")
_ME = plain_forms("me us him her")
_CAUSE = 3  # words between a wording and its cause
_MAKING = plain_forms("writing write wrote need making author help")


def of_a_thing(cues: Cues, span: Span) -> bool:
    """Whether a thing or an animal is the subject: "the printer is choking"."""
    for cue in cues.spans["things"]:
        # "My plants are dying": the wording may begin a word before the thing.
        if cue[0] > span[0] + 1 or span[0] - cue[1] > _FAR:
            continue
        if cues.broken_between(min(cue[0], span[0]), max(cue[0], span[0])):
            continue
        before = range(max(0, cue[0] - 2), cue[0])
        if any(cues.passage.holds(place, _PREPOSITIONS) for place in before):
            continue  # "on the phone", "at the computer"
        # "The kettle boils and then wheezes": a verb of one that is no patient goes on with it.
        goes_on = cues.passage.holds(span[0], _DOES) or (
            cues.passage.holds(span[0], _WONT) and cues.passage.holds(span[0] + 1, _WAKE)
        )
        joined = any(
            cues.passage.holds(place, _AND) and not cues.passage.holds(place + 1, _IT)
            for place in range(cue[1], span[0])
        )
        if (goes_on or not joined) and not _tells_of_people(cues, (cue[1], span[1])):
            return True
    return False


def seen_thing(cues: Cues, span: Span) -> bool:
    """Whether it is a screen or a form that cannot be seen, and no eye is spoken of."""
    segment = cues.segment_of(span)
    return any(segment[0] <= cue[0] < segment[1] for cue in cues.spans["things"]) and not any(
        cues.passage.holds(place, _EYES) for place in range(*segment)
    )


def in_fiction(cues: Cues, span: Span) -> bool:
    """Whether it happens in a story or a game and to nobody real: "in that film he faints"."""
    first, last = cues.segment_of(span)
    stories = [cue[0] for cue in cues.fiction if first <= cue[0] < last]
    if not stories:
        return False
    if any(span[0] == cue[1] + 1 and cues.passage.holds(cue[1], _OF) for cue in cues.fiction):
        return not cues.passage.any_within(_PEOPLE, *span)  # "the lyrics of Suicide is Painless"
    # "In fortnite he bleeds out" tells of a figure, "the film was over when he fainted" may not.
    inside = any(
        cues.passage.holds(place, _INSIDE)
        for story in stories
        for place in range(max(first, story - _NEAR), story)
    )
    begun = max(cues.clause_start(span[0]), _written_from(cues, first, span))
    people = cues.passage.places_within(US if inside else _OURS, begun, span[1])
    return all(place in cues.figures for place in people)  # "my main got poisoned"


def _written_from(cues: Cues, first: int, span: Span) -> int:
    """Where the story of somebody who writes one begins: "I'm writing a drama where he faints"."""
    ends = [
        cue[1]
        for cue in cues.fiction
        if first <= cue[0] < span[0]
        and any(
            cues.passage.holds(place, _MAKING) for place in range(max(first, cue[0] - _FAR), cue[0])
        )
    ]
    return max(ends, default=first)


def exaggerated(cues: Cues, span: Span) -> bool:
    """Whether a bill, a form or the like is the cause: "tax season has me gasping"."""
    first, last = cues.segment_of(span)
    causes = [cue for cue in cues.spans["trifle"] if first <= cue[0] < last]
    if not causes or cues.says_now or cues.treated:
        return False
    nearly = any(0 <= span[0] - cue[1] <= 1 or cue[0] == span[0] for cue in cues.spans["nearly"])
    return any(_is_cause(cues, cue, span) or (nearly and _apart(cues, cue, span)) for cue in causes)


def _apart(cues: Cues, cue: Span, span: Span) -> bool:
    """Whether `cue` is told before it, next to it after a comma, or as its cause."""
    if cue[0] < span[1]:
        return cue[1] <= span[0]
    if cues.comma_at(span[1]):
        return cue[0] - span[1] <= 1
    return not cues.broken_between(span[1] - 1, cue[0]) and cues.passage.any_within(
        _OVER | _WHEN, span[1], cue[0]
    )


def of_a_treat(cues: Cues, span: Span) -> bool:
    """Whether somebody took too much of what is eaten for pleasure, and of nothing else."""
    for cue in cues.spans["treats"]:
        if not (span[0] < cue[1] and cue[0] - span[1] <= 1):
            continue
        alone = cue[1] >= len(cues.segments) or cues.comma_at(cue[1])
        return alone or cues.passage.holds(cue[1], _AT_TABLE)
    return False


def _is_cause(cues: Cues, cue: Span, span: Span) -> bool:
    """Whether `cue` stands as the cause of the words of `span`: before or after them."""
    if cue[0] >= span[1]:
        after = range(span[1], cue[0])
        return (
            len(after) <= _CAUSE
            and bool(after)
            and cues.passage.holds(after[0], _OVER)
            and not cues.broken_between(span[1] - 1, cue[0])
        )
    between = (cue[1], span[0])
    return (
        0 < between[1] - between[0] <= _CAUSE
        and not cues.broken_between(cue[0], span[0])
        and cues.passage.any_within(_HAS_ME, *between)
        and cues.passage.any_within(_ME, *between)
    )


def in_dread(cues: Cues, span: Span) -> bool:
    """Whether it comes at the thought of a needle: "my heart races just thinking of it"."""
    for cue in cues.spans["dread"]:
        first, last = min(cue[0], span[0]), max(cue[1], span[1])
        if cues.broken_between(first, last - 1):
            continue
        between = range(min(cue[1], span[1]), max(cue[0], span[0]))
        if not any(cues.passage.holds(place, _AND) for place in between):
            return True
    return False


def _tells_of_people(cues: Cues, span: Span) -> bool:
    things = {cue[0] for cue in cues.spans["things"]}
    return any(
        cues.passage.holds(place, _PEOPLE)
        and not (cues.passage.holds(place, _MY) and place + 1 in things)  # "on my tractor"
        for place in range(*span)
    ) or any(overlap(other, span) for other in cues.spans["relative"])
