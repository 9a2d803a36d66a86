"""Notices in a real browser: what does not get through is seen, and sent again by its button."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from desk.storage.database import Database
from tests.browser.desk_process import DeskProcess
from tests.browser.fake_rasa import FakeRasa
from tests.browser.looking import sideways, violations
from tests.browser.visits import request_callback, sign_in
from tests.browser.watch import Watch
from tests.desk.receivers import HookReceiver, MailServer
from tests.desk.running import wait_until
from tests.desk.test_notice_delivery import config, deliveries, secrets

SCHEMES = ("light", "dark")


@pytest.fixture
def clinic(
    rasa: FakeRasa, tmp_path: Path, mails: MailServer, hooks: HookReceiver, watch: Watch
) -> Iterator[DeskProcess]:
    """A desk that tells people, whose program's receiver takes no more."""
    path = tmp_path / "secrets.env"
    lines = [f"{name}={value}" for name, value in secrets(mails, hooks).items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o600)
    hooks.status = 410
    started = DeskProcess(var=tmp_path, rasa_url=rasa.url, config=config(tmp_path))
    started.start()
    watch.home = {f"127.0.0.1:{started.port}"}
    yield started
    started.stop()


@pytest.fixture
def database(clinic: DeskProcess) -> Iterator[Database]:
    """The database of that desk, seen from outside."""
    opened = Database(f"sqlite:///{clinic.var / 'desk.sqlite3'}")
    yield opened
    opened.close()


def test_a_lead_sees_what_does_not_get_through_and_sends_it_again(
    clinic: DeskProcess,
    database: Database,
    context: BrowserContext,
    mails: MailServer,
    hooks: HookReceiver,
) -> None:
    lead = clinic.make_nurse("lotte@clinic.example", role="lead", name="Lotte")
    page = context.new_page()
    reference = request_callback(page, clinic)
    wait_until(lambda: _states(database) == {"duty-mail": "sent", "system": "failed"}, seconds=20)
    sign_in(page, clinic, lead)
    expect(page.get_by_text("Notices do not reach system.")).to_be_visible()
    page.get_by_role("link", name="See which").click()
    row = page.get_by_role("row", name="system")
    expect(row).to_contain_text("the receiver takes no more of them (HTTP 410)")
    expect(row).to_contain_text(reference)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert sideways(page) == []
    hooks.status = 204
    page.get_by_role("button", name="Send to system again").click()
    wait_until(lambda: _states(database)["system"] == "sent", seconds=20)
    assert hooks.ids[0] == hooks.ids[1], "the receiver can tell that it is the same message"
    page.goto(f"{clinic.url}/nurse/notices")
    expect(page.get_by_role("row", name="system")).to_contain_text("Sent")
    expect(page.get_by_text("Nothing waits to be sent.")).to_be_visible()
    assert len(mails.to("duty")) == 1


def _states(database: Database) -> dict[str, str]:
    return {row[0]: row[1] for row in deliveries(database)}
