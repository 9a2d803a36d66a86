"""The secret with which the clinic's own processes know one another on the loopback.

`make run` makes it once and hands it to all three; a process started by hand finds the same one
in the data folder.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

__all__ = ["internal_secret", "var_folder"]

_FILE = "internal-secret"


def var_folder(environ: Mapping[str, str]) -> Path:
    """Where a running clinic keeps its data: `CLINIC_VAR`, or `var` in the working directory."""
    return Path(environ.get("CLINIC_VAR") or "var")


def internal_secret(environ: Mapping[str, str]) -> str:
    """`CLINIC_INTERNAL_SECRET`, or the one in the data folder, made there where it is missing."""
    given = environ.get("CLINIC_INTERNAL_SECRET")
    if given:
        return given
    path = var_folder(environ) / _FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        own = path.with_name(f"{_FILE}.{secrets.token_hex(8)}")
        handle = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
        # A link appears whole or not at all; of two processes that start together, one wins.
        with contextlib.suppress(FileExistsError):
            os.link(own, path)
        own.unlink()
    return path.read_text(encoding="ascii").strip()
