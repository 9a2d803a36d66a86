"""Keeps a few programs running: starts them, waits until each is ready, restarts what dies.

Nothing is left behind: every program has its own process group, and on Linux the kernel ends it
when this process is killed outright.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

_STEADY_SECONDS = 60  # who ran this long is restarted at once again
_LONGEST_PAUSE_SECONDS = 10.0
_GRACE_SECONDS = 10  # between the request to stop and the kill


class NotReadyError(Exception):
    """A program did not become ready; the message ends with the last lines of its log."""


@dataclass
class Program:
    """One part of the product: how to start it and how to see that it is ready."""

    name: str
    command: list[str]
    environment: dict[str, str]
    ready_url: str
    log: Path
    ready_within_seconds: float = 120
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    started_at: float = 0.0
    pause_seconds: float = 0.5

    def start(self, folder: Path) -> None:
        """Start the process in `folder`, its output appended to the log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*_dies_with_parent(), *self.command],
                cwd=folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started_at = time.monotonic()

    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self.process is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        """Whether it answers its readiness address with a 2xx."""
        try:
            with urllib.request.urlopen(self.ready_url, timeout=5):
                return True
        except (OSError, urllib.error.URLError, ValueError):
            return False

    def signal(self, number: int) -> None:
        """Send a signal to the process and all that it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def _dies_with_parent() -> list[str]:
    """The prefix that has the kernel end a program with its parent, where the system has it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


class Supervisor:
    """Runs the programs in their order until told to stop."""

    def __init__(self, programs: list[Program], folder: Path) -> None:
        """`programs` in the order of starting; `folder` is where they run."""
        self._programs = programs
        self._folder = folder
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ask `run` to end; safe in a signal handler."""
        self._stopping.set()

    def start(self) -> None:
        """Start all but the last at once, wait for them, then the last.

        Raises `NotReadyError` when one ends or stays silent; what was started is stopped again.
        """
        *first, last = self._programs
        try:
            for program in first:
                program.start(self._folder)
            for program in first:
                self._wait(program)
            if not self._stopping.is_set():
                last.start(self._folder)
                self._wait(last)
        except NotReadyError:
            self.end()
            raise

    def watch(self) -> None:
        """Restart what dies until `stop`, then end everything."""
        while not self._stopping.wait(0.2):
            for program in self._programs:
                if not program.is_running() and not self._stopping.is_set():
                    self._restart(program)
        self.end()

    def watch_in_background(self) -> threading.Thread:
        """`watch` on a thread of its own, which ends some time after `stop`."""
        thread = threading.Thread(target=self.watch, daemon=True)
        thread.start()
        return thread

    def end(self) -> None:
        """Stop all, the last started first; kill whatever does not go within ten seconds."""
        for program in reversed(self._programs):
            program.signal(signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_SECONDS
        for program in reversed(self._programs):
            if program.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    program.process.wait(max(0.1, deadline - time.monotonic()))
            program.signal(signal.SIGKILL)

    def _wait(self, program: Program) -> None:
        deadline = time.monotonic() + program.ready_within_seconds
        while not self._stopping.is_set():
            if not program.is_running():
                raise NotReadyError(f"{program.name} ended while starting.\n{_tail(program.log)}")
            if program.is_ready():
                print(f"  {program.name}: ready", flush=True)
                return
            if time.monotonic() > deadline:
                raise NotReadyError(
                    f"{program.name} was not ready after {program.ready_within_seconds:.0f} s.\n"
                    f"{_tail(program.log)}"
                )
            self._stopping.wait(0.2)

    def _restart(self, program: Program) -> None:
        """Start a dead program again, after a pause that grows while it keeps dying young."""
        steady = time.monotonic() - program.started_at > _STEADY_SECONDS
        program.pause_seconds = (
            0.5 if steady else min(program.pause_seconds * 2, _LONGEST_PAUSE_SECONDS)
        )
        print(f"{program.name} stopped; starting it again (log: {program.log})", flush=True)
        program.signal(signal.SIGKILL)  # what it may have left behind
        if not self._stopping.wait(program.pause_seconds if not steady else 0):
            program.start(self._folder)


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"  | {line[-200:]}" for line in lines[-8:])
