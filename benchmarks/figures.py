"""The figures of a clinic with very many chats: how long they take, and that no writer waits.

    "$(python3 tools/environments.py desk)" -m benchmarks.figures [--chats 100000] [--days 90]

On a SQLite file of its own, with a wish for a nurse in every fifth chat. Prints how long it took to
count them, and how long the slowest of the patients' messages took that were stored meanwhile.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert

from clinic.figures import Period
from clinic.settings import Clinic, load_clinic
from desk import conversations, figures
from desk.accounts import Nurse
from desk.public_holidays import public_holidays
from desk.settings import CHECKOUT
from desk.storage.database import Database
from desk.storage.figure_tables import ChatCountsRow
from desk.storage.migrate import upgrade
from desk.storage.tables import ConversationRow, HandoffRow

_LEAD: Final = Nurse(id=1, email="", name="", role="lead", available=False)
_ONE_IN: Final = 5  # chats are handed over


def main() -> int:
    """Fill a database, count it while a patient writes, print the times."""
    parser = argparse.ArgumentParser(description="Time the figures of many chats.")
    parser.add_argument("--chats", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=90)
    arguments = parser.parse_args()
    clinic = load_clinic(CHECKOUT / "clinic.yml", public_holidays)
    now = datetime.now(timezone.utc)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'figures.sqlite3'}"
        upgrade(url)
        database = Database(url)
        fill(database, chats=arguments.chats, days=arguments.days, now=now)
        took, slowest = measure(database, clinic, days=arguments.days, now=now)
        database.close()
    print(
        f"{arguments.chats} chats in {arguments.days} days: counted in {took:.1f} s; "
        f"the slowest message meanwhile stored in {slowest * 1000:.0f} ms",
        flush=True,
    )
    return 0


def fill(database: Database, *, chats: int, days: int, now: datetime) -> None:
    """Chats at random times of the last days."""
    chance = random.Random(1)  # noqa: S311 (no secret)
    numbers = range(chats)
    times = [now - timedelta(days=days) * chance.random() for _ in numbers]
    talks: list[dict[str, Any]] = [
        {"id": f"c{n}", "token_hash": "", "origin": "web", "created_at": times[n], "last_seq": 2}
        for n in numbers
    ]
    counts: list[dict[str, Any]] = [
        {
            "conversation_id": f"c{n}",
            "begun_at": times[n],
            "first_message_at": times[n],
            "first_reply_at": times[n] + timedelta(milliseconds=50),
            "messages": 1,
            "answer": 1,
            "handed_over": n % _ONE_IN == 0,
        }
        for n in numbers
    ]
    wishes: list[dict[str, Any]] = [
        {
            "conversation_id": f"c{n}",
            "reference": f"R{n}",
            "kind": "chat",
            "urgency": "routine",
            "state": "resolved",
            **dict.fromkeys(("reason", "name", "phone", "best_time"), ""),
            "triage": {},
            "created_at": times[n],
            "first_claimed_at": times[n] + timedelta(minutes=3),
        }
        for n in numbers
        if n % _ONE_IN == 0
    ]
    with database.write() as session:
        session.execute(insert(ConversationRow), talks)
        session.execute(insert(ChatCountsRow), counts)
        session.execute(insert(HandoffRow), wishes)


def measure(database: Database, clinic: Clinic, *, days: int, now: datetime) -> tuple[float, float]:
    """Seconds for the figures, and for the slowest message that was stored while they were made."""
    today = now.astimezone(clinic.time_zone).date()
    done = threading.Event()
    waited: list[float] = []

    def write() -> None:
        for number in itertools.count():
            if done.is_set():
                return
            began = time.monotonic()
            with database.write() as session:
                conversations.append(session, "c1", author="patient", text=f"{number}", now=now)
            waited.append(time.monotonic() - began)
            time.sleep(0.02)

    patient = threading.Thread(target=write)
    patient.start()
    began = time.monotonic()
    figures.read(database, clinic, Period.of_last_days(days, today=today), nurse=_LEAD, now=now)
    took = time.monotonic() - began
    done.set()
    patient.join()
    return took, max(waited)


if __name__ == "__main__":
    sys.exit(main())
