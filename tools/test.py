"""`make test`: every test, each in the environment it belongs to, with one summary.

python3 tools/test.py [desk|assistant|conversations] [pytest arguments …]
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools.environments import ROOT, python_of
from tools.interpreters import SetupError
from tools.train import rasa_environment, run_rasa, trained_model

_DESK_TESTS = (
    "tests/clinic",
    "tests/desk",
    "tests/tools",
    "tests/widget",
    "tests/browser",
    "tests/contract",
)
_ASSISTANT_TESTS = ("tests/assistant", "tests/actions", "tests/evaluation")


def main() -> int:
    """Run the chosen suites, all by default; 0 only when each passed."""
    suites = {"assistant": _assistant, "conversations": _conversations, "desk": _desk}
    chosen = [name for name in sys.argv[1:2] if name in suites]
    rest = sys.argv[1 + len(chosen) :]
    results = []
    try:
        for name in chosen or suites:
            started = time.monotonic()
            print(f"\n== {name}", flush=True)
            passed = suites[name](rest) == 0
            results.append((name, passed, time.monotonic() - started))
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    print()
    for name, passed, seconds in results:
        print(f"{name:<14}{'passed' if passed else 'FAILED'} in {seconds:.0f} s")
    return 0 if all(passed for _, passed, _ in results) else 1


def _desk(arguments: list[str]) -> int:
    """The desk, its pages in a real browser, and the whole product end to end."""
    python = python_of("desk", dev=True)
    python_of("assistant")  # the end-to-end tests start it; its set-up is shown here
    trained_model()
    browser = subprocess.run([str(python), "tools/browser.py", "--install"], cwd=ROOT, check=False)
    if browser.returncode:
        raise SetupError("The browser's tests need Chromium; the lines above say what to install.")
    return _run([str(python), "-m", "pytest", *_existing(_DESK_TESTS), *arguments])


def _assistant(arguments: list[str]) -> int:
    """The assistant with a real trained model, and the actions."""
    python = python_of("assistant", dev=True)
    return _run([str(python), "-m", "pytest", *_existing(_ASSISTANT_TESTS), *arguments])


def _conversations(_arguments: list[str]) -> int:
    """Rasa's own test of whole conversations; the flag makes a failed one count."""
    log = ROOT / "results" / "conversations.log"
    code = run_rasa(
        "test",
        "core",
        "--model",
        str(trained_model()),
        "--stories",
        "tests/conversations",
        "--fail-on-prediction-errors",
        "--out",
        "results/conversations",
        log=log,
    )
    if code:
        print(f"A conversation went another way; see results/conversations and {log}")
    return code


def _existing(folders: tuple[str, ...]) -> list[str]:
    return [folder for folder in folders if (ROOT / folder).is_dir()]


def _run(command: list[str]) -> int:
    return subprocess.run(command, cwd=ROOT, env=rasa_environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
