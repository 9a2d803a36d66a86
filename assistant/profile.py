"""One further handout, as a message is compared with it: which section is meant, if any.

Most was learnt about the primary handout, so a further one is read by what stands in it. Each text
of it (title, sentence, example question, sentence under its title) is compared twice, by meaning:
without the handout's name on either side ("does it hurt?"), and behind the handout's title on both,
which tells what the other words are about. Beside that the texts vote for their sections, as the
training messages do (`assistant.kernel`), and the classifier says how likely the section's topic
is. Against the sections stands "nothing answers it": the nearer the questions that no handout
answers, and the more texts are near at once, the likelier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.kernel import KernelSettings, by_meaning
from assistant.ngrams import SparseRow

__all__ = ["MEANT", "WEIGHTS", "Asked", "Evidence", "Profile", "behind_title"]

Vector = NDArray[np.float32]

# A multinomial logistic regression over the sections and "nothing answers it", the last three. On
# 328 questions about seven handouts by several writers, and 140 that none of them answers, each
# with and without example questions (2026-11, `python -m evaluation.profile_fit`).
WEIGHTS: Mapping[str, float] = {
    "text": 6.18,
    "titled": 9.59,
    "votes": 11.36,
    "topic": 2.39,
    "nothing": 2.53,
    "refused": 7.20,
    "crowd": 9.46,
}
# A logistic regression, P(a message that names no handout is about this one). The same questions,
# as far as they name none, against the question sets about the primary handout, which count for a
# tenth: far fewer patients ask about a further handout without naming it.
MEANT: Mapping[str, float] = {
    "always": -2.71,
    "answered": 0.51,
    "own_words": 3.22,
    "ahead": 5.22,
    "rejected": 1.45,
}
_MOST_OWN_WORDS = 3
_NEAR = 5  # the nearest questions that nothing answers, the nearest texts
_LEAST = 1e-4  # a share of nothing has no logarithm


@dataclass(frozen=True)
class Asked:
    """A message as it is compared.

    `plain` and `framed` are its vectors, `row` its n-grams without names of handouts; `learnt` the
    cosines with the training messages, `shares` the classifier's by topic; `rejected` what it gives
    to "no handout answers it"; `own_words` counts those that only this handout uses.
    """

    plain: Vector
    framed: Vector
    row: SparseRow
    learnt: NDArray[np.float32]
    shares: Mapping[str, float]
    rejected: float = 0.0
    own_words: int = 0


@dataclass(frozen=True)
class Evidence:
    """What the weights are for: four numbers a section, (sections,), and two about the message."""

    sections: Mapping[str, NDArray[np.float64]]
    refused: float
    crowd: float


@dataclass(frozen=True)
class Profile:
    """Unit vectors of the handout's texts, (texts, width), each with the place of its section.

    `titled` marks sentences under their titles, `example` example questions. `votes`, (texts,
    sections), and `gram_votes`, (grams, sections), for the `grams` that stand in the texts, are
    solved for as those of the training messages. `refused` and `answered` mark the training
    messages that no handout answers, and those that the primary one does.
    """

    title: str
    sections: tuple[str, ...]
    topics: tuple[str, ...]
    plain: Vector
    framed: Vector
    owner: NDArray[np.int64]
    titled: NDArray[np.bool_]
    example: NDArray[np.bool_]
    votes: NDArray[np.float32]
    grams: NDArray[np.int64]
    gram_votes: NDArray[np.float32]
    refused: NDArray[np.bool_]
    answered: NDArray[np.bool_]

    def shares(self, asked: Asked, settings: KernelSettings) -> dict[str, float]:
        """The probability of each section; what is left of 1 is that none answers."""
        found = self.compare(asked, settings)
        scores = sum(WEIGHTS[name] * values for name, values in found.sections.items())
        nothing = (
            WEIGHTS["nothing"] + WEIGHTS["refused"] * found.refused + WEIGHTS["crowd"] * found.crowd
        )
        logits = np.append(scores, nothing)
        likely = np.exp(logits - logits.max())
        return dict(zip(self.sections, (likely / likely.sum())[:-1].tolist(), strict=True))

    def meant(self, asked: Asked, settings: KernelSettings) -> float:
        """The probability that a message is about this handout, though it names none."""
        score = MEANT["always"] + sum(
            MEANT[name] * value for name, value in self.hints(asked, settings).items()
        )
        return float(1 / (1 + np.exp(-score)))

    def hints(self, asked: Asked, settings: KernelSettings) -> dict[str, float]:
        """What `MEANT` weighs."""
        shares = self.shares(asked, settings)
        best, nothing = max(shares.values()), 1 - sum(shares.values())
        nearest = float(self._likeness(asked)[~self.titled & ~self.example].max())
        known = float(asked.learnt[: self.answered.size][self.answered].max(initial=0.0))
        return {
            "answered": float(np.log((best + _LEAST) / (nothing + _LEAST))),
            "own_words": float(min(asked.own_words, _MOST_OWN_WORDS)),
            "ahead": nearest - known,
            "rejected": asked.rejected,
        }

    def compare(self, asked: Asked, settings: KernelSettings) -> Evidence:
        """What `WEIGHTS` weighs."""
        likeness = self._likeness(asked)
        said = ~self.titled
        text = said & ~self.example
        refused = asked.learnt[: self.refused.size][self.refused]
        return Evidence(
            {
                "text": self._best(likeness, text),
                "titled": self._best(likeness, self.titled),
                "votes": by_meaning(likeness, settings) @ self.votes
                + settings.wording * self.by_wording(asked.row),
                "topic": np.array([asked.shares.get(topic, 0.0) for topic in self.topics]),
            },
            refused=_mean_of_greatest(refused),
            crowd=_mean_of_greatest(likeness[said]),
        )

    def by_wording(self, row: SparseRow) -> NDArray[np.float32]:
        """How the texts vote by their n-grams alone, (sections,)."""
        places = np.searchsorted(self.grams, row.columns)
        places[places == self.grams.size] = 0
        known = self.grams[places] == row.columns
        return np.asarray(row.values[known] @ self.gram_votes[places[known]], dtype=np.float32)

    def _likeness(self, asked: Asked) -> NDArray[np.float32]:
        return np.asarray((self.plain @ asked.plain + self.framed @ asked.framed) / 2, np.float32)

    def _best(self, likeness: NDArray[np.float32], texts: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The greatest likeness of each section's texts, 0 for one without any."""
        best = np.zeros(len(self.sections))
        np.maximum.at(best, self.owner[texts], likeness[texts])
        return best


def behind_title(title: str, text: str) -> str:
    """A text as it is compared behind the title of its handout."""
    return f"{title}: {text}"


def _mean_of_greatest(values: NDArray[np.float32]) -> float:
    return float(np.sort(values)[-_NEAR:].mean()) if values.size else 0.0
