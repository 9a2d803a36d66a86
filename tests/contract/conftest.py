"""The whole product, started once: three real processes on ports of their own."""

import json
import re
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.desk_process import use_link
from tools.environments import ROOT
from tools.stack import Ports, programs
from tools.supervisor import Program, Supervisor

PATIENCE_SECONDS = 60.0
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Event = dict[str, Any]


@dataclass
class Product:
    """A running clinic chat; `folder` holds its data."""

    folder: Path
    ports: Ports
    programs: dict[str, Program]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports.desk}"

    @property
    def rasa_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.assistant}"

    def ask_rasa(self, sender: str, text: str) -> list[dict[str, Any]]:
        """One message over Rasa's REST channel, as Rasa's users send it."""
        answer = httpx.post(
            f"{self.rasa_url}/webhooks/rest/webhook",
            json={"sender": sender, "message": text},
            timeout=PATIENCE_SECONDS,
        )
        answer.raise_for_status()
        elements: list[dict[str, Any]] = answer.json()
        return elements

    def make_nurse(self, email: str, role: str = "nurse") -> str:
        """Make an account as `make nurse` does; its password."""
        desk = self.programs["desk"]
        done = subprocess.run(
            [desk.command[0], "-m", "desk.make_nurse", "--email", email, "--role", role],
            cwd=ROOT,
            env=desk.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return use_link(done.stdout, email, base_url=self.url).password

    def logs(self) -> str:
        """Everything that the three processes wrote."""
        return "".join(
            path.read_text(errors="replace") for path in sorted((self.folder / "logs").iterdir())
        )


@dataclass
class Patient:
    """A patient at the chat's API, who reads replies as the page does."""

    http: httpx.Client
    id: str = ""
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        opened = self.http.post("/api/conversations").raise_for_status().json()
        self.id, self.token = opened["id"], opened["token"]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def send(self, text: str, message_id: str | None = None) -> int:
        """Write a message; its seq. Returns only after the desk took it for good."""
        answer = self.http.post(
            f"/api/conversations/{self.id}/messages",
            json={"client_message_id": message_id or str(uuid.uuid4()), "text": text},
            headers=self.headers,
        )
        assert answer.status_code == 202, answer.text
        return int(answer.json()["seq"])

    def events(self, after: int = 0) -> list[Event]:
        """What was said after that seq."""
        answer = self.http.get(
            f"/api/conversations/{self.id}/events",
            params={"after": after},
            headers={**self.headers, "Accept": "application/json"},
        )
        events: list[Event] = answer.raise_for_status().json()
        return events

    def wait_for(self, wanted: Callable[[Event], bool], after: int = 0) -> Event:
        """The first event that is wanted, waiting for it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for event in self.events(after):
                if wanted(event):
                    return event
            time.sleep(0.05)
        raise AssertionError(f"not said in time; there was {json.dumps(self.events(after))}")

    def ask(self, text: str) -> Event:
        """Write a message and wait for the assistant's reply to it."""
        seq = self.send(text)
        return self.wait_for(lambda event: event["author"] == "assistant", after=seq)


def always_open(folder: Path) -> Path:
    """The clinic's settings with nurses at any hour, for tests run at any hour."""
    text = (ROOT / "clinic.yml").read_text(encoding="utf-8")
    hours = "\n".join(f'  {day}: ["00:00-24:00"]' for day in DAYS)
    path = folder / "clinic.yml"
    path.write_text(re.sub(r"^hours:\n(?:  .*\n)+", f"hours:\n{hours}\n", text, flags=re.MULTILINE))
    return path


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Started once for all tests; a test that kills a part has the supervisor bring it back."""
    folder, ports = tmp_path_factory.mktemp("product"), Ports.free()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CLINIC_CONFIG", str(always_open(folder)))
        parts = programs(folder, ports)
    supervisor = Supervisor(parts, ROOT)
    supervisor.start()
    watching = supervisor.watch_in_background()
    yield Product(folder, ports, {part.name: part for part in parts})
    supervisor.stop()
    watching.join()


@pytest.fixture
def patient(product: Product) -> Iterator[Patient]:
    """Somebody new at the chat."""
    with httpx.Client(base_url=product.url, timeout=PATIENCE_SECONDS) as http:
        yield Patient(http)


@pytest.fixture(scope="session")
def nurse_password(product: Product) -> str:
    return product.make_nurse("alice@clinic.example")


@pytest.fixture
def nurse(product: Product, nurse_password: str) -> Iterator[httpx.Client]:
    """Nurse Alice, signed in at the nurse's API."""
    with httpx.Client(base_url=product.url, timeout=PATIENCE_SECONDS) as http:
        answer = http.post(
            "/api/nurse/session", json={"email": "alice@clinic.example", "password": nurse_password}
        )
        token = answer.raise_for_status().json()["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield http
