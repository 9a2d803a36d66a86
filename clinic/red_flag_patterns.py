"""The small language in which red flags are worded, and how wordings are found in a message.

| written      | means                                                                   |
| ------------ | ----------------------------------------------------------------------- |
| `chest`      | the word, in any spelling that `clinic.red_flag_words` forgives         |
| `bleed*`     | a word that begins so                                                   |
| `NUM` `YEAR` | any number, a year; `MANY`: eight and more;
|              | `FEVERISH`: a body temperature of 38 °C or 100 °F and more                                                  |
| `a|b|c_d`    | one of them; `_` joins the words of a phrase                            |
| `<chest>`    | one of the word list of that name                                       |
| `word?`      | may be missing                                                          |
| `..` `....`  | up to two, up to five other words between                               |
| `a & b`      | both in one sentence, in any order, at most eight words apart           |

Called by `clinic.red_flag_catalogue`. Gaps are bounded, so the work grows with the text's length
and no faster.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import Iterable, Mapping, Sequence

from clinic.red_flag_words import ANY_NUMBER, NUMBER_FORMS, Token, plain_form

__all__ = ["CueFinder", "Match", "Passage", "Pattern", "PatternError", "Span", "WordList"]
__all__ += ["compile_pattern", "find", "whole", "word_list"]

Span = tuple[int, int]
Match = tuple[Span, ...]
Phrase = tuple[str, ...]
WordList = frozenset[Phrase]

_GAPS = {"..": 2, "....": 5}
_APART = 8
_MOST_MATCHES = 12  # of one part in one message: more say nothing new
_SHORTEST_STEM = 3
_COMMON = 1000
_MOSTLY = 4  # a part says something of its own when at most a quarter of its words is everyday
# Words that stand in every other message are poor words to look a pattern up by.
_EVERYWHERE = frozenset(
    map(
        plain_form,
        "i im my me it its is are am was be the a an to of in on at and or not no you have has had "
        "do dont cant get got when if that this feel feels like all up out off so with for one "
        "he she his her they we can now since just go going want by back down what no un una "
        "de la el en me mi se que y lo los las con por".split(),
    )
) | {ANY_NUMBER}


class PatternError(ValueError):
    """A wording cannot be read; the message says what was expected."""


@dataclass(frozen=True)
class _Step:
    """One element: single words, phrases, or a gap (`gap` > 0)."""

    singles: frozenset[str] = frozenset()
    phrases: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)  # by first word
    gap: int = 0
    optional: bool = False

    @property
    def first(self) -> frozenset[str]:
        return self.singles | frozenset(self.phrases)

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
        lengths: list[int] = []
        if self.phrases:
            for word in passage.atoms[place]:
                for phrase in self.phrases.get(word, ()):
                    if len(phrase) not in lengths and _phrase_at(phrase, place, passage):
                        lengths.append(len(phrase))
            lengths.sort(reverse=True)
        return lengths


class CueFinder:
    """Finds the phrases of several word lists in one walk, for each list the longest at a place."""

    def __init__(self, lists: Mapping[str, WordList]) -> None:
        self._names = tuple(lists)
        by_first: dict[str, list[tuple[str, Phrase]]] = {}
        for name, phrases in lists.items():
            for phrase in sorted(phrases, key=len, reverse=True):
                by_first.setdefault(phrase[0], []).append((name, phrase))
        self._by_first = by_first

    @property
    def words(self) -> frozenset[str]:
        """Every word it compares with."""
        return frozenset(
            word for found in self._by_first.values() for _, phrase in found for word in phrase
        )

    def spans(self, passage: Passage) -> dict[str, list[Span]]:
        """For each list, where its phrases stand, in order of their beginnings."""
        found: dict[str, list[Span]] = {name: [] for name in self._names}
        by_first = self._by_first
        for place, atoms in enumerate(passage.atoms):
            longest: dict[str, int] = {}
            for atom in atoms:
                for name, phrase in by_first.get(atom, ()):
                    length = len(phrase)
                    if length > longest.get(name, 0) and (
                        length == 1 or _phrase_at(phrase, place, passage)
                    ):
                        longest[name] = length
            for name, length in longest.items():
                found[name].append((place, place + length))
        return found


@dataclass(frozen=True)
class Pattern:
    """A compiled wording: its parts joined by `&`, and as it was written."""

    written: str
    parts: tuple[tuple[_Step, ...], ...]
    # Worked out once, for they are asked at every message:
    first: tuple[frozenset[str], ...]  # for each part, the words it may begin with
    needed: tuple[frozenset[str], ...]  # for each required step, words of which one must be there
    weighty: tuple[bool, ...]  # for each part, whether it says something of its own

    @property
    def words(self) -> frozenset[str]:
        """Every word it compares with; stems end in `*`."""
        return frozenset(
            word
            for part in self.parts
            for step in part
            for word in step.words
        )

    @property
    def anchors(self) -> frozenset[str]:
        """Words of which a message must hold at least one."""
        needed = [step for part in self.parts for step in part if not (step.optional or step.gap)]
        return min(needed, key=lambda step: step.cost).anchors


class Passage:
    """The words of one message, ready to be searched."""

    def __init__(self, tokens: Sequence[Token], stems: frozenset[str]) -> None:
        """`stems` are the catalogue's word beginnings, each with its `*`."""
        self.tokens = tokens
        known: dict[tuple[str, ...], frozenset[str]] = {}
        for token in tokens:
            if token.forms not in known:
                known[token.forms] = _atoms(token.forms, stems)
        self.atoms = [known[token.forms] for token in tokens]
        self.places: dict[str, list[int]] = {}
        for place, atoms in enumerate(self.atoms):
            for atom in atoms:
                self.places.setdefault(atom, []).append(place)
        self.words = frozenset(self.places)
        # For each word, where its sentence ends: no wording reaches over a full stop.
        self.ends = [len(tokens)] * len(tokens)
        for place in range(len(tokens) - 2, -1, -1):
            same = tokens[place].sentence == tokens[place + 1].sentence
            self.ends[place] = self.ends[place + 1] if same else place + 1

    def without(self, spans: Iterable[Span]) -> Passage:
        """The same message with the words of `spans` unreadable."""
        rest = copy(self)
        rest.atoms = list(self.atoms)
        rest.places = {word: list(places) for word, places in self.places.items()}
        for place in {place for span in spans for place in range(*span)}:
            for atom in self.atoms[place]:
                rest.places[atom].remove(place)
            rest.atoms[place] = frozenset()
        rest.words = frozenset(word for word, places in rest.places.items() if places)
        return rest

    def holds(self, place: int, words: frozenset[str]) -> bool:
        """Whether the word at `place` is one of `words`."""
        return not self.atoms[place].isdisjoint(words)


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
        weighty=tuple(
            any(
                not (step.optional or step.gap)
                and _MOSTLY * len(step.anchors & _EVERYWHERE) <= len(step.anchors)
                for step in part
            )
            for part in parts
        ),
    )


