"""`make evaluate`: ask every question of the sets over REST, print a table by kind.

    python3 -m evaluation [--url http://127.0.0.1:5005] [--details] [--report] [file.jsonl …]

Without `--url` the assistant is started for the purpose, on ports of its own. `--report` also
writes evaluation/results/report.html with pictures.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.calibration import calibration_error
from evaluation.judge import Verdict, judge
from tools.environments import ROOT, python_of
from tools.interpreters import SetupError
from tools.stack import Ports, programs
from tools.supervisor import NotReadyError, Supervisor

QUESTIONS = ROOT / "evaluation" / "questions"
RESULTS = ROOT / "evaluation" / "results"


@dataclass(frozen=True)
class Scored:
    """One question with its label, the turn it got, and the verdict."""

    text: str
    expect: dict[str, Any]
    turn: dict[str, Any] | None
    verdict: Verdict


def main() -> int:
    """Print a table a set; 0 whatever the scores are, 1 when the assistant cannot be asked."""
    parser = argparse.ArgumentParser(description="Score the assistant on question sets.")
    parser.add_argument("files", nargs="*", type=Path, help="JSONL; default: all of the project's")
    parser.add_argument("--url", help="a running Rasa, such as http://127.0.0.1:5005")
    parser.add_argument("--details", action="store_true", help="print what was not right")
    parser.add_argument("--report", action="store_true", help="write results/report.html")
    arguments = parser.parse_args()
    files = arguments.files or sorted(QUESTIONS.glob("*.jsonl"))
    try:
        with _assistant(arguments.url) as url:
            for file in files:
                scored = [_score(url, line) for line in _questions(file)]
                _print_table(file, scored)
                _keep(file, scored)
                if arguments.details:
                    _print_details(scored)
        if arguments.report:
            python = str(python_of("assistant", dev=True))
            command = [python, "-m", "evaluation.report"]
            subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own program
    except (SetupError, NotReadyError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


@contextlib.contextmanager
def _assistant(url: str | None) -> Iterator[str]:
    """The address of a ready assistant, started and stopped here where none is given."""
    if url:
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory() as folder:
        ports = Ports.free()
        actions, rasa, _desk = programs(Path(folder), ports)
        supervisor = Supervisor([actions, rasa], ROOT)
        supervisor.start()
        try:
            yield f"http://127.0.0.1:{ports.assistant}"
        finally:
            supervisor.end()


def _questions(file: Path) -> list[dict[str, Any]]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def _score(url: str, question: dict[str, Any]) -> Scored:
    body = json.dumps({"sender": f"evaluation-{uuid.uuid4()}", "message": question["text"]})
    request = urllib.request.Request(
        f"{url}/webhooks/rest/webhook",
        data=body.encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        reply = json.load(response)
    turns = [e["custom"]["turn"] for e in reply if "turn" in (e.get("custom") or {})]
    return Scored(
        text=question["text"],
        expect=question["expect"],
        turn=turns[0] if len(turns) == 1 else None,
        verdict=judge(question["expect"], turns),
    )


def _print_table(file: Path, scored: list[Scored]) -> None:
    print(f"\n{file.name}: {len(scored)} questions")
    print(f"{'kind':<14}{'n':>5}" + "".join(f"{v.value:>10}" for v in Verdict))
    kinds = sorted({one.expect["kind"] for one in scored})
    for kind in [*kinds, "all"]:
        rows = [one for one in scored if kind in (one.expect["kind"], "all")]
        counts = Counter(one.verdict for one in rows)
        shares = "".join(f"{counts[v] / len(rows):>10.1%}" for v in Verdict)
        print(f"{kind:<14}{len(rows):>5}{shares}")
    answers = [
        (float(one.turn["confidence"]), one.verdict is Verdict.RIGHT)
        for one in scored
        if one.turn and one.turn["kind"] == "answer" and one.expect["kind"] != "answer_all"
    ]
    print(f"calibration error of {len(answers)} answers: {calibration_error(answers):.3f}")


def _keep(file: Path, scored: list[Scored]) -> None:
    """Leave every verdict in evaluation/results, for comparing one run with the next."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    with (RESULTS / f"{file.stem}.jsonl").open("w", encoding="utf-8") as output:
        for one in scored:
            row = {"text": one.text, "expect": one.expect, "turn": one.turn}
            output.write(json.dumps({**row, "verdict": one.verdict.value}) + "\n")


def _print_details(scored: list[Scored]) -> None:
    for one in scored:
        if one.verdict is not Verdict.RIGHT:
            turn = one.turn or {"kind": "no single turn", "sections": []}
            wanted = "/".join(one.expect.get("sections", []))
            print(
                f"  {one.verdict.value:<8}{one.expect['kind']} {wanted} <- {turn['kind']} "
                f"{'/'.join(turn['sections'])} {turn.get('confidence')}: {one.text}"
            )


if __name__ == "__main__":
    sys.exit(main())
