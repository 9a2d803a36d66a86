"""Whether a wording of danger is meant: now, denied, past, what-if, somebody's history, an idiom.

Called by `clinic.red_flags`. Silence is earned: a cue counts only where it stands in the clause of
the wording and governs it, and nothing in the message says that it happens now. Ready-made packages
silence a third to a half of true emergencies because their cues reach to the end of the sentence.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from clinic.red_flag_catalogue import Acuity, Catalogue, RedFlag
from clinic.red_flag_cues import Cues, plain_forms
from clinic.red_flag_denial import denied
from clinic.red_flag_figures import (
    exaggerated,
    in_dread,
    in_fiction,
    of_a_thing,
    of_a_treat,
    seen_thing,
)
from clinic.red_flag_history import (
    departed,
    ended,
    happens,
    lasts,
    of_a_relative,
    of_an_illness,
    solved,
)
from clinic.red_flag_passage import Passage, Span
from clinic.red_flag_patterns import Match, Pattern, find, whole
from clinic.red_flag_questions import opens_question
from clinic.red_flag_supposed import supposed, surely_supposed
from clinic.red_flag_talk import as_hearsay, as_words, in_a_lesson, on_a_form, only_reach

__all__ = ["Context", "ContextReader", "Judgement"]


class Context(str, Enum):
    """In which sense the words of danger are used."""

    NOW = "now"
    DENIED = "denied"
    PAST = "past"
    HYPOTHETICAL = "hypothetical"
    OTHER_HISTORY = "somebody else's history"
    IDIOM = "idiom"
    UNCERTAIN = "uncertain"  # by `clinic.red_flags.Assessment.doubted`


@dataclass(frozen=True)
class Judgement:
    """The context, and whether silence is beyond doubt (else one short question is asked)."""

    context: Context
    sure: bool = True


_BREATH_FLAGS = frozenset({"breathing", "chest_pain", "coughing_blood"})
_REST = 6  # words beside the wording, from which on the message asks something else

_PRESENT = plain_forms(
    "want wants going im am feel thinking planning plan wish think keep ready quiero voy"
)
_NEVER_OVER = frozenset(  # over again or not, somebody has to look at once
    {"unresponsive", "seizure", "stroke", "sight", "overdose", "anaphylaxis", "coughing_blood"}
    | {"cauda_equina", "blood_inside", "defibrillator"}
)
_OVERDOSE = "overdose"
_SIGHT = "sight"
_STROKE = "stroke"


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

    def says_well(self, span: Span) -> bool:
        """Whether mild words are said to be well, or advice is asked: "may I breathe deeply"."""
        begun = bisect_left(self._questions, self.cues.clause_start(span[0]))
        asked = begun < len(self._questions) and self._questions[begun] < span[0]
        return asked or self.cues.said_well(span)

    @cached_property
    def _questions(self) -> list[int]:
        """Where questions open."""
        places = range(len(self._passage.tokens))
        return [place for place in places if opens_question(self.cues, place) is not None]

    def no_sign(self, flag: RedFlag, match: Match) -> bool:
        """Whether a wording of the flag means something else altogether: a stiff shoulder."""
        return flag.name == _STROKE and only_reach(self.cues, whole(match))

    def judge(self, flag: RedFlag, match: Match, pattern: Pattern) -> Judgement:
        """The context of one wording."""
        cues, span = self.cues, whole(match)
        crisis = flag.acuity is Acuity.CRISIS
        if denied(cues, pattern, match, crisis=crisis):
            return Judgement(Context.DENIED)
        if crisis:
            return Judgement(self._crisis(span))
        breath = flag.name in _BREATH_FLAGS
        recent = breath and cues.treated_lately and not cues.told_past(span)
        if not cues.says_now and not recent:
            past = self._past(flag, span)
            if past is not None:
                return past
            if flag.name not in _NEVER_OVER and (ended(cues, span) or solved(cues, span)):
                return Judgement(Context.PAST, sure=not breath)
            if in_dread(cues, span):
                return Judgement(Context.HYPOTHETICAL, sure=not breath)
        return self._unreal(flag, span) or Judgement(Context.NOW)

    def _unreal(self, flag: RedFlag, span: Span) -> Judgement | None:
        """The context of what befalls nobody real, is read of a stranger, or only supposed."""
        cues, breath = self.cues, flag.name in _BREATH_FLAGS
        if (
            (flag.name == _SIGHT and seen_thing(cues, span))
            or (flag.name == _OVERDOSE and of_a_treat(cues, span))
            or of_a_thing(cues, span)
            or in_fiction(cues, span)
            or as_words(cues, span)
            or exaggerated(cues, span)
            or on_a_form(cues, span)
        ):
            return Judgement(Context.IDIOM)
        if as_hearsay(cues, span) or departed(cues, span):
            return Judgement(Context.OTHER_HISTORY)
        if in_a_lesson(cues, span):
            return Judgement(Context.HYPOTHETICAL)
        if supposed(cues, span, breath=breath):
            sure = surely_supposed(cues, span, breath=breath)
            return Judgement(Context.HYPOTHETICAL, sure=sure)
        return None

    def _crisis(self, span: Span) -> Context:
        """The context of suicidal words: never a supposition, past only where a time is named."""
        cues = self.cues
        if not cues.says_now and cues.told_past(span) and not self._present(span):
            return Context.PAST
        unreal = of_a_thing(cues, span) or in_fiction(cues, span)
        return Context.IDIOM if unreal else Context.NOW

    def _present(self, span: Span) -> bool:
        """Whether the wish is of today: "when I was a boy he beat me and I want to die"."""
        return any(self._passage.holds(place, _PRESENT) for place in range(*span))

    def _past(self, flag: RedFlag, span: Span) -> Judgement | None:
        lasting = self.cues.in_segment("lasting", span)
        told = self.cues.told_past(span) or (lasting and flag.acuity is Acuity.URGENT)
        broken = self.cues.in_segment("breaks_denial", span)
        had = self.cues.leads("had", span) or self.cues.begins("had", span)
        had = had and not broken and not happens(self.cues, span)
        # "The operation never cured my chest pain" says that it is there.
        uncured = self.cues.leads("solved", span)
        never = self.cues.leads("never", span) and not broken and not uncured
        if not (told or had or never):
            # "He stops breathing at night, for years": nothing new, but not beyond doubt.
            return Judgement(Context.PAST, sure=False) if lasts(self.cues, span) else None
        if (told or had) and of_a_relative(self.cues, span):
            # "My mother had a stroke" is history; "my mother had chest pain" may be of today.
            sure = told or of_an_illness(self.cues, span)
            return Judgement(Context.OTHER_HISTORY, sure=sure)
        if told or never:
            return Judgement(Context.PAST)
        # "I had a stroke" with neither a time nor anything else asked may have been an hour ago.
        rest = len(self._passage.tokens) - (span[1] - span[0])
        return Judgement(Context.PAST, sure=False) if rest > _REST else None