def _first_words(part: tuple[_Step, ...]) -> frozenset[str]:
    words: frozenset[str] = frozenset()
    for step in part:
        words |= step.first
        if not step.optional:
            break
    return words


def word_list(phrases: Iterable[str], lists: Mapping[str, WordList]) -> WordList:
    """A word list for `<name>`, from phrases as people write them; may hold earlier `<lists>`."""
    found: set[Phrase] = set()
    for phrase in filter(None, map(str.strip, phrases)):
        if phrase.startswith("<"):
            if phrase[1:-1] not in lists:
                raise PatternError(f"there is no word list {phrase} above")
            found |= lists[phrase[1:-1]]
        else:
            found.add(_phrase(phrase.split()))
    return frozenset(found)


def find(pattern: Pattern, passage: Passage) -> list[Match]:
    """Where the wording stands: for each match the ranges of words of its parts."""
    if any(passage.words.isdisjoint(words) for words in pattern.needed):
        return []
    matches: list[Match] = [(span,) for span in _find_part(pattern, 0, passage)]
    for part in range(1, len(pattern.parts)):
        if not matches:
            return []
        others = _find_part(pattern, part, passage)
        matches = [
            (*match, span) for match in matches for span in others if _near(match, span, passage)
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


def _match(steps: tuple[_Step, ...], index: int, place: int, passage: Passage) -> int:
    """The end of the first way to match `steps[index:]` at `place`, or -1."""
    if index == len(steps):
        return place
    step = steps[index]
    last = passage.ends[place - 1] if index else passage.ends[place]
    if step.gap:
        for begin in range(place, min(place + step.gap + 1, last)):
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


def _phrase_at(phrase: Phrase, place: int, passage: Passage) -> bool:
    atoms = passage.atoms
    if place + len(phrase) > len(atoms):
        return False
    for offset in range(1, len(phrase)):  # the caller has looked at the first word
        if phrase[offset] not in atoms[place + offset]:
            return False
    return True


def _atoms(forms: tuple[str, ...], stems: frozenset[str]) -> frozenset[str]:
    found = set(forms)
    for form in forms:
        for length in range(_SHORTEST_STEM, len(form) + 1):
            stem = form[:length] + "*"
            if stem in stems:
                found.add(stem)
    return frozenset(found)


def _phrase(words: Sequence[str]) -> Phrase:
    phrase = tuple(word if word in NUMBER_FORMS else plain_form(word) for word in words)
    for word in phrase:
        if not word.strip("*"):
            raise PatternError("expected a word")
        if "*" in word and (word.find("*") != len(word) - 1 or len(word) <= _SHORTEST_STEM):
            raise PatternError(f"'{word}': a beginning has {_SHORTEST_STEM} letters and ends in *")
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
    return _Step(singles, by_first, optional=optional)
