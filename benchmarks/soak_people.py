"""Patients and nurses of the long run: each does what the page or the console would do.

They keep their own record of what they were promised and shown, to be compared with the store at
the end (`benchmarks.soak_check`). A call that got no answer is made again under the same id.
"""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

__all__ = ["Nurse", "Patient", "Said", "insist"]

_AGAIN_AFTER: Final = (0.2, 0.5, 1.0, 2.0)  # seconds; the last one from then on
_SERVER_ERROR: Final = 500
_TOO_MANY: Final = 429
_ACCEPTED: Final = 202
_CONFLICT: Final = 409
_OK: Final = 200
_CREATED: Final = 201
_SIGN_OF_LIFE_SECONDS: Final = 20
# What they do next, and how often of a thousand times; patients' words stand for themselves.
_PATIENTS_DO: Final = {
    "does it hurt?": 895,
    "ask for a nurse": 80,
    "leave": 20,
    "I have chest pain": 5,
}
_NURSES_DO: Final = {"close": 500, "hand back": 300, "put back": 100, "pass on": 100}


async def insist(
    http: httpx.AsyncClient,
    method: str,
    path: str,
    *,
    counts: Counter[str],
    headers: dict[str, str],
    body: object = None,
) -> httpx.Response:
    """The first answer that is neither lost nor the server's error; for calls safe to repeat."""
    tries = 0
    while True:
        try:
            answer = await http.request(method, path, json=body, headers=headers)
            if answer.status_code < _SERVER_ERROR and answer.status_code != _TOO_MANY:
                return answer
            counts[f"answered {answer.status_code}"] += 1
        except (httpx.NetworkError, httpx.TimeoutException, httpx.RemoteProtocolError):
            counts["calls without an answer"] += 1
        await asyncio.sleep(_AGAIN_AFTER[min(tries, len(_AGAIN_AFTER) - 1)])
        tries += 1


@dataclass(frozen=True)
class Said:
    """A text under the id it was sent with; `seq` is None where the desk refused it."""

    text: str
    seq: int | None
    conversation: str


@dataclass
class Patient:
    """`shown` is what her page got by the stream, in the order of arrival."""

    number: int
    http: httpx.AsyncClient
    chance: random.Random
    counts: Counter[str]
    id: str = ""
    token: str = field(default="", repr=False)
    said: list[Said] = field(default_factory=list)
    wishes: list[str] = field(default_factory=list)  # references of chats she was put in line for
    shown: list[dict[str, Any]] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        """Who she is, and from where her page calls."""
        peer = f"10.0.{self.number // 250}.{self.number % 250 + 1}"
        opener = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**opener, "X-Forwarded-For": peer}

    @property
    def path(self) -> str:
        """Her chat."""
        return f"/api/conversations/{self.id}"

    async def begin(self) -> None:
        """Open her chat."""
        opened = (await self._call("POST", "/api/conversations")).json()
        self.id, self.token = opened["id"], opened["token"]

    async def listen(self) -> None:
        """Follow the chat until cancelled, coming back with the last number after each loss."""
        while True:
            try:
                await self._follow()
            except httpx.TransportError:
                self.counts["streams taken up again"] += 1
            await asyncio.sleep(self.chance.uniform(0.2, 1.0))

    async def _follow(self) -> None:
        last = str(self.shown[-1]["seq"]) if self.shown else "0"
        headers = {**self.headers, "Accept": "text/event-stream", "Last-Event-ID": last}
        path = f"{self.path}/events?signals=true"
        async with self.http.stream("GET", path, headers=headers, timeout=40) as answer:
            named = False
            async for line in answer.aiter_lines():
                named = line.startswith("event: ") or (named and line != "")
                if line.startswith("data: ") and not named:
                    self.shown.append(json.loads(line.removeprefix("data: ")))

    async def chat(self, is_over: Callable[[], bool], *, pause: float) -> None:
        """Write, and now and then ask for a nurse or leave her; `pause` seconds on average."""
        while True:
            await asyncio.sleep(min(self.chance.expovariate(1 / pause), 3 * pause))
            if is_over():
                return
            match _one_of(self.chance, _PATIENTS_DO):
                case "ask for a nurse":
                    await self._ask_for_nurse()
                case "leave":
                    await self._call("DELETE", f"{self.path}/handoff")
                case words:
                    await self._write(words)

    async def _write(self, words: str) -> None:
        text = f"{words} (patient {self.number}, message {len(self.said) + 1})"
        body = {"client_message_id": str(uuid.uuid4()), "text": text}
        answer = await self._call("POST", f"{self.path}/messages", body)
        seq = answer.json()["seq"] if answer.status_code == _ACCEPTED else None
        self.said.append(Said(text, seq, self.id))

    async def _ask_for_nurse(self) -> None:
        body = {"client_request_id": str(uuid.uuid4())}
        answer = await self._call("POST", f"{self.path}/handoff", body)
        if answer.status_code == _CREATED:
            self.wishes.append(answer.json()["reference"])
        else:
            self.counts[f"wishes answered {answer.status_code}"] += 1

    async def _call(self, method: str, path: str, body: object = None) -> httpx.Response:
        return await insist(
            self.http, method, path, counts=self.counts, headers=self.headers, body=body
        )


