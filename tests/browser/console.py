"""What tests of the nurses' console share: a desk whose nurses work at any hour, and patients."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.browser.desk_process import ROOT, DeskProcess, NurseAccount
from tests.browser.visits import sign_in

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PATIENCE_SECONDS = 10.0
RINGING = "async () => (await import('/static/console/sound.js')).ringingNow()"


@contextmanager
def always_open(var: Path, rasa_url: str) -> Iterator[DeskProcess]:
    """A desk with nurses at any hour, until the block ends."""
    text = (ROOT / "clinic.yml").read_text(encoding="utf-8")
    hours = "".join(f'  {day}: ["00:00-24:00"]\n' for day in DAYS)
    config = var / "clinic.yml"
    config.write_text(re.sub(r"^hours:\n(?:  .*\n)+", f"hours:\n{hours}", text, flags=re.MULTILINE))
    started = DeskProcess(var=var, rasa_url=rasa_url, config=config)
    started.start()
    try:
        yield started
    finally:
        started.stop()


@dataclass
class Patient:
    """A patient at the API; `reference` is that of her last wish for a nurse."""

    desk: DeskProcess
    id: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    reference: str = ""

    def __post_init__(self) -> None:
        opened = httpx.post(f"{self.desk.url}/api/conversations").json()
        self.id = opened["id"]
        self.headers = {"Authorization": f"Bearer {opened['token']}"}

    @property
    def path(self) -> str:
        return f"{self.desk.url}/api/conversations/{self.id}"

    def says(self, text: str) -> None:
        """Write one message."""
        body = {"client_message_id": str(uuid.uuid4()), "text": text}
        answer = httpx.post(f"{self.path}/messages", json=body, headers=self.headers)
        answer.raise_for_status()

    def is_answered(self, text: str) -> None:
        """Write, and wait for the assistant's reply."""
        before = len(self.heard())
        self.says(text)
        end = time.monotonic() + _PATIENCE_SECONDS
        while len(self.heard()) < before + 2:
            assert time.monotonic() < end, "the assistant did not answer"
            time.sleep(0.05)

    def does(self, what: str, **body: Any) -> None:
        """Type, or see."""
        httpx.post(f"{self.path}/{what}", json=body, headers=self.headers).raise_for_status()

    def heard(self) -> list[dict[str, Any]]:
        """Everything said so far."""
        found: list[dict[str, Any]] = httpx.get(
            f"{self.path}/events", headers={**self.headers, "Accept": "application/json"}
        ).json()
        return found

    def waits_in_the_chat(self, **more: Any) -> str:
        """Do what the assistant's action does; the reference."""
        return self._ask("chats", reason="my shoulder", **more)

    def wants_a_call(self, **more: Any) -> str:
        """Ask for a call-back as the assistant's form does; the reference."""
        details = {
            "reason": "sore since Monday",
            "name": "Sam Moore",
            "phone": "+16085550177",
            "best_time": "any time",
            "consent": True,
            "urgency": "routine",
            "transcript": [],
        }
        return self._ask("handoffs", **{**details, **more})

    def _ask(self, what: str, **body: Any) -> str:
        secret = (self.desk.var / "internal-secret").read_text().strip()
        key = {"Authorization": f"Bearer {secret}", "Idempotency-Key": str(uuid.uuid4())}
        told = httpx.post(
            f"{self.desk.url}/internal/{what}", headers=key, json={"conversation": self.id, **body}
        )
        told.raise_for_status()
        self.reference = told.json()["reference"]
        return self.reference


def is_following(page: Page) -> None:
    """Wait until the page's scripts are at work and follow the queue."""
    expect(page.locator("html.is-following")).to_be_attached()


@contextmanager
def arriving(page: Page) -> Iterator[None]:
    """What is done inside leads to another page, or to the same anew; wait until that follows."""
    with page.expect_navigation():
        yield
    is_following(page)


def begin_shift(page: Page, desk: DeskProcess, nurse: NurseAccount) -> None:
    """Sign in and be there; ends on the list, which follows the queue."""
    sign_in(page, desk, nurse)
    is_following(page)
    away = page.get_by_role("button", name="Set to available")
    if away.count():  # of an earlier test she may still be there
        with arriving(page):
            away.click()
    expect(page.get_by_role("button", name="Set to away")).to_be_visible()


def case(page: Page, reference: str) -> Locator:
    """The entry of that patient in the list."""
    return page.locator(".case", has_text=reference)


def open_case(page: Page, reference: str) -> None:
    """From the list to the patient's page, which follows the queue."""
    with arriving(page):
        case(page, reference).get_by_role("heading").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(reference)


def take(page: Page, reference: str) -> None:
    """Take the patient from the list; ends on her page."""
    with arriving(page):
        case(page, reference).get_by_role("button").click()
    expect(page.get_by_role("button", name="Give it back to the list")).to_be_visible()


def wait_for_sound(page: Page, call: str | None) -> None:
    """Wait until the page rings so, or is silent."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while page.evaluate(RINGING) != call:
        assert time.monotonic() < end, f"it does not ring {call}"
        page.wait_for_timeout(50)
