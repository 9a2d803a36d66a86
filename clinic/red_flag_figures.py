"""Whether words of danger are said of a thing, in a story, or at the mere thought of a needle.

Called by `clinic.red_flag_context`. A thing must be the subject, with nobody told of between it and
the wording; a story counts only where the clause tells of nobody real.
"""

from __future__ import annotations

from clinic.red_flag_cues import Cues, overlap, plain_forms
from clinic.red_flag_passage import Span

__all__ = ["in_dread", "in_fiction", "of_a_thing", "seen_thing"]

_FAR = 7  # words between a thing and what it does
_NEAR = 3  # words between an "in" and the story
_PREPOSITIONS = plain_forms("on in by with from to at over off through onto en del")
_PEOPLE = plain_forms("i im ive ill me my mine he she his her him hes shes us our we")
_US = plain_forms("i im ive ill me my mine myself us our we ours")
_OURS = _US | plain_forms("he hes she shes")
_INSIDE = plain_forms("in on inside en")
_EYES = plain_forms("eye eyes vision sight eyesight ojo ojos vista half left right side hand face")
_AND = plain_forms("and since after y")
_DOES = plain_forms("wheezes gasps coughs")
_WONT, _WAKE = plain_forms("wont doesnt"), plain_forms("wake")
_MY = plain_forms("my our his her their the")
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
        joined = any(cues.passage.holds(place, _AND) for place in range(cue[1], span[0]))
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
    # "In fortnite he bleeds out" tells of a figure, "the film was over when he fainted" may not.
    inside = any(
        cues.passage.holds(place, _INSIDE)
        for story in stories
        for place in range(max(first, story - _NEAR), story)
    )
    begun = max(cues.clause_start(span[0]), _written_from(cues, first, span))
    people = cues.passage.places_within(_US if inside else _OURS, begun, span[1])
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
