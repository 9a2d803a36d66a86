"""Training with several handouts: which sections share a topic, and what each topic learns from.

A section of a further handout whose title reads as one that is known ("Does it hurt?") joins that
topic and so needs no example questions; every other one becomes a topic of its own, and takes over
the questions that so far were refused though this very section answers them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.body_parts import BodyParts
from assistant.words import normalise, words
from clinic.handout import Handout, Section
from clinic.library import Library, names_of, own_words, section_name
from clinic.sentences import sentences
from clinic.understanding import NEAR_TOPIC, OUT_OF_SCOPE

__all__ = [
    "Encode",
    "Lesson",
    "build_library",
    "handout_lessons",
    "handout_texts",
    "taken_over",
    "was_refused_for_want_of",
]

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
_REFUSED = (NEAR_TOPIC, OUT_OF_SCOPE)
# Neighbours of a title among the training messages, and the part of them that must agree.
_NEIGHBOURS = 15
_AGREED = 0.5
# From this cosine on a refused message asks for what a new section says.
_SAME_QUESTION = 0.6
_COMMON = 10  # messages from which on a word says nothing of the handout that is meant
_LEAST_LISTED = 3  # parts of the body that make a section a list of them


@dataclass(frozen=True)
class Lesson:
    """A text and the topic or intent it is an example of."""

    text: str
    label: str


def build_library(
    handouts: Sequence[Handout],
    primary: str,
    body_parts: BodyParts,
    *,
    learnt: Sequence[Lesson],
    vectors: NDArray[np.float32] | None,
    encode: Encode | None,
) -> Library:
    """Group the sections into topics. Without an encoder only equal titles or ids share one."""
    ordered = sorted(handouts, key=lambda handout: handout.id != primary)
    topics: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    listed: dict[str, tuple[str, ...]] = {}
    names = names_of(ordered)
    library = Library(primary, {}, {}, {h.id: h.title for h in ordered}, names, {}, {})
    title_of: dict[str, str] = {}
    for handout in ordered:
        for section in handout.sections:
            name = section_name(handout.id, section.id, primary=primary)
            titles[name] = section.title
            parts = body_parts.find(section.text)
            if len(parts) >= _LEAST_LISTED:
                listed[name] = parts
            topic = name
            if handout.id != primary:
                free = [
                    known
                    for known, members in topics.items()
                    if handout.id not in map(library.document_of, members)
                ]
                nameless = library.nameless(section.title)
                topic = (
                    _same_title(section, nameless, free, title_of)
                    or _same_meaning(nameless, free, learnt, vectors, encode)
                    or name
                )
            topics.setdefault(topic, []).append(name)
            title_of.setdefault(topic, library.nameless(section.title))
    return Library(
        primary,
        {topic: tuple(members) for topic, members in topics.items()},
        titles,
        library.documents,
        names,
        own_words(ordered, common=_common_words(learnt)) if len(ordered) > 1 else {},
        listed,
    )


def handout_texts(
    handouts: Sequence[Handout],
    library: Library,
    questions: Sequence[tuple[str, str, str]],
) -> list[Lesson]:
    """Titles, sentences and (document, section, question), each with its section's name."""
    found: dict[Lesson, None] = {}
    for handout in handouts:
        for section in handout.sections:
            name = section_name(handout.id, section.id, primary=library.primary)
            for text in (section.title, *sentences(section.text)):
                found[Lesson(text.removeprefix("- "), name)] = None
    for document, section_id, question in questions:
        found[Lesson(question, section_name(document, section_id, primary=library.primary))] = None
    return list(found)


def handout_lessons(texts: Sequence[Lesson], library: Library) -> list[Lesson]:
    """The same texts in neutral words, as examples of their topics."""
    lessons = [Lesson(library.neutral(one.text), library.topic_of(one.label)) for one in texts]
    return list(dict.fromkeys(lessons))


def taken_over(
    learnt: Sequence[Lesson],
    vectors: NDArray[np.float32],
    library: Library,
    own: Sequence[Lesson],
    encode: Encode,
) -> dict[int, str]:
    """Places of refused messages that a new topic answers, with that topic."""
    new = {topic for topic, members in library.topics.items() if "#" in topic and members}
    examples = [lesson for lesson in own if lesson.label in new]
    refused = [place for place, lesson in enumerate(learnt) if lesson.label in _REFUSED]
    if not examples or not refused:
        return {}
    likeness = vectors[refused] @ encode([lesson.text for lesson in examples]).T
    best = likeness.argmax(axis=1)
    return {
        place: examples[best[row]].label
        for row, place in enumerate(refused)
        if likeness[row, best[row]] >= _SAME_QUESTION
    }


def was_refused_for_want_of(lesson: Lesson, library: Library) -> bool:
    """Whether it was no question of ours only as long as the handout that it names was not there.

    What that handout answers is for its own texts to say. One that names the primary handout as
    well compares the two and stays refused.
    """
    named = library.named(lesson.text) if lesson.label in _REFUSED else ()
    return bool(named) and library.primary not in named


def _common_words(learnt: Sequence[Lesson]) -> frozenset[str]:
    """Words of so many messages that they speak of no handout in particular."""
    counts = Counter(word for one in learnt for word in set(words(normalise(one.text))))
    return frozenset(word for word, count in counts.items() if count >= _COMMON)


def _same_title(
    section: Section, nameless: str, free: Sequence[str], title_of: dict[str, str]
) -> str | None:
    for topic in free:
        if topic.rpartition("#")[2] == section.id or title_of[topic].lower() == nameless.lower():
            return topic
    return None


def _same_meaning(
    title: str,
    free: Sequence[str],
    learnt: Sequence[Lesson],
    vectors: NDArray[np.float32] | None,
    encode: Encode | None,
) -> str | None:
    """The topic of most of the messages nearest to the title, if it is one of `free`."""
    if vectors is None or encode is None or not free:
        return None
    likeness = vectors @ encode([title])[0]
    nearest = np.argsort(-likeness)[:_NEIGHBOURS]
    labels = [learnt[int(place)].label for place in nearest]
    most = max(set(labels), key=labels.count)
    return most if most in free and labels.count(most) >= _AGREED * len(labels) else None
