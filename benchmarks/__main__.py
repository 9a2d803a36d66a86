"""`make bench`: one conversation of 200 turns over REST, with forms and a handoff inside.

    python3 -m benchmarks [--turns 200] [--runs 3]

Prints the median of turns 5 to 15 and of the last eleven, and their ratio, for each run: what a
turn costs must not grow with the conversation.
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
from pathlib import Path

from tools.environments import ROOT
from tools.interpreters import SetupError
from tools.stack import Ports, programs
from tools.supervisor import NotReadyError, Supervisor

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
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ports = Ports.free()
        try:
            supervisor = Supervisor(programs(Path(folder), ports), ROOT)
            supervisor.start()
        except (SetupError, NotReadyError) as error:
            print(error, file=sys.stderr)
            return 1
        try:
            url = f"http://127.0.0.1:{ports.assistant}/webhooks/rest/webhook"
            converse(url, 20)  # a warm-up that is not counted
            runs = [report(converse(url, arguments.turns)) for _ in range(arguments.runs)]
        finally:
            supervisor.end()
    print(f"median ratio of {len(runs)} runs: {statistics.median(runs):.2f}")
    return 0


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


def report(milliseconds: list[float]) -> float:
    """Print the two ends of one conversation; the ratio of the last turns to the first."""
    first, last = milliseconds[4:15], milliseconds[-11:]
    ratio = statistics.median(last) / statistics.median(first)
    print(
        f"{len(milliseconds)} turns: turns 5-15 {statistics.median(first):.1f} ms, "
        f"last eleven {statistics.median(last):.1f} ms, ratio {ratio:.2f}",
        flush=True,
    )
    return ratio


if __name__ == "__main__":
    sys.exit(main())
