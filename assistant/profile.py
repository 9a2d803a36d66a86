"""What each section of a further handout sounds like: for messages that name that handout.

Most was learnt about the primary handout. When a message names another one, its sections are
compared with the message directly, the handouts' names left out of both: by title, sentences and
example questions, and by questions learnt about the primary handout that ask the same ("what does
it cost"). All other learnt questions stand against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Match", "Profile"]

# Cosine from which on a learnt question asks what a text of the section says.
_ASKS_THE_SAME = 0.6
# The same for a question that is refused where only the primary handout is asked: another one may
# well answer it. From 0.4 to 0.55 it made no difference to the questions named below.
_ASKS_WHAT_WAS_REFUSED = 0.5
# A borrowed question is a guess at how patients ask; the handout's own words are none.
_DISCOUNT = 0.05
# P(right) by likeness, and by how much less like the message the best question about something
# else is. Measured with tests/assistant/cupping_questions.yml and 15 questions that the handout
# does not answer, with and without examples, 2026-11.
_LIKENESS, _LEAD, _EVEN, _BEHIND = 9.0, 4.0, 0.4, -0.3

_AGAINST, _NEITHER = -1, -2


@dataclass(frozen=True)
class Match:
    """The section nearest to a message, and how likely it is the right one."""

    section: str
    confidence: float


@dataclass(frozen=True)
class Profile:
    """Vectors of the handout's own texts, (texts, width), with the place of each one's section.

    `learnt` says of each training message which section it speaks for, -1 for something else and -2
    for what is no question.
    """

    sections: tuple[str, ...]
    vectors: NDArray[np.float32]
    owner: NDArray[np.int64]
    learnt: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        own: Sequence[tuple[str, NDArray[np.float32]]],
        learnt: NDArray[np.float32],
        *,
        shared: Sequence[str | None],
        questions: NDArray[np.bool_],
        refused: NDArray[np.bool_],
    ) -> Profile:
        """`own` are pairs of a section's name and the vector of one of its texts.

        `learnt` are the vectors of the training messages; `shared` the section of each whose topic
        the handout shares, `questions` whether it is one at all, `refused` whether it was of those
        that the primary handout does not answer.
        """
        sections = tuple(dict.fromkeys(name for name, _ in own))
        vectors = np.stack([vector for _, vector in own])
        owner = np.array([sections.index(name) for name, _ in own], dtype=np.int64)
        likeness = learnt @ vectors.T
        least = np.where(refused, _ASKS_WHAT_WAS_REFUSED, _ASKS_THE_SAME)
        speaks = np.where(likeness.max(axis=1) >= least, owner[likeness.argmax(1)], -1)
        for row, name in enumerate(shared):
            if name is not None:
                speaks[row] = sections.index(name)
        speaks[~questions] = _NEITHER
        return cls(sections, vectors, owner, speaks.astype(np.int64))

    def match(self, message: NDArray[np.float32], learnt: NDArray[np.float32]) -> Match:
        """The nearest section to a message's vector; `learnt` as in `of`."""
        own, borrowed = self.vectors @ message, learnt[: self.learnt.size] @ message
        against = borrowed[self.learnt == _AGAINST].max(initial=0.0)
        likeness = [
            max(
                own[self.owner == place].max(initial=0.0),
                borrowed[self.learnt == place].max(initial=0.0) - _DISCOUNT,
            )
            for place in range(len(self.sections))
        ]
        best = int(np.argmax(likeness))
        score = _LIKENESS * (likeness[best] - _EVEN) + _LEAD * (likeness[best] - against - _BEHIND)
        return Match(self.sections[best], float(1 / (1 + np.exp(-score))))
