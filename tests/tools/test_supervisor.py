"""What `make run` promises about its processes, with small real ones in their place."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.supervisor import NotReadyError, Program, Supervisor

SERVER = """
import http.server, os, sys
open(sys.argv[2], "a").write(f"{os.getpid()}\\n")
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *a): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(folder: Path, name: str, code: str = SERVER, **settings: float) -> Program:
    port = free_port()
    return Program(
        name=name,
        command=[sys.executable, "-c", code, str(port), str(folder / f"{name}.pids")],
        environment=dict(os.environ),
        ready_url=f"http://127.0.0.1:{port}/",
        log=folder / f"{name}.log",
        **settings,
    )


def pids(folder: Path, name: str) -> list[int]:
    return [int(line) for line in (folder / f"{name}.pids").read_text().split()]


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def parts(tmp_path: Path) -> list[Program]:
    return [program(tmp_path, name) for name in ("first", "second", "last")]


@pytest.fixture
def running(parts: list[Program], tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(parts, tmp_path)
    supervisor.start()
    watching = supervisor.watch_in_background()
    yield supervisor
    supervisor.stop()
    watching.join()


def test_all_are_ready_once_started(running: Supervisor, parts: list[Program]) -> None:
    assert all(part.is_ready() for part in parts)


def test_a_part_that_dies_is_started_again(
    running: Supervisor, parts: list[Program], tmp_path: Path
) -> None:
    [before] = pids(tmp_path, "second")
    os.kill(before, signal.SIGKILL)
    eventually(lambda: len(pids(tmp_path, "second")) == 2 and parts[1].is_ready())
    assert len(pids(tmp_path, "first")) == 1


def test_stopping_leaves_nothing_behind(parts: list[Program], tmp_path: Path) -> None:
    supervisor = Supervisor(parts, tmp_path)
    supervisor.start()
    supervisor.stop()
    supervisor.watch()
    started = [pid for part in parts for pid in pids(tmp_path, part.name)]
    assert len(started) == 3
    assert not any(is_alive(pid) for pid in started)


def test_a_part_that_ends_while_starting_is_named_with_its_last_words(tmp_path: Path) -> None:
    broken = program(tmp_path, "broken", "raise SystemExit('the model is made of cheese')")
    good = program(tmp_path, "good")
    with pytest.raises(NotReadyError, match="broken ended while starting") as failed:
        Supervisor([good, broken, program(tmp_path, "never")], tmp_path).start()
    assert "the model is made of cheese" in str(failed.value)
    assert not any(is_alive(pid) for pid in pids(tmp_path, "good"))


def test_a_part_that_stays_silent_is_given_up(tmp_path: Path) -> None:
    silent = program(tmp_path, "silent", "import time; time.sleep(60)", ready_within_seconds=0.5)
    with pytest.raises(NotReadyError, match="silent was not ready"):
        Supervisor([silent, program(tmp_path, "never")], tmp_path).start()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_the_parts_end_even_when_the_supervisor_is_killed_outright(tmp_path: Path) -> None:
    code = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from tests.tools.test_supervisor import program
        from tools.supervisor import Supervisor
        folder = Path({str(tmp_path)!r})
        supervisor = Supervisor([program(folder, "a"), program(folder, "b")], folder)
        supervisor.start()
        print("up", flush=True)
        supervisor.watch()
    """)
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    while parent.stdout.readline().strip() != "up":
        assert parent.poll() is None
    started = pids(tmp_path, "a") + pids(tmp_path, "b")
    parent.kill()
    parent.wait()
    eventually(lambda: not any(is_alive(pid) for pid in started))
    parent.stdout.close()
