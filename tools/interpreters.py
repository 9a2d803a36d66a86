"""Finds the two Pythons that the product needs, wherever a machine usually keeps them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

# What each environment runs on, the best first.
VERSIONS = {
    "assistant": ("3.10",),  # Rasa 3.6 wants Python below 3.11
    "desk": ("3.13", "3.12", "3.11", "3.14"),
}
_MANAGERS = (
    ("PYENV_ROOT", "~/.pyenv", "versions"),
    ("ASDF_DATA_DIR", "~/.asdf", "installs/python"),
    ("MISE_DATA_DIR", "~/.local/share/mise", "installs/python"),
)
_FOLDERS = ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin")


class SetupError(Exception):
    """Something is missing on this machine; the message says what to do, in one sentence."""


def find(role: str) -> str:
    """Path of a Python for `role`, fetched by `uv` where none is installed; else `SetupError`."""
    for version in VERSIONS[role]:
        for candidate in _candidates(version):
            if _works(candidate, version):
                return candidate
    fetched = _fetch(VERSIONS[role][0])
    if fetched:
        return fetched
    versions = VERSIONS[role]
    raise SetupError(
        f"Python {' or '.join(versions)} is needed for the {role} and was not found: install it "
        f"(for example 'pyenv install {versions[0]}'), or install uv, which fetches it."
    )


def _candidates(version: str) -> Iterator[str]:
    on_path = shutil.which("python" + version)
    if on_path:
        yield on_path
    for variable, default, below in _MANAGERS:
        root = Path(os.environ.get(variable) or default).expanduser() / below
        installed = [path for path in root.glob(version + ".*") if path.is_dir()]
        for path in sorted(installed, key=_release, reverse=True):
            yield str(path / "bin" / "python")
    for folder in _FOLDERS:
        yield str(Path(folder) / ("python" + version))
    for name in ("python3", "python"):
        plain = shutil.which(name)
        if plain:
            yield plain
    if shutil.which("uv"):
        found = _output(["uv", "python", "find", "--no-project", version])
        if found:
            yield found


def _release(path: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", path.name))


def _works(python: str, version: str) -> bool:
    """Whether it runs, is that version, and can make environments (a bare shim does not run)."""
    code = "import sys, ensurepip, venv, sqlite3, ssl; print('%d.%d' % sys.version_info[:2])"
    return Path(python).exists() and _output([python, "-c", code]) == version


def _fetch(version: str) -> str | None:
    if not shutil.which("uv"):
        return None
    print(f"Fetching Python {version} with uv …", flush=True)
    if _output(["uv", "python", "install", version]) is None:
        return None
    found = _output(["uv", "python", "find", "--no-project", version])
    return found if found and _works(found, version) else None


def _output(command: list[str]) -> str | None:
    """What the command prints, or None when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
