"""Scores the understanding alone, in seconds and without a server: folds and question sets.

    python -m evaluation.offline [--no-encoder] [--details] [file.jsonl …]

Runs in the assistant's environment. Trains on `data/*.yml` and `documents/`, then prints a table of
the held-out folds of the training messages and one of each question set. What a reply would be is
read off the decision; the red-flag rules are not in it: `python3 -m evaluation` asks the whole
assistant.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
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
from assistant.training import Settings
from clinic.context import Context
from clinic.decision import UNCLEAR
from clinic.handout import load_handouts
from clinic.understanding import Thresholds
from evaluation.calibration import calibration_error
from evaluation.judge import Verdict, judge

ROOT = Path(__file__).resolve().parents[1]
_KINDS = {
    "near_topic": "decline",
    "out_of_scope": "out_of_scope",
    "emergency": "emergency",
    "crisis": "emergency",
    "urgent": "urgent",
    "handoff": "handoff",
}
Label = dict[str, Any]
Judged = tuple[str, Label, Understood]


def main() -> int:
    """Print the tables; 0 whatever the scores are."""
    parser = argparse.ArgumentParser(description="Score the understanding without a server.")
    parser.add_argument("files", nargs="*", type=Path, help="JSONL; default: the project's English")
    parser.add_argument("--no-encoder", action="store_true", help="n-grams alone")
    parser.add_argument("--details", action="store_true", help="print what was not right")
    arguments = parser.parse_args()
    files = arguments.files or [
        ROOT / "evaluation" / "questions" / name for name in ("dev.jsonl", "safety-dev.jsonl")
    ]
    encoder = None if arguments.no_encoder else Encoder.shared()
    started = time.perf_counter()
    comprehension, judged, examples = _course().train(Settings(), Thresholds(), encoder=encoder)
    sections = set(comprehension.library.topics)
    print(f"{len(judged)} messages learnt in {time.perf_counter() - started:.0f} s")
    # Splitting needs machines that left each part out, too: the folds are judged unsplit.
    folds = [
        (
            one.text,
            _label(examples.intents[one.label], sections),
            comprehension.understand_held_out(one),
        )
        for one in judged
    ]
    _print_table("held-out folds of the training messages", folds)
    for file in files:
        questions = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line]
        times: list[float] = []
        asked: list[Judged] = []
        for question in questions:
            began = time.thread_time()
            understood = _understand(comprehension, question["text"])
            times.append(time.thread_time() - began)
            asked.append((question["text"], question["expect"], understood))
        _print_table(file.name, asked)
        print(f"median processor time of a message: {1000 * statistics.median(times):.1f} ms")
        if arguments.details:
            _print_details(asked)
    return 0


def _understand(comprehension: Comprehension, text: str) -> Understood:
    vector = comprehension.encode(text) if comprehension.encode else None
    return comprehension.understand(text, vector, split(text), Context())


def _course() -> Course:
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


def _label(intent: str, sections: Iterable[str]) -> Label:
    if intent in sections:
        return {"kind": "answer", "sections": [intent]}
    return {"kind": _KINDS.get(intent, "chitchat")}


def _turn(understood: Understood) -> dict[str, Any]:
    decision = understood.decision
    if decision.sections:
        return {"kind": "answer", "sections": list(decision.sections)}
    kind = "clarify" if decision.intent == UNCLEAR else _KINDS.get(decision.intent, "chitchat")
    return {"kind": kind, "sections": []}


def _verdict(label: Label, understood: Understood) -> Verdict:
    return judge(label, [_turn(understood)])


def _print_table(title: str, judged: list[Judged]) -> None:
    counts: dict[str, Counter[Verdict]] = defaultdict(Counter)
    for _, label, understood in judged:
        verdict = _verdict(label, understood)
        counts[label["kind"]][verdict] += 1
        counts["all"][verdict] += 1
    print(f"\n{title}: {len(judged)}")
    print(f"{'kind':<14}{'n':>6}" + "".join(f"{verdict.value:>10}" for verdict in Verdict))
    for kind in [*sorted(set(counts) - {"all"}), "all"]:
        number = sum(counts[kind].values())
        shares = "".join(f"{counts[kind][verdict] / number:>10.1%}" for verdict in Verdict)
        print(f"{kind:<14}{number:>6}{shares}")
    print(f"calibration error of answers: {_calibration_error(judged):.3f}")


def _calibration_error(judged: list[Judged]) -> float:
    """That of the answers to single questions."""
    return calibration_error(
        [
            (understood.decision.confidence, _verdict(label, understood) is Verdict.RIGHT)
            for _, label, understood in judged
            if understood.decision.sections and label["kind"] != "answer_all"
        ]
    )


def _print_details(judged: list[Judged]) -> None:
    for text, label, understood in judged:
        verdict = _verdict(label, understood)
        if verdict is not Verdict.RIGHT:
            wanted, decision = "/".join(label.get("sections", [])), understood.decision
            said = "/".join(decision.sections or decision.options) or decision.intent
            print(
                f"  {verdict.value:<8}{label['kind']} {wanted} <- {said} ({decision.reason}; "
                f"{understood.reading.ranking[0][0]} {understood.reading.confidence:.2f}): {text}"
            )


if __name__ == "__main__":
    sys.exit(main())
