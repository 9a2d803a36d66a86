"""`make lint`: formatter, linter, spelling, types in both Pythons, Rasa's own check."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools.environments import ROOT, python_of
from tools.interpreters import SetupError
from tools.train import rasa_environment

# Prose and code; not what patients write, which is misspelt on purpose.
_SPELLED = (
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs", "documents",
    "domain.yml", "assistant", "actions", "clinic", "desk", "tools", "widget", "evaluation",
    "benchmarks",
)  # fmt: skip
_MISSPELT = (
    "*/red_flag*,*/callback.py,*/treated_when.py,*/follow_up.py,*/splitter.py,"
    "*/words.py,*/likeness.py,*/redaction.py,*/spelling.py,*/test_spelling.py,*/questions/*,"
    "*/handouts/*,*/results/*"
)


def main() -> int:
    """Run every check, also after one has failed; 0 only when all are clean."""
    try:
        checks = _checks(str(python_of("desk", dev=True)), str(python_of("assistant", dev=True)))
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    failed = []
    for name, command in checks.items():
        done = subprocess.run(
            command, cwd=ROOT, env=rasa_environment(), capture_output=True, text=True, check=False
        )
        print(f"{name:<28}{'clean' if done.returncode == 0 else 'NOT CLEAN'}", flush=True)
        if done.returncode:
            failed.append(name)
            print((done.stdout + done.stderr)[-6000:])
    return 1 if failed else 0


def _checks(desk: str, assistant: str) -> dict[str, list[str]]:
    spelled = [name for name in _SPELLED if (ROOT / name).exists()]
    return {
        "format (ruff)": [desk, "-m", "ruff", "format", "--check", "."],
        "lint (ruff)": [desk, "-m", "ruff", "check", "."],
        "spelling (codespell)": [desk, "-m", "codespell_lib", "--skip", _MISSPELT, *spelled],
        "types, desk's Python": [desk, "-m", "mypy", "clinic", "desk"],
        "types, assistant's Python": [
            assistant, "-m", "mypy", "clinic", "assistant", "actions", "evaluation",
        ],
        "rasa data validate": [
            assistant, "-m", "rasa", "data", "validate", "--fail-on-warnings", "--max-history", "4",
        ],
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
