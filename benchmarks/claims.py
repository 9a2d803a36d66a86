"""Many nurses claim one patient at the same moment: one has to win, every time.

    "$(python3 tools/environments.py desk)" -m benchmarks.claims [--nurses 50] [--rounds 200]
        [--database postgresql://…]

Without `--database`, on a SQLite file of its own. Each round a new patient waits in the chat, and
all nurses claim at once, each on a thread of its own, over five desks that know nothing of one
another: the database alone decides. Prints what came of it; ends with 1 unless
every round had one winner, whom all others were told by name, and who alone has the floor.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from clinic.floor import Holder
from desk import conversations, floor, handoffs, nurse_work
from desk.accounts import Nurse
from desk.errors import Conflict
from desk.staff import make_nurse
from desk.storage.database import Database
from desk.storage.migrate import upgrade

_WON: Final = "won"
_DESKS: Final = 5


def main() -> int:
    """Run the rounds and print what came of them."""
    parser = argparse.ArgumentParser(description="Claim one patient by many nurses at once.")
    parser.add_argument("--nurses", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--database", help="the URL of an empty database; default: SQLite")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database or f"sqlite:///{Path(folder) / 'claims.sqlite3'}"
        upgrade(url)
        desks = [Database(url) for _ in range(_DESKS)]
        began = time.monotonic()
        results = compete(desks, nurses=arguments.nurses, rounds=arguments.rounds)
        took = time.monotonic() - began
        for desk in desks:
            desk.close()
    print(
        f"{arguments.rounds} patients, {arguments.nurses} nurses at once each, {took:.0f} s: "
        + ", ".join(f"{count} rounds with {what}" for what, count in sorted(results.items())),
        flush=True,
    )
    return 0 if set(results) == {_right(arguments.nurses)} else 1


def compete(desks: Sequence[Database], *, nurses: int, rounds: int) -> Counter[str]:
    """How many rounds ended in which way."""
    now = datetime.now(timezone.utc)
    with desks[0].write() as session:
        staff = [
            make_nurse(
                session, email=f"nurse{n}@clinic.example", role="nurse", name=f"Nurse {n}", now=now
            ).nurse
            for n in range(nurses)
        ]
    with ThreadPoolExecutor(nurses) as pool:
        return Counter(_round(desks, staff, pool) for _ in range(rounds))


def _round(desks: Sequence[Database], staff: list[Nurse], pool: ThreadPoolExecutor) -> str:
    now = datetime.now(timezone.utc)
    with desks[0].write() as session:
        chat = conversations.create(session, now=now).id
        waiting = handoffs.new_handoff(session, chat, kind="chat", now=now)
        session.flush()
        number = waiting.id
        floor.ask(session, chat, now=now)
    together = threading.Barrier(len(staff))

    def claim(nurse: Nurse) -> str:
        together.wait(timeout=60)
        try:
            with desks[nurse.id % len(desks)].write() as session:
                nurse_work.claim(session, number, nurse=nurse, now=datetime.now(timezone.utc))
        except Conflict as refused:
            return refused.detail
        return _WON

    said = list(pool.map(claim, staff))
    winners = [nurse for nurse, word in zip(staff, said, strict=True) if word == _WON]
    told = sum(word == f"{winners[0].name} already has this call-back." for word in said)
    with desks[0].write() as session:
        held = floor.read(session, chat)
    if len(winners) == 1 and (held.holder, held.nurse) != (Holder.NURSE, winners[0].id):
        return "a winner who has not got the floor"
    return f"{len(winners)} winner and {told} told who"


def _right(nurses: int) -> str:
    return f"1 winner and {nurses - 1} told who"


if __name__ == "__main__":
    sys.exit(main())
