"""How well a further handout is answered from, beside the clinic's own.

    python -m evaluation.further_handouts [--taught] [--trained] [NAME …]    right, wrong, declined

Runs in the assistant's environment. `evaluation/handouts/` holds handouts with example questions
(NAME.yml), questions that they answer (NAME_questions.yml) and that no handout answers
(NAME_not.txt). The clinic's own understanding is trained once, in minutes, and each handout laid
beside it; `--taught` with its example questions, else from its text alone. `--trained` trains it
together with each instead, as `make train` does.
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

from assistant.comprehension import Comprehension
from assistant.encoder_session import Encoder
from assistant.lessons import Course, passage_sentences, sentence_vectors
from assistant.profile_training import build_profiles
from assistant.topics import build_library
from assistant.training import Settings
from clinic.handout import load_handouts
from clinic.library import section_name
from clinic.understanding import Thresholds
from evaluation.offline import learnt_course, understand
from tools.environments import ROOT

__all__ = ["HELD_OUT", "asked_about", "course_with", "laid_beside", "learnt", "names", "verdicts"]

HELD_OUT = ("cpap", "wisdom-teeth")  # no weight is fitted on their questions

_FOLDER = Path(__file__).resolve().parent / "handouts"
_MOST_SECTIONS = 2  # in an answer that still counts as one


def main() -> int:
    """Print the counts of each handout; 0 whatever they are."""
    parser = argparse.ArgumentParser(description="Score answers from further handouts.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all of them")
    parser.add_argument("--taught", action="store_true", help="with their example questions")
    parser.add_argument("--trained", action="store_true", help="trained together with each")
    arguments = parser.parse_args()
    wanted = arguments.names or names()
    own = None if arguments.trained else learnt(learnt_course())
    total = Counter[str]()
    for name in wanted:
        both = (
            laid_beside(own, name, taught=arguments.taught)
            if own
            else learnt(course_with(name, taught=arguments.taught))
        )
        found = verdicts(both, name)
        total += found
        print(_line(name, found), flush=True)
    print(_line("all", total))
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


def laid_beside(own: Comprehension, name: str, *, taught: bool) -> Comprehension:
    """The clinic's own understanding as it is, with that handout beside its own.

    Raises `ValueError` where it was trained without an encoder.
    """
    machine = own.understanding.machine
    if own.meaning is None or machine.remembered.vectors is None:
        raise ValueError("a further handout is compared by meaning, but there is no encoder")
    course = course_with(name, taught=taught)
    library = build_library(
        course.handouts,
        course.primary,
        own.body_parts,
        learnt=course.messages,
        vectors=machine.remembered.vectors[: len(course.messages)],
        encode=own.meaning.of_all,
    )
    profiles = build_profiles(
        course.handouts,
        library,
        course.questions,
        learnt=course.messages,
        meaning=own.meaning,
        index=machine.index,
        settings=machine.settings,
    )
    found = passage_sentences(course.handouts, library)
    return replace(
        own,
        library=library,
        profiles=profiles,
        sentences=found,
        vectors=sentence_vectors(found, own.meaning),
    )


def asked_about(name: str, *, primary: str) -> Iterator[tuple[str | None, str]]:
    """Section and question; no section for what no handout answers."""
    answered = yaml.safe_load((_FOLDER / f"{name}_questions.yml").read_text(encoding="utf-8"))
    for section, texts in answered.items():
        for text in texts:
            yield section_name(name, section, primary=primary), text
    for text in (_FOLDER / f"{name}_not.txt").read_text(encoding="utf-8").splitlines():
        if text.strip():
            yield None, text


def verdicts(both: Comprehension, name: str) -> Counter[str]:
    """How many are right, wrong or get no answer; of those that none answers, how many get one."""
    counts: Counter[str] = Counter()
    for section, text in asked_about(name, primary=both.library.primary):
        decision = understand(both, text).decision
        found = decision.sections
        if section is None:
            counts["unanswerable answered" if found else "unanswerable declined"] += 1
        elif section in decision.options:
            counts["asked back"] += 1
        elif section in found and len(found) <= _MOST_SECTIONS:
            counts["right"] += 1
        else:
            counts["wrong" if found else "no answer"] += 1
    return counts


def learnt(course: Course) -> Comprehension:
    """What training on all of the course makes."""
    comprehension, _, _ = course.train(Settings(), Thresholds(), encoder=Encoder.shared())
    return comprehension


def _line(name: str, found: Counter[str]) -> str:
    return f"{name:<20}" + ", ".join(f"{kind} {count}" for kind, count in sorted(found.items()))


if __name__ == "__main__":
    sys.exit(main())
