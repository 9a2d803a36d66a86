"""`python -m desk` as a process: starts, says what is wrong, stops, and survives being killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from desk.settings import CHECKOUT
from tests.desk.fake_rasa import FakeRasa
from tests.desk.running import Chat, read_events, wait_until


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(var: Path, rasa: FakeRasa, **more: str) -> dict[str, str]:
    names = ("PATH", "HOME", "LANG")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "CLINIC_VAR": str(var), "RASA_URL": rasa.url, **more}


@contextmanager
def process(env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as sink:
        started = subprocess.Popen(
            [sys.executable, "-m", "desk"], cwd=CHECKOUT, env=env, stdout=sink, stderr=sink
        )
        try:
            yield started
        finally:
            started.kill()
            started.wait(timeout=10)


def wait_for_answer(http: httpx.Client) -> None:
    def alive() -> bool:
        try:
            return http.get("/healthz").status_code == 200
        except httpx.HTTPError:
            return False

    wait_until(alive, seconds=20)


def fails(env: dict[str, str]) -> str:
    """The one line that the process says when it cannot start."""
    done = subprocess.run(
        [sys.executable, "-m", "desk"],
        cwd=CHECKOUT,
        env=env,
        capture_output=True,
        timeout=30,
        check=False,
        text=True,
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def test_killed_in_the_middle_it_goes_on_without_loss_or_doubling(
    tmp_path: Path, rasa: FakeRasa
) -> None:
    port = free_port()
    env = environment(tmp_path / "var", rasa, PORT=str(port))
    rasa.mode, rasa.hang_seconds = "hang", 0.5
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        with process(env, tmp_path / "log") as first:
            wait_for_answer(http)
            opened = http.post("/api/conversations").json()
            chat = Chat(http, opened["id"], opened["token"])
            for word in ("one", "two", "three"):
                chat.send(word)
            wait_until(lambda: len(rasa.received) == 1)
            first.send_signal(signal.SIGKILL)
            first.wait(timeout=10)
        rasa.mode = "ok"
        with process(env, tmp_path / "log"):
            wait_for_answer(http)
            events = chat.wait_for(6)
    assert [event["text"] for event in events if event["author"] == "assistant"] == [
        "You said: one",
        "You said: two",
        "You said: three",
    ]
    assert [event["seq"] for event in events] == list(range(1, 7))
    assert "You said" not in (tmp_path / "log").read_text()
    modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "var").iterdir()}
    assert set(modes.values()) == {0}, "patients' data are for this user alone"


def test_sigterm_ends_it_soon_though_streams_are_open(tmp_path: Path, rasa: FakeRasa) -> None:
    port = free_port()
    env = environment(tmp_path / "var", rasa, PORT=str(port))
    url = f"http://127.0.0.1:{port}"
    with (
        process(env, tmp_path / "log") as running,
        httpx.Client(base_url=url, trust_env=False) as http,
    ):
        wait_for_answer(http)
        opened = http.post("/api/conversations").json()
        chat = Chat(http, opened["id"], opened["token"])
        with chat.stream() as lines:
            next(lines)
            begun = time.monotonic()
            running.terminate()
            assert read_events(lines, 1) == []
            running.wait(timeout=10)
        assert time.monotonic() - begun < 5
        assert running.returncode in {0, -signal.SIGTERM}


def test_it_says_in_one_sentence_why_it_cannot_start(tmp_path: Path, rasa: FakeRasa) -> None:
    broken = tmp_path / "clinic.yml"
    broken.write_text("clinic: 1\n", encoding="utf-8")
    (tmp_path / "file").write_text("", encoding="utf-8")
    var = tmp_path / "var"
    assert "clinic.yml, line 1" in fails(environment(var, rasa, CLINIC_CONFIG=str(broken)))
    assert "PORT: expected a number" in fails(environment(var, rasa, PORT="http"))
    assert "CLINIC_VAR: cannot make the folder" in fails(environment(tmp_path / "file/x", rasa))
    assert "at least 16 characters" in fails(environment(var, rasa, CLINIC_INTERNAL_SECRET="x"))
    no_database = environment(var, rasa, DATABASE_URL=f"sqlite:///{tmp_path}")
    assert "database" in fails(no_database)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = fails(environment(var, rasa, PORT=port))
    assert said == (
        f"desk: PORT: 127.0.0.1:{port} is taken by another program; stop it or set another PORT"
    )


@pytest.mark.parametrize("secret", [None, "a-secret-that-was-given"])
def test_the_secret_is_made_once_and_for_this_user_alone(
    tmp_path: Path, secret: str | None
) -> None:
    from desk.settings import read_settings  # noqa: PLC0415 (beside what it is about)

    env = {"CLINIC_VAR": str(tmp_path / "var")}
    if secret:
        env["CLINIC_INTERNAL_SECRET"] = secret
    first, second = read_settings(env), read_settings(env)
    assert first == second
    assert len(first.internal_secret) >= 16
    path = tmp_path / "var" / "internal-secret"
    assert path.exists() is (secret is None)
    if secret is None:
        assert path.stat().st_mode & 0o777 == 0o600
