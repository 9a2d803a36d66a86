"""The chat on a clinic's own site, which is another origin with a strict policy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.browser.desk_process import ROOT, DeskProcess
from tests.browser.fake_rasa import FakeRasa
from tests.browser.watch import Watch


@dataclass
class Site:
    """A page at `url` with these `tags`, under a policy that allows the desk and nothing inline."""

    url: str = ""
    desk: str = ""
    tags: list[str] = field(default_factory=list)

    @property
    def policy(self) -> str:
        kinds = ("script-src", "style-src", "connect-src")
        return "default-src 'none'; " + "; ".join(f"{kind} {self.desk}" for kind in kinds)

    @property
    def html(self) -> str:
        head = (
            "<!doctype html><html lang='en'><title>A clinic</title><link rel='icon' href='data:,'>"
        )
        return f"{head}<main><h1>A clinic</h1></main>{''.join(self.tags)}"


@pytest.fixture
def site() -> Iterator[Site]:
    """The clinic's site on a port of its own."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = site.html.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", site.policy + "; img-src data:")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def open_desk(site: Site, rasa: FakeRasa, tmp_path: Path) -> Iterator[DeskProcess]:
    """A desk whose clinic.yml allows the site."""
    config = tmp_path / "clinic.yml"
    given = (ROOT / "clinic.yml").read_text(encoding="utf-8")
    assert "allowed_origins: []" in given
    config.write_text(
        given.replace("allowed_origins: []", f'allowed_origins: ["{site.url}"]'), encoding="utf-8"
    )
    started = DeskProcess(var=tmp_path, rasa_url=rasa.url, config=config)
    started.start()
    site.desk = started.url
    site.tags = [f'<script type="module" src="{started.url}/widget/define.js"></script>']
    yield started
    started.stop()


def test_one_script_tag_puts_the_chat_on_another_site(
    page: Page, open_desk: DeskProcess, site: Site, watch: Watch
) -> None:
    watch.home = {open_desk.url.removeprefix("http://"), site.url.removeprefix("http://")}
    page.goto(site.url)
    chat = Chat(page)
    chat.open()
    link = chat.ask("Does it hurt?").get_by_role("link", name="From the handout: Does it hurt?")
    expect(link).to_have_attribute("href", f"{open_desk.url}/handouts/dry-needling#does-it-hurt")
    colour = chat.panel.locator(".head").evaluate("one => getComputedStyle(one).backgroundColor")
    assert colour == "rgb(11, 92, 107)"
    page.reload()
    expect(chat.messages).to_have_count(2)


def test_a_site_may_place_and_name_the_element_itself(
    page: Page, open_desk: DeskProcess, site: Site, watch: Watch
) -> None:
    watch.home = {open_desk.url.removeprefix("http://"), site.url.removeprefix("http://")}
    site.tags.insert(0, '<clinic-chat label="Ask us">Call us at 608-555-0100.</clinic-chat>')
    page.goto(site.url)
    expect(page.get_by_role("button", name="Ask us")).to_be_visible()
    expect(page.locator("clinic-chat")).to_have_count(1)
    expect(page.get_by_text("Call us at")).to_be_hidden()