@dataclass
class Nurse:
    """One nurse on shift."""

    email: str
    name: str
    password: str = field(repr=False)
    http: httpx.AsyncClient
    chance: random.Random
    counts: Counter[str]
    id: int = 0
    colleagues: list[int] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    _token: str = field(default="", repr=False)
    _told_at: float = 0.0

    async def begin(self) -> None:
        """Sign in and be there."""
        body = {"email": self.email, "password": self.password}
        session = (await self._call("POST", "/api/nurse/session", body)).json()
        self.id, self._token = session["nurse"]["id"], session["token"]
        await self._be_there()

    async def work(self, is_over: Callable[[], bool], *, pause: float) -> None:
        """Take whoever waits, talk, and close, pass on, give back or hand back."""
        while not is_over():
            await self._be_there()
            mine = [one for one in await self._queue("claimed") if one["assigned_to"] == self.name]
            if mine:
                await self._serve(mine[0], pause)
            elif waiting := await self._queue("waiting"):
                await self._claim(waiting[0])
            else:
                await asyncio.sleep(pause)

    async def read(self, conversation: str) -> list[dict[str, Any]]:
        """The chat as her console shows it."""
        path = f"/api/nurse/conversations/{conversation}/events"
        found: list[dict[str, Any]] = (await self._call("GET", path)).json()
        return found

    async def _claim(self, handoff: dict[str, Any]) -> None:
        answer = await self._call("POST", f"/api/nurse/handoffs/{handoff['id']}/claim")
        self.counts["claims won" if answer.status_code == _OK else "claims refused"] += 1

    async def _serve(self, handoff: dict[str, Any], pause: float) -> None:
        for _ in range(self.chance.randint(1, 3)):
            await asyncio.sleep(self.chance.uniform(0.2, 1.0) * pause)
            await self._write(handoff["conversation"])
        path = f"/api/nurse/handoffs/{handoff['id']}"
        in_the_chat = handoff["kind"] == "chat"
        match _one_of(self.chance, _NURSES_DO):
            case "pass on" if in_the_chat and self.colleagues:
                to = self.chance.choice(self.colleagues)
                await self._do("passed on", f"{path}/transfer", {"to": to, "note": "please go on"})
            case "put back":
                await self._do("put back into the line", f"{path}/release")
            case "hand back" if in_the_chat:
                await self._do("handed back to the assistant", f"{path}/hand-back")
            case _:
                outcome = {"outcome": "helped" if in_the_chat else "reached"}
                await self._do("closed", f"{path}/resolve", outcome)

    async def _write(self, conversation: str) -> None:
        text = f"I am here. ({self.name}, message {len(self.said) + 1})"
        body = {"client_message_id": str(uuid.uuid4()), "text": text}
        answer = await self._call("POST", f"/api/nurse/conversations/{conversation}/messages", body)
        seq = answer.json()["seq"] if answer.status_code == _ACCEPTED else None
        self.said.append(Said(text, seq, conversation))

    async def _do(self, what: str, path: str, body: object = None) -> None:
        answer = await self._call("POST", path, body)
        done = answer.status_code == _OK
        self.counts[what if done else f"{what}: answered {answer.status_code}"] += 1

    async def _queue(self, state: str) -> list[dict[str, Any]]:
        answer = await self._call("GET", f"/api/nurse/handoffs?state={state}")
        found: list[dict[str, Any]] = answer.json()
        return found

    async def _be_there(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._told_at > _SIGN_OF_LIFE_SECONDS or not self._told_at:
            self._told_at = now
            await self._call("PUT", "/api/nurse/presence", {"state": "available"})

    async def _call(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return await insist(self.http, method, path, counts=self.counts, headers=headers, body=body)


def _one_of(chance: random.Random, acts: dict[str, int]) -> str:
    return chance.choices(list(acts), weights=list(acts.values()))[0]
