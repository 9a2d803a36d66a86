"""A long run over real HTTP in which the desk is killed again and again: nothing may be lost.

    "$(python3 tools/environments.py desk --dev)" -m benchmarks.soak [--minutes 10]
        [--patients 200] [--nurses 10] [--kills 5] [--database postgresql://…] [--seed N]

Patients write, ask for nurses and leave them; nurses claim, answer, pass on, put back, hand back
and close; an assistant by hand repeats each message after a tenth of a second. At moments that
chance chooses the desk is ended with `kill -9` and started again. Prints the figures and every
fault; ends with 1 when a message was lost, doubled or out of order, a handoff is unaccounted for,
or a patient did not end in a known state.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
from sqlalchemy import select

from benchmarks.desk_process import DeskProcess, make_account
from benchmarks.soak_check import check_conversation, check_store, is_settled
from benchmarks.soak_people import Nurse, Patient, insist
from desk.storage.database import Database
from desk.storage.migrate import upgrade
from desk.storage.tables import HandoffRow
from tests.desk.fake_rasa import serve

_PATIENT_PAUSE: Final = 20.0  # seconds between two acts of a patient, on average
_NURSE_PAUSE: Final = 2.0
_TO_SETTLE_SECONDS: Final = 600
_SHOWN_FAULTS: Final = 30


@dataclass(frozen=True)
class Plan:
    """How long, and how many."""

    seconds: float
    patients: int
    nurses: int
    kills: int
    seed: int


def main() -> int:
    """Run, check, print."""
    parser = argparse.ArgumentParser(description="Chat for long while the desk is killed.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--nurses", type=int, default=10)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--database", default="", help="of an empty database; default: SQLite")
    chosen = parser.parse_args()
    plan = Plan(chosen.minutes * 60, chosen.patients, chosen.nurses, chosen.kills, chosen.seed)
    with tempfile.TemporaryDirectory() as folder, serve() as rasa:
        rasa.mode = "brief"
        desk = DeskProcess(Path(folder), database_url=chosen.database, rasa_url=rasa.url)
        upgrade(desk.database_url)
        desk.start()
        try:
            desk.wait()
            figures, faults = asyncio.run(_run(desk, plan))
        finally:
            desk.kill()
    kind = "PostgreSQL" if chosen.database else "SQLite"
    print(
        f"{plan.patients} patients, {plan.nurses} nurses, {chosen.minutes:g} minutes, "
        f"{plan.kills} kills, {kind}, seed {plan.seed}"
    )
    for name, count in sorted(figures.items()):
        print(f"{count:>8}  {name}")
    for fault in faults[:_SHOWN_FAULTS]:
        print(f"FAULT: {fault}")
    print(f"{len(faults)} faults", flush=True)
    return 1 if faults else 0


async def _run(desk: DeskProcess, plan: Plan) -> tuple[Counter[str], list[str]]:
    chance, counts = random.Random(plan.seed), Counter[str]()  # noqa: S311 (to be repeated)
    limits = httpx.Limits(max_connections=2 * plan.patients + 50)
    async with httpx.AsyncClient(
        base_url=desk.url, trust_env=False, limits=limits, timeout=20
    ) as http:
        nurses = await _shift(desk, plan, http, chance, counts)
        patients = [
            Patient(number, http, random.Random(chance.random()), counts)  # noqa: S311
            for number in range(plan.patients)
        ]
        for patient in patients:
            await patient.begin()
        listening = [asyncio.create_task(patient.listen()) for patient in patients]
        end = time.monotonic() + plan.seconds
        going_home = asyncio.Event()
        working = [
            asyncio.create_task(nurse.work(going_home.is_set, pause=_NURSE_PAUSE))
            for nurse in nurses
        ]
        chatting = [
            patient.chat(lambda: time.monotonic() > end, pause=_PATIENT_PAUSE)
            for patient in patients
        ]
        await asyncio.gather(_kill_now_and_then(desk, plan, chance, counts), *chatting)
        faults = await _settle(desk, patients)
        going_home.set()
        await asyncio.gather(*working)
        found = await _check(desk, patients, nurses, counts)
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    return counts, faults + found


async def _shift(
    desk: DeskProcess,
    plan: Plan,
    http: httpx.AsyncClient,
    chance: random.Random,
    counts: Counter[str],
) -> list[Nurse]:
    nurses = []
    for number in range(1, plan.nurses + 1):
        name, email = f"Nurse {number}", f"nurse{number}@clinic.example"
        password = await asyncio.to_thread(make_account, desk.database_url, email=email, name=name)
        nurse = Nurse(email, name, password, http, random.Random(chance.random()), counts)  # noqa: S311
        await nurse.begin()
        http.cookies.clear()
        nurses.append(nurse)
    for nurse in nurses:
        nurse.colleagues = [other.id for other in nurses if other is not nurse]
    return nurses


async def _kill_now_and_then(
    desk: DeskProcess, plan: Plan, chance: random.Random, counts: Counter[str]
) -> None:
    """One kill at a chance moment of each equal part of the time; soon it starts again."""
    part, begun = plan.seconds / max(plan.kills, 1), time.monotonic()
    for number in range(plan.kills):
        at = (number + chance.uniform(0.2, 0.8)) * part
        await asyncio.sleep(max(0.0, begun + at - time.monotonic()))
        desk.kill()
        counts["kills"] += 1
        died = time.monotonic()
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        desk.start()
        await asyncio.to_thread(desk.wait)
        away = round((time.monotonic() - died) * 1000)
        counts["milliseconds away at most"] = max(counts["milliseconds away at most"], away)


async def _settle(desk: DeskProcess, patients: list[Patient]) -> list[str]:
    """Wait until nobody waits any more and every page has caught up."""
    database = Database(desk.database_url)
    end = time.monotonic() + _TO_SETTLE_SECONDS
    try:
        while time.monotonic() < end:
            if await asyncio.to_thread(is_settled, database):
                before = sum(len(patient.shown) for patient in patients)
                await asyncio.sleep(5)
                if before == sum(len(patient.shown) for patient in patients):
                    return []
            await asyncio.sleep(1)
    finally:
        database.close()
    return [f"not everything was settled within {_TO_SETTLE_SECONDS} seconds"]


async def _check(
    desk: DeskProcess, patients: list[Patient], nurses: list[Nurse], counts: Counter[str]
) -> list[str]:
    database = Database(desk.database_url)
    faults = list(check_store(database, patients, counts))
    spans = _spans(database)
    database.close()
    for patient in patients:
        path = f"{patient.path}/events"
        answer = await insist(patient.http, "GET", path, counts=counts, headers=patient.headers)
        stored = answer.json()
        by_nurses = [one for nurse in nurses for one in nurse.said]
        hers = [one for one in by_nurses if one.conversation == patient.id]
        faults += check_conversation(patient, stored, hers, spans.get(patient.id, []), counts)
        if patient.id in spans and await nurses[0].read(patient.id) != stored:
            faults.append(f"patient {patient.number}: nurses see another chat than she does")
    return faults


def _spans(database: Database) -> dict[str, list[tuple[datetime, datetime]]]:
    """From when to when each chat was the nurses'."""
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    with database.read() as session:
        for row in session.scalars(select(HandoffRow)):
            if row.resolved_at:
                span = (row.created_at, row.resolved_at)
                found.setdefault(row.conversation_id, []).append(span)
    return found


if __name__ == "__main__":
    sys.exit(main())
