"""What reading a message for red flags costs, in the assistant's environment.

    "$(python3 tools/environments.py assistant)" -m benchmarks.red_flags

Prints processor time, so that other programs on the machine do not count: for the project's
questions, for long messages made of them, and for texts made to be slow; for the last also together
with what the conversation adds to a message of somebody just treated (`clinic.mild_words`).
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from pathlib import Path

from assistant.red_flags import assess, assessor
from clinic.mild_words import mild_words
from clinic.treated_when import treated

QUESTIONS = Path(__file__).resolve().parent.parent / "evaluation" / "questions"
LONG, HOSTILE = 2_000, 10_000  # characters


def main() -> int:
    """Print the median, the 99th percentile and the most, in milliseconds."""
    chance = random.Random(5)  # noqa: S311 (a benchmark's texts are no secret)
    messages = [
        json.loads(line)["text"]
        for path in sorted(QUESTIONS.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assess("a first one loads the catalogue")
    report("questions", messages)
    report(f"{LONG} characters of questions", [
        ". ".join(chance.sample(messages, 60))[:LONG] for _ in range(100)
    ])  # fmt: skip
    texts = hostile(chance)
    report(f"{HOSTILE} hostile characters", texts)
    report(f"{HOSTILE} hostile characters, in a conversation", texts, in_conversation)
    return 0


def in_conversation(text: str) -> None:
    """Everything that is read for danger where somebody may just have been treated."""
    assess(text)
    treated(text, now=datetime(2026, 11, 24, 12, tzinfo=timezone.utc))
    mild_words(assessor(), text)


def hostile(chance: random.Random) -> list[str]:
    """Texts that make the rules look at as much as possible."""
    words = sorted(word.rstrip("*") for word in assessor().catalogue.complaints)
    texts = [
        " ".join(chance.choices(words, k=4000)),
        " ".join(word[:-1] + "q" for word in chance.choices(words, k=4000)),
        "chest pain " * 2000,
        "i want to die but " * 1000,
        "no " * 4000,
        "can't " * 4000,
        "a" * HOSTILE,
        "?" * HOSTILE,
        "e\u0301\u0302\u0303" * 4000,
        "chest tight since my session yesterday " * 400,
        "what if i faint " * 700,
    ]
    return [text[:HOSTILE] for text in texts]


def report(name: str, texts: Iterable[str], read: Callable[[str], object] = assess) -> None:
    """Time each text, the best of three, and print a line."""
    spent = sorted(min(milliseconds(text, read) for _ in range(3)) for text in texts)
    median, late = spent[len(spent) // 2], spent[int(len(spent) * 0.99)]
    print(f"{name}: median {median:.2f} ms, p99 {late:.2f} ms, most {spent[-1]:.2f} ms", flush=True)


def milliseconds(text: str, read: Callable[[str], object]) -> float:
    """Processor time of reading one text."""
    begun = time.process_time()
    read(text)
    return 1000 * (time.process_time() - begun)


if __name__ == "__main__":
    sys.exit(main())
