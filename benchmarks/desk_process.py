"""The desk alone, as a process on a port of its own, with nurses at any hour: to be measured."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

import httpx

from desk.invitations import accept
from desk.staff import make_nurse
from desk.storage.database import Database
from tools.environments import ROOT
from tools.stack import Ports

__all__ = ["DeskProcess", "make_account"]

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PATIENCE_SECONDS: Final = 60


@dataclass
class DeskProcess:
    """`python -m desk` with its data in `folder`; killed and started again on the same address."""

    folder: Path
    database_url: str = ""
    rasa_url: str = ""
    port: int = field(default_factory=lambda: Ports.free().desk)
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.database_url = self.database_url or f"sqlite:///{self.folder / 'desk.sqlite3'}"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and return at once."""
        environment = {
            **os.environ,
            "PORT": str(self.port),
            "CLINIC_VAR": str(self.folder),
            "CLINIC_CONFIG": str(self._always_open()),
            "CLINIC_INTERNAL_SECRET": self.secret,
            "DATABASE_URL": self.database_url,
        }
        if self.rasa_url:
            environment["RASA_URL"] = self.rasa_url
        with (self.folder / "desk.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "desk"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    def wait(self) -> None:
        """Return once it answers; ends the program when it does not."""
        for _ in range(_PATIENCE_SECONDS * 10):
            if self.answers():
                return
            if self._process is None or self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit(f"the desk did not start; {self.folder / 'desk.log'} says why")

    def answers(self) -> bool:
        """Whether it is alive."""
        try:
            return httpx.get(f"{self.url}/healthz", timeout=1, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """End it in the middle of whatever it does, as `kill -9`."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it as an operator does."""
        if self._process:
            self._process.terminate()
            self._process.wait(timeout=30)

    def _always_open(self) -> Path:
        path = self.folder / "clinic.yml"
        if not path.exists():
            text = (ROOT / "clinic.yml").read_text(encoding="utf-8")
            hours = "".join(f'  {day}: ["00:00-24:00"]\n' for day in _DAYS)
            path.write_text(
                re.sub(r"^hours:\n(?:  .*\n)+", f"hours:\n{hours}", text, flags=re.MULTILINE),
                encoding="utf-8",
            )
        return path


def make_account(database_url: str, *, email: str, name: str) -> str:
    """A nurse who can sign in; her password."""
    database, now = Database(database_url), datetime.now(timezone.utc)
    with database.write() as session:
        made = make_nurse(session, email=email, role="nurse", name=name, now=now)
    password = secrets.token_urlsafe(24)
    accept(
        database,
        made.token,
        password=password,
        code="",
        clinic="benchmark",
        peer="127.0.0.1",
        now=now,
    )
    database.close()
    return password
