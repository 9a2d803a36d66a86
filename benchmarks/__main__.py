"""`make bench`: one conversation of 200 turns over REST, with forms and a handoff inside.

    python3 -m benchmarks [--turns 200] [--runs 3] [--ours-only]

Prints the median of turns 5 to 15 and of the last eleven, and their ratio, for each run: what a
turn costs must not grow with the conversation. Then the same of Rasa as it comes, trained on the
same examples, on the same machine in the same run.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stock import stock_assistant
from tools.environments import ROOT
from tools.interpreters import SetupError
from tools.stack import Ports, programs
from tools.supervisor import NotReadyError, Program, Supervisor

# Enough for stock Rasa to walk the conversation; a turn costs the same after more.
_EPOCHS = 3

# Ten turns, over and over, so that both ends of a conversation hold the same mix. The form is
# begun, interrupted by a question and left in each round.
ROUND = (
    "does it hurt?",
    "will my insurance cover it?",
    "what are the side effects?",
    "thank you",
    "I want to talk to a nurse",
    "a question about my shoulder",
    "is it the same as acupuncture?",
    "never mind",
    "are the needles new?",
    "is it safe with a pacemaker?",
)
# Once, in the middle: a whole call-back.
HANDOFF = (
    "I want to talk to a nurse",
    "a question about my shoulder",
    "Maria Lopez",
    "608 555 0142",
    "any time",
    "yes",
)


def main() -> int:
    """Measure; 1 when the product cannot be started."""
    parser = argparse.ArgumentParser(description="Measure a long conversation.")
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--ours-only", action="store_true", help="without stock Rasa beside it")
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            ports = Ports.free()
            print("Clinic Chat", flush=True)
            ours = measure(programs(Path(folder), ports), ports, arguments)
            if not arguments.ours_only:
                actions, _, desk = programs(Path(folder), ports)
                stock = stock_assistant(Path(folder) / "stock", ports, epochs=_EPOCHS)
                print("Rasa's stock pipeline, tracker store and channel", flush=True)
                compare(ours, measure([actions, stock, desk], ports, arguments))
    except (SetupError, NotReadyError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


@dataclass(frozen=True)
class Measured:
    """Medians over the runs, in milliseconds; `ready_seconds` from start to the first readiness."""

    first: float
    last: float
    ready_seconds: float


def measure(parts: list[Program], ports: Ports, arguments: argparse.Namespace) -> Measured:
    """Start the parts, hold the conversations, print each, stop the parts."""
    supervisor = Supervisor(parts, ROOT)
    began = time.monotonic()
    supervisor.start()
    ready = time.monotonic() - began
    try:
        url = f"http://127.0.0.1:{ports.assistant}/webhooks/rest/webhook"
        converse(url, 20)  # a warm-up that is not counted
        runs = [ends(converse(url, arguments.turns)) for _ in range(arguments.runs)]
    finally:
        supervisor.end()
    ratio = statistics.median(last / first for first, last in runs)
    print(f"  ready after {ready:.1f} s; median ratio of {len(runs)} runs: {ratio:.2f}", flush=True)
    return Measured(
        first=statistics.median(first for first, _ in runs),
        last=statistics.median(last for _, last in runs),
        ready_seconds=ready,
    )


def compare(ours: Measured, stock: Measured) -> None:
    """Print how many times longer stock Rasa takes."""
    print(
        f"stock / ours: turns 5-15 x{stock.first / ours.first:.1f}, "
        f"last eleven x{stock.last / ours.last:.1f}, "
        f"until all is ready x{stock.ready_seconds / ours.ready_seconds:.1f}",
        flush=True,
    )


def converse(url: str, turns: int) -> list[float]:
    """Milliseconds of each turn of one conversation."""
    sender, texts = f"bench-{uuid.uuid4()}", script(turns)
    return [ask(url, sender, text) for text in texts]


def script(turns: int) -> list[str]:
    """What the patient writes: rounds, and a whole handoff in the middle."""
    texts = [ROUND[turn % len(ROUND)] for turn in range(turns)]
    middle = turns // 2 // len(ROUND) * len(ROUND)
    if turns >= 10 * len(ROUND):
        texts[middle : middle + len(HANDOFF)] = HANDOFF
        texts[middle + len(HANDOFF) : middle + len(ROUND)] = ["hello"] * (len(ROUND) - len(HANDOFF))
    return texts


def ask(url: str, sender: str, text: str) -> float:
    """Send one message; milliseconds until the whole reply was read."""
    body: dict[str, object] = {
        "sender": sender, "message": text, "metadata": {"message_id": str(uuid.uuid4())},
    }  # fmt: skip
    request = urllib.request.Request(
        url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    started = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as response:
        reply = json.load(response)
    elapsed = (time.perf_counter() - started) * 1000
    if not any("turn" in element.get("custom", {}) for element in reply):
        raise SystemExit(f"no turn in the reply to '{text}'")
    return elapsed


def ends(milliseconds: list[float]) -> tuple[float, float]:
    """The medians of turns 5 to 15 and of the last eleven, which are printed."""
    first, last = statistics.median(milliseconds[4:15]), statistics.median(milliseconds[-11:])
    print(
        f"  {len(milliseconds)} turns: turns 5-15 {first:.1f} ms, last eleven {last:.1f} ms, "
        f"ratio {last / first:.2f}",
        flush=True,
    )
    return first, last


if __name__ == "__main__":
    sys.exit(main())
