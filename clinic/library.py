"""All handouts together: what their sections are about, and which handout a message means.

Sections of several handouts that say the same of different treatments share a topic ("Does it
hurt?"); the classifier finds the topic, and `Library.resolve` the section. Made in training, kept
with the model.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from clinic.handout import Handout
from clinic.understanding import MOST_OPTIONS

__all__ = ["Library", "Resolution", "names_of", "own_words", "section_name"]

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_BRACKETS = re.compile(r"\(([^)]*)\)")
# Words of titles that tell no treatment from another.
_GENERAL = frozenset(
    {
        "a", "about", "after", "an", "and", "at", "before", "by", "care", "clinic", "exercises",
        "exercise", "for", "from", "guide", "handout", "health", "home", "how", "in", "info",
        "information", "instructions", "leaflet", "medicine", "my", "of", "on", "our", "patient",
        "patients", "physical", "procedure", "program", "services", "session", "sheet",
        "therapies", "therapy", "the", "to", "treatment", "treatments", "visit", "what", "with",
        "you", "your",
    }
)  # fmt: skip
_LEAST_NAME = 4  # letters of a single word that may stand for a handout
_LEAST_SLIP = 6  # letters from which one wrong letter is forgiven
_DOUBLED = 3  # letters of a stem from which a doubled last one is taken for one
_ENDINGS = frozenset({"", "s", "e", "es", "ed", "er", "ers", "ing"})


@dataclass(frozen=True)
class Resolution:
    """The section that is meant, or those among which to ask; neither: the named one lacks it."""

    section: str | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Library:
    """Names of sections are those of turns: bare in the primary handout, else `document#id`."""

    primary: str
    topics: Mapping[str, tuple[str, ...]]
    titles: Mapping[str, str]
    documents: Mapping[str, str]  # their titles
    names: Mapping[str, tuple[str, ...]]  # of documents, small letters, longest first
    own_words: Mapping[str, tuple[str, ...]]
    listed: Mapping[str, tuple[str, ...]]  # parts of the body, where a section lists them

    def document_of(self, section: str) -> str:
        """The handout of a section, by the section's name."""
        document, mark, _ = section.partition("#")
        return document if mark else self.primary

    def topic_of(self, section: str) -> str:
        """The topic of a section, by the section's name."""
        return next((topic for topic, found in self.topics.items() if section in found), section)

    def label(self, section: str) -> str:
        """The title as a patient is shown it among those of several handouts."""
        title = self.titles[section]
        document = self.document_of(section)
        if len(self.documents) == 1:
            return title
        return f"{title} ({self.documents[document]})"

    def neutral(self, text: str) -> str:
        """The text as if it were about the primary handout, from which most was learnt."""
        plain, text = self.names[self.primary][0], self._joined(text)
        for document, names in self.names.items():
            for name in names if document != self.primary else ():
                text = re.sub(rf"\b{re.escape(name)}\b", plain, text, flags=re.IGNORECASE)
        return text

    def nameless(self, text: str) -> str:
        """The text with "it" for each handout's name: "Does it hurt?" for "Does cupping hurt?"."""
        text = self._joined(text)
        for names in self.names.values():
            for name in names:
                text = re.sub(rf"\b{re.escape(name)}s?\b", "it", text, flags=re.IGNORECASE)
                stem = _stem(name)
                if stem and " " not in name:
                    text = re.sub(rf"\b{stem}\w?ed\b", "it", text, flags=re.IGNORECASE)
        return text

    def named(self, text: str) -> tuple[str, ...]:
        """The handouts whose names, or words that only they use, stand in the text."""
        if len(self.documents) == 1:
            return ()
        plain = " ".join(_WORD.findall(self._joined(text).lower()))
        found = [
            document
            for document, names in self.names.items()
            if any(_holds(plain, name) for name in names)
        ]
        return tuple(found)

    def hinted(self, text: str) -> tuple[str, ...]:
        """The handouts of whose typical words the text has most."""
        words = set(_WORD.findall(text.lower()))
        counts = {document: len(words & set(own)) for document, own in self.own_words.items()}
        most = max(counts.values(), default=0)
        return tuple(d for d, count in counts.items() if most and count == most)

    def resolve(self, topic: str, text: str, *, document: str | None) -> Resolution:
        """Which handout's section on `topic` is meant; `document` is that of the last answer."""
        members = self.topics.get(topic, (topic,))
        if len(self.documents) == 1:
            return Resolution(members[0])
        named = self.named(text)
        if named:
            hits = self._of(members, named)
            return Resolution(hits[0]) if hits else Resolution()
        if len(members) == 1:
            return Resolution(members[0])
        for evidence in (self.hinted(text), (document,) if document else ()):
            hits = self._of(members, evidence)
            if len(hits) == 1:
                return Resolution(hits[0])
        return Resolution(options=members[:MOST_OPTIONS])

    def _joined(self, text: str) -> str:
        """The text with long names in one word where they are written in two: "shock wave"."""
        for pattern, name in self._in_two:
            text = pattern.sub(name, text)
        return text

    @cached_property
    def _in_two(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        return tuple(
            (re.compile(rf"\b{name[:cut]}[ -]{name[cut:]}(?=s?\b)", re.IGNORECASE), name)
            for names in self.names.values()
            for name in names
            if name.isalpha()
            for cut in range(_LEAST_NAME, len(name) - _LEAST_NAME + 1)
        )

    def _of(self, members: Iterable[str], documents: Collection[str]) -> list[str]:
        return [name for name in members if self.document_of(name) in documents]


def section_name(document: str, section: str, *, primary: str) -> str:
    """A section's name in turns."""
    return section if document == primary else f"{document}#{section}"


def names_of(handouts: Collection[Handout]) -> dict[str, tuple[str, ...]]:
    """What each handout may be called: its title, its other names, words only its title has."""
    texts = {handout.id: _words_of(handout) for handout in handouts}
    names: dict[str, tuple[str, ...]] = {}
    for handout in handouts:
        found: list[str] = []
        spoken = [_BRACKETS.sub(" ", handout.title), *_BRACKETS.findall(handout.title)]
        for name in [*spoken, *handout.other_names]:
            words = _WORD.findall(name.lower())
            telling = [word for word in words if word not in _GENERAL]
            found += [" ".join(words), " ".join(telling)]
            elsewhere = set[str]().union(
                *(text for document, text in texts.items() if document != handout.id)
            )
            found += [w for w in telling if len(w) >= _LEAST_NAME and w not in elsewhere]
        unique = dict.fromkeys(name for name in found if name and name not in _GENERAL)
        names[handout.id] = tuple(sorted(unique, key=lambda name: -len(name)))
    return names


def own_words(
    handouts: Collection[Handout], *, common: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Words that stand in one handout, in no other, and are not `common`."""
    texts = {handout.id: _words_of(handout) for handout in handouts}
    return {
        handout.id: tuple(
            sorted(
                word
                for word in texts[handout.id] - set(common)
                if len(word) >= _LEAST_NAME
                and not any(word in texts[other] for other in texts if other != handout.id)
            )
        )
        for handout in handouts
    }


def _words_of(handout: Handout) -> set[str]:
    whole = " ".join(f"{section.title} {section.text}" for section in handout.sections)
    return set(_WORD.findall(f"{handout.title} {whole}".lower()))


def _holds(plain: str, name: str) -> bool:
    """Whether `name` stands in `plain`, a slip of one letter forgiven in a long single word."""
    if f" {name} " in f" {plain} ":
        return True
    if " " in name or len(name) < _LEAST_SLIP:
        return False
    stem = _stem(name)
    return any(_one_slip(word, name) or _same_stem(word, stem) for word in plain.split())


def _stem(name: str) -> str:
    """The stem of a name in -ing ("cup" for cupping); empty for every other."""
    if not name.endswith("ing"):
        return ""
    stem = name.removesuffix("ing")
    return stem[:-1] if len(stem) > _DOUBLED and stem[-1] == stem[-2] else stem


def _same_stem(word: str, stem: str) -> bool:
    """Whether the word is the stem with a usual ending ("cups", "cupped")."""
    return (
        bool(stem)
        and word.startswith(stem)
        and word[len(stem) :] in _ENDINGS | {stem[-1] + ending for ending in _ENDINGS}
    )


def _one_slip(word: str, name: str) -> bool:
    if abs(len(word) - len(name)) > 1 or word[0] != name[0]:
        return False
    shorter, longer = sorted((word, name), key=len)
    if len(shorter) == len(longer):
        return sum(a != b for a, b in zip(word, name, strict=True)) <= 1
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
