"""What each section of a further handout says: for messages that name that handout.

Most was learnt about the primary handout. When a message names another one, its sections are
compared with the message directly, the handouts' names left out of both: by what stands in it
(title, sentences, example questions), by each sentence under its title, and by the section as a
whole. A question that resembles those which no handout answers ("what does it cost") needs more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["WEIGHTS", "Match", "Profile"]

# A logistic regression, P(the nearest section is right), on how far its likeness is ahead of
# the next section's and of the nearest question that nothing answers. Fitted 2026-11 on 120
# questions about three handouts, without example questions, and 60 that no handout answers
# (`python -m evaluation.further_handouts --fit`).
WEIGHTS: Mapping[str, float] = {
    "always": -0.33,
    "ahead": 4.62,
    "lead": 3.56,
}
_WHOLE = 0.5  # part of the whole section's likeness beside the two others


@dataclass(frozen=True)
class Match:
    """The section nearest to a message, and how likely it is the right one."""

    section: str
    confidence: float


@dataclass(frozen=True)
class Profile:
    """Unit vectors of the sections' texts, (texts, width), each with the place of its section.

    `said` are titles, sentences and example questions, `titled` sentences under their titles,
    `whole` one text a section, in the order of `sections`; `refused` says of each training message
    whether no handout answers it.
    """

    sections: tuple[str, ...]
    said: NDArray[np.float32]
    said_by: NDArray[np.int64]
    titled: NDArray[np.float32]
    titled_by: NDArray[np.int64]
    whole: NDArray[np.float32]
    refused: NDArray[np.bool_]

    def match(self, message: NDArray[np.float32], learnt: NDArray[np.float32]) -> Match:
        """The section nearest to a message's vector; `learnt` are the training messages' own."""
        section, values = self.compare(message, learnt)
        score = WEIGHTS["always"] + sum(WEIGHTS[name] * value for name, value in values.items())
        return Match(section, float(1 / (1 + np.exp(-score))))

    def compare(
        self, message: NDArray[np.float32], learnt: NDArray[np.float32]
    ) -> tuple[str, dict[str, float]]:
        """The nearest section, and what the weights are for."""
        said = _best(self.said @ message, self.said_by, len(self.sections))
        titled = _best(self.titled @ message, self.titled_by, len(self.sections))
        whole = self.whole @ message
        together = said + titled + _WHOLE * whole
        best = int(together.argmax())
        others = np.delete(together, best)
        refused = (learnt[: self.refused.size] @ message)[self.refused].max(initial=0.0)
        mean = float(together[best]) / (2 + _WHOLE)
        return self.sections[best], {
            "ahead": float(together[best] - others.max(initial=0.0)),
            "lead": mean - float(refused),
        }


def _best(
    likeness: NDArray[np.float32], owner: NDArray[np.int64], sections: int
) -> NDArray[np.float32]:
    """The greatest likeness of each section's texts, 0 for one without any."""
    best = np.zeros(sections, dtype=np.float32)
    np.maximum.at(best, owner, likeness)
    return best
