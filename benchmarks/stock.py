"""Rasa as it comes, on this project's own examples and rules, to measure against.

The stock pipeline and policies, the stock tracker store and the stock REST channel; only the
intents, examples, rules and phrases are ours. What a turn costs does not depend on how long a model
was trained, so for speed a few rounds do; the full hundred take about an hour on two cores.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from tools.environments import ROOT, python_of
from tools.interpreters import SetupError
from tools.stack import Ports, environment
from tools.supervisor import Program
from tools.train import run_rasa

CONFIG = ROOT / "benchmarks" / "stock_config.yml"
FOLDER = ROOT / "results" / "stock"

_ENDPOINTS = """\
tracker_store:
  type: SQL
  dialect: sqlite
  db: "{database}"
action_endpoint:
  url: "http://127.0.0.1:{actions_port}/webhook"
"""


def stock_model(*, epochs: int = 100) -> Path:
    """The stock model of the present data, trained now if there is none; may raise `SetupError`."""
    digest = hashlib.sha256(str(epochs).encode())
    for path in [CONFIG, ROOT / "domain.yml", *sorted((ROOT / "data").glob("*.yml"))]:
        digest.update(path.read_bytes())
    model = FOLDER / f"stock-{digest.hexdigest()[:12]}.tar.gz"
    if model.exists():
        return model
    print(f"Training Rasa's stock pipeline, {epochs} epochs …", file=sys.stderr, flush=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    config = FOLDER / f"config-{epochs}.yml"
    text = CONFIG.read_text(encoding="utf-8")
    config.write_text(text.replace("epochs: 100", f"epochs: {epochs}"), encoding="utf-8")
    log = FOLDER / "train.log"
    code = run_rasa(
        "train",
        "--config",
        str(config),
        "--data",
        "data",
        "--domain",
        "domain.yml",
        "--out",
        str(FOLDER),
        "--fixed-model-name",
        model.name[: -len(".tar.gz")],
        log=log,
    )
    if code or not model.exists():
        raise SetupError(f"Training the stock pipeline failed; the end of {log} says why.")
    return model


def stock_assistant(var: Path, ports: Ports, *, epochs: int = 100) -> Program:
    """Rasa with the stock model, in the place of ours.

    Args:
        var: a data folder of its own.
        ports: where it listens, and where the action server does.
        epochs: how long its models are trained.
    """
    var.mkdir(parents=True, exist_ok=True)
    endpoints, credentials = var / "stock-endpoints.yml", var / "stock-credentials.yml"
    endpoints.write_text(
        _ENDPOINTS.format(database=var / "stock.sqlite3", actions_port=ports.actions)
    )
    credentials.write_text("rest:\n")
    return Program(
        name="stock",
        command=[
            str(python_of("assistant")), "-m", "rasa", "run",
            "--model", str(stock_model(epochs=epochs)),
            "--endpoints", str(endpoints), "--credentials", str(credentials),
            "--interface", "127.0.0.1", "--port", str(ports.assistant),
        ],
        environment=environment(var, ports),
        ready_url=f"http://127.0.0.1:{ports.assistant}/webhooks/rest/",
        log=var / "logs" / "stock.log",
    )  # fmt: skip
