"""Makes the profile of each further handout (`assistant.profile`), in training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.kernel import KernelSettings, kernel, solve_votes
from assistant.meaning import Meaning
from assistant.ngrams import NgramIndex
from assistant.profile import Profile, behind_title
from assistant.topics import Lesson
from assistant.training import gram_matrix
from clinic.handout import Handout
from clinic.library import Library, section_name
from clinic.sentences import sentences
from clinic.understanding import NEAR_TOPIC

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["build_profiles"]

_SAID, _TITLED, _EXAMPLE = "said", "titled", "example"


def build_profiles(
    handouts: Sequence[Handout],
    library: Library,
    questions: Sequence[tuple[str, str, str]],
    *,
    learnt: Sequence[Lesson],
    meaning: Meaning,
    index: NgramIndex,
    settings: KernelSettings,
) -> dict[str, Profile]:
    """A profile a handout, but the primary; `questions` are (document, section, question).

    `learnt` are the training messages with what they are examples of, in their order.
    """
    refused = np.array([one.label == NEAR_TOPIC for one in learnt])
    answered = np.array(
        [one.label in library.topics and "#" not in one.label for one in learnt], dtype=np.bool_
    )
    found: dict[str, Profile] = {}
    for handout in handouts:
        if handout.id == library.primary:
            continue
        names = tuple(
            section_name(handout.id, one.id, primary=library.primary) for one in handout.sections
        )
        texts = _texts(handout, [one for one in questions if one[0] == handout.id])
        written = [text for text, _, _ in texts]
        nameless = [library.nameless(text) for text in written]
        plain = meaning.of_all(nameless)
        behind = meaning.of_all([behind_title(handout.title, text) for text in written])
        owner = np.array([place for _, place, _ in texts], dtype=np.int64)
        holds = gram_matrix([index.row(text) for text in nameless], len(index.vocabulary))
        likeness = (plain @ plain.T + behind @ behind.T) / 2
        votes = _votes(likeness, holds, owner, len(names), settings)
        grams = np.unique(holds.indices).astype(np.int64)
        found[handout.id] = Profile(
            title=handout.title,
            sections=names,
            topics=tuple(library.topic_of(name) for name in names),
            plain=plain,
            framed=behind,
            owner=owner,
            titled=np.array([kind == _TITLED for _, _, kind in texts]),
            example=np.array([kind == _EXAMPLE for _, _, kind in texts]),
            votes=votes,
            grams=grams,
            gram_votes=np.asarray(holds[:, grams].T @ votes, dtype=np.float32),
            refused=refused,
            answered=answered,
        )
    return found


def _texts(
    handout: Handout, questions: Sequence[tuple[str, str, str]]
) -> list[tuple[str, int, str]]:
    """Each text with the place of its section and its kind."""
    found: list[tuple[str, int, str]] = []
    for place, section in enumerate(handout.sections):
        found.append((section.title, place, _SAID))
        for sentence in sentences(section.text):
            found.append((sentence.removeprefix("- "), place, _SAID))
            found.append((f"{section.title} {sentence}", place, _TITLED))
        found += [(text, place, _EXAMPLE) for _, name, text in questions if name == section.id]
    return found


def _votes(
    likeness: NDArray[np.float32],
    holds: csr_matrix,
    owner: NDArray[np.int64],
    sections: int,
    settings: KernelSettings,
) -> NDArray[np.float32]:
    wording = np.asarray((holds @ holds.T).toarray(), dtype=np.float32)
    votes, _ = solve_votes(
        kernel(likeness, wording, settings),
        owner,
        classes=sections,
        ridge=settings.ridge,
        held_out=0,
    )
    if votes is None:
        raise AssertionError("votes were asked for")
    return votes
