"""Trains the assistant when its model is missing or stale: by content, not by date.

The model's file name carries the digest of all that goes into it. Used as a program:

    python3 tools/train.py [--force]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools.environments import ROOT, python_of
from tools.interpreters import SetupError

MODELS = ROOT / "models"
# What a model is made of; the first handful of files is named, the rest are folders of sources.
_INGREDIENTS = (
    "config.yml", "domain.yml", "requirements/assistant.txt",
    "data", "documents", "assistant", "clinic",
)  # fmt: skip
_SUFFIXES = {".yml", ".yaml", ".md", ".py", ".txt"}
_KEPT_MODELS = 3


def model_path() -> Path:
    """Where the model of the present content is, or will be once trained."""
    digest = hashlib.sha256()
    for path in _ingredients():
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return MODELS / f"clinic-chat-{digest.hexdigest()[:12]}.tar.gz"


def _ingredients() -> Iterator[Path]:
    for name in _INGREDIENTS:
        place = ROOT / name
        if place.is_file():
            yield place
        else:
            yield from sorted(p for p in place.rglob("*") if p.suffix in _SUFFIXES and p.is_file())


def trained_model(*, force: bool = False) -> Path:
    """The model of the present content, trained now if there is none.

    Raises `SetupError` with what Rasa complained about.
    """
    path = model_path()
    if path.exists() and not force:
        return path
    print("Training the assistant (five to ten minutes) …", file=sys.stderr, flush=True)
    log = ROOT / "var" / "logs" / "train.log"
    code = run_rasa(
        "train",
        "--out",
        str(MODELS),
        "--fixed-model-name",
        path.name[: -len(".tar.gz")],
        *(["--force"] if force else []),
        log=log,
    )
    if code or not path.exists():
        raise SetupError(f"Training failed; the end of {log} says why:\n{_tail(log)}")
    _drop_old_models(path)
    print("Training: done.", file=sys.stderr, flush=True)
    return path


def run_rasa(*arguments: str, log: Path) -> int:
    """Run `rasa` in the checkout, all that it prints in `log`; its exit code."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        return subprocess.run(
            [str(python_of("assistant")), "-m", "rasa", *arguments],
            cwd=ROOT,
            env=rasa_environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode


def rasa_environment() -> dict[str, str]:
    """The user's environment, with what keeps Rasa quiet, local and on one thread a turn."""
    quiet = {
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",  # Rasa's own use of SQLAlchemy 1.4
        "SANIC_HOST": "127.0.0.1",
    }
    return {**os.environ, **quiet}


def _tail(log: Path) -> str:
    lines: list[str] = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(line[-300:] for line in lines[-15:])


def _drop_old_models(newest: Path) -> None:
    models = sorted(MODELS.glob("clinic-chat-*.tar.gz"), key=lambda p: p.stat().st_mtime)
    for old in models[:-_KEPT_MODELS]:
        if old != newest:
            old.unlink()


def main() -> int:
    """Print the model's path; 1 and what is wrong when it cannot be trained."""
    parser = argparse.ArgumentParser(description="Train when the model is missing or stale.")
    parser.add_argument("--force", action="store_true", help="train even when it is fresh")
    try:
        print(trained_model(force=parser.parse_args().force))
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
