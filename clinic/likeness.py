"""Questions that ask for the same: groups of texts by the words that carry them.

How alike two texts are depends on the two and on fixed weights alone, never on the other texts. So
the groups are the same in whatever order the texts come, and one text more can join groups but
never take one apart: what somebody saw together stays together.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

__all__ = ["ALIKE", "group_alike", "likeness", "weigh_words", "words_of"]

# Chosen on the questions of tests/clinic/test_likeness.py: the smallest, in steps of 0.05, that
# keeps apart what asks for something else. At 0.5 the car that drives meets the car that parks.
ALIKE: Final = 0.55
_BLACKED: Final = re.compile(r"\[[a-z-]+\]")  # in place of a name or number (`clinic.redaction`)
_WORD: Final = re.compile(r"[^\W_]+")
# English words that nearly every question may have, without apostrophes.
_LITTLE: Final = """
a about actually after afterwards again all allowed also am an and any anyone anything are as
ask asking at be because been before being born but by call can chart could did do does doing
done dont for from get getting give go going got had happen happens has have having he hello
help her here hi him his how i id if ill im in into is it its ive just know let like live long
make many may maybe me might more much must my name need no not now number of off ok okay on
once one only or other our out over phone please possible question really record say she
should so some someone something still such take taken taking tell than thank thanks that the
their them then there these they thing this those to today tomorrow too up us very want was we
well were what whats when where which while who why will with wonder wondering would yes
yesterday you your
"""
_STOP: Final = frozenset(_LITTLE.split())
_SUFFIXES: Final = ("ings", "ing", "ies", "ed", "es", "s")
_SHORTEST_STEM: Final = 3
_ROUNDING: Final = 1e-9  # sums of weights differ by less, whatever their order


def words_of(text: str) -> frozenset[str]:
    """The words that carry the text, without endings; all of its words when none of them does."""
    text = _BLACKED.sub(" ", text)
    plain = unicodedata.normalize("NFKD", text.casefold().replace("'", "").replace("’", ""))
    found = _WORD.findall("".join(char for char in plain if not unicodedata.combining(char)))
    carrying = [word for word in found if word not in _STOP]
    return frozenset(_stem(word) for word in carrying or found)


def weigh_words(passages: Iterable[str]) -> Mapping[str, float]:
    """How much a word tells, by the handout's passages: 1 where each has it, more where few do.

    A word that no passage has tells the most (`_unknown`). It is the inverse document frequency of
    search engines, smoothed.
    """
    sets = [words_of(passage) for passage in passages]
    counted = Counter(word for words in sets for word in words)
    weights = {word: _inverse(len(sets), count) for word, count in counted.items()}
    return defaultdict(lambda: _inverse(len(sets), 0), weights)


def likeness(one: frozenset[str], other: frozenset[str], weights: Mapping[str, float]) -> float:
    """From 0, no word in common, to 1, the same words: the weighted Dice coefficient."""
    whole = _weight(one, weights) + _weight(other, weights)
    return 2 * _weight(one & other, weights) / whole if whole else 1.0


def group_alike(
    texts: Sequence[str], weights: Mapping[str, float], *, alike: float = ALIKE
) -> tuple[tuple[int, ...], ...]:
    """The places of the texts, put together where a chain of texts alike leads from one to another.

    The largest group first, then by its words; places in a group in their order.
    """
    places: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        places[words_of(text)].append(place)
    bags = list(places)
    leaders = _joined(bags, weights, alike)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for number, bag in enumerate(bags):
        groups[leaders[number]] += places[bag]
    return tuple(
        sorted(
            (tuple(sorted(group)) for group in groups.values()),
            key=lambda group: (-len(group), sorted(texts[place].casefold() for place in group)),
        )
    )


def _joined(bags: list[frozenset[str]], weights: Mapping[str, float], alike: float) -> list[int]:
    """For each bag the number of the one that leads its group."""
    leaders = list(range(len(bags)))
    wholes = [_weight(bag, weights) for bag in bags]

    def leader(number: int) -> int:
        while leaders[number] != number:
            leaders[number] = number = leaders[leaders[number]]
        return number

    seen: defaultdict[str, list[int]] = defaultdict(list)
    for number, bag in enumerate(bags):
        telling = _telling(bag, weights, alike)
        for candidate in {one for word in telling for one in seen[word]}:
            if leader(candidate) == leader(number):
                continue
            shared = 2 * _weight(bags[candidate] & bag, weights)
            if shared >= alike * (wholes[candidate] + wholes[number]):
                leaders[leader(candidate)] = leader(number)
        for word in telling:
            seen[word].append(number)
    return [leader(number) for number in range(len(bags))]


def _telling(bag: frozenset[str], weights: Mapping[str, float], alike: float) -> list[str]:
    """Its weightiest words; whatever is alike shares at least one of them with it.

    Alike means to share `alike` / 2 of the weight of both together, so at least of this one's own
    (the share grows with the other's). The words left out weigh less than that in all, in both.
    """
    ordered = sorted(bag, key=lambda word: (-weights[word], word))
    rest = _weight(bag, weights)
    needed = rest * alike / 2 * (1 - _ROUNDING)
    telling: list[str] = []
    for word in ordered:
        if rest < needed and telling:
            break
        telling.append(word)
        rest -= weights[word]
    return telling


def _stem(word: str) -> str:
    for suffix in _SUFFIXES:
        stem = word.removesuffix(suffix)
        if stem != word and len(stem) >= _SHORTEST_STEM and not word.endswith("ss"):
            word = stem + ("y" if suffix == "ies" else "")
            break
    # "driving" and "drive", "needled" and "needle", "swimming" and "swim".
    if len(word) > _SHORTEST_STEM and word.endswith("e"):
        word = word[:-1]
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    return word


def _inverse(passages: int, having: int) -> float:
    return 1.0 + math.log((1 + passages) / (1 + having))


def _weight(words: frozenset[str], weights: Mapping[str, float]) -> float:
    return math.fsum(weights[word] for word in words)
