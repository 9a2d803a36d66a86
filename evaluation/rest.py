"""Asks the running assistant over its REST channel, each question in a conversation of its own."""

from __future__ import annotations

import contextlib
import json
import tempfile
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.environments import ROOT
from tools.stack import Ports, programs
from tools.supervisor import NotReadyError, Supervisor

__all__ = ["ask", "assistant"]

_PATIENCE_SECONDS = 60


@contextlib.contextmanager
def assistant(url: str | None) -> Iterator[str]:
    """The address of a ready assistant, started and stopped here where none is given.

    Raises `SetupError` or `NotReadyError` when it cannot be started.
    """
    if url:
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory() as folder:
        ports = Ports.free()
        actions, rasa, _desk = programs(Path(folder), ports)
        supervisor = Supervisor([actions, rasa], ROOT)
        supervisor.start()
        try:
            yield f"http://127.0.0.1:{ports.assistant}"
        finally:
            supervisor.end()


def ask(url: str, text: str) -> list[dict[str, Any]]:
    """The turns of the reply; one where all is well. Raises `NotReadyError` where none comes."""
    body = json.dumps({"sender": f"evaluation-{uuid.uuid4()}", "message": text})
    request = urllib.request.Request(
        f"{url}/webhooks/rest/webhook",
        data=body.encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS) as response:
            reply = json.load(response)
    except (OSError, ValueError) as error:
        raise NotReadyError(f"{url} does not reply as Rasa's REST channel does: {error}") from error
    return [part["custom"]["turn"] for part in reply if "turn" in (part.get("custom") or {})]
