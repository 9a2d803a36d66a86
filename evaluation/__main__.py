"""`make evaluate`: score the assistant, print tables, write a report page.

    python3 -m evaluation [--url http://127.0.0.1:5005] [--details] [file.jsonl …]
    python3 -m evaluation --folds
    python3 -m evaluation --public FOLDER
    python3 -m evaluation --far-off FOLDER
    python3 -m evaluation --stock …

Files name question sets, which are asked over the REST channel; `--folds` cross-validates the
training messages; `--public` runs encoder and classifier on public data sets; `--far-off` asks the
whole assistant CLINC150's out-of-scope questions from the same folder. By itself it does the
first two, with all sets of the project. `--stock` does the same with Rasa's stock pipeline and puts
it beside ours; of the public sets on HINT3.

Without `--url` the assistant is started for the purpose, on ports of its own. The page is
evaluation/results/report.html; verdicts are kept there too, so that the next run says what changed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.stock import EPOCHS
from evaluation.changes import changes
from evaluation.far_off import answered_line, far_off
from evaluation.judge import Verdict
from evaluation.question_sets import Question, QuestionError, own_sets, read
from evaluation.rest import ask, assistant
from evaluation.results import RESULTS, STOCK_RESULTS, Scored, before, keep, kept, score
from evaluation.tables import change_lines, verdict_lines
from tools.environments import ROOT, python_of
from tools.interpreters import SetupError
from tools.supervisor import NotReadyError
from tools.train import rasa_environment


class FailedError(Exception):
    """A part that runs in the assistant's environment failed, and has said why."""


def main() -> int:
    """Score what was asked for; 0 whatever the scores are, 1 when something cannot be done."""
    arguments = _arguments()
    files = arguments.files
    everything = not (files or arguments.folds or arguments.public or arguments.far_off)
    if everything:
        files = own_sets()
    try:
        _score_sets(files, arguments)
        if arguments.folds or everything:
            _in_assistant("evaluation.offline", "--folds", *["--details"] * arguments.details)
        if arguments.far_off:
            _score_far_off(far_off(arguments.far_off), arguments)
        if arguments.public:
            _in_assistant("evaluation.public", str(arguments.public.absolute()))
        if arguments.stock:
            _score_stock(files, arguments)
        if arguments.report:
            _in_assistant("evaluation.report")
    except (FailedError, NotReadyError, QuestionError, SetupError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="evaluation", description="Score the assistant.")
    parser.add_argument("files", nargs="*", type=Path, help="question sets, JSONL")
    parser.add_argument("--url", help="a running Rasa, such as http://127.0.0.1:5005")
    parser.add_argument("--folds", action="store_true", help="cross-validate on what is trained on")
    parser.add_argument("--public", type=Path, metavar="FOLDER", help="public data sets in it")
    parser.add_argument("--far-off", type=Path, metavar="FOLDER", help="CLINC150's out-of-scope")
    parser.add_argument("--stock", action="store_true", help="Rasa's stock pipeline beside ours")
    parser.add_argument(
        "--stock-epochs", type=int, default=EPOCHS, help="rounds of its training (%(default)s)"
    )
    parser.add_argument(
        "--report",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="write evaluation/results/report.html (default)",
    )
    parser.add_argument("--details", action="store_true", help="print what was not right")
    return parser.parse_args()


def _score_sets(files: Sequence[Path], arguments: argparse.Namespace) -> None:
    """Ask every question of the sets; print and keep what comes back."""
    sets = {file: read(file) for file in files}
    if not sets:
        return
    with assistant(arguments.url) as url:
        for file, questions in sets.items():
            replies, rows = _asked(url, questions)
            kept_rows = RESULTS / f"{file.stem}.jsonl"
            keep(kept_rows, rows)
            _print(file.name, {"Clinic Chat": rows})
            print("\n".join(change_lines(changes(kept(before(kept_rows)), rows))), flush=True)
            if arguments.details:
                _print_details(questions, replies, rows)


def _score_far_off(questions: Sequence[Question], arguments: argparse.Namespace) -> None:
    """Ask what has nothing to do with a clinic; print what comes back."""
    with assistant(arguments.url) as url:
        replies, rows = _asked(url, questions)
    _print("far-off topics", {"Clinic Chat": rows})
    print(answered_line(replies), flush=True)
    if arguments.details:
        _print_details(questions, replies, rows)


def _asked(
    url: str, questions: Sequence[Question]
) -> tuple[list[list[dict[str, Any]]], list[Scored]]:
    """The replies to the questions, as turns, and what each is worth."""
    replies = [ask(url, question.text) for question in questions]
    rows = [
        score(question.text, question.expect, turns, place=question.place)
        for question, turns in zip(questions, replies, strict=True)
    ]
    return replies, rows


def _score_stock(files: Sequence[Path], arguments: argparse.Namespace) -> None:
    """The same questions to stock Rasa, and tables of both."""
    asked = [str(file.absolute()) for file in files]
    public = ["--public", str(arguments.public.absolute())] if arguments.public else []
    if not asked and not public:
        print("--stock is for question sets and for --public: name one of them", file=sys.stderr)
        return
    epochs = str(arguments.stock_epochs)
    _in_assistant("evaluation.stock", "--epochs", epochs, *public, *asked)
    for file in files:
        name = f"{file.stem}.jsonl"
        columns = {
            "Clinic Chat": kept(RESULTS / name),
            f"stock Rasa, {epochs} epochs": kept(STOCK_RESULTS / name),
        }
        _print(file.name, columns)


def _in_assistant(module: str, *arguments: str) -> None:
    """Run one of our programs with the assistant's Python."""
    command = [str(python_of("assistant")), "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=rasa_environment(), check=False)  # noqa: S603
    if done.returncode:
        raise FailedError(f"{module} failed, see above")


def _print(title: str, columns: Mapping[str, Sequence[Scored]]) -> None:
    rows = next(iter(columns.values()))
    print(f"\n{title}: {len(rows)} questions")
    print("\n".join(verdict_lines(columns)), flush=True)


def _print_details(
    questions: Sequence[Question],
    replies: Sequence[Sequence[Mapping[str, Any]]],
    rows: Sequence[Scored],
) -> None:
    for question, turns, row in zip(questions, replies, rows, strict=True):
        if row.verdict is not Verdict.RIGHT:
            said = "; ".join(
                f"{turn['kind']} {'/'.join(turn['sections'])} {turn['confidence']}"
                for turn in turns
            )
            print(
                f"  {row.verdict.value:<8}{question.place} {row.kind} {'/'.join(row.sections)} "
                f"<- {said or 'no turn'}: {question.text}"
            )


if __name__ == "__main__":
    sys.exit(main())
