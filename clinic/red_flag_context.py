"""Whether a wording of danger is meant: now, denied, past, what-if, somebody's history, an idiom.

Called by `clinic.red_flags`. Silence is earned: a cue counts only where it stands in the clause of
the wording and governs it, and nothing in the message says that it happens now. Ready-made packages
silence a third to a half of true emergencies because their cues reach to the end of the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from clinic.red_flag_catalogue import Acuity, Catalogue, RedFlag
from clinic.red_flag_patterns import Match, Passage, Pattern, Span, find, whole
from clinic.red_flag_words import plain_form

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


def _plain(words: str) -> frozenset[str]:
    return frozenset(map(plain_form, words.split()))


_CONTRAST = _plain("but however though although except yet pero aunque sino")
# A new subject begins a clause even where the comma was left out.
_SUBJECT = _plain("i im ive it its he hes she shes my mine we were they theyre there theres this yo")
_JOINERS = _plain("or and nor any ni o y no of in the a my with either real more")
_OR = _plain("or nor any ni o and y")
_LISTING = _plain("no without never nor denies zero sin ni ningun ninguna nunca")
_CRISIS_BETWEEN = _plain(
    "thoughts thinking thought of going to feel feeling like about planning plans any in trying "
    "at all having been really that wanting want intention plan the a me quiero voy pienso en estoy "
    "tengo ganas de"
)
_ENDED = _plain(
    "fine ok okay good clear normal gone better resolved subsided cleared bien perfect stopped "
    "ended disappeared away over"
)
_LINKS = _plain("is are was its all feels feel much got went has have since completely totally esta")
_AFTER_END = _plain("now already hours yesterday on thanks thank completely since ages long so and")
_HAPPENS = _plain("started starts began keeps came wont gets getting begins")
_DENYING_ANSWER = _plain("no nope none never nothing nah")
_BREATH_FLAGS = frozenset({"breathing", "chest_pain", "coughing_blood"})
_REACH = 3  # words between a denial and what it denies
_LIST_REACH = 12  # words of a list that one denial governs ("no fever, chills or chest pain")
_FAR = 7  # words between a what-if and what it supposes
_HAD_REACH = 4
_REST = 6  # words beside the wording, from which on the message asks something else


class ContextReader:
    """Judges wordings found in one message."""

    def __init__(self, catalogue: Catalogue, passage: Passage) -> None:
        self._passage = passage
        self._complaints = catalogue.complaints
        self._plain_rest: Passage | None = None
        self._cues = catalogue.cues.spans(passage)
        self._hard = _segments(passage)
        fake = self._cues["not_denial"]
        self._denials = [
            cue for cue in self._cues["denial"] if not any(_overlap(cue, other) for other in fake)
        ]
        harmless = self._cues["not_now"]
        happening = [(place, place + 2) for place in range(len(passage.tokens)) if _is_doing(passage, place)]
        self._now = [
            cue
            for cue in (*self._cues["now"], *happening)
            if not any(_overlap(cue, other) for other in harmless)
        ]
        self.treated = bool(self._cues["treated"])

    @property
    def says_now(self) -> bool:
        """Whether anything in the message says that something happens now."""
        return bool(self._now)

    @property
    def idioms(self) -> list[Span]:
        """Places of figures of speech."""
        return self._cues["idiom"]

    def readings(self, pattern: Pattern, matches: list[Match]) -> list[tuple[Match, bool]]:
        """Each match of `pattern`, and whether it lives on a figure of speech alone."""
        if not self.idioms:
            return [(match, False) for match in matches]
        if self._plain_rest is None:
            self._plain_rest = self._passage.without(self.idioms)
        meant = find(pattern, self._plain_rest)
        figures = [match for match in matches if match not in meant]
        return [(match, False) for match in meant] + [(match, True) for match in figures]

    def judge(self, flag: RedFlag, match: Match, pattern: Pattern) -> Judgement:
        """The context of one wording."""
        span = whole(match)
        crisis = flag.acuity is Acuity.CRISIS
        if self._denied(pattern, match, crisis=crisis):
            return Judgement(Context.DENIED)
        if crisis:
            # Past only where a time is named, and never a supposition.
            past = not self.says_now and self._told_past(span)
            return Judgement(Context.PAST if past else Context.NOW)
        recent = self.treated and flag.name in _BREATH_FLAGS and not self._told_past(span)
        if not self.says_now and not recent:
            past_judgement = self._past(span)
            if past_judgement is not None:
                return past_judgement
            if self._ended(span):
                return Judgement(Context.PAST)
        if self._of_a_thing(span):
            return Judgement(Context.IDIOM)
        if self._supposed(span):
            return Judgement(Context.HYPOTHETICAL, sure=not self._names_self(span))
        return Judgement(Context.NOW)

    def _denied(self, pattern: Pattern, match: Match, *, crisis: bool) -> bool:
        span = whole(match)
        if self._cue_in_segment("breaks_denial", span):
            return False
        for place, part in enumerate(match):
            if not pattern.weighty[place]:
                continue
            cues = [
                cue
                for cue in self._denials
                if not any(_overlap((cue[0], cue[0] + 1), own) for own in match)
                and self._governs(cue, part, crisis=crisis)
            ]
            if cues and not self._double(cues):
                return True
            if not crisis and (self._nobody(part) or self._denied_inside(pattern, part)):
                return True
        return not crisis and (self._answered_no(span) or self._not_so(pattern, span))

    def _nobody(self, part: Span) -> bool:
        """ "Nobody fainted"."""
        return part[0] > 0 and self._passage.holds(part[0] - 1, _NOBODY)

    def _denied_inside(self, pattern: Pattern, part: Span) -> bool:
        """ "Throat isn't swelling": the denial stands in a gap and is no word of the wording."""
        for cue in self._denials:
            if not (part[0] < cue[0] and cue[1] < part[1]):
                continue
            own = any(self._passage.holds(place, pattern.words) for place in range(*cue))
            if not own and not any(map(self._comma_at, range(cue[1], part[1]))):
                return True
        return False

    def _double(self, cues: list[Span]) -> bool:
        """Two denials on one wording cancel out, unless they stand in a list ("no … and no …")."""
        if len(cues) == 1:
            return False
        between = range(cues[-2][1], cues[-1][0])
        return not any(self._passage.holds(place, _OR) or self._comma_at(place)
                       for place in (*between, cues[-1][0]))

    def _not_so(self, pattern: Pattern, span: Span) -> bool:
        """ "My chest is not tight": a denied complaint right after the wording."""
        for cue in self._denials:
            if 0 <= cue[0] - span[1] <= 1 and cue[1] < len(self._hard):
                same = self._hard[cue[1]] == self._hard[span[0]]
                return same and self._passage.holds(cue[1], pattern.words)
        return False

    def _governs(self, cue: Span, part: Span, *, crisis: bool) -> bool:
        """Whether the denial `cue` is said of the words of `part`."""
        if cue[0] >= part[0] or self._hard[cue[0]] != self._hard[part[0]]:
            return False
        between = range(min(cue[1], part[0]), part[0])
        if self._comma_at(between.start) or len(between) > _LIST_REACH:
            return False
        if crisis:
            return len(between) <= _REACH and all(
                self._passage.holds(place, _CRISIS_BETWEEN) for place in between
            )
        if any(self._passage.holds(place, _SUBJECT) for place in between) or self._begins(part[1]):
            return False
        complaints = [place for place in between if self._complaint(place)]
        joined = any(self._passage.holds(place, _OR) for place in between)
        if complaints and not joined and self.says_now:
            return False  # "no fever chest pain since noon": a list, or a "no" and an alarm
        commas = any(self._comma_at(place) for place in (*between, part[0]))
        if len(between) <= _REACH and not commas:
            return True
        lists = self._passage.holds(cue[0], _LISTING) or len(range(*cue)) > 1
        return lists and all(
            self._passage.holds(place, _JOINERS) or not self._passage.holds(place, _VERBS)
            for place in between
        )

    def _complaint(self, place: int) -> bool:
        return not self._passage.atoms[place].isdisjoint(self._complaints)

    def _begins(self, place: int) -> bool:
        """ "no chest pain started after": what follows says that it happens."""
        return place < len(self._hard) and self._passage.holds(place, _HAPPENS)

    def _answered_no(self, span: Span) -> bool:
        """ "Chest pain? No." """
        tokens = self._passage.tokens
        if span[1] >= len(tokens) or not tokens[span[1] - 1].asked:
            return False
        return self._comma_at(span[1]) and self._passage.holds(span[1], _DENYING_ANSWER)

    def _ended(self, span: Span) -> bool:
        """ "My chest pain is gone", "the bleeding stopped hours ago"."""
        tokens = self._passage.tokens
        for place in range(span[1], min(span[1] + 4, len(tokens))):
            if self._hard[place] != self._hard[span[0]]:
                return False
            linked = place == span[1] or self._passage.holds(place - 1, _LINKS)
            last = place + 1 >= len(tokens) or self._hard[place + 1] != self._hard[place]
            last = last or self._comma_at(place + 1) or self._passage.holds(place + 1, _AFTER_END)
            if self._passage.holds(place, _ENDED) and linked and last:
                return not any(_overlap(cue, (span[1], place)) for cue in self._cues["denial"])
        return False

    def _told_past(self, span: Span) -> bool:
        segment, fake = self._segment(span), self._cues["not_past"]
        return any(
            _within(cue, segment) and not any(_overlap(cue, other) for other in fake)
            for cue in self._cues["past"]
        )

    def _past(self, span: Span) -> Judgement | None:
        told = self._told_past(span)
        had = self._leads("had", span)
        never = self._leads("never", span) and not self._cue_in_segment("breaks_denial", span)
        if not (told or had or never):
            return None
        relative = any(
            cue[0] < span[1] and self._hard[cue[0]] == self._hard[span[0]]
            for cue in self._cues["relative"]
        )
        if relative and (told or had):
            return Judgement(Context.OTHER_HISTORY)
        if told or never:
            return Judgement(Context.PAST)
        # "I had a stroke" with neither a time nor anything else asked may have been an hour ago.
        rest = len(self._passage.tokens) - (span[1] - span[0])
        return Judgement(Context.PAST, sure=False) if rest > _REST else None

    def _leads(self, name: str, span: Span) -> bool:
        return any(
            0 <= span[0] - cue[1] <= _HAD_REACH and self._hard[cue[0]] == self._hard[span[0]]
            for cue in self._cues[name]
        )

    def _supposed(self, span: Span) -> bool:
        if self.says_now or any(self._passage.holds(p, _MINE) for p in range(len(self._hard))):
            return False
        for name in ("supposing", "general"):
            for cue in self._cues[name]:
                if self._hard[cue[0]] != self._hard[span[0]]:
                    continue
                if name == "general" and 0 <= cue[0] - span[1] <= _REACH:
                    # "lung puncture odds", unless anybody's own complaint is told
                    between = range(span[1], cue[1])
                    if not self._names_self(span) and not any(map(self._comma_at, between)):
                        return True
                    continue
                if cue[0] > span[0] or span[0] - cue[1] > _FAR:
                    continue
                between = range(min(cue[1], span[0]), span[0])
                if any(self._comma_at(place) for place in (*between, span[0])):
                    continue
                if name == "general" and any(self._passage.holds(p, _SUBJECT) for p in between):
                    continue
                around = (cue[0], span[1])
                if not any(_overlap(other, around) for other in self._cues["actual"]):
                    return True
        return False

    def _of_a_thing(self, span: Span) -> bool:
        """ "The printer is choking", "my character bleeds out": nobody stands between."""
        people = self._cues["relative"]
        for cue in self._cues["things"]:
            between = (min(cue[1], span[1]), max(cue[0], span[0]))
            near = between[1] - between[0] <= _FAR and self._hard[cue[0]] == self._hard[span[0]]
            if not near or any(_overlap(other, (between[0], span[1])) for other in people):
                continue
            if not any(self._passage.holds(place, _SELF_TALK) for place in range(*between)):
                return True
        return False

    def _names_self(self, span: Span) -> bool:
        first = max(0, span[0] - _FAR)
        return any(self._passage.holds(place, _SELF) for place in range(first, span[1]))

    def _cue_in_segment(self, name: str, span: Span) -> bool:
        segment = self._segment(span)
        return any(_within(cue, segment) for cue in self._cues[name])

    def _segment(self, span: Span) -> Span:
        """The words of the sentence, up to a "but" on either side, that `span` stands in."""
        first, last = span[0], span[1] - 1
        while first > 0 and self._hard[first - 1] == self._hard[span[0]]:
            first -= 1
        while last + 1 < len(self._hard) and self._hard[last + 1] == self._hard[span[1] - 1]:
            last += 1
        return first, last + 1

    def _comma_at(self, place: int) -> bool:
        return place < len(self._passage.tokens) and self._passage.tokens[place].after_comma


_NOBODY = _plain("nobody noone")
_BE = _plain("is are am im hes shes theyre its")
_NOT_DOING = _plain(
    "going taking thinking wondering asking planning looking seeing writing trying having being "
    "doing using working coming calling hoping considering booking nothing something anything "
    "everything needling parking dry pulling reading getting running living seizing missing wearing sitting"
)
_SELF_TALK = _plain("i im ive me my he she hes shes and")
_MINE = _plain("mine mia mio")
_SELF = _plain("i im me my yo")
_VERBS = _plain(
    "is are was were has have had feel feels felt get got keeps keep started hurts hurt began "
    "comes came going went think know do does did said says can will would tell call need want"
)


def _segments(passage: Passage) -> list[int]:
    """A number for each word that rises with each sentence and each "but"."""
    numbers: list[int] = []
    number = 0
    for place, token in enumerate(passage.tokens):
        if place and token.sentence != passage.tokens[place - 1].sentence:
            number += 1
        elif place and passage.holds(place, _CONTRAST):
            number += 1
        numbers.append(number)
    return numbers


def _is_doing(passage: Passage, place: int) -> bool:
    """ "My throat is closing": a form of "be" and a doing word of the catalogue."""
    if place + 1 >= len(passage.tokens) or not passage.holds(place, _BE):
        return False
    following = passage.tokens[place + 1].forms[0]
    return following.endswith("ing") and following not in _NOT_DOING


def _overlap(one: Span, two: Span) -> bool:
    return one[0] < two[1] and two[0] < one[1]


def _within(cue: Span, segment: Span) -> bool:
    return segment[0] <= cue[0] and cue[1] <= segment[1]
