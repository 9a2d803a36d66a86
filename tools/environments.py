"""Makes the two environments from their locked files, once for each content of the lock.

They live outside the checkout, for plain `rasa test` reads every folder below the one it runs in:
in `CLINIC_ENVIRONMENTS`, else in the user's cache folder. Two checkouts with the same lock share
one. Used as a program it prints the path of the environment's Python:

    python3 tools/environments.py assistant [--dev]
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools.interpreters import SetupError, find

ROOT = Path(__file__).resolve().parent.parent
# Room that a fresh environment takes, in GB, with what pip needs on the way.
_GIGABYTES = {"assistant": 5, "desk": 1}
_GIGABYTE = 10**9


def python_of(role: str, *, dev: bool = False) -> Path:
    """The environment's Python, after making the environment where it is missing.

    Args:
        role: "assistant" (Rasa and actions) or "desk".
        dev: with what tests, lint and measurements need on top.

    Raises:
        SetupError: with one sentence that says what is wrong.
    """
    lock = ROOT / "requirements" / f"{role}.txt"
    folder = _home() / _name(role, lock)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        if not (folder / _stamp(lock)).exists():
            _make(role, folder)
            _install(role, folder, lock)
        dev_lock = ROOT / "requirements" / f"{role}-dev.txt"
        if dev and not (folder / _stamp(dev_lock)).exists():
            _install(f"{role} (tests)", folder, dev_lock)
    return folder / "bin" / "python"


def cache_folder() -> Path:
    """Where what is made once for all checkouts is kept, beside the environments."""
    given = os.environ.get("CLINIC_CACHE")
    return Path(given).expanduser().absolute() if given else _users_cache()


def _home() -> Path:
    given = os.environ.get("CLINIC_ENVIRONMENTS")
    return Path(given).expanduser().absolute() if given else _users_cache() / "environments"


def _users_cache() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(f"{cache}/clinic-chat").expanduser().absolute()


def _name(role: str, lock: Path) -> str:
    return f"{role}-{platform.machine()}-{_digest(lock)}"


def _stamp(lock: Path) -> str:
    return f"installed-{lock.stem}-{_digest(lock)}"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one process makes an environment; a second waits for it."""
    with Path(f"{folder}.lock").open("w", encoding="ascii") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _make(role: str, folder: Path) -> None:
    python = find(role)
    free = shutil.disk_usage(folder.parent).free
    if free < _GIGABYTES[role] * _GIGABYTE:
        raise SetupError(
            f"The disk is too full for the {role}'s environment: {folder.parent} has "
            f"{free / _GIGABYTE:.1f} GB free and needs {_GIGABYTES[role]}; free some, or set "
            "CLINIC_ENVIRONMENTS to a folder with room."
        )
    shutil.rmtree(folder, ignore_errors=True)
    _say(f"Making the {role}'s environment with {python} …")
    done = subprocess.run(
        [python, "-m", "venv", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SetupError(f"{python} could not make an environment: {_last_line(done.stderr)}")


def _install(what: str, folder: Path, lock: Path) -> None:
    """Install a locked file as it is: every package pinned, every archive's hash checked."""
    total = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())
    command = [
        str(folder / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "--no-deps",
        "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "-r", str(lock),
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment()
    ) as pip:
        tail = _follow(what, total, pip)
    if pip.returncode:
        raise SetupError(f"Installing the packages of the {what} failed: {_reason(tail)}")
    (folder / _stamp(lock)).touch()
    _say(f"Packages of the {what}: done.")


def _environment() -> dict[str, str]:
    """Of the user's: bytecode is written, or each start would compile everything again."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def _follow(what: str, total: int, pip: subprocess.Popen[str]) -> list[str]:
    """Show how far pip has come; returns its last lines."""
    collected = 0
    tail: list[str] = []
    assert pip.stdout is not None  # noqa: S101 (piped above)
    for line in pip.stdout:
        tail = [*tail[-19:], line.rstrip()]
        if line.startswith("Collecting "):
            collected += 1
            _progress(f"Packages of the {what}: {collected} of about {total} fetched", collected)
        elif line.startswith("Installing collected"):
            _progress(f"Packages of the {what}: installing …", 0)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return tail


def _progress(text: str, step: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{text:<70}", end="", file=sys.stderr, flush=True)
    elif step % 40 == 0:
        _say(text)


def _reason(tail: list[str]) -> str:
    if any("No space left on device" in line for line in tail):
        return "the disk is full; free some room and start again."
    errors = [line for line in tail if line.startswith("ERROR")]
    return (errors or tail or ["pip said nothing"])[-1]


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Print the Python of one environment; 1 and one sentence when it cannot be made."""
    parser = argparse.ArgumentParser(description="Make an environment and print its Python.")
    parser.add_argument("role", choices=sorted(_GIGABYTES))
    parser.add_argument("--dev", action="store_true", help="with the tests' packages")
    arguments = parser.parse_args()
    try:
        print(python_of(arguments.role, dev=arguments.dev))
    except SetupError as error:
        _say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
