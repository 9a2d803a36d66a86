"""The product's three programs, as `make run`, the tests and the measurements start them."""

from __future__ import annotations

import os
import re
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from clinic.internal_secret import internal_secret
from tools.environments import ROOT, python_of
from tools.supervisor import Program
from tools.train import rasa_environment, trained_model

_USUAL_ACTIONS_PORT = 5055


@dataclass(frozen=True)
class Ports:
    """Where the three listen, all on the loopback."""

    desk: int = 8080
    assistant: int = 5005
    actions: int = _USUAL_ACTIONS_PORT

    @classmethod
    def free(cls) -> Ports:
        """Three ports that nobody uses just now."""
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            sockets = (one, two, three)
            for each in sockets:
                each.bind(("127.0.0.1", 0))
            return cls(*(each.getsockname()[1] for each in sockets))


def programs(var: Path, ports: Ports) -> list[Program]:
    """Actions, assistant and desk, in the order of starting; makes what they need.

    Args:
        var: the data folder, absolute.
        ports: where they listen.

    Raises:
        SetupError: an environment or the model cannot be made.
    """
    desk, assistant, model = python_of("desk"), python_of("assistant"), trained_model()
    settings = environment(var, ports)
    return [
        _actions(assistant, var, ports, settings),
        _assistant(assistant, model, var, ports, settings),
        Program(
            name="desk",
            command=[str(desk), "-m", "desk"],
            environment=settings,
            ready_url=f"http://127.0.0.1:{ports.desk}/readyz",
            log=var / "logs" / "desk.log",
        ),
    ]


def environment(var: Path, ports: Ports) -> dict[str, str]:
    """What all three are told: the data folder, the secret between them, where the others are."""
    return {
        **rasa_environment(),
        "CLINIC_VAR": str(var),
        "CLINIC_INTERNAL_SECRET": internal_secret({**os.environ, "CLINIC_VAR": str(var)}),
        "PORT": str(ports.desk),
        "RASA_URL": f"http://127.0.0.1:{ports.assistant}",
        "DESK_URL": f"http://127.0.0.1:{ports.desk}",
    }


def _actions(python: Path, var: Path, ports: Ports, settings: dict[str, str]) -> Program:
    port = str(ports.actions)
    return Program(
        name="actions",
        command=[str(python), "-m", "rasa_sdk", "--actions", "actions", "--port", port],
        environment=settings,
        ready_url=f"http://127.0.0.1:{port}/health",
        log=var / "logs" / "actions.log",
    )


def _assistant(
    python: Path, model: Path, var: Path, ports: Ports, settings: dict[str, str]
) -> Program:
    return Program(
        name="assistant",
        command=[
            str(python), "-m", "rasa", "run", "--model", str(model),
            "--endpoints", str(_endpoints(var, ports.actions)),
            "--credentials", "credentials.yml",
            "--interface", "127.0.0.1", "--port", str(ports.assistant),
        ],
        environment=settings,
        ready_url=f"http://127.0.0.1:{ports.assistant}/webhooks/rest/ready",
        log=var / "logs" / "assistant.log",
    )  # fmt: skip


def _endpoints(var: Path, actions_port: int) -> Path:
    """Rasa's endpoints file, with the action server's port where it is not the usual one."""
    usual = ROOT / "endpoints.yml"
    if actions_port == _USUAL_ACTIONS_PORT:
        return usual
    address = f"127.0.0.1:{actions_port}/webhook"
    own = var / "endpoints.yml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(re.sub(r"127\.0\.0\.1:\d+/webhook", address, usual.read_text()))
    return own
