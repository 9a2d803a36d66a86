"""The figures and the questions without an answer in a real browser, for everybody who leads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk_process import DeskProcess, NurseAccount
from tests.browser.fake_rasa import FakeRasa
from tests.browser.looking import sideways, violations
from tests.browser.visits import one_sign_in


@pytest.fixture(scope="module")
def lead(desk: DeskProcess) -> NurseAccount:
    """The nurses' lead, with a second factor."""
    return desk.make_nurse("lena@clinic.example", role="lead", name="Lena")


@pytest.fixture(scope="module")
def at_work(browser: Browser, desk: DeskProcess, lead: NurseAccount) -> Iterator[list[Any]]:
    """The lead is signed in, once for all these tests."""
    with one_sign_in(browser, desk, lead) as cookies:
        yield cookies


@pytest.fixture
def asked(desk: DeskProcess, rasa: FakeRasa) -> str:
    """A chat with an answer and two questions that the handout does not answer."""
    with httpx.Client(base_url=desk.url, timeout=40) as http:
        opened = http.post("/api/conversations").json()
        path = f"/api/conversations/{opened['id']}"
        http.headers["Authorization"] = f"Bearer {opened['token']}"
        for number, text in enumerate(("Does it hurt?", "May I swim?", "Is swimming ok?"), 1):
            body = {"client_message_id": f"00000000-0000-4000-8000-{number:012}", "text": text}
            assert http.post(f"{path}/messages", json=body).status_code == 202
            _wait_for_reply(http, f"{path}/events", 2 * number)
        http.post(f"{path}/feedback", json={"seq": 4, "helpful": False})
    return str(opened["id"])


def _wait_for_reply(http: httpx.Client, path: str, seq: int) -> None:
    with http.stream("GET", path, headers={"Accept": "text/event-stream"}) as stream:
        for line in stream.iter_lines():
            if line == f"id: {seq}":
                return


def is_for_everybody(page: Page) -> None:
    """axe finds nothing in light and dark, and it fits a small screen and large text."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(page) == [], scheme
    page.set_viewport_size({"width": 320, "height": 640})
    assert sideways(page) == [], "320 pixels wide"
    page.set_viewport_size({"width": 640, "height": 640})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert sideways(page) == [], "text of twice the size"


@pytest.mark.usefixtures("asked")
def test_the_figures_are_for_everybody_and_can_be_saved(office: Page, desk: DeskProcess) -> None:
    office.goto(f"{desk.url}/nurse")
    office.get_by_role("link", name="Figures").click()
    office.get_by_role("link", name="Last 7 days").click()
    expect(office.get_by_role("link", name="Last 7 days")).to_have_attribute("aria-current", "page")
    expect(office.get_by_role("img", name="Chats by day")).to_be_visible()
    with office.expect_download() as saved:
        office.get_by_role("link", name="Save as CSV").press("Enter")
    assert re.fullmatch(r"figures-[\d-]+-to-[\d-]+\.csv", saved.value.suggested_filename)
    is_for_everybody(office)


@pytest.mark.usefixtures("asked")
def test_bars_differ_without_their_colours(office: Page, desk: DeskProcess) -> None:
    """In forced colours and on paper: filled, hatched and hollow, each with a line around it."""
    office.goto(f"{desk.url}/nurse/figures")
    legend = office.locator("section", has_text="Chats by day").locator(".legend rect").first
    for media in ({"forced_colors": "active"}, {"media": "print", "forced_colors": "none"}):
        office.emulate_media(**media)  # type: ignore[arg-type]
        bars = legend.evaluate(
            """one => [...one.closest('.legend').querySelectorAll('rect')].map(
                 (rect) => [getComputedStyle(rect).fill, getComputedStyle(rect).stroke])"""
        )
        assert len({fill for fill, _ in bars}) == 3, media
        assert any("hatch" in fill for fill, _ in bars)
        assert all(stroke != "none" for _, stroke in bars)


@pytest.mark.usefixtures("asked")
def test_a_group_is_decided_by_keyboard_and_the_page_is_for_everybody(
    office: Page, desk: DeskProcess
) -> None:
    office.goto(f"{desk.url}/nurse")
    office.get_by_role("link", name="Unanswered").click()
    group = office.locator(".groups li.card", has_text=re.compile("swim", re.IGNORECASE)).first
    expect(group).to_contain_text("said the reply did not help")
    group.locator("summary").press("Enter")
    expect(group.locator("details")).to_contain_text("The handout does not say.")
    group.get_by_label("Decision").select_option(label="Add to the handout")
    group.get_by_label("Note").fill("Water, from the day after")
    group.get_by_label("Note").press("Enter")
    decided = office.get_by_role("region", name="Decided")
    expect(decided).to_contain_text("Water, from the day after")
    expect(decided).to_contain_text("Lena")
    is_for_everybody(office)
