"""Training, from labelled messages and handouts to a `Comprehension`.

Called by the classifier and by `evaluation/`, so that both learn the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.body_parts import BodyParts
from assistant.comprehension import Comprehension
from assistant.encoder_session import Encoder
from assistant.meaning import Meaning
from assistant.profile_training import build_profiles
from assistant.spelling import Spelling
from assistant.topics import (
    Lesson,
    build_library,
    handout_lessons,
    handout_texts,
    taken_over,
    was_refused_for_want_of,
)
from assistant.training import Examples, HeldOut, Settings
from assistant.understanding import Understanding
from clinic.example_questions import example_questions
from clinic.handout import Handout
from clinic.library import Library, section_name
from clinic.sentences import sentences
from clinic.understanding import Thresholds

__all__ = ["Course", "passage_sentences", "sentence_vectors"]


@dataclass(frozen=True)
class Course:
    """All that is learnt from; `body_words` maps lay words to parts of the body."""

    messages: Sequence[Lesson]
    handouts: Sequence[Handout]
    questions: Sequence[tuple[str, str, str]]  # (document, section, question)
    primary: str
    body_words: Mapping[str, str]

    @classmethod
    def of(
        cls,
        messages: Sequence[Lesson],
        handouts: Sequence[Handout],
        folder: Path,
        *,
        primary: str,
        body_words: Mapping[str, str],
    ) -> Course:
        """With the example questions that stand beside the handouts in `folder`.

        Raises `HandoutError`, also when `primary` is none of the handouts.
        """
        questions = [
            (handout.id, section, question)
            for handout in handouts
            for question, section in example_questions(folder, handout)
        ]
        return cls(messages, handouts, questions, primary, body_words)

    def train(
        self,
        settings: Settings,
        thresholds: Thresholds,
        *,
        encoder: Encoder | None,
        vectors: NDArray[np.float32] | None = None,
    ) -> tuple[Comprehension, list[HeldOut], Examples]:
        """Learn; `vectors` are those of `messages` where they are there already."""
        texts_of_patients = [lesson.text for lesson in self.messages]
        meaning = None
        if encoder is not None:
            spelling = Spelling.fit(texts_of_patients, encoder.dictionary())
            meaning = Meaning(encoder, spelling)
            vectors = meaning.of_all(texts_of_patients, vectors)
        body_parts = BodyParts(self.body_words)
        encode = meaning.of_all if meaning else None
        library = build_library(
            self.handouts,
            self.primary,
            body_parts,
            learnt=self.messages,
            vectors=vectors,
            encode=encode,
        )
        texts = handout_texts(self.handouts, library, self.questions)
        own = handout_lessons(texts, library)
        learnt: Sequence[Lesson] = self.messages
        if len(self.handouts) > 1:
            learnt, vectors = _beside_further_handouts(
                self.messages, vectors, library, own=own, meaning=meaning
            )
        examples = _examples([*learnt, *own], len(learnt), vectors, meaning)
        understanding, judged = Understanding.train(
            examples, set(library.topics), settings, thresholds
        )
        profiles = (
            build_profiles(
                self.handouts,
                library,
                self.questions,
                learnt=learnt,
                meaning=meaning,
                index=understanding.machine.index,
                settings=settings.kernel,
            )
            if meaning
            else {}
        )
        found = passage_sentences(self.handouts, library)
        comprehension = Comprehension(
            understanding=understanding,
            library=library,
            body_parts=body_parts,
            sentences=found,
            vectors=sentence_vectors(found, meaning) if meaning else {},
            profiles=profiles,
            meaning=meaning,
        )
        return comprehension, judged, examples


def _beside_further_handouts(
    messages: Sequence[Lesson],
    vectors: NDArray[np.float32] | None,
    library: Library,
    *,
    own: Sequence[Lesson],
    meaning: Meaning | None,
) -> tuple[Sequence[Lesson], NDArray[np.float32] | None]:
    """What is learnt of the patients' messages where there is more than one handout.

    A message that only the primary handout does not answer gets the topic that does, or is left
    out. Also the vectors of those that stay.
    """
    if meaning is None or vectors is None:
        return [one for one in messages if not was_refused_for_want_of(one, library)], None
    taken = taken_over(messages, vectors, library, own, meaning.of_all)
    kept = [
        place
        for place, lesson in enumerate(messages)
        if place in taken or not was_refused_for_want_of(lesson, library)
    ]
    learnt = [
        Lesson(messages[place].text, taken.get(place, messages[place].label)) for place in kept
    ]
    return learnt, vectors[kept]


def passage_sentences(handouts: Sequence[Handout], library: Library) -> dict[str, tuple[str, ...]]:
    """The sentences of each section, by its name."""
    return {
        section_name(handout.id, section.id, primary=library.primary): sentences(section.text)
        for handout in handouts
        for section in handout.sections
    }


def sentence_vectors(
    found: Mapping[str, tuple[str, ...]], meaning: Meaning
) -> dict[str, NDArray[np.float32]]:
    """A vector a sentence, (sentences, width), by section."""
    return {section: meaning.of_all(texts) for section, texts in found.items()}


def _examples(
    lessons: Sequence[Lesson],
    scored: int,
    vectors: NDArray[np.float32] | None,
    meaning: Meaning | None,
) -> Examples:
    """`vectors` are those of the first `scored` lessons, which are patients' messages."""
    intents = tuple(sorted({lesson.label for lesson in lessons}))
    together = None
    if vectors is not None and meaning is not None:
        more = meaning.of_all([lesson.text for lesson in lessons[scored:]])
        together = np.concatenate([vectors, more])
    return Examples(
        texts=tuple(lesson.text for lesson in lessons),
        labels=np.array([intents.index(lesson.label) for lesson in lessons], dtype=np.int64),
        intents=intents,
        vectors=together,
        scored=np.arange(len(lessons)) < scored,
        dictionary=meaning.encoder.dictionary() if meaning else frozenset(),
    )
