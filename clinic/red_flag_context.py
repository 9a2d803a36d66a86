"""Whether a wording of danger is meant: now, denied, past, what-if, somebody's history, an idiom.

Called by `clinic.red_flags`. Silence is earned: a cue counts only where it stands in the clause of
the wording and governs it, and nothing in the message says that it happens now. Ready-made packages
silence a third to a half of true emergencies because their cues reach to the end of the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from clinic.red_flag_catalogue import Acuity, Catalogue, RedFlag
from clinic.red_flag_cues import Cues, overlap, plain_forms
from clinic.red_flag_denial import denied
from clinic.red_flag_passage import Passage, Span
from clinic.red_flag_patterns import Match, Pattern, find, whole

__all__ = ["Context", "ContextReader", "Judgement"]


class Context(str, Enum):
    """In which sense the words of danger are used."""

    NOW = "now"
    DENIED = "denied"
    PAST = "past"
    HYPOTHETICAL = "hypothetical"
    OTHER_HISTORY = "somebody else's history"
    IDIOM = "idiom"


@dataclass(frozen=True)
class Judgement:
    """The context, and whether silence is beyond doubt (else one short question is asked)."""

    context: Context
    sure: bool = True


# A new subject begins a clause even where the comma was left out.
_SUBJECT = plain_forms(
    "i im ive it its he hes she shes my mine we were they theyre there theres this yo"
)
_ENDED = plain_forms(
    "fine ok okay good clear normal gone better resolved subsided cleared bien perfect stopped "
    "ended disappeared away over"
)
_LINKS = plain_forms(
    "is are was its all feels feel much got went has have since completely totally esta"
)
_AFTER_END = plain_forms(
    "now already hours yesterday on thanks thank completely since ages long so and"
)
_BREATH_FLAGS = frozenset({"breathing", "chest_pain", "coughing_blood"})
_NEAR = 2  # words between a wording and the "odds" of it
_FAR = 7  # words between a what-if and what it supposes
_REST = 6  # words beside the wording, from which on the message asks something else

_I = plain_forms("i yo")
_IF = plain_forms("if suppose supposing imagine hypothetically si when")
_AS = plain_forms("as like")
_OPENING = plain_forms("what que y suppose supposing imagine hypothetically say lets in")
_ANYBODY = plain_forms("people person patient somebody someone guy")
_OWN = plain_forms("my his her this these our their me him the")
_HAVING = plain_forms("have feel got get keep")
_ILLNESS = plain_forms("stroke strokes attack infarct derrame infarto embolia")
_PRESENT = plain_forms(
    "want wants going im am feel thinking planning plan wish think keep ready quiero voy"
)
_PREPOSITIONS = plain_forms("on in by with from to at over off through onto en del")
_NEVER_OVER = frozenset(  # over again or not, somebody has to look at once
    {"unresponsive", "seizure", "stroke", "sight", "overdose", "anaphylaxis", "coughing_blood"}
    | {"cauda_equina", "blood_inside", "defibrillator"}
)
_SELF_TALK = plain_forms("i im ive me my he she hes shes and")
_MINE = plain_forms("mine mia mio")
_SELF = plain_forms("i im me my yo")


class ContextReader:
    """Judges wordings found in one message."""

    def __init__(self, catalogue: Catalogue, passage: Passage) -> None:
        self.cues = Cues(catalogue, passage)
        self._passage = passage
        self._plain_rest: Passage | None = None

    def readings(self, pattern: Pattern, matches: list[Match]) -> list[tuple[Match, bool]]:
        """Each match of `pattern`, and whether it lives on a figure of speech alone."""
        if not self.cues.idioms:
            return [(match, False) for match in matches]
        if self._plain_rest is None:
            self._plain_rest = self._passage.without(self.cues.idioms)
        meant = find(pattern, self._plain_rest)
        figures = [match for match in matches if match not in meant]
        return [(match, False) for match in meant] + [(match, True) for match in figures]

    def judge(  # noqa: PLR0911 - one line for each context
        self, flag: RedFlag, match: Match, pattern: Pattern
    ) -> Judgement:
        """The context of one wording."""
        span = whole(match)
        crisis = flag.acuity is Acuity.CRISIS
        if denied(self.cues, pattern, match, crisis=crisis):
            return Judgement(Context.DENIED)
        if crisis:
            # Past only where a time is named, and never a supposition.
            past = not self.cues.says_now and self.cues.told_past(span) and not self._present(span)
            return Judgement(Context.PAST if past else Context.NOW)
        recent = self.cues.treated and flag.name in _BREATH_FLAGS and not self.cues.told_past(span)
        if not self.cues.says_now and not recent:
            past_judgement = self._past(flag, span)
            if past_judgement is not None:
                return past_judgement
            if flag.name not in _NEVER_OVER and self._ended(span):
                return Judgement(Context.PAST, sure=flag.name not in _BREATH_FLAGS)
        if self._of_a_thing(span):
            return Judgement(Context.IDIOM)
        if self._supposed(span):
            sure = self._what_if(span) or not self._names_self(span)
            return Judgement(Context.HYPOTHETICAL, sure=sure)
        return Judgement(Context.NOW)

    def _present(self, span: Span) -> bool:
        """Whether the wish is of today: "when I was a boy he beat me and I want to die"."""
        return any(self._passage.holds(place, _PRESENT) for place in range(*span))

    def _ended(self, span: Span) -> bool:
        """Whether it is said to be over: "the bleeding stopped hours ago"."""
        tokens = self._passage.tokens
        for place in range(span[1], min(span[1] + 4, len(tokens))):
            if self.cues.segments[place] != self.cues.segments[span[0]]:
                return False
            linked = place == span[1] or self._passage.holds(place - 1, _LINKS)
            last = place + 1 >= len(tokens) or self.cues.broken_between(place, place + 1)
            last = last or self._passage.holds(place + 1, _AFTER_END)
            if self._passage.holds(place, _ENDED) and linked and last:
                return not any(overlap(cue, (span[1], place)) for cue in self.cues.spans["denial"])
        return False

    def _past(self, flag: RedFlag, span: Span) -> Judgement | None:
        lasting = flag.acuity is Acuity.URGENT and self.cues.in_segment("lasting", span)
        told = self.cues.told_past(span) or lasting
        broken = self.cues.in_segment("breaks_denial", span)
        had = self.cues.leads("had", span) and not broken
        never = self.cues.leads("never", span) and not broken
        if not (told or had or never):
            return None
        relative = any(
            cue[0] < span[1] and self.cues.segments[cue[0]] == self.cues.segments[span[0]]
            for cue in self.cues.spans["relative"]
        )
        if relative and (told or had):
            # "My mother had a stroke" is history; "my mother had chest pain" may be of today.
            sure = told or any(self._passage.holds(place, _ILLNESS) for place in range(*span))
            return Judgement(Context.OTHER_HISTORY, sure=sure)
        if told or never:
            return Judgement(Context.PAST)
        # "I had a stroke" with neither a time nor anything else asked may have been an hour ago.
        rest = len(self._passage.tokens) - (span[1] - span[0])
        return Judgement(Context.PAST, sure=False) if rest > _REST else None

    def _supposed(self, span: Span) -> bool:  # noqa: C901 - one line for each exception
        places = range(len(self._passage.tokens))
        if self.cues.says_now or any(self._passage.holds(place, _MINE) for place in places):
            return False
        if self._asked_after(span):
            return True
        for name in ("supposing", "general"):
            for cue in self.cues.spans[name]:
                if self.cues.segments[cue[0]] != self.cues.segments[span[0]]:
                    continue
                if cue[0] and self._passage.holds(cue[0] - 1, _AS):
                    continue  # "as if a knife went in"
                if cue[0] > span[0] or span[0] - cue[1] > _FAR:
                    continue
                between = range(min(cue[1], span[0]), span[0])
                if any(self.cues.comma_at(place) for place in (*between, span[0])):
                    continue
                if name == "general" and self._somebody(between):
                    continue
                if name == "supposing" and self._points(cue, between):
                    continue
                around = (cue[0], span[1])
                told = [
                    other
                    for other in self.cues.spans["actual"]
                    if overlap(other, around) and not self._is_condition(cue, other)
                ]
                if not told:
                    return True
        return False

    def _somebody(self, between: range) -> bool:
        """Whether anybody stands there of whom it is told."""
        if any(self._passage.holds(place, _SUBJECT) for place in between):
            return True
        span = (between.start, between.stop)
        return any(
            overlap(other, span) and not self._passage.holds(other[0], _ANYBODY)
            for other in self.cues.spans["relative"]
        )

    def _points(self, cue: Span, between: range) -> bool:
        """Whether it is there: "worried about my chest pain", unlike "if my chest hurts"."""
        if any(self._passage.holds(place, _IF) for place in range(*cue)):
            return False
        return any(self._passage.holds(place, _OWN) for place in between)

    def _asked_after(self, span: Span) -> bool:
        """Whether a general question follows: "lung puncture odds", told of nobody."""
        return not self._names_self(span) and any(
            0 <= cue[0] - span[1] <= _NEAR and not self.cues.broken_between(span[1] - 1, cue[0])
            for cue in self.cues.spans["general_after"]
        )

    def _what_if(self, span: Span) -> bool:
        """Whether an open supposition leads the clause: "what if", "suppose"."""
        return any(
            cue[0] <= span[0]
            and not self.cues.broken_between(cue[0], span[0])
            and self._passage.holds(cue[0], _OPENING)
            for cue in self.cues.spans["supposing"]
        )

    def _is_condition(self, cue: Span, other: Span) -> bool:
        """Whether an "I have" belongs to the "what if" before it."""
        having = other[0] + 1 < other[1] and self._passage.holds(other[0] + 1, _HAVING)
        return other[0] <= cue[1] and self._passage.holds(other[0], _I) and having

    def _of_a_thing(self, span: Span) -> bool:
        """Whether a thing is the subject: "the printer is choking"."""
        people = self.cues.spans["relative"]
        for cue in self.cues.spans["things"]:
            between = range(cue[1], span[0])
            if cue[0] >= span[0] or len(between) > _FAR:
                continue
            if self.cues.broken_between(cue[0], span[0]):
                continue
            before = range(max(0, cue[0] - 2), cue[0])
            if any(self._passage.holds(place, _PREPOSITIONS) for place in before):
                continue  # "on the phone", "at the computer"
            if any(overlap(other, (cue[1], span[1])) for other in people):
                continue
            if not any(self._passage.holds(place, _SELF_TALK) for place in between):
                return True
        return False

    def _names_self(self, span: Span) -> bool:
        first = max(0, span[0] - _FAR)
        return any(self._passage.holds(place, _SELF) for place in range(first, span[1]))
