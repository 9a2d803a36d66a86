"""The small language in which red flags are worded, and how wordings are found in a message.

| written      | means                                                                   |
| ------------ | ----------------------------------------------------------------------- |
| `chest`      | the word, in any spelling that `clinic.red_flag_words` forgives         |
| `bleed*`     | a word that begins so                                                   |
| `NUM` `YEAR` | any number, a year; `MANY` is eight and more                            |
| `FEVERISH`   | a body temperature from 38 °C or 100 °F on                              |
| `a|b|c_d`    | one of them; `_` joins the words of a phrase                            |
| `<chest>`    | one of the word list of that name                                       |
| `word?`      | may be missing                                                          |
| `..` `....`  | up to two, up to five other words between                               |
| `a & b`      | both in one sentence, in any order, at most eight words apart           |

Called by `clinic.red_flag_catalogue`. Gaps are bounded, so the work grows with the text's length
and no faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, product

from clinic.red_flag_passage import SHORTEST_STEM, Passage, Phrase, PhraseTree, Span, WordList
from clinic.red_flag_words import ANY_NUMBER, NUMBER_FORMS, plain_form

__all__ = ["Match", "Pattern", "PatternError", "compile_pattern", "find", "whole", "word_list"]

Match = tuple[Span, ...]

_GAPS = {"..": 2, "....": 5}
_APART = 8
_NONE: list[int] = []
_MOST_MATCHES = 12  # of one part in one message: more say nothing new
_COMMON = 1000
_MOSTLY = 4  # a part says something of its own when at most a quarter of its words is everyday
# Words that stand in every other message are poor words to look a pattern up by.
_EVERYDAY = (
    "i im my me it its is are am was be the a an to of in on at and or not no you have has had do "
    "dont cant get got when if that this feel feels like all up out off so with for one he she "
    "his her they we can now since just go going want by back down what no un una de la el en me "
    "mi se que y lo los las con por"
)
_EVERYWHERE = frozenset(map(plain_form, _EVERYDAY.split())) | {ANY_NUMBER}


class PatternError(ValueError):
    """A wording cannot be read; the message says what was expected."""


@dataclass(frozen=True)
class _Step:
    """One element: single words, phrases, or a gap (`gap` > 0)."""

    singles: frozenset[str] = frozenset()
    phrases: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)  # by first word
    gap: int = 0
    optional: bool = False
    first: frozenset[str] = frozenset()
    begins: frozenset[str] = frozenset()  # first words of the phrases
    tree: PhraseTree = field(default_factory=PhraseTree, compare=False)

    @property
    def words(self) -> frozenset[str]:
        return self.singles | {
            word for phrases in self.phrases.values() for phrase in phrases for word in phrase
        }

    @property
    def cost(self) -> int:
        return len(self.anchors) + _COMMON * len(self.anchors & _EVERYWHERE)

    @property
    def anchors(self) -> frozenset[str]:
        return self.singles | {
            max(phrase, key=lambda word: (word not in _EVERYWHERE, len(word)))
            for phrases in self.phrases.values()
            for phrase in phrases
        }

    def phrase_lengths(self, place: int, passage: Passage) -> list[int]:
        """Lengths of the phrases that stand at `place`, longest first."""
        if self.begins.isdisjoint(passage.atoms[place]):
            return _NONE
        ends = {end - place for end, _ in self.tree.walk(place, passage)}
        return sorted(ends, reverse=True)


@dataclass(frozen=True)
class Pattern:
    """A compiled wording: its parts joined by `&`, and as it was written."""

    written: str
    parts: tuple[tuple[_Step, ...], ...]
    # Worked out once, for they are asked at every message:
    first: tuple[frozenset[str], ...]  # for each part, the words it may begin with
    needed: tuple[frozenset[str], ...]  # for each required step, words of which one must be there
    rarest_first: tuple[int, ...]  # the order in which looking for the parts ends soonest
    weighty: tuple[bool, ...]  # for each part, whether it says something of its own

    @property
    def words(self) -> frozenset[str]:
        """Every word it compares with; stems end in `*`."""
        return frozenset(word for part in self.parts for step in part for word in step.words)

    @property
    def anchors(self) -> frozenset[str]:
        """Words of which a message must hold at least one."""
        needed = [step for part in self.parts for step in part if not (step.optional or step.gap)]
        return min(needed, key=lambda step: step.cost).anchors


def compile_pattern(written: str, lists: Mapping[str, WordList]) -> Pattern:
    """Read one wording; raises `PatternError`."""
    parts = tuple(
        tuple(_step(piece, lists) for piece in part.split()) for part in written.split("&")
    )
    for part in parts:
        if not part:
            raise PatternError("expected words on both sides of '&'")
        if part[0].gap or part[-1].gap:
            raise PatternError("a gap needs a word before and after it")
        if all(step.optional for step in part if not step.gap):
            raise PatternError("at least one word must not be optional")
    return Pattern(
        written,
        parts,
        first=tuple(_first_words(part) for part in parts),
        needed=tuple(
            step.anchors for part in parts for step in part if not (step.optional or step.gap)
        ),
        rarest_first=tuple(sorted(range(len(parts)), key=lambda place: _cost(parts[place]))),
        weighty=tuple(
            any(
                not (step.optional or step.gap)
                and _MOSTLY * len(step.anchors & _EVERYWHERE) <= len(step.anchors)
                for step in part
            )
            for part in parts
        ),
    )


def _cost(part: tuple[_Step, ...]) -> int:
    return min(step.cost for step in part if not (step.optional or step.gap))


def _first_words(part: tuple[_Step, ...]) -> frozenset[str]:
    words: frozenset[str] = frozenset()
    for step in part:
        words |= step.first
        if not step.optional:
            break
    return words


def word_list(phrases: Iterable[str], lists: Mapping[str, WordList]) -> WordList:
    """A word list for `<name>`, from phrases as people write them.

    An earlier `<list>` in a phrase stands for each of its phrases: "overdosed on <food>".
    """
    return frozenset(
        tuple(chain.from_iterable(parts))
        for phrase in filter(None, map(str.strip, phrases))
        for parts in product(*(_choices(word, lists) for word in phrase.split()))
    )


def _choices(word: str, lists: Mapping[str, WordList]) -> WordList:
    if not word.startswith("<"):
        return frozenset({_phrase([word])})
    if word[1:-1] not in lists:
        raise PatternError(f"there is no word list {word} above")
    return lists[word[1:-1]]


def find(pattern: Pattern, passage: Passage) -> list[Match]:
    """Where the wording stands: for each match the ranges of words of its parts."""
    if any(passage.words.isdisjoint(words) for words in pattern.needed):
        return []
    spans: dict[int, list[Span]] = {}
    for part in pattern.rarest_first:
        spans[part] = _find_part(pattern, part, passage)
        if not spans[part]:
            return []
    matches: list[Match] = [(span,) for span in spans[0]]
    for part in range(1, len(pattern.parts)):
        matches = [
            (*match, span)
            for match in matches
            for span in spans[part]
            if _near(match, span, passage)
        ][:_MOST_MATCHES]
    return matches


def whole(match: Match) -> Span:
    """From the first word of a match to its last."""
    return min(span[0] for span in match), max(span[1] for span in match)


def _near(match: Match, span: Span, passage: Passage) -> bool:
    tokens = passage.tokens
    if tokens[match[0][0]].sentence != tokens[span[0]].sentence:
        return False
    if any(part[0] < span[1] and span[0] < part[1] for part in match):
        return False
    return min(max(part[0], span[0]) - min(part[1], span[1]) for part in match) <= _APART


def _find_part(pattern: Pattern, part: int, passage: Passage) -> list[Span]:
    steps, places = pattern.parts[part], passage.places
    starts = sorted(
        {place for word in pattern.first[part] & passage.words for place in places[word]}
    )
    spans: list[Span] = []
    for start in starts:
        if spans and start < spans[-1][1]:
            continue
        end = _match(steps, 0, start, passage)
        if end > start:
            spans.append((start, end))
            if len(spans) >= _MOST_MATCHES:
                break
    return spans


def _match(  # noqa: C901 - four kinds of step, one line each
    steps: tuple[_Step, ...], index: int, place: int, passage: Passage
) -> int:
    """The end of the first way to match `steps[index:]` at `place`, or -1."""
    if index == len(steps):
        return place
    step = steps[index]
    last = passage.ends[place - 1] if index else passage.ends[place]
    if step.gap:
        following = steps[index + 1]
        for begin in range(place, min(place + step.gap + 1, last)):
            if not following.optional and passage.atoms[begin].isdisjoint(following.first):
                continue
            end = _match(steps, index + 1, begin, passage)
            if end >= 0:
                return end
        return -1
    if place < last:
        if not passage.atoms[place].isdisjoint(step.singles):
            end = _match(steps, index + 1, place + 1, passage)
            if end >= 0:
                return end
        for length in step.phrase_lengths(place, passage):
            end = _match(steps, index + 1, place + length, passage)
            if end >= 0:
                return end
    return _match(steps, index + 1, place, passage) if step.optional else -1


def _phrase(words: Sequence[str]) -> Phrase:
    phrase = tuple(word if word in NUMBER_FORMS else plain_form(word) for word in words)
    for word in phrase:
        if not word.strip("*"):
            raise PatternError("expected a word")
        if "*" in word and (word.find("*") != len(word) - 1 or len(word) <= SHORTEST_STEM):
            raise PatternError(f"'{word}': a beginning has {SHORTEST_STEM} letters and ends in *")
    return phrase


def _step(piece: str, lists: Mapping[str, WordList]) -> _Step:
    if set(piece) == {"."}:
        if piece not in _GAPS:
            raise PatternError(f"'{piece}': a gap is written {' or '.join(_GAPS)}")
        return _Step(gap=_GAPS[piece])
    optional, piece = piece.endswith("?"), piece.removesuffix("?")
    phrases: set[Phrase] = set()
    for choice in piece.split("|"):
        if choice.startswith("<") and choice.endswith(">"):
            name = choice[1:-1]
            if name not in lists:
                raise PatternError(f"there is no word list <{name}>")
            phrases |= lists[name]
        else:
            phrases.add(_phrase(choice.split("_")))
    return _step_of(frozenset(phrases), optional=optional)


def _step_of(phrases: WordList, *, optional: bool = False) -> _Step:
    by_first: dict[str, tuple[Phrase, ...]] = {}
    for phrase in phrases:
        if len(phrase) > 1:
            by_first[phrase[0]] = (*by_first.get(phrase[0], ()), phrase)
    singles = frozenset(phrase[0] for phrase in phrases if len(phrase) == 1)
    tree = PhraseTree()
    for phrase in phrases:
        if len(phrase) > 1:
            tree.add(phrase, "")
    begins = frozenset(by_first)
    return _Step(
        singles, by_first, optional=optional, first=singles | begins, begins=begins, tree=tree
    )
