"""From a nurse's message to the patient's page, with many conversations open at once.

    "$(python3 tools/environments.py desk)" -m benchmarks.live_chat [--open 100] [--messages 500]

Starts the desk alone on a port of its own. A hundred patients hold a stream, a nurse has claimed
each, and writes to one after another. Prints the time from sending a message to its arrival on
the stream, over real HTTP; ends with 1 when the median is not under 50 ms or the 95th percentile
not under 150 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from benchmarks.desk_process import DeskProcess, make_account

_EMAIL: Final = "ada@clinic.example"
_MEDIAN_MS, _TAIL_MS = 50.0, 150.0
_PAUSE_SECONDS: Final = 0.02


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure nurses' messages to patients' pages.")
    parser.add_argument("--open", type=int, default=100, help="conversations at once")
    parser.add_argument("--messages", type=int, default=500)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        desk = DeskProcess(Path(folder))
        desk.start()
        try:
            desk.wait()
            password = make_account(desk.database_url, email=_EMAIL, name="Ada")
            took = asyncio.run(_measure(desk, password, arguments.open, arguments.messages))
        finally:
            desk.stop()
    median, tail = statistics.median(took), statistics.quantiles(took, n=20)[18]
    print(
        f"{len(took)} messages of a nurse, {arguments.open} open conversations: "
        f"median {median:.1f} ms, 95th percentile {tail:.1f} ms, most {max(took):.1f} ms",
        flush=True,
    )
    return 0 if median < _MEDIAN_MS and tail < _TAIL_MS else 1


@dataclass
class _Patient:
    """One open page: `arrived` is set when the text it waits for has come."""

    id: str
    token: str
    awaited: str = ""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    at: float = 0.0
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, http: httpx.AsyncClient) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "text/event-stream"}
        path = f"/api/conversations/{self.id}/events?signals=true"
        async with http.stream("GET", path, headers=headers, timeout=None) as answer:
            async for line in answer.aiter_lines():
                self.open.set()
                if line.startswith("data: ") and self.awaited and self.awaited in line:
                    self.at = time.perf_counter()
                    self.arrived.set()


async def _measure(desk: DeskProcess, password: str, count: int, messages: int) -> list[float]:
    limits = httpx.Limits(max_connections=count + 10, max_keepalive_connections=count + 10)
    async with httpx.AsyncClient(
        base_url=desk.url, trust_env=False, limits=limits, timeout=30
    ) as http:
        signed_in = await _post(http, "/api/nurse/session", {"email": _EMAIL, "password": password})
        http.cookies.clear()
        nurse = {"Authorization": f"Bearer {signed_in['token']}"}
        there = {"state": "available"}
        (await http.put("/api/nurse/presence", json=there, headers=nurse)).raise_for_status()
        patients = [await _connect(http, nurse, desk.secret) for _ in range(count)]
        listening = [asyncio.create_task(one.listen(http)) for one in patients]
        await asyncio.gather(*(one.open.wait() for one in patients))
        chance = random.Random(7)  # noqa: S311 (which patient is next is no secret)
        took = [await _say(http, nurse, chance.choice(patients)) for _ in range(messages)]
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    return took


async def _connect(http: httpx.AsyncClient, nurse: dict[str, str], secret: str) -> _Patient:
    """A patient who has been put into the line and whom the nurse has claimed."""
    opened = await _post(http, "/api/conversations", {})
    internal = {"Authorization": f"Bearer {secret}", "Idempotency-Key": str(uuid.uuid4())}
    await _post(http, "/internal/chats", {"conversation": opened["id"]}, headers=internal)
    (entry,) = (await http.get("/api/nurse/handoffs?state=waiting", headers=nurse)).json()
    await _post(http, f"/api/nurse/handoffs/{entry['id']}/claim", {}, headers=nurse)
    return _Patient(opened["id"], opened["token"])


async def _say(http: httpx.AsyncClient, nurse: dict[str, str], patient: _Patient) -> float:
    """Milliseconds from sending one message to its arrival on the patient's stream."""
    patient.awaited = uuid.uuid4().hex
    patient.arrived.clear()
    began = time.perf_counter()
    path = f"/api/nurse/conversations/{patient.id}/messages"
    sent = asyncio.create_task(_post(http, path, {"text": patient.awaited}, headers=nurse))
    async with asyncio.timeout(30):
        await patient.arrived.wait()
    await sent
    await asyncio.sleep(_PAUSE_SECONDS)
    return (patient.at - began) * 1000


async def _post(
    http: httpx.AsyncClient, path: str, body: object, *, headers: dict[str, str] | None = None
) -> dict[str, str]:
    answer = (await http.post(path, json=body, headers=headers)).raise_for_status()
    found: dict[str, str] = answer.json()
    return found


if __name__ == "__main__":
    sys.exit(main())
