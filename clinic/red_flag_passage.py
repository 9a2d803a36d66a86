"""The words of one message ready to be searched, and the search for whole phrases.

Called by `clinic.red_flag_patterns` and `clinic.red_flag_cues`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy

from clinic.red_flag_words import Token

__all__ = ["CueFinder", "Passage", "Phrase", "PhraseTree", "Span", "Stems", "WordList"]
__all__ += ["SHORTEST_STEM"]

Span = tuple[int, int]
Phrase = tuple[str, ...]
WordList = frozenset[Phrase]

SHORTEST_STEM = 3
_MOST_KEPT = 10_000


class Stems:
    """The catalogue's word beginnings, each written with its `*`."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._stems = frozenset(stems)
        # Single words as they were read, so that a common one is looked up once; never a message.
        self._known: dict[tuple[str, ...], frozenset[str]] = {}

    def atoms(self, forms: tuple[str, ...]) -> frozenset[str]:
        """What a word is compared by: its forms and their known beginnings."""
        atoms = self._known.get(forms)
        if atoms is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            found = set(forms)
            for form in forms:
                for length in range(SHORTEST_STEM, len(form) + 1):
                    if form[:length] + "*" in self._stems:
                        found.add(form[:length] + "*")
            atoms = self._known[forms] = frozenset(found)
        return atoms


class Passage:
    """The words of one message, ready to be searched."""

    def __init__(self, tokens: Sequence[Token], stems: Stems) -> None:
        """`stems` are the catalogue's word beginnings."""
        self.tokens = tokens
        self.atoms = [stems.atoms(token.forms) for token in tokens]
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

    def places_of(self, words: frozenset[str]) -> set[int]:
        """Where one of `words` stands."""
        return {place for word in words & self.words for place in self.places[word]}

    def places_within(self, words: frozenset[str], first: int, last: int) -> Iterator[int]:
        """Where one of `words` stands from `first` on and before `last`; cheap in a long text."""
        for word in words & self.words:
            places = self.places[word]
            yield from places[bisect_left(places, first) : bisect_left(places, last)]

    def any_within(self, words: frozenset[str], first: int, last: int) -> bool:
        """Whether one of `words` stands there."""
        return next(self.places_within(words, first, last), None) is not None

    def holds(self, place: int, words: frozenset[str]) -> bool:
        """Whether the word at `place` is one of `words`."""
        return not self.atoms[place].isdisjoint(words)


class PhraseTree:
    """A tree of phrases, word by word; `names` are the lists in which a phrase ends here."""

    __slots__ = ("following", "names")

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self.following: dict[str, PhraseTree] = {}

    def add(self, phrase: Phrase, name: str) -> None:
        """Put in a phrase of the list `name`."""
        node = self
        for word in phrase:
            node = node.following.setdefault(word, PhraseTree())
        if name not in node.names:
            node.names = (*node.names, name)

    def walk(self, place: int, passage: Passage) -> list[tuple[int, tuple[str, ...]]]:
        """The phrases that stand at `place`: where each ends, and its lists."""
        found: list[tuple[int, tuple[str, ...]]] = []
        nodes, atoms, last = [self], passage.atoms, passage.ends[place]
        while nodes and place < last:
            here = atoms[place]
            place += 1
            further = []
            for node in nodes:
                for word in here:
                    following = node.following.get(word)
                    if following is not None:
                        if following.names:
                            found.append((place, following.names))
                        if following.following:
                            further.append(following)
            nodes = further
        return found


class CueFinder:
    """Finds the phrases of several word lists in one walk, for each list the longest at a place."""

    def __init__(self, lists: Mapping[str, WordList]) -> None:
        self._names = tuple(lists)
        self._root = PhraseTree()
        words: set[str] = set()
        for name, phrases in lists.items():
            for phrase in phrases:
                self._root.add(phrase, name)
                words.update(phrase)
        self.words = frozenset(words)
        self._begins = frozenset(self._root.following)

    def spans(self, passage: Passage) -> dict[str, list[Span]]:
        """For each list, where its phrases stand, in order of their beginnings."""
        found: dict[str, list[Span]] = {name: [] for name in self._names}
        for place, atoms in enumerate(passage.atoms):
            if self._begins.isdisjoint(atoms):
                continue
            longest: dict[str, int] = {}
            for end, names in self._root.walk(place, passage):
                for name in names:
                    longest[name] = end  # the walk gives the shorter first
            for name, end in longest.items():
                found[name].append((place, end))
        return found
