"""`make run` says in one sentence what is wrong, and starts nothing."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tools import environments, interpreters
from tools.environments import ROOT
from tools.interpreters import SetupError
from tools.train import model_path


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tools/run.py"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize("name", ["PORT", "RASA_PORT", "ACTIONS_PORT"])
def test_a_port_that_is_taken_is_named(name: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        sentence = one_sentence(run(**{name: port, "CLINIC_VAR": str(tmp_path)}))
    assert f"Port {port} is taken" in sentence
    assert f"{name}=" in sentence


def test_a_port_that_is_none_is_named() -> None:
    assert "PORT must be a port number" in one_sentence(run(PORT="eighty"))


def test_a_mistake_in_clinic_yml_is_named_with_its_line(tmp_path: Path) -> None:
    text = (ROOT / "clinic.yml").read_text().replace("08:00-12:00", "8-12am", 1)
    line = text[: text.index("8-12am")].count("\n") + 1
    (tmp_path / "clinic.yml").write_text(text)
    ports = {"PORT": "18081", "RASA_PORT": "15006", "ACTIONS_PORT": "15056"}
    sentence = one_sentence(run(CLINIC_CONFIG=str(tmp_path / "clinic.yml"), **ports))
    assert f"line {line}" in sentence
    assert "8-12am" in sentence


def test_a_missing_interpreter_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(interpreters, "_MANAGERS", ())
    monkeypatch.setattr(interpreters, "_FOLDERS", ())
    with pytest.raises(SetupError, match=r"Python 3\.10 is needed for the assistant"):
        interpreters.find("assistant")


def test_a_shim_that_does_not_run_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shim = tmp_path / "python3.10"
    shim.write_text("#!/bin/sh\necho 'python3.10: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert interpreters.find("assistant") != str(shim)


def test_a_full_disk_is_named_before_anything_is_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLINIC_ENVIRONMENTS", str(tmp_path))
    monkeypatch.setattr(environments, "_GIGABYTES", {"desk": 10**6})
    with pytest.raises(SetupError, match="The disk is too full for the desk's environment"):
        environments.python_of("desk")
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]


def test_the_model_is_named_by_what_goes_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = model_path()
    assert model_path() == before
    monkeypatch.setattr("tools.train._INGREDIENTS", ("config.yml", "domain.yml"))
    assert model_path() != before


def test_no_locked_file_names_a_registry_and_every_package_has_its_hash() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text
        assert "--index" not in text
        pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert pinned
        assert all("==" in line and line.endswith("\\") for line in pinned), lock.name
