"""How well a further handout is answered from, beside the clinic's own.

    python -m evaluation.further_handouts [--taught] [NAME …]    right, wrong and declined
    python -m evaluation.further_handouts --fit                  the weights of assistant/profile.py

Runs in the assistant's environment. `evaluation/handouts/` holds handouts with example questions
(NAME.yml), questions that they answer (NAME_questions.yml) and that no handout answers
(NAME_not.txt). Each is trained beside the clinic's handout, in minutes; `--taught` with its example
questions, else from its text alone. `--fit` trains nothing.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from assistant.body_parts import BodyParts
from assistant.comprehension import Comprehension
from assistant.encoder_session import Encoder
from assistant.lessons import Course
from assistant.meaning import Meaning
from assistant.profile import WEIGHTS
from assistant.spelling import Spelling
from assistant.topics import build_library, build_profiles, handout_texts
from assistant.training import Settings
from clinic.handout import load_handouts
from clinic.library import section_name
from clinic.understanding import Thresholds
from evaluation.logistic import fitted
from evaluation.offline import learnt_course, understand
from tools.environments import ROOT

__all__ = ["asked_about", "course_with", "names", "verdicts"]

_FOLDER = Path(__file__).resolve().parent / "handouts"
_STRENGTH = 1.0  # inverse of the regularisation, as in scikit-learn
_MOST_SECTIONS = 2  # in an answer that still counts as one


def main() -> int:
    """Print the counts of each handout, or the weights; 0 whatever they are."""
    parser = argparse.ArgumentParser(description="Score answers from further handouts.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all of them")
    parser.add_argument("--taught", action="store_true", help="with their example questions")
    parser.add_argument("--fit", action="store_true", help="print the profile's weights anew")
    arguments = parser.parse_args()
    wanted = arguments.names or names()
    if arguments.fit:
        for name, weight in _fitted(wanted).items():
            print(f"{name:<10}{weight:>8.2f}")
        return 0
    for name in wanted:
        course = course_with(name, taught=arguments.taught)
        learnt, _, _ = course.train(Settings(folds=2), Thresholds(), encoder=Encoder.shared())
        found = verdicts(learnt, name)
        print(f"{name:<20}", ", ".join(f"{kind} {n}" for kind, n in found.items()), flush=True)
    return 0


def names() -> list[str]:
    """The handouts that there are."""
    return sorted(path.stem for path in _FOLDER.glob("*.md"))


def course_with(name: str, *, taught: bool) -> Course:
    """What is learnt where that handout lies beside the clinic's own."""
    own = learnt_course()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        shutil.copy(ROOT / "documents" / f"{own.primary}.md", folder)
        shutil.copy(_FOLDER / f"{name}.md", folder)
        if taught:
            shutil.copy(_FOLDER / f"{name}.yml", folder)
        handouts = load_handouts(folder)
        further = Course.of(
            own.messages, handouts, folder, primary=own.primary, body_words=own.body_words
        )
    return replace(further, questions=[*own.questions, *further.questions])


def asked_about(name: str, *, primary: str) -> Iterator[tuple[str | None, str]]:
    """Section and question; no section for what no handout answers."""
    answered = yaml.safe_load((_FOLDER / f"{name}_questions.yml").read_text(encoding="utf-8"))
    for section, texts in answered.items():
        for text in texts:
            yield section_name(name, section, primary=primary), text
    for text in (_FOLDER / f"{name}_not.txt").read_text(encoding="utf-8").splitlines():
        if text.strip():
            yield None, text


def verdicts(learnt: Comprehension, name: str) -> Counter[str]:
    """How many are right, wrong or get no answer; of those that none answers, how many get one."""
    counts: Counter[str] = Counter()
    for section, text in asked_about(name, primary=learnt.library.primary):
        found = understand(learnt, text).decision.sections
        if section is None:
            counts["unanswerable answered" if found else "unanswerable declined"] += 1
        elif section in found and len(found) <= _MOST_SECTIONS:
            counts["right"] += 1
        else:
            counts["wrong" if found else "no answer"] += 1
    return counts


def _fitted(wanted: list[str]) -> dict[str, float]:
    encoder = Encoder.shared()
    own = learnt_course()
    texts = [lesson.text for lesson in own.messages]
    meaning = Meaning(encoder, Spelling.fit(texts, encoder.dictionary()))
    vectors = meaning.of_all(texts)
    rows: list[dict[str, float]] = []
    right: list[bool] = []
    for name in wanted:
        course = course_with(name, taught=False)
        library = build_library(
            course.handouts,
            course.primary,
            BodyParts(course.body_words),
            learnt=own.messages,
            vectors=vectors,
            encode=meaning.of_all,
        )
        said = handout_texts(course.handouts, library, ())
        profile = build_profiles(
            course.handouts, library, said, learnt=own.messages, encode=meaning.of_all
        )[name]
        for section, text in asked_about(name, primary=course.primary):
            best, values = profile.compare(meaning.of(library.nameless(text)), vectors)
            rows.append(values)
            right.append(best == section)
    return fitted(WEIGHTS, rows, right, strength=_STRENGTH)


if __name__ == "__main__":
    sys.exit(main())
