"""Scores the understanding alone, in seconds and without a server: folds and question sets.

    python -m evaluation.offline [--folds] [--no-encoder] [--details] [file.jsonl …]

Runs in the assistant's environment. Trains on `data/*.yml` and `documents/`, then prints tables of
the held-out folds of the training messages and of each question set. What a reply would be is read
off the decision; the red-flag rules are not in it: `python3 -m evaluation` asks the whole
assistant. `--folds` judges the folds alone and leaves the verdicts for the report.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.constants import INTENT, TEXT

from assistant.classifier import OTHER_HANDOUT
from assistant.comprehension import Comprehension, Understood
from assistant.encoder_session import Encoder
from assistant.lessons import Course
from assistant.splitter import split
from assistant.topics import Lesson
from assistant.training import Examples, HeldOut, Settings
from clinic.context import Context
from clinic.decision import UNCLEAR
from clinic.handout import load_handouts
from clinic.understanding import Thresholds
from evaluation.changes import changes
from evaluation.intents import label_of, turn_of
from evaluation.judge import Verdict
from evaluation.question_sets import FOLDER, Question, QuestionError, read
from evaluation.results import RESULTS, Scored, before, digest, keep, kept, score
from evaluation.tables import change_lines, verdict_lines

ROOT = Path(__file__).resolve().parents[1]
FOLDS = RESULTS / "cross-validation.jsonl"
Judged = tuple[Question, Understood, Scored]


def main() -> int:
    """Print the tables; 0 whatever the scores are."""
    parser = argparse.ArgumentParser(description="Score the understanding without a server.")
    parser.add_argument("files", nargs="*", type=Path, help="JSONL; default: the project's English")
    parser.add_argument("--folds", action="store_true", help="the folds alone, kept for the report")
    parser.add_argument("--no-encoder", action="store_true", help="n-grams alone")
    parser.add_argument("--details", action="store_true", help="print what was not right")
    arguments = parser.parse_args()
    files = arguments.files or [FOLDER / name for name in ("dev.jsonl", "safety-dev.jsonl")]
    try:
        sets = [] if arguments.folds else [(file.name, read(file)) for file in files]
    except QuestionError as error:
        print(error, file=sys.stderr)
        return 1
    started = time.perf_counter()
    comprehension, judged, examples = learnt_course().train(
        Settings(judged=Settings.folds),
        Thresholds(),
        encoder=None if arguments.no_encoder else Encoder.shared(),
    )
    print(f"{len(judged)} messages learnt in {time.perf_counter() - started:.0f} s")
    held_out = _held_out(comprehension, judged, examples)
    rows = [row for _, _, row in held_out]
    _print("held-out folds of the training messages", held_out, details=arguments.details)
    if arguments.folds:
        keep(FOLDS, rows)
        print("\n".join(change_lines(changes(kept(before(FOLDS)), rows))))
    for name, questions in sets:
        times: list[float] = []
        asked: list[Judged] = []
        for question in questions:
            began = time.thread_time()
            understood = understand(comprehension, question.text)
            times.append(time.thread_time() - began)
            asked.append((question, understood, _score(question, understood)))
        _print(name, asked, details=arguments.details)
        print(f"median processor time of a message: {1000 * statistics.median(times):.1f} ms")
    return 0


def _held_out(
    comprehension: Comprehension, messages: Sequence[HeldOut], examples: Examples
) -> list[Judged]:
    """Splitting needs machines that left each part out, too: the folds are judged unsplit."""
    sections = set(comprehension.library.topics)
    judged: list[Judged] = []
    for message in messages:
        intent = examples.intents[message.label]
        understood = comprehension.understand_held_out(message)
        place = f"{intent} {digest(message.text)[:8]}"
        question = Question(message.text, label_of(intent, sections), place)
        row = replace(
            _score(question, understood), asked=intent, replied=understood.reading.ranking[0][0]
        )
        judged.append((question, understood, row))
    return judged


def _score(question: Question, understood: Understood) -> Scored:
    return score(question.text, question.expect, [_turn(understood)], place=question.place)


def understand(comprehension: Comprehension, text: str) -> Understood:
    """One message as the first of a conversation, without the red-flag rules."""
    vector = comprehension.meaning.encoder.encode(text) if comprehension.meaning else None
    return comprehension.understand(text, vector, split(text), Context())


def answer_of(comprehension: Comprehension, question: Question) -> Scored:
    """One question asked and judged, without the red-flag rules."""
    return _score(question, understand(comprehension, question.text))


def learnt_course() -> Course:
    """What there is to learn from: the training messages and the handouts."""
    folder = ROOT / "documents"
    paths = [str(path) for path in sorted((ROOT / "data").glob("nlu*.yml"))]
    data = training_data_from_paths(paths, "en")
    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    primary = next(one["document"] for one in config["pipeline"] if "document" in one)
    messages = [
        Lesson(message.get(TEXT), message.get(INTENT))
        for message in data.intent_examples
        if message.get(INTENT) != OTHER_HANDOUT
    ]
    return Course.of(
        messages,
        load_handouts(folder),
        folder,
        primary=primary,
        body_words=data.entity_synonyms,
    )


def _turn(understood: Understood) -> dict[str, Any]:
    decision = understood.decision
    if decision.sections or decision.intent == UNCLEAR:
        kind = "answer" if decision.sections else "clarify"
        return {
            "kind": kind,
            "sections": list(decision.sections),
            "confidence": decision.confidence,
        }
    return turn_of(decision.intent, (), confidence=decision.confidence)


def _print(title: str, judged: Sequence[Judged], *, details: bool) -> None:
    print(f"\n{title}: {len(judged)}")
    print("\n".join(verdict_lines({"": [row for _, _, row in judged]})))
    for question, understood, row in judged if details else ():
        if row.verdict is not Verdict.RIGHT:
            print(_detail(question, understood, row))


def _detail(question: Question, understood: Understood, scored: Scored) -> str:
    decision, wanted = understood.decision, "/".join(scored.sections)
    said = "/".join(decision.sections or decision.options) or decision.intent
    return (
        f"  {scored.verdict.value:<8}{scored.kind} {wanted} <- {said} ({decision.reason}; "
        f"{understood.reading.ranking[0][0]} {understood.reading.confidence:.2f}): {question.text}"
    )


if __name__ == "__main__":
    sys.exit(main())
