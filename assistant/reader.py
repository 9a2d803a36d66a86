"""Reads one text: its meaning, and what the trained understanding makes of it.

Shared by everything in a message that is read by itself: the whole, its parts, a follow-up put
behind the title of what was answered before. A text that names a further handout is read by what
that handout says (`assistant.profile`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assistant.kernel import KernelSettings
from assistant.meaning import Meaning
from assistant.profile import Asked, Profile, behind_title
from assistant.understanding import Reading, Understanding
from assistant.words import normalise, words
from clinic.decision import Heard
from clinic.library import Library
from clinic.understanding import (
    DANGERS,
    NEAR_TOPIC,
    NEAREST,
    OUT_OF_SCOPE,
    Choice,
    Thresholds,
    choose,
)

__all__ = ["Read", "Reader", "Vector", "heard"]

Vector = NDArray[np.float32]

# Where the handout is known, a passage out of it that does not quite answer costs the patient less
# than one about another treatment, and a second one beside it less.
_WRONG = 0.5
_SECOND = 0.05
# A section less likely than this is said as what comes nearest.
_SURE = 0.65


@dataclass(frozen=True)
class Read:
    """A text, its vector (`None` for n-grams alone) and its reading."""

    text: str
    vector: Vector | None
    reading: Reading


@dataclass(frozen=True)
class Reader:
    """`meaning` is `None` for n-grams alone, without profiles of further handouts.

    `document` is the further handout that a text is about which names none; `None` for the primary.
    """

    understanding: Understanding
    library: Library
    meaning: Meaning | None
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    document: str | None = None

    @property
    def settings(self) -> KernelSettings:
        """What makes texts alike, for profiles as in training."""
        return self.understanding.machine.settings

    @cached_property
    def sections(self) -> frozenset[str]:
        """All that may be answered: topics, and the further handouts' sections."""
        return self.understanding.sections.union(
            *(profile.sections for profile in self.profiles.values())
        )

    def within(self, document: str | None) -> Reader:
        """The same for texts that are about a further handout, if it has a profile."""
        return replace(self, document=document if document in self.profiles else None)

    def read(self, text: str, vector: Vector | None = None) -> Read:
        """Read a text; `vector` is the encoder's of this very text, where it is known.

        Names of handouts are made neutral first: "dry needling" asks for no section by itself.
        """
        neutral = self.library.neutral(text) if len(self.library.documents) > 1 else text
        if self.meaning is None:
            meant = None
        else:
            meant = self.meaning.of(neutral, vector if neutral == text else None)
        read = Read(text, meant, self.understanding.read(neutral, meant))
        document = self._document(text)
        if document is not None:
            return self._read_in(self.profiles[document], read)
        return self._surer_without_name(read)

    def glance(self, text: str) -> str:
        """The likeliest intent by the wording alone."""
        document = self._document(text)
        if document is None:
            return self.understanding.glance(text)
        profile = self.profiles[document]
        row = self.understanding.machine.index.row(self.library.nameless(text))
        return profile.sections[int(profile.by_wording(row).argmax())]

    def shares(self, read: Read, sections: Sequence[str]) -> list[float]:
        """The probability of each of the sections that the text asks for it."""
        by_topic = dict(read.reading.ranking)
        inside: dict[str, float] = {}
        for document in {self.library.document_of(name) for name in sections} & {*self.profiles}:
            inside |= self._shares_in(self.profiles[document], read)
        return [
            inside[name] if name in inside else by_topic.get(self.library.topic_of(name), 0.0)
            for name in sections
        ]

    def asked(self, profile: Profile, read: Read) -> Asked:
        """The text as it is compared with a further handout; needs an encoder."""
        if self.meaning is None:
            raise ValueError("a profile compares meanings, but there is no encoder")
        machine = self.understanding.machine
        document = self.library.document_of(profile.sections[0])
        nameless = self.library.nameless(read.text)
        plain = self.meaning.of(nameless)
        row = machine.index.row(nameless)
        shares = dict(read.reading.ranking)
        own = set(self.library.own_words.get(document, ()))
        return Asked(
            plain=plain,
            framed=self.meaning.of(behind_title(profile.title, read.text)),
            row=row,
            learnt=machine.remembered.likeness(row, plain).nearness,
            shares=shares,
            rejected=shares.get(NEAR_TOPIC, 0.0) + shares.get(OUT_OF_SCOPE, 0.0),
            own_words=len(own & set(words(normalise(read.text)))),
        )

    def _shares_in(self, profile: Profile, read: Read) -> dict[str, float]:
        """The probability of each section of a further handout, if that is meant."""
        return profile.shares(self.asked(profile, read), self.settings)

    def _document(self, text: str) -> str | None:
        """The one further handout that a text names, else the one it is taken to be about."""
        if not self.profiles:
            return None
        named = self.library.named(text)
        if not named:
            return self.document
        return named[0] if len(named) == 1 and named[0] in self.profiles else None

    def _surer_without_name(self, read: Read) -> Read:
        """The same, as sure as it is read with "it" for the treatment: "does it hurt?".

        The name stands in questions of every kind and draws each a little towards those it stands
        in most. Only where both are read alike: the name alone asks what it is, "it" asks nothing.
        """
        nameless = self.library.nameless(read.text)
        if nameless == read.text:
            return read
        vector = None if self.meaning is None else self.meaning.of(nameless)
        reading = self.understanding.read(nameless, vector)
        alike = reading.ranking[0][0] == read.reading.ranking[0][0]
        harmless = not {reading.choice.intent, read.reading.choice.intent} & set(DANGERS)
        surer = reading.confidence > read.reading.confidence
        return replace(read, reading=reading) if alike and harmless and surer else read

    def _read_in(self, profile: Profile, read: Read) -> Read:
        """The text with the handout's sections in place of all topics, and of what has none."""
        before = dict(read.reading.ranking)
        topics = {*self.understanding.sections, NEAR_TOPIC, OUT_OF_SCOPE}
        about = sum(share for name, share in before.items() if name in topics)
        inside = self._shares_in(profile, read)
        shares = {name: share for name, share in before.items() if name not in topics}
        shares |= {name: about * share for name, share in inside.items()}
        shares[NEAR_TOPIC] = about * (1 - sum(inside.values()))
        ranking = tuple(sorted(shares.items(), key=lambda pair: -pair[1]))
        guess, share = ranking[0]
        same = guess == read.reading.ranking[0][0] and guess != NEAR_TOPIC
        confidence = read.reading.confidence if same else share
        thresholds = replace(self.understanding.thresholds, wrong=_WRONG, second=_SECOND)
        reading = Reading(
            choice=_choice(shares, confidence, profile, thresholds),
            ranking=ranking,
            confidence=confidence,
            known_words=read.reading.known_words,
        )
        return replace(read, reading=reading)


def _choice(
    shares: Mapping[str, float], confidence: float, profile: Profile, thresholds: Thresholds
) -> Choice:
    # Words that training did not have may be the handout's own, or its name.
    choice = choose(
        shares,
        confidence=confidence,
        known_words=1.0,
        sections=profile.sections,
        thresholds=thresholds,
    )
    answers = choice.reason == "guess" and choice.intent in profile.sections
    return replace(choice, reason=NEAREST) if answers and choice.confidence < _SURE else choice


def heard(reading: Reading, text: str, *, asks: bool = True, alone: Reading | None = None) -> Heard:
    """A reading as `clinic.decision` weighs it; `alone` where it leans on the text before."""
    return Heard(
        choice=reading.choice,
        shares=dict(reading.ranking),
        confidence=reading.confidence,
        asks=asks,
        words=len(text.split()),
        weak=dict(alone.ranking) if alone else {},
    )
