"""The training messages: none under two intents, none copied from the questions, enough."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import yaml

from clinic.handout import load_handouts

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = [section.id for section in load_handouts(ROOT / "documents")[0].sections]
_TOO_ALIKE = 0.75
_LEAST_WORDS = 3


def plain(text: str) -> str:
    """Small letters, no punctuation, single spaces."""
    return " ".join(re.sub(r"[^\w\s]", "", text.lower()).split())


def examples() -> list[tuple[str, str]]:
    """Every training message, plain, with its intent."""
    found = []
    for path in sorted((ROOT / "data").glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu") or ():
            if "intent" in entry:
                lines = entry["examples"].splitlines()
                found += [(plain(line.removeprefix("- ")), entry["intent"]) for line in lines]
    return found


EXAMPLES = examples()
COUNTS = Counter(intent for _, intent in EXAMPLES)


def test_no_text_stands_twice_or_under_two_intents() -> None:
    texts = Counter(text for text, _ in EXAMPLES if text)
    assert [text for text, count in texts.items() if count > 1] == []


def questions() -> list[str]:
    """Every question of every set, plain."""
    files = sorted((ROOT / "evaluation" / "questions").glob("*.jsonl"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [plain(json.loads(line)["text"]) for line in lines if line.strip()]


def test_no_message_is_a_near_copy_of_a_question_that_is_held_out() -> None:
    asked = questions()
    exact = set(asked)
    long = [frozenset(text.split()) for text in asked if len(text.split()) > _LEAST_WORDS]
    holding: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for one in long:
        for word in one:
            holding[word].append(one)

    def is_near_copy(text: str) -> bool:
        words = set(text.split())
        # So few words may be missing that one of so many, the rarest, must be in a near copy.
        rarest = sorted(words, key=lambda word: len(holding.get(word, ())))
        enough = rarest[: int((1 - _TOO_ALIKE) * len(words)) + 1]
        return len(text.split()) > _LEAST_WORDS and any(
            len(words & one) >= _TOO_ALIKE * len(words | one)
            for word in enough
            for one in holding.get(word, ())
        )

    assert [text for text, _ in EXAMPLES if text in exact or is_near_copy(text)] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_has_enough_examples(section: str) -> None:
    assert COUNTS[section] >= 50


@pytest.mark.parametrize("intent", ["near_topic", "out_of_scope"])
def test_what_is_refused_has_many(intent: str) -> None:
    assert COUNTS[intent] >= 150


def test_there_are_enough_in_all() -> None:
    assert len(EXAMPLES) >= 4000


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_has_fragments_and_long_messages(section: str) -> None:
    lengths = [len(text.split()) for text, intent in EXAMPLES if intent == section]
    assert sum(length <= 3 for length in lengths) >= 5
    assert sum(length >= 15 for length in lengths) >= 5
