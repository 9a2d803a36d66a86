"""Scores the understanding alone, in seconds and without a server: folds and question sets.

    python -m evaluation.offline [--no-encoder] [--details] [file.jsonl …]

Runs in the assistant's environment. Trains on `data/*.yml` and `documents/`, then prints a table of
the held-out folds of the training messages and one of each question set. What a reply would be is
read off the intent; what else the assistant does with a message (red-flag rules, several questions
in one) is not in it: `python3 -m evaluation` asks the whole assistant.
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

import numpy as np
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.constants import INTENT, TEXT

from assistant.encoder_session import Encoder
from assistant.handout_examples import handout_sentences
from assistant.training import Examples, Settings
from assistant.understanding import Reading, Understanding
from clinic.handout import load_handouts
from clinic.understanding import Thresholds
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
Judged = tuple[str, Label, Reading]


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
    examples, sections = _examples(encoder)
    started = time.perf_counter()
    understanding, judged = Understanding.train(examples, sections, Settings(), Thresholds())
    print(f"{len(judged)} messages learnt in {time.perf_counter() - started:.0f} s")
    folds = [
        (one.text, _label(examples.intents[one.label], sections), understanding.reading(one))
        for one in judged
    ]
    _print_table("held-out folds of the training messages", folds, sections)
    for file in files:
        questions = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line]
        times: list[float] = []
        asked: list[Judged] = []
        for question in questions:
            began = time.thread_time()
            vector = encoder.encode(question["text"]) if encoder else None
            reading = understanding.read(question["text"], vector)
            times.append(time.thread_time() - began)
            asked.append((question["text"], question["expect"], reading))
        _print_table(file.name, asked, sections)
        print(f"median processor time of a message: {1000 * statistics.median(times):.1f} ms")
        if arguments.details:
            _print_details(asked, sections)
    return 0


def _examples(encoder: Encoder | None) -> tuple[Examples, set[str]]:
    handouts = load_handouts(ROOT / "documents")
    paths = [str(path) for path in sorted((ROOT / "data").glob("nlu*.yml"))]
    messages = training_data_from_paths(paths, "en").intent_examples
    pairs = [(message.get(TEXT), message.get(INTENT)) for message in messages]
    scored = len(pairs)
    pairs += handout_sentences(handouts)
    texts = tuple(text for text, _ in pairs)
    intents = tuple(sorted({intent for _, intent in pairs}))
    examples = Examples(
        texts=texts,
        labels=np.array([intents.index(intent) for _, intent in pairs], dtype=np.int64),
        intents=intents,
        vectors=encoder.encode_all(texts) if encoder else None,
        scored=np.arange(len(pairs)) < scored,
        dictionary=encoder.dictionary() if encoder else frozenset(),
    )
    return examples, {section.id for handout in handouts for section in handout.sections}


def _label(intent: str, sections: Iterable[str]) -> Label:
    if intent in sections:
        return {"kind": "answer", "sections": [intent]}
    return {"kind": _KINDS.get(intent, "chitchat")}


def _verdict(label: Label, reading: Reading, sections: Iterable[str]) -> Verdict:
    turn = {"sections": [], **_label(reading.choice.intent, sections)}
    return judge(label, [turn])


def _print_table(title: str, judged: list[Judged], sections: Iterable[str]) -> None:
    counts: dict[str, Counter[Verdict]] = defaultdict(Counter)
    for _, label, reading in judged:
        verdict = _verdict(label, reading, sections)
        counts[label["kind"]][verdict] += 1
        counts["all"][verdict] += 1
    print(f"\n{title}: {len(judged)}")
    print(f"{'kind':<14}{'n':>6}" + "".join(f"{verdict.value:>10}" for verdict in Verdict))
    for kind in [*sorted(set(counts) - {"all"}), "all"]:
        number = sum(counts[kind].values())
        shares = "".join(f"{counts[kind][verdict] / number:>10.1%}" for verdict in Verdict)
        print(f"{kind:<14}{number:>6}{shares}")
    print(f"calibration error of answers: {_calibration_error(judged, sections):.3f}")


def _calibration_error(judged: list[Judged], sections: Iterable[str]) -> float:
    """Mean distance of confidence from the share of right answers, over ten equal bins."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for _, label, reading in judged:
        if reading.choice.intent in sections and label["kind"] != "answer_all":
            sure = reading.choice.confidence
            right = _verdict(label, reading, sections) is Verdict.RIGHT
            bins[min(int(sure * 10), 9)].append((sure, right))
    answers = sum(map(len, bins.values()))
    off = (abs(sum(sure - right for sure, right in one)) for one in bins.values())
    return sum(off) / answers if answers else 0.0


def _print_details(judged: list[Judged], sections: Iterable[str]) -> None:
    for text, label, reading in judged:
        verdict = _verdict(label, reading, sections)
        if verdict is not Verdict.RIGHT:
            wanted = "/".join(label.get("sections", []))
            print(
                f"  {verdict.value:<6}{label['kind']} {wanted} <- {reading.choice.intent} "
                f"({reading.ranking[0][0]} {reading.confidence:.2f}): {text}"
            )


if __name__ == "__main__":
    sys.exit(main())
