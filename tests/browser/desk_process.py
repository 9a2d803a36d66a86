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
import pyotp

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
PASSWORD = "a long shift at night"


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class NurseAccount:
    """What a nurse signs in with; `secret` is that of her second factor."""

    email: str
    password: str
    secret: str | None = None
    step: int = 0

    def code(self) -> str:
        """The next code of her app, each good once; empty without a second factor."""
        if self.secret is None:
            return ""
        totp = pyotp.TOTP(self.secret)
        # The desk takes the code of the next half minute too: two without a wait.
        self.step = max(self.step + 1, int(time.time()) // totp.interval)
        while self.step > int(time.time()) // totp.interval + 1:
            time.sleep(0.5)
        return totp.generate_otp(self.step)


def use_link(printed: str, email: str, *, base_url: str) -> NurseAccount:
    """Open the account by the link that `make nurse` printed, as its owner does.

    A lead or an admin sets up the second factor too.
    """
    found = re.search(r"^Link:\s+\S+/nurse/welcome#(\S+)$", printed, re.MULTILINE)
    assert found, printed
    with httpx.Client(base_url=base_url, headers={"Sec-Fetch-Site": "same-origin"}) as http:
        shown = http.post("/nurse/welcome", data={"token": found[1]})
        assert shown.status_code == 200, shown.text
        secret = re.search(r'class="secret">(\w+)<', shown.text)
        needed = secret if "You sign in with a code" in shown.text else None
        account = NurseAccount(email, PASSWORD, needed[1] if needed else None)
        form = {"token": found[1], "password": PASSWORD, "code": account.code()}
        told = http.post("/nurse/welcome/done", data=form)
        assert told.status_code in {200, 303}, told.text
        http.post("/nurse/sign-out")
    return account


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
        return use_link(done.stdout, email, base_url=self.url)

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
