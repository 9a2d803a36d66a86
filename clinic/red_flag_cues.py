"""What the words around a wording say: denials, times, suppositions, and where clauses end.

Called by `clinic.red_flag_denial` and `clinic.red_flag_context`. The words themselves stand in the
catalogue, under `context`.
"""

from __future__ import annotations

from itertools import pairwise

from clinic.red_flag_catalogue import Catalogue
from clinic.red_flag_passage import Passage, Span
from clinic.red_flag_words import plain_form

__all__ = ["US", "Cues", "overlap", "plain_forms"]


def plain_forms(words: str) -> frozenset[str]:
    """The forms in which `words` are compared."""
    return frozenset(map(plain_form, words.split()))


def overlap(one: Span, two: Span) -> bool:
    """Whether two ranges share a word."""
    return one[0] < two[1] and two[0] < one[1]


# The patient and those with her, as they speak of themselves.
US = plain_forms("i im ive ill me my mine myself us our we ours")
_CONTRAST = plain_forms("but however though although except yet pero aunque sino")
_BE = plain_forms("is are am im hes shes theyre its")
_NOT_DOING = plain_forms(
    "going taking thinking wondering asking planning looking seeing writing trying having being "
    "doing using working coming calling hoping considering booking nothing something anything "
    "everything needling parking pulling reading getting running living seizing missing wearing "
    "sitting coping"
)
_NO = plain_forms("no ni")
_COMPLAINTS = plain_forms("fiebre nada dolor sangre mareo moretones problema problemas es")
_BUSY = plain_forms(
    "watching watched watch reading playing played during after at while seeing left leaving "
    "viendo leyendo jugando going went from theater"
)
_HAS_BEEN = plain_forms(
    "got had was were been after since my your last did done stuck stick sticking needled poked "
    "jabbed treated worked from todays yesterdays this the her his left desde despues ayer picaron "
    "pincharon pusieron puncharon hicieron"
)
_I, _HAVE = plain_forms("i"), plain_forms("have feel")
_AGAIN, _ASKING = plain_forms("again"), plain_forms("what whats how which who when where")
_REACH = 3  # words between a denial and what it denies
_HAD_REACH = 4


