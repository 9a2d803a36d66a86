"""The project's encoder and classifier on public data sets, to compare with what others publish.

    <assistant's python> -m evaluation.public FOLDER

Runs in the assistant's environment, takes some minutes, and leaves the figures in
evaluation/results/public.json for the report. `FOLDER` holds clinc150/, banking77/ and hint3/, see
`evaluation.public_data`; a set that is not there is left out.

The encoder's weights are fixed and the classifier's settings are the product's own, for all sets
alike: nothing is fitted on a public set but the classifier's votes, on its training part. There is
nothing to choose, either: in five-fold cross-validation on the training parts of HINT3, the best of
36 settings got 1 261 of 1 399 messages right, the product's own 1 259 (2026-11).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.encoder_session import Encoder
from assistant.meaning import Meaning
from assistant.spelling import Spelling
from assistant.training import Examples, Machine, Settings, train_machine
from evaluation.figures import FIGURES, HEAD, Figures, keep_figures
from evaluation.public_data import (
    HINT3_BOTS,
    PublicDataError,
    Split,
    banking77,
    clinc150,
    hint3,
)
from evaluation.rejection import Rejection

__all__ = ["measure", "near_topics"]

_HELD_OUT = 27  # of BANKING77's intents; its near topics
_DRAWS = 5


def main() -> int:
    """Print the figures; 1 where the folder holds no data set."""
    parser = argparse.ArgumentParser(description="Measure encoder and classifier on public data.")
    parser.add_argument("folder", type=Path, help="holds clinc150/, banking77/ and hint3/")
    splits = _splits(parser.parse_args().folder)
    if not splits:
        return 1
    encoder = Encoder.shared()
    print(HEAD)
    figures = []
    for split in splits:
        figures.append(measure(split, encoder))
        print(figures[-1].line(), flush=True)
        if not split.outside:
            figures.append(near_topics(split, encoder, held_out=_HELD_OUT, draws=_DRAWS))
            print(figures[-1].line(), flush=True)
    keep_figures(FIGURES, figures)
    return 0


def measure(split: Split, encoder: Encoder) -> Figures:
    """Learn the training part, ask the test part and what is outside."""
    began = time.perf_counter()
    meaning = Meaning(
        encoder, Spelling.fit((text for text, _ in split.training), encoder.dictionary())
    )
    machine = _learn(split, meaning)
    guesses, inside = _ask(machine, meaning, [text for text, _ in split.test])
    right = [
        split.intents[guess] == intent
        for guess, (_, intent) in zip(guesses.tolist(), split.test, strict=True)
    ]
    rejection = None
    if split.outside:
        rejection = Rejection.of(inside, _ask(machine, meaning, split.outside)[1])
    return Figures.of(split, right, rejection, time.perf_counter() - began)


def near_topics(split: Split, encoder: Encoder, *, held_out: int, draws: int) -> Figures:
    """The mean of several draws of intents that are left out of training and asked about."""
    measured = []
    for seed in range(draws):
        drawn = np.random.default_rng(seed).permutation(split.intents)[:held_out]
        measured.append(measure(split.holding_out(frozenset(drawn.tolist())), encoder))
    return Figures.mean_of(measured, name=f"{measured[0].name}, mean of {draws} draws")


def _splits(folder: Path) -> list[Split]:
    """The data sets that are there."""
    readers = [
        *(partial(hint3, folder, bot) for bot in HINT3_BOTS),
        partial(clinc150, folder),
        partial(banking77, folder),
    ]
    return [split for split in map(_readable, readers) if split]


def _readable(read: Callable[[], Split]) -> Split | None:
    try:
        return read()
    except PublicDataError as error:
        print(f"left out: {error}", file=sys.stderr)
        return None


def _learn(split: Split, meaning: Meaning) -> Machine:
    texts = tuple(text for text, _ in split.training)
    places = {intent: place for place, intent in enumerate(split.intents)}
    examples = Examples(
        texts=texts,
        labels=np.array([places[intent] for _, intent in split.training], dtype=np.int64),
        intents=split.intents,
        vectors=meaning.of_all(texts),
        scored=np.zeros(len(texts), dtype=np.bool_),  # no confidence is fitted, so no folds
        dictionary=meaning.encoder.dictionary(),
    )
    machine, _ = train_machine(examples, Settings())
    return machine


def _ask(
    machine: Machine, meaning: Meaning, texts: Iterable[str]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each text the likeliest intent, and how far it is in scope.

    The latter is the greatest score plus the cosine of the nearest training message: how surely one
    intent claims the text, and how near it is to anything known. Far topics show in the one, near
    topics in the other, and both run from about 0 to about 1, so nothing is fitted. The confidence
    of the product, P(the guess is right), would need examples of what is out of scope.
    """
    guesses, in_scope = [], []
    for text in texts:
        scores, likeness, _ = machine.judge(text, meaning.of(text))
        nearest = likeness.nearness
        guesses.append(int(scores.argmax()))
        in_scope.append(float(scores.max() + nearest.max()))
    return np.array(guesses), np.array(in_scope)


if __name__ == "__main__":
    sys.exit(main())
