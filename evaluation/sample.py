"""Our understanding beside Rasa's stock pipeline, both trained on the same part of the examples.

    <assistant's python> -m evaluation.sample [--messages 2500] [--epochs 100] [file.jsonl …]

Runs in the assistant's environment. DIET's hundred epochs take hours for all the examples, minutes
for a part of them. Every so many messages of each intent are taken. Both are asked the question
sets in this process, without the red-flag rules; the stock pipeline is read in its favour as in
`evaluation.stock`.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.utils.log_utils import configure_structlog

from assistant.encoder_session import Encoder
from assistant.topics import Lesson
from assistant.training import Settings
from benchmarks.stock import EPOCHS, stock_pipeline
from clinic.handout import load_handouts
from clinic.understanding import Thresholds
from evaluation.offline import answer_of, learnt_course
from evaluation.question_sets import QuestionError, own_sets, read
from evaluation.results import score
from evaluation.stock import StockRasa, turn_for
from evaluation.tables import verdict_lines
from tools.environments import ROOT
from tools.interpreters import SetupError

__all__ = ["every_so_many"]


def main() -> int:
    """Train both, ask both, print the tables side by side; 1 when something cannot be done."""
    parser = argparse.ArgumentParser(description="Ours and stock Rasa on a part of the examples.")
    parser.add_argument("files", nargs="*", type=Path, help="question sets; default: all of ours")
    parser.add_argument("--messages", type=int, default=2500, help="about so many (%(default)s)")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="of DIET (%(default)s)")
    arguments = parser.parse_args()
    configure_structlog(logging.ERROR)  # Rasa would print every message that it reads
    try:
        _compare(arguments.files or own_sets(), arguments.messages, arguments.epochs)
    except (QuestionError, SetupError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def every_so_many(lessons: Sequence[Lesson], wanted: int) -> list[Lesson]:
    """About `wanted` of the lessons, the same part of each label, at least one, evenly spread."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, lesson in enumerate(lessons):
        places[lesson.label].append(place)
    taken: set[int] = set()
    for held in places.values():
        count = min(len(held), max(1, round(len(held) * wanted / len(lessons))))
        taken |= {held[number * len(held) // count] for number in range(count)}
    return [lesson for place, lesson in enumerate(lessons) if place in taken]


def _compare(files: Sequence[Path], wanted: int, epochs: int) -> None:
    sets = {file.name: read(file) for file in files}
    course = learnt_course()
    course = replace(course, messages=every_so_many(course.messages, wanted))
    counts = Counter(lesson.label for lesson in course.messages)
    print(f"{len(course.messages)} messages, {min(counts.values())} to {max(counts.values())} each")
    ours, _, _ = course.train(Settings(), Thresholds(), encoder=Encoder.shared())
    with tempfile.TemporaryDirectory() as scratch:
        TrainingData([
            Message.build(text=lesson.text, intent=lesson.label) for lesson in course.messages
        ]).persist_nlu(str(Path(scratch) / "nlu.yml"))  # fmt: skip
        stock = StockRasa(stock_pipeline(Path(scratch), epochs=epochs))
    sections = {one.id for handout in load_handouts(ROOT / "documents") for one in handout.sections}
    for name, questions in sets.items():
        columns = {
            "ours": [answer_of(ours, question) for question in questions],
            f"stock Rasa, {epochs} epochs": [
                score(
                    question.text,
                    question.expect,
                    [turn_for(stock.parse(question.text), sections)],
                    place=question.place,
                )
                for question in questions
            ],
        }
        print(f"\n{name}: {len(questions)} questions")
        print("\n".join(verdict_lines(columns)), flush=True)


if __name__ == "__main__":
    sys.exit(main())