class Cues:
    """The context words of one message."""

    def __init__(self, catalogue: Catalogue, passage: Passage) -> None:
        self.passage = passage
        self.spans = catalogue.cues.spans(passage)
        self.segments = _segments(passage)
        # Worked out once: they are asked for at every wording that is found.
        places = range(1, len(self.segments))
        begun = [place for place in places if self.segments[place - 1] != self.segments[place]]
        self._segment_starts, self._segment_ends = _bounds(begun, len(self.segments))
        begun = [place for place in places if self.clause_begins(place)]
        self._clause_starts, self._clause_ends = _bounds(begun, len(self.segments))
        fake = self.spans["not_denial"]
        self.denials = [
            cue for cue in self.spans["denial"] if not any(overlap(cue, other) for other in fake)
        ]
        harmless = self.spans["not_now"]
        happening = [
            (place, place + 2)
            for place in sorted(passage.places_of(_BE))
            if _is_doing(passage, place)
        ]
        self.now = [
            cue
            for cue in (*self.spans["now"], *happening)
            if not any(overlap(cue, other) for other in harmless) and not self._asks_again(cue)
        ]
        # "I was watching a movie and fainted" is no story.
        self.fiction = [
            cue
            for cue in self.spans["fiction"]
            if not any(
                passage.holds(place, _BUSY) for place in range(max(0, cue[0] - _REACH), cue[0])
            )
        ]
        self.figures = {place for cue in self.fiction for place in range(*cue)}
        self.treated = bool(self.spans["treated"])

    def _asks_again(self, cue: Span) -> bool:
        """Whether a question is only put once more: "what are the signs again?"."""
        tokens = self.passage.tokens
        first, last = self.segment_of(cue)
        return (
            cue == (last - 1, last)
            and tokens[cue[0]].asked
            and self.passage.holds(cue[0], _AGAIN)
            and self.passage.holds(first, _ASKING)
        )

    @property
    def treated_lately(self) -> bool:
        """Whether a treatment is told of that has been: "since my session", unlike "a needle"."""
        return any(
            self.passage.holds(place, _HAS_BEEN)
            for cue in self.spans["treated"]
            for place in range(max(0, cue[0] - 2), cue[1])
        )

    @property
    def treated_now(self) -> bool:
        """Whether somebody was treated within days: "since yesterday's needling"."""
        return self.treated_lately and (self.says_now or bool(self.spans["lately"]))

    @property
    def says_now(self) -> bool:
        """Whether anything in the message says that something happens now."""
        return bool(self.now)

    @property
    def idioms(self) -> list[Span]:
        """Places of figures of speech."""
        return self.spans["idiom"]

    @property
    def alarms_in_idiom(self) -> bool:
        """Whether an alarming word belongs to a figure of speech: "dying to know"."""
        return any(overlap(cue, idiom) for cue in self.spans["alarming"] for idiom in self.idioms)

    @property
    def likens_soreness(self) -> bool:
        """Whether somebody treated lately likens it: "feels like a mule kicked it"."""
        return bool(self.spans["likened"]) and self.treated_lately

    @property
    def asks_in_spanish(self) -> bool:
        """Whether a plain Spanish question is asked and nothing is denied or told of anybody."""
        refused = any(
            not self.passage.holds(cue[0], _NO) or self._refuses(cue) for cue in self.denials
        )
        told = refused or self.spans["relative"] or self.spans["not_denial"]
        return bool(self.spans["spanish"]) and not told

    def _refuses(self, cue: Span) -> bool:
        """Whether anything but a complaint is denied: "no quiero …", unlike "no fiebre"."""
        return cue[1] >= len(self.segments) or not self.passage.holds(cue[1], _COMPLAINTS)

    def leaves_alarm(self, covered: set[int]) -> bool:
        """Whether alarming words stand outside `covered` and are not plainly said to be none."""
        if not self.spans["alarming"]:
            return False
        calm = set(covered).union(*(range(*span) for span in self.idioms))
        for cue in self.denials:
            calm.update(self._reached(cue))
        return any(
            not calm.issuperset(range(*cue)) and not self.said_well(cue)
            for cue in self.spans["alarming"]
        )

    @property
    def says_well(self) -> bool:
        """Whether some place of alarm is said to be well: "my chest is fine"."""
        return any(map(self.said_well, self.spans["alarming"]))

    def said_well(self, span: Span) -> bool:
        """Whether the words of `span` are said to be well."""
        return any(
            0 <= cue[0] - span[1] <= 1 and not self.broken_between(span[1] - 1, cue[0])
            for cue in self.spans["well"]
        )

    def _reached(self, cue: Span) -> range:
        """The words that a denial may be said of."""
        last = cue[1]
        while last < len(self.segments) and last < cue[1] + _REACH:
            if self.broken_between(last - 1, last):
                break
            last += 1
        return range(cue[0], last)

    def broken_between(self, first: int, last: int) -> bool:
        """Whether a comma, a "but" or a full stop stands between two words."""
        return self.segments[first] != self.segments[last] or any(
            self.comma_at(place) for place in range(first + 1, last + 1)
        )

    def told_past(self, span: Span) -> bool:
        """Whether a time long gone is named in the clause of `span`."""
        segment, fake = self.segment_of(span), self.spans["not_past"]
        return any(
            _within(cue, segment)
            and not any(overlap(cue, other) for other in fake)
            and not (self.broken_between(cue[0], span[0]) and self._has(span))
            for cue in self.spans["past"]
        )

    def _has(self, span: Span) -> bool:
        """Whether the patient has it: "in med school, and I have chest pain"."""
        first = max(self.clause_start(span[0]), span[0] - 1)
        return any(
            self.passage.holds(place - 1, _I) and self.passage.holds(place, _HAVE)
            for place in range(max(first, 1), span[0] + 1)
        )

    def leads(self, name: str, span: Span) -> bool:
        """Whether a cue of the list `name` stands shortly before `span`."""
        return any(
            0 <= span[0] - cue[1] <= _HAD_REACH and self.segments[cue[0]] == self.segments[span[0]]
            for cue in self.spans[name]
        )

    def begins(self, name: str, span: Span) -> bool:
        """Whether `span` begins with a cue of the list `name`."""
        return any(cue[0] == span[0] for cue in self.spans[name])

    def in_segment(self, name: str, span: Span) -> bool:
        """Whether a cue of the list `name` stands in the clause of `span`."""
        segment = self.segment_of(span)
        return any(_within(cue, segment) for cue in self.spans[name])

    def borne_out(self, span: Span) -> bool:
        """Whether what was asked or supposed is then told: "...? Asking because my mum ..."."""
        return any(cue[0] >= span[1] for cue in self.spans["borne_out"])

    def segment_of(self, span: Span) -> Span:
        """The words of the sentence, up to a "but" on either side, that `span` stands in."""
        return self._segment_starts[span[0]], self._segment_ends[span[1] - 1]

    def clause_begins(self, place: int) -> bool:
        """Whether a comma, a "but" or a full stop stands before the word at `place`."""
        return self.segments[place - 1] != self.segments[place] or self.comma_at(place)

    def clause_start(self, place: int) -> int:
        """The first word of the clause that the word at `place` stands in."""
        return self._clause_starts[place]

    def clause_end(self, place: int) -> int:
        """Where the clause ends that the word at `place` stands in."""
        return self._clause_ends[place]

    def comma_at(self, place: int) -> bool:
        """Whether a comma or a full stop stands before the word."""
        return place < len(self.passage.tokens) and self.passage.tokens[place].after_comma


def _segments(passage: Passage) -> list[int]:
    """A number for each word that rises with each sentence and each "but"."""
    contrasts = passage.places_of(_CONTRAST)
    numbers: list[int] = []
    number = sentence = 0
    for place, token in enumerate(passage.tokens):
        if place and (token.sentence != sentence or place in contrasts):
            number += 1
        sentence = token.sentence
        numbers.append(number)
    return numbers


def _bounds(begun: list[int], count: int) -> tuple[list[int], list[int]]:
    """For each of `count` words, where its stretch begins and ends; `begun` cuts them."""
    starts: list[int] = []
    ends: list[int] = []
    for first, last in pairwise([0, *begun, count]):
        starts += [first] * (last - first)
        ends += [last] * (last - first)
    return starts, ends


def _is_doing(passage: Passage, place: int) -> bool:
    """Whether something is going on here: "my throat is closing"."""
    if place + 1 >= len(passage.tokens):
        return False
    following = passage.tokens[place + 1].forms[0]
    return following.endswith("ing") and following not in _NOT_DOING


def _within(cue: Span, segment: Span) -> bool:
    return segment[0] <= cue[0] and cue[1] <= segment[1]
