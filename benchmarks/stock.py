"""Rasa as it comes, on this project's own examples and rules, to measure against.

The stock pipeline and policies, the stock tracker store and the stock REST channel; only the
intents, examples, rules and phrases are ours. What a turn costs does not depend on how long a model
was trained, so for speed a few rounds do. How well it understands does: `evaluation.stock` trains
the pipeline alone, without policies, for as long as Rasa does by itself.

A model is trained once for each content of what it learns from, and kept in the user's cache
folder, for the full hundred rounds take one thread some hours.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.environments import ROOT, cache_folder, python_of
from tools.interpreters import SetupError
from tools.stack import Ports, environment
from tools.supervisor import Program
from tools.train import run_rasa

CONFIG = ROOT / "benchmarks" / "stock_config.yml"
EPOCHS = 100  # Rasa's own

_ENDPOINTS = """\
tracker_store:
  type: SQL
  dialect: sqlite
  db: "{database}"
action_endpoint:
  url: "http://127.0.0.1:{actions_port}/webhook"
"""


def stock_model(*, epochs: int = EPOCHS) -> Path:
    """The whole stock model of the present content, trained now if there is none.

    Raises `SetupError` with where Rasa's complaint stands.
    """
    domain, data = ROOT / "domain.yml", ROOT / "data"
    return _trained(
        ["train", "--data", str(data), "--domain", str(domain)],
        [domain, *sorted(data.glob("*.yml"))],
        epochs,
    )


def stock_pipeline(data: Path, *, epochs: int = EPOCHS, seed: int = 1) -> Path:
    """The stock pipeline without policies, trained on the NLU files of the folder `data`.

    Raises `SetupError` with where Rasa's complaint stands.
    """
    learnt_from = sorted(data.glob("nlu*.yml"))
    return _trained(["train", "nlu", "--nlu", str(data)], learnt_from, epochs, seed=seed)


def _trained(
    command: Sequence[str], learnt_from: Sequence[Path], epochs: int, *, seed: int = 1
) -> Path:
    """Train once; Rasa leaves the `seed` to chance, here it is set, so that figures come again."""
    digest = hashlib.sha256(f"{command[1]} {epochs}".encode())
    for path in [CONFIG, *learnt_from]:
        digest.update(path.read_bytes())
    folder = cache_folder() / "stock"
    name = f"stock-{digest.hexdigest()[:12]}-{seed}"
    model, log = folder / f"{name}.tar.gz", folder / f"{name}.log"
    if model.exists():
        return model
    print(
        f"Training Rasa's stock pipeline, {epochs} epochs; {log} shows how far it is …",
        file=sys.stderr,
        flush=True,
    )
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".training-") as scratch:
        config = Path(scratch) / "config.yml"
        text = CONFIG.read_text(encoding="utf-8").replace(
            f"epochs: {EPOCHS}", f"epochs: {epochs}\n    random_seed: {seed}"
        )
        config.write_text(text, encoding="utf-8")
        made = Path(scratch) / model.name
        code = run_rasa(
            *command, "--config", str(config), "--out", scratch, "--fixed-model-name", name, log=log
        )
        if code or not made.exists():
            raise SetupError(f"Training the stock pipeline failed; the end of {log} says why.")
        made.replace(model)
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
