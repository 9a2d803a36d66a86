"""The stage of the browser's tests: a real desk, a Rasa by hand, Chromium, and a chat to drive.

Every page is watched: a console error, a failed script or a request to another server fails the
test that caused it. Other folders import these fixtures into their own conftest.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chat import Chat
from tests.browser.chromium import WAIT_MS, shared_browser
from tests.browser.desk_process import DeskProcess, NurseAccount
from tests.browser.fake_rasa import FakeRasa, serve_rasa
from tests.browser.watch import Watch
from tests.desk.receivers import hooks, mails  # noqa: F401 (fixtures of every test here)

_HERE = Path(__file__).parent

expect.set_options(timeout=WAIT_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser on a busy machine gets a second chance; the report counts and names each."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    with shared_browser() as started:
        yield started


@pytest.fixture(scope="session")
def rasa_server() -> Iterator[FakeRasa]:
    """One Rasa by hand for the whole run."""
    with serve_rasa() as rasa:
        yield rasa


@pytest.fixture
def rasa(rasa_server: FakeRasa) -> Iterator[FakeRasa]:
    """The same, in good health and with nothing received."""
    rasa_server.reset()
    yield rasa_server
    rasa_server.reset()


@pytest.fixture(scope="session")
def desk(rasa_server: FakeRasa, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """One desk for the whole run, on its own data."""
    started = DeskProcess(var=tmp_path_factory.mktemp("var"), rasa_url=rasa_server.url)
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def nurse(desk: DeskProcess) -> NurseAccount:
    """Nurse Alice."""
    return desk.make_nurse("alice@clinic.example", name="Alice")


@pytest.fixture(scope="session")
def bob(desk: DeskProcess) -> NurseAccount:
    """Nurse Bob."""
    return desk.make_nurse("bob@clinic.example", name="Bob")


@pytest.fixture(scope="session")
def admin(desk: DeskProcess) -> NurseAccount:
    """Admin Mona, with a second factor."""
    return desk.make_nurse("mona@clinic.example", role="admin", name="Mona")


@pytest.fixture
def own_desk(rasa: FakeRasa, tmp_path: Path) -> Iterator[DeskProcess]:
    """A desk for this test alone, which it may stop and start."""
    started = DeskProcess(var=tmp_path, rasa_url=rasa.url)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def watch(desk: DeskProcess) -> Watch:
    """What went wrong in this test's pages."""
    return Watch(home={urlsplit(desk.url).netloc})


@pytest.fixture
def context(browser: Browser, watch: Watch) -> Iterator[BrowserContext]:
    """A browser without memory, watched."""
    opened = browser.new_context(viewport={"width": 1024, "height": 800})
    opened.set_default_timeout(WAIT_MS)
    opened.on("page", watch.follow)
    yield opened
    opened.close()
    watch.check()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab."""
    return context.new_page()


@pytest.fixture
def office(context: BrowserContext, at_work: list[Any]) -> Page:
    """A tab in which somebody is signed in; the fixture `at_work` of the test's file says who."""
    context.add_cookies(at_work)
    return context.new_page()


@pytest.fixture
def chat(page: Page, desk: DeskProcess, rasa: FakeRasa) -> Chat:
    """The demo page with the chat, still closed."""
    page.goto(desk.url)
    return Chat(page)
