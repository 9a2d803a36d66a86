"""Rasa's stock pipeline on the same examples and the same questions, to compare with.

    <assistant's python> -m evaluation.stock [--epochs N] [--public FOLDER] [file.jsonl …]

Runs in the assistant's environment. Trains what `benchmarks/stock_config.yml` says (DIET and all
that `rasa init` puts around it) on `data/`, once for each content of the examples, asks it the
question sets and leaves the verdicts in evaluation/results/stock/. `--public` measures it on the
HINT3 sets in a folder, the mean of three seeds.

A hundred epochs take one thread three hours for the project's examples, some minutes for each run
on HINT3. OMP_NUM_THREADS, TF_INTRA_OP_PARALLELISM_THREADS and TF_INTER_OP_PARALLELISM_THREADS say
how many threads it may take.

It is read in its favour: a fallback, which `rasa init` answers with "please rephrase", counts as an
honest "not in the handout".
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rasa.core.agent import Agent
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.utils.log_utils import configure_structlog

from benchmarks.stock import EPOCHS, stock_pipeline
from clinic.handout import load_handouts
from evaluation.figures import FIGURES, HEAD, Figures, keep_figures, kept_figures
from evaluation.intents import turn_of
from evaluation.public_data import HINT3_BOTS, PublicDataError, Split, hint3
from evaluation.question_sets import QuestionError, read
from evaluation.rejection import Rejection
from evaluation.results import STOCK_RESULTS, keep, score
from tools.environments import ROOT
from tools.interpreters import SetupError

__all__ = ["Parsed", "StockRasa", "ahead_lines", "examples_of", "turn_for"]


_SEEDS = (1, 2, 3)  # one training on a small set says little
_FALLBACK, _REFUSAL = "nlu_fallback", "near_topic"


@dataclass(frozen=True)
class Parsed:
    """The intent of one message, and the likeliest one, which a fallback hides."""

    intent: str
    likeliest: str
    confidence: float  # of the likeliest


class StockRasa:
    """A trained stock pipeline, in this process."""

    def __init__(self, model: Path) -> None:
        """`model` is what `stock_pipeline` returns."""
        self._agent = Agent.load(model)

    def parse(self, text: str) -> Parsed:
        """Read one message."""
        parsed: dict[str, Any] = asyncio.run(self._agent.parse_message(text))
        ranking = [one for one in parsed["intent_ranking"] if one["name"] != _FALLBACK]
        likeliest = ranking[0]["name"] if ranking else _FALLBACK
        confidence = float(ranking[0]["confidence"]) if ranking else 0.0
        return Parsed(str(parsed["intent"]["name"]), str(likeliest), confidence)


def main() -> int:
    """Train what is missing, ask, keep the verdicts; 1 when training fails or a file is wrong."""
    parser = argparse.ArgumentParser(description="Score Rasa's stock pipeline.")
    parser.add_argument("files", nargs="*", type=Path, help="question sets")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="default: %(default)s")
    parser.add_argument("--public", type=Path, metavar="FOLDER", help="measure on HINT3 as well")
    arguments = parser.parse_args()
    configure_structlog(logging.ERROR)  # Rasa would print every message that it reads
    try:
        if arguments.files:
            _ask_sets(arguments.files, arguments.epochs)
        if arguments.public:
            _ask_hint3(arguments.public, arguments.epochs)
    except (PublicDataError, QuestionError, SetupError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def examples_of(split: Split) -> TrainingData:
    """The training part as Rasa's own object, a message a text."""
    return TrainingData([
        Message.build(text=" ".join(text.split()), intent=intent) for text, intent in split.training
    ])  # fmt: skip


def _ask_sets(files: Sequence[Path], epochs: int) -> None:
    """Leave the verdicts of each set in `STOCK_RESULTS`."""
    sets = {file.stem: read(file) for file in files}
    stock = StockRasa(stock_pipeline(ROOT / "data", epochs=epochs))
    # The intents that have an answer are named as the sections; a further handout has none here.
    sections = {one.id for handout in load_handouts(ROOT / "documents") for one in handout.sections}
    for name, questions in sets.items():
        turns = [turn_for(stock.parse(question.text), sections) for question in questions]
        rows = [
            score(question.text, question.expect, [turn], place=question.place)
            for question, turn in zip(questions, turns, strict=True)
        ]
        keep(STOCK_RESULTS / f"{name}.jsonl", rows)


def turn_for(parsed: Parsed, sections: Collection[str]) -> dict[str, Any]:
    """What the reply would be; `sections` are the intents that have an answer."""
    intent = _REFUSAL if parsed.intent == _FALLBACK else parsed.intent
    return turn_of(intent, sections, confidence=parsed.confidence)


def _ask_hint3(folder: Path, epochs: int) -> None:
    """Print a line a set and seed, keep the means, and compare them with ours."""
    print(f"stock Rasa, {epochs} epochs\n{HEAD}")
    figures = []
    for bot in HINT3_BOTS:
        split = hint3(folder, bot)
        runs = [_measure(split, epochs, seed=seed) for seed in _SEEDS]
        figures.append(Figures.mean_of(runs, name=split.name))
        for one in (*runs, figures[-1]):
            print(one.line(), flush=True)
    keep_figures(STOCK_RESULTS / FIGURES.name, figures)
    print("\n".join(ahead_lines(kept_figures(FIGURES), figures)))


def ahead_lines(ours: Sequence[Figures], stock: Sequence[Figures]) -> list[str]:
    """By how many points of accuracy ours is ahead on each data set that both were measured on."""
    beside = {one.name: one for one in stock}
    return [
        f"{one.name}: {one.accuracy:.1%} against {beside[one.name].accuracy:.1%} of stock Rasa, "
        f"{100 * (one.accuracy - beside[one.name].accuracy):+.1f} points"
        for one in ours
        if one.name in beside
    ]


def _measure(split: Split, epochs: int, *, seed: int) -> Figures:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        examples_of(split).persist_nlu(str(Path(scratch) / "nlu.yml"))
        stock = StockRasa(stock_pipeline(Path(scratch), epochs=epochs, seed=seed))
    parsed = [stock.parse(text) for text, _ in split.test]
    right = [one.likeliest == intent for one, (_, intent) in zip(parsed, split.test, strict=True)]
    inside = np.array([one.confidence for one in parsed])
    outside = np.array([stock.parse(text).confidence for text in split.outside])
    name, seconds = f"{split.name}, seed {seed}", time.perf_counter() - began
    return replace(Figures.of(split, right, Rejection.of(inside, outside), seconds), name=name)


if __name__ == "__main__":
    sys.exit(main())
