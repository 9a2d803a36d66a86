"""The desk as a real process with its own port and data, as `make run` starts it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class NurseAccount:
    """What a nurse signs in with."""

    email: str
    password: str


@dataclass
class DeskProcess:
    """`url` has no slash at its end; `start` and `stop` may follow each other on the same data."""

    var: Path
    rasa_url: str
    port: int = field(default_factory=free_port)
    config: Path = ROOT / "clinic.yml"
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.var / "desk.log"

    def start(self) -> None:
        """Begin and wait until it answers; raises `AssertionError` with its output otherwise."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "desk"], cwd=ROOT, env=self._env(), stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if self._answers():
                return
            time.sleep(0.1)
        self.stop()
        raise AssertionError(f"the desk did not start:\n{self.log.read_text(errors='replace')}")

    def stop(self) -> None:
        """End it and wait for its end."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def make_nurse(self, email: str, *, role: str = "nurse", name: str = "") -> NurseAccount:
        """A new account by the command that a clinic uses."""
        command = [sys.executable, "-m", "desk.make_nurse", "--email", email, "--role", role]
        command += ["--name", name] if name else []
        done = subprocess.run(
            command, cwd=ROOT, env=self._env(), check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        found = re.search(r"password:?\s+(\S+)", done.stdout, re.IGNORECASE)
        assert found, done.stdout
        return NurseAccount(email, found[1])

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=1).is_success
        except httpx.TransportError:
            return False

    def _env(self) -> dict[str, str]:
        return {
            **os.environ,
            "PORT": str(self.port),
            "CLINIC_VAR": str(self.var),
            "CLINIC_CONFIG": str(self.config),
            "RASA_URL": self.rasa_url,
        }
