"""Fits the weights of `assistant/profile.py` on the questions of `evaluation/handouts/`.

    python -m evaluation.profile_fit

Runs in the assistant's environment, for half an hour. The clinic's own understanding is trained
once; each handout that is not held out is then laid beside it, with and without its examples.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.comprehension import Comprehension
from assistant.profile import MEANT, WEIGHTS, Evidence, Profile
from assistant.reader import Reader
from evaluation.further_handouts import HELD_OUT, asked_about, laid_beside, learnt, names
from evaluation.logistic import fitted
from evaluation.offline import learnt_course
from evaluation.question_sets import FOLDER, read

__all__ = ["meant_weights", "section_weights"]

_SETS = ("dev.jsonl", "fresh.jsonl", "unseen.jsonl")  # about the primary handout
_AGAINST_ONE = 0.1  # what one of their questions counts beside one about a further handout
_DOUBT = 0.006  # regularisation of standardised weights, a question
_STRENGTH = 1.0  # inverse of the regularisation, as in scikit-learn
_ABOUT_MESSAGE = ("refused", "crowd")


@dataclass(frozen=True)
class _Case:
    """A question compared with a handout; `answer` is the place of its section, if it has one."""

    found: Evidence
    answer: int | None


@dataclass(frozen=True)
class _Beside:
    """A further handout beside the clinic's own."""

    reader: Reader
    profile: Profile


def main() -> int:
    """Print both tables of weights; 0 whatever they are."""
    own = learnt(learnt_course())
    fitted_on = [name for name in names() if name not in HELD_OUT]
    for title, fit in (("WEIGHTS", section_weights), ("MEANT", meant_weights)):
        print(title)
        for name, weight in fit(own, fitted_on).items():
            print(f"  {name:<10}{weight:>8.2f}", flush=True)
    return 0


def section_weights(own: Comprehension, handouts: Sequence[str]) -> dict[str, float]:
    """A multinomial logistic regression over sections and "nothing answers it"."""
    cases = [case for name in handouts for case in _cases(own, name)]
    order = [*(name for name in WEIGHTS if name not in ("nothing", *_ABOUT_MESSAGE)), "nothing"]
    tables = [(_table(case.found, order), case.answer) for case in cases]
    scale = np.concatenate([table for table, _ in tables]).std(axis=0) + 1e-9
    weights = _most_likely([(table / scale, answer) for table, answer in tables])
    return dict(zip([*order, *_ABOUT_MESSAGE], (weights / scale).tolist(), strict=True))


def meant_weights(own: Comprehension, handouts: Sequence[str]) -> dict[str, float]:
    """A logistic regression over messages that name no handout."""
    others = [question.text for name in _SETS for question in read(FOLDER / name)]
    rows: list[dict[str, float]] = []
    about: list[bool] = []
    for name in handouts:
        for beside in _beside(own, name):
            answered = [
                text for section, text in asked_about(name, primary=own.library.primary) if section
            ]
            for texts, this in ((answered, True), (others, False)):
                unnamed = [text for text in texts if not beside.reader.library.named(text)]
                rows += [_hints(beside, text) for text in unnamed]
                about += [this] * len(unnamed)
    counts = [1.0 if this else _AGAINST_ONE for this in about]
    return fitted(MEANT, rows, about, strength=_STRENGTH, weights=counts)


def _cases(own: Comprehension, name: str) -> Iterator[_Case]:
    for beside in _beside(own, name):
        for section, text in asked_about(name, primary=own.library.primary):
            asked = beside.reader.asked(beside.profile, beside.reader.read(text))
            found = beside.profile.compare(asked, beside.reader.settings)
            yield _Case(found, None if section is None else beside.profile.sections.index(section))


def _beside(own: Comprehension, name: str) -> Iterator[_Beside]:
    """The handout from its text alone, and with its example questions."""
    for taught in (False, True):
        both = laid_beside(own, name, taught=taught)
        # Without the profiles, so that what the classifier says of a message is compared with them.
        yield _Beside(Reader(both.understanding, both.library, both.meaning), both.profiles[name])


def _hints(beside: _Beside, text: str) -> dict[str, float]:
    asked = beside.reader.asked(beside.profile, beside.reader.read(text))
    return beside.profile.hints(asked, beside.reader.settings)


def _table(found: Evidence, order: Sequence[str]) -> NDArray[np.float64]:
    """A row a section and one for "nothing", a column a weight."""
    count = len(next(iter(found.sections.values())))
    table = np.zeros((count + 1, len(order) + len(_ABOUT_MESSAGE)))
    table[:count, : len(order) - 1] = np.stack([found.sections[name] for name in order[:-1]], 1)
    table[count, len(order) - 1 :] = (1.0, found.refused, found.crowd)
    return table


def _most_likely(tables: Sequence[tuple[NDArray[np.float64], int | None]]) -> NDArray[np.float64]:
    from scipy.optimize import minimize  # noqa: PLC0415 - only when asked for

    doubt = _DOUBT * len(tables)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = doubt * float(weights @ weights) / 2, doubt * weights
        for table, answer in tables:
            scores = table @ weights
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            place = len(table) - 1 if answer is None else answer
            total -= float(np.log(shares[place] + 1e-12))
            slope = slope + shares @ table - table[place]
        return total, slope

    start = np.zeros(tables[0][0].shape[1])
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x)


if __name__ == "__main__":
    sys.exit(main())
