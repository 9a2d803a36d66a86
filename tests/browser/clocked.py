"""A desk whose clock a test moves, for what takes a whole shift."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from desk.settings import Settings
from desk.storage.migrate import upgrade
from tests.browser.desk_process import NurseAccount
from tests.browser.fake_rasa import FakeRasa
from tests.browser.watch import Watch
from tests.desk.cast import hire
from tests.desk.fake_rasa import SECRET
from tests.desk.running import Clock, RunningDesk, running

INTERNAL = {"Authorization": f"Bearer {SECRET}"}


@pytest.fixture
def clocked(tmp_path: Path, rasa: FakeRasa, watch: Watch, page: Page) -> Iterator[RunningDesk]:
    """A desk whose clock the test moves."""
    url = f"sqlite:///{tmp_path / 'desk.sqlite3'}"
    upgrade(url)
    settings = Settings(var=tmp_path, database_url=url, internal_secret=SECRET, rasa_url=rasa.url)
    with running(settings, clock=Clock()) as served:
        watch.home.add(urlsplit(served.url).netloc)
        yield served
        page.goto("about:blank")  # nobody follows a desk that ends


def new_nurse(desk: RunningDesk, name: str) -> NurseAccount:
    hired = hire(desk.database, name, clock=desk.clock)
    return NurseAccount(hired.email, hired.password, hired.secret)


def at(desk: RunningDesk, text: str) -> None:
    """Make it that time at the clinic; whoever was signed in has been forgotten by then."""
    zone = desk.app.state.desk.clinic.time_zone
    desk.clock.ahead += datetime.fromisoformat(text).replace(tzinfo=zone) - desk.clock()
