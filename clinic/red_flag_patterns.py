"""The small language in which red flags are worded, and how wordings are found in a message.

| written      | means                                                                   |
| ------------ | ----------------------------------------------------------------------- |
| `chest`      | the word, in any spelling that `clinic.red_flag_words` forgives         |
| `bleed*`     | a word that begins so                                                   |
| `#` `#year`  | any number, a year                                                      |
| `a|b|c_d`    | one of them; `_` joins the words of a phrase                            |
| `<chest>`    | one of the word list of that name                                       |
| `word?`      | may be missing                                                          |
| `..` `....`  | up to two, up to five other words between                               |
| `a & b`      | both in one sentence, in any order, at most eight words apart           |

Called by `clinic.red_flag_catalogue`. Gaps are bounded, so the work grows with the text's length
and no faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Mapping, Sequence

from clinic.red_flag_words import Token, plain_form

__all__ = ["Pattern", "PatternError", "Passage", "Span", "WordList", "compile_pattern", "find"]

Span = tuple[int, int]
Phrase = tuple[str, ...]
WordList = frozenset[Phrase]

_GAPS = {"..": 2, "....": 5}
_APART = 8
_MOST_MATCHES = 12  # of one part in one message: more say nothing new
_SHORTEST_STEM = 3
# Words that stand in every other message are poor words to look a pattern up by.
_EVERYWHERE = frozenset(
    map(
        plain_form,
        "i im my me it its is are am was be the a an to of in on at and or not no you have has had "
        "do dont cant get got when if that this feel feels like all up out off so with for one "
        "# he she his her they we can now since just go going want by back down what no un una "
        "de la el en me mi se que y lo los las con por".split(),
    )
)


class PatternError(ValueError):
    """A wording cannot be read; the message says what was expected."""


@dataclass(frozen=True)
class _Step:
    """One element: single words, phrases, or a gap (`gap` > 0)."""

    singles: frozenset[str] = frozenset()
    phrases: tuple[Phrase, ...] = ()
    gap: int = 0
    optional: bool = False

    @property
    def first(self) -> frozenset[str]:
        return self.singles | {phrase[0] for phrase in self.phrases}

    @property
    def cost(self) -> int:
        common = sum(1 for word in self.singles if word in _EVERYWHERE)
        return len(self.singles) + len(self.phrases) + 1000 * common

    @property
    def anchors(self) -> frozenset[str]:
        return self.singles | {
            max(phrase, key=lambda word: (word not in _EVERYWHERE, len(word)))
            for phrase in self.phrases
        }


@dataclass(frozen=True)
class Pattern:
    """A compiled wording: its parts joined by `&`, and as it was written."""

    written: str
    parts: tuple[tuple[_Step, ...], ...]

    @property
    def words(self) -> frozenset[str]:
        """Every word it compares with; stems end in `*`."""
        return frozenset(
            word
            for part in self.parts
            for step in part
            for word in (*step.singles, *(w for phrase in step.phrases for w in phrase))
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
        self.atoms = [_atoms(token.forms, stems) for token in tokens]
        self.places: dict[str, list[int]] = {}
        for place, atoms in enumerate(self.atoms):
            for atom in atoms:
                self.places.setdefault(atom, []).append(place)

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
    return Pattern(written, parts)


def word_list(phrases: Iterable[str]) -> WordList:
    """A word list for `<name>`, from phrases as people write them."""
    return frozenset(_phrase(phrase.split()) for phrase in phrases if phrase.strip())


def find(pattern: Pattern, passage: Passage) -> list[Span]:
    """Where the wording stands, as half-open ranges of words, first come first."""
    spans = _find_part(pattern.parts[0], passage)
    for part in pattern.parts[1:]:
        if not spans:
            return []
        others = _find_part(part, passage)
        spans = [
            (min(one[0], two[0]), max(one[1], two[1]))
            for one in spans
            for two in others
            if _near(one, two, passage)
        ][:_MOST_MATCHES]
    return spans


def _near(one: Span, two: Span, passage: Passage) -> bool:
    if one[0] < two[1] and two[0] < one[1]:
        return False
    apart = max(one[0], two[0]) - min(one[1], two[1])
    same = passage.tokens[one[0]].sentence == passage.tokens[two[0]].sentence
    return same and apart <= _APART


def _find_part(steps: tuple[_Step, ...], passage: Passage) -> list[Span]:
    first: set[str] = set()
    for step in steps:
        first |= step.first
        if not step.optional:
            break
    starts = sorted({place for word in first for place in passage.places.get(word, ())})
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
    step, tokens = steps[index], passage.tokens
    if step.gap:
        for skipped in range(step.gap + 1):
            if place + skipped >= len(tokens) or _new_sentence(place, skipped, passage):
                return -1
            end = _match(steps, index + 1, place + skipped, passage)
            if end >= 0:
                return end
        return -1
    if place < len(tokens) and not (index and _new_sentence(place, 0, passage)):
        if not passage.atoms[place].isdisjoint(step.singles):
            end = _match(steps, index + 1, place + 1, passage)
            if end >= 0:
                return end
        for phrase in step.phrases:
            if phrase[0] in passage.atoms[place] and _phrase_at(phrase, place, passage):
                end = _match(steps, index + 1, place + len(phrase), passage)
                if end >= 0:
                    return end
    return _match(steps, index + 1, place, passage) if step.optional else -1


def _new_sentence(place: int, skipped: int, passage: Passage) -> bool:
    tokens = passage.tokens
    return place > 0 and tokens[place + skipped].sentence != tokens[place - 1].sentence


def _phrase_at(phrase: Phrase, place: int, passage: Passage) -> bool:
    if place + len(phrase) > len(passage.tokens):
        return False
    return all(word in passage.atoms[place + offset] for offset, word in enumerate(phrase))


def _atoms(forms: tuple[str, ...], stems: frozenset[str]) -> frozenset[str]:
    found = set(forms)
    for form in forms:
        for length in range(_SHORTEST_STEM, len(form) + 1):
            stem = form[:length] + "*"
            if stem in stems:
                found.add(stem)
    return frozenset(found)


def _phrase(words: Sequence[str]) -> Phrase:
    phrase = tuple(plain_form(word) if word not in ("#", "#year") else word for word in words)
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
    return _Step(
        singles=frozenset(phrase[0] for phrase in phrases if len(phrase) == 1),
        phrases=tuple(sorted((p for p in phrases if len(p) > 1), key=len, reverse=True)),
        optional=optional,
    )
