"""`make run`: sets up what is missing, then runs the whole product until Ctrl-C.

Settings from the environment: PORT, RASA_PORT, ACTIONS_PORT, CLINIC_VAR (data folder),
CLINIC_CONFIG (clinic.yml).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools.environments import ROOT, python_of
from tools.interpreters import SetupError
from tools.stack import Ports, programs
from tools.supervisor import NotReadyError, Program, Supervisor

_LAST_PORT = 65535
_LEAST_FREE_BYTES = 200 * 10**6  # below this a database may fail in the middle of a write


def main() -> int:
    """Run until stopped; 1 and one sentence when it cannot start."""
    os.umask(0o077)  # what patients write is read by this user alone
    try:
        parts = prepare()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    supervisor = Supervisor(parts, ROOT)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: supervisor.stop())
    print("Starting …", flush=True)
    try:
        supervisor.start()
    except NotReadyError as error:
        print(error, file=sys.stderr)
        return 1
    port = _ports().desk
    print(
        f"\nClinic Chat is running. Stop it with Ctrl-C.\n"
        f"  Clinic page with the chat:  http://127.0.0.1:{port}/\n"
        f"  Nurses' console:            http://127.0.0.1:{port}/nurse\n"
        f"  Make an account:            make nurse EMAIL=you@example.org ROLE=nurse\n",
        flush=True,
    )
    supervisor.watch()
    print("Stopped.", flush=True)
    return 0


def prepare() -> list[Program]:
    """Check what must be right before the first process starts, and make what is missing.

    Raises `SetupError` with one sentence when something is not.
    """
    ports = _ports()
    for name, port in (
        ("PORT", ports.desk),
        ("RASA_PORT", ports.assistant),
        ("ACTIONS_PORT", ports.actions),
    ):
        _require_free(name, port)
    _check_settings(python_of("desk"))
    var = Path(os.environ.get("CLINIC_VAR") or ROOT / "var").absolute()
    _require_room(var)
    return programs(var, ports)


def _ports() -> Ports:
    usual = Ports()
    return Ports(
        desk=_port("PORT", usual.desk),
        assistant=_port("RASA_PORT", usual.assistant),
        actions=_port("ACTIONS_PORT", usual.actions),
    )


def _port(name: str, default: int) -> int:
    given = os.environ.get(name) or str(default)
    if not given.isdigit() or not 0 < int(given) <= _LAST_PORT:
        raise SetupError(f"{name} must be a port number from 1 to 65535, not '{given}'.")
    return int(given)


def _require_free(name: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise SetupError(
                f"Port {port} is taken by another program: stop it, or choose another port "
                f"with {name}=…"
            ) from None


def _check_settings(desk: Path) -> None:
    """Read clinic.yml with the desk's Python, for this one may lack PyYAML."""
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from clinic.settings import ClinicError, load_clinic\n"
        "from clinic.handout import HandoutError, load_handouts\n"
        "from desk.public_holidays import public_holidays\n"
        "try:\n"
        "    path = Path(os.environ.get('CLINIC_CONFIG') or 'clinic.yml')\n"
        "    load_clinic(path, public_holidays)\n"
        "    load_handouts(Path('documents'))\n"
        "except (ClinicError, HandoutError) as error:\n"
        "    sys.exit(str(error))\n"
    )
    done = subprocess.run(
        [str(desk), "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SetupError(done.stderr.strip())


def _require_room(var: Path) -> None:
    var.mkdir(parents=True, exist_ok=True)
    stat = os.statvfs(var)
    free = stat.f_bavail * stat.f_frsize
    if free < _LEAST_FREE_BYTES:
        raise SetupError(
            f"The disk is nearly full: {var} has {free // 10**6} MB left and needs "
            f"{_LEAST_FREE_BYTES // 10**6}; free some room first."
        )


if __name__ == "__main__":
    sys.exit(main())
