"""Words of a message as the red-flag catalogue compares them, forgiving about spelling.

Called by `clinic.red_flag_patterns` and `clinic.red_flags`. Every word is reduced to a plain form:
small letters without accents and apostrophes, no letter twice in a row ("can't", "CANT" and
"caant" are one word), so no such change can lower an alarm. A word the catalogue does not know but
that is one slip away from one it knows is read as both.

Standard library only: the desk and the assistant share it. spaCy's Matcher was measured first (300
patterns with word lists and gaps: 45 ms for 2,000 characters) and is too slow for the check that
every message of every conversation passes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["ANY_NUMBER", "NUMBER_FORMS", "Speller", "Token", "plain_form", "tokens"]

ANY_NUMBER = "NUM"
MANY = "MANY"  # a number from _MANY on
YEAR = "YEAR"
FEVERISH = "FEVERISH"  # as a body temperature, in Celsius or Fahrenheit
NUMBER_FORMS = frozenset({ANY_NUMBER, MANY, YEAR, FEVERISH})

_APOSTROPHES = "'’‘`´ʼ"
_PIECE = re.compile(
    rf"[{_APOSTROPHES}]?\d+(?:[.,:]\d+)*|[^\W\d_]+(?:[{_APOSTROPHES}]+[^\W\d_]+)*|[.!?;…\n¿¡]+|[,:()–—]|--|[\"“”„«»]"
)
_IS = re.compile(rf"[{_APOSTROPHES}]s$", re.IGNORECASE)
_REPEATED = re.compile(r"([^\W\d_])\1+")
_END = frozenset(".!?;…\n¿¡")
_QUOTES = frozenset('"“”„«»')
_YEAR = re.compile(r"(?:19\d\d|20[0-3]\d)$")
_SHORTEST_FIX = 5  # shorter words have too many neighbours to guess at
_LONGEST_WORD = 40
_MOST_KEPT = 10_000
_LONGEST_NUMBER = 5
_FEVERS = (38.0, 42.0, 100.0, 107.0)
_MANY = 8  # tablets: no pain relief is taken so many at once
# A sentence of so few words leans on the next one: "Chest. Tight."
_FRAGMENT = 2

_NUMBERS = (
    "one two three four five six seven couple few several dos tres cuatro cinco seis siete varios"
)
_LARGE = (
    "eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
    "twenty thirty forty fifty sixty seventy eighty ninety hundred ocho nueve diez veinte"
)
# What patients type for a word, and the words it stands for.
_WRITTEN_FOR = {
    "u": "you", "ur": "your", "r": "are", "rn": "right now", "cannot": "cant", "cnt": "cant",
    "carnt": "cant", "cudnt": "couldnt", "wanna": "want to", "gonna": "going to",
    "gunna": "going to", "finna": "going to", "boutta": "about to", "tryna": "trying to",
    "gotta": "have to", "imma": "im going to", "ima": "im going to", "thru": "through",
    "w": "with", "sumthing": "something", "somthing": "something", "dont": "dont", "dnt": "dont",
    "doesent": "doesnt", "dosent": "doesnt", "dosnt": "doesnt", "wnt": "wont", "hasent": "hasnt",
    "bout": "about", "tho": "though", "cuz": "because", "cos": "because", "cause": "because",
    "2day": "today", "2nite": "tonight", "tonite": "tonight", "yday": "yesterday",
    "breath": "breath", "breth": "breath", "breeth": "breathe", "brethe": "breathe",
    "brething": "breathing", "breathin": "breathing", "hart": "heart", "stomache": "stomach",
    "sewerslide": "suicide", "suiside": "suicide", "sucide": "suicide", "sueside": "suicide",
    "unalived": "unalive", "unaliving": "unalive", "siezure": "seizure", "seisure": "seizure",
    "anaphalaxis": "anaphylaxis", "anafilaxis": "anaphylaxis", "hemorage": "hemorrhage",
    "defibulator": "defibrillator", "concious": "conscious", "unconcious": "unconscious",
    "pian": "pain", "payn": "pain", "chets": "chest", "cehst": "chest", "tounge": "tongue",
    "tung": "tongue", "toung": "tongue", "swolen": "swollen", "swole": "swollen",
    "nedel": "needle", "puss": "pus", "kiero": "quiero", "q": "que", "k": "que", "pa": "para",
    "i'm": "im", "daed": "dead", "jus": "just", "strok": "stroke", "temp": "temperature",
    "mins": "minutes", "min": "minutes", "hrs": "hours", "hr": "hour", "yrs": "years",
    "yr": "year", "wks": "weeks", "wk": "week", "appt": "appointment", "tx": "treatment",
    "dr": "doctor", "prob": "probably", "probs": "probably", "abit": "a bit", "alot": "a lot",
    "lil": "little", "outta": "out of", "kinda": "kind of", "sorta": "sort of",
    "dunno": "dont know", "gimme": "give me", "lemme": "let me", "wud": "would",
    "cud": "could", "shud": "should",
}  # fmt: skip
_WITH_NOT = "can could do does did is are was were has have had would should will must"


class Token(NamedTuple):
    """One word: the forms it may be read as, its place in the text, and what stands before it."""

    forms: tuple[str, ...]
    start: int
    end: int
    sentence: int
    after_comma: bool
    asked: bool = False  # its sentence ends with a question mark
    quoted: bool = False  # stands between quotation marks


def plain_form(word: str) -> str:
    """Small letters, no accents, no apostrophes, no letter twice in a row."""
    word = word.lower()
    plain = word if word.isascii() else unicodedata.normalize("NFKD", word)
    letters = plain
    if not plain.isalnum():
        letters = "".join(sign for sign in plain if sign.isalnum() or sign == "*")
    return _REPEATED.sub(r"\1", letters)


_PLAIN_WRITTEN_FOR = {
    plain_form(short): tuple(map(plain_form, long.split())) for short, long in _WRITTEN_FOR.items()
}
_PLAIN_WITH_NOT = {plain_form(word): plain_form(word + "nt") for word in _WITH_NOT.split()}
_PLAIN_WITH_NOT["wil"] = "wont"
_PLAIN_LARGE = frozenset(map(plain_form, _LARGE.split()))
_PLAIN_NUMBERS = frozenset(map(plain_form, _NUMBERS.split())) | _PLAIN_LARGE


class Speller:
    """Reads a word that is one slip away from a known one as that word too."""

    def __init__(self, known: Iterable[str], *, real: Iterable[str]) -> None:
        """`known` are the catalogue's words; `real` are never taken for a slip of one of them."""
        self._known = frozenset(known)
        self._real = frozenset(map(plain_form, real))
        self._by_shortened: dict[str, set[str]] = {}
        for word in self._known:
            if len(word) >= _SHORTEST_FIX:
                for form in {word, *_one_less(word)}:
                    self._by_shortened.setdefault(form, set()).add(word)
        # Single words as they were typed, so that a common one is read once; never a message.
        self._read: dict[str, list[tuple[str, ...]]] = {}

    def knows(self, word: str) -> bool:
        """Whether the catalogue has the word as it stands."""
        return word in self._known

    def forms(self, written: str) -> list[tuple[str, ...]]:
        """What a piece of text may be read as; a contraction is several words."""
        forms = self._read.get(written)
        if forms is None:
            if len(self._read) >= _MOST_KEPT:
                self._read.clear()
            forms = self._read[written] = _forms(written, self)
        return forms

    def readings(self, word: str) -> tuple[str, ...]:
        """`word` and the known words it may be a slip of."""
        if word in self._known or word in self._real or len(word) < _SHORTEST_FIX - 1:
            return (word,)
        if len(word) > _LONGEST_WORD:
            return (word,)
        near: set[str] = set(self._by_shortened.get(word, ()))
        for form in _one_less(word):
            near |= self._by_shortened.get(form, set())
        return (word, *sorted(other for other in near if _one_slip(word, other)))


def tokens(text: str, speller: Speller) -> list[Token]:
    """Cut `text` into words; runs once over it, whatever it holds."""
    found: list[Token] = []
    sentence, comma, begun = 0, False, 0
    opened: int | None = None
    for piece in _PIECE.finditer(text):
        written = piece.group()
        if written[0] in _QUOTES:
            if opened is not None:
                found[opened:] = [token._replace(quoted=True) for token in found[opened:]]
            opened = len(found) if opened is None else None
            continue
        if written[0] in _END:
            if "?" in written:
                found[begun:] = [token._replace(asked=True) for token in found[begun:]]
            if len(found) - begun > _FRAGMENT or "\n" in written:
                sentence, begun = sentence + 1, len(found)
            comma = True
            continue
        if not (written[0].isalnum() or written[-1].isalnum()):
            comma = True
            continue
        for forms in speller.forms(written):
            if forms[0] == "not" and found and found[-1].forms[0] in _PLAIN_WITH_NOT and not comma:
                last = found.pop()
                merged = (_PLAIN_WITH_NOT[last.forms[0]], last.forms[0], "not")
                found.append(last._replace(forms=merged, end=piece.end()))
                continue
            found.append(Token(forms, piece.start(), piece.end(), sentence, comma))
            comma = False
    return found


def _forms(written: str, speller: Speller) -> list[tuple[str, ...]]:
    if written[-1].isdecimal():
        digits = written.lstrip(_APOSTROPHES)
        if _YEAR.match(digits) or (digits != written and len(digits) == _FRAGMENT):
            return [(digits, ANY_NUMBER, YEAR)]
        return [(digits, ANY_NUMBER, *_sizes(digits))]
    plain = plain_form(written)
    if plain in _PLAIN_WRITTEN_FOR:
        return [(word,) for word in _PLAIN_WRITTEN_FOR[plain]]
    if plain in _PLAIN_NUMBERS:
        return [(plain, ANY_NUMBER, MANY) if plain in _PLAIN_LARGE else (plain, ANY_NUMBER)]
    readings = speller.readings(plain)
    base = plain_form(written[:-2])
    # "The area's puffy" is "the area is puffy"; "he's" and "mom's" stand in the lists themselves.
    if len(base) >= _SHORTEST_FIX - 1 and _IS.search(written) and speller.knows(base):
        readings = (*readings, base) if base not in readings else readings
    return [readings]


def _sizes(digits: str) -> tuple[str, ...]:
    number = digits.replace(",", ".")
    if len(number) > _LONGEST_NUMBER or number.count(".") > 1 or ":" in number:
        return ()
    value = float(number)
    feverish = _FEVERS[0] <= value < _FEVERS[1] or _FEVERS[2] <= value < _FEVERS[3]
    many = "." not in number and _MANY <= value < 10**_FRAGMENT
    return (*([MANY] if many else []), *([FEVERISH] if feverish else []))


def _one_less(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def _one_slip(word: str, other: str) -> bool:
    """One letter more, less or other, or two neighbours swapped; the first letter stands."""
    if word[0] != other[0] and word[:2] != other[1::-1]:
        return False
    shorter, longer = sorted((word, other), key=len)
    place = 0
    while place < len(shorter) and shorter[place] == longer[place]:
        place += 1
    if len(longer) > len(shorter):
        return shorter[place:] == longer[place + 1 :]
    if shorter[place + 1 :] == longer[place + 1 :]:
        return True
    swapped = shorter[place : place + 2][::-1] + shorter[place + 2 :]
    return swapped == longer[place:]
