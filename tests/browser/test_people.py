"""Accounts in a real browser: from the link to the first shift, each page for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk_process import PASSWORD, DeskProcess, NurseAccount
from tests.browser.looking import sideways, violations
from tests.browser.visits import one_sign_in
from tests.browser.watch import Watch

SCHEMES = ("light", "dark")


@pytest.fixture(scope="module")
def at_work(browser: Browser, desk: DeskProcess, admin: NurseAccount) -> Iterator[list[Any]]:
    """The admin is signed in, once for all these tests."""
    with one_sign_in(browser, desk, admin) as cookies:
        yield cookies


def invite(page: Page, desk: DeskProcess, name: str, role: str) -> str:
    page.goto(f"{desk.url}/nurse/accounts")
    page.get_by_label("E-mail").fill(f"{name.lower()}@clinic.example")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Role").select_option(role)
    page.get_by_role("button", name="Make the link").click()
    return page.get_by_label("One-time link").input_value()


def test_from_the_link_to_the_list_with_a_second_factor(
    office: Page, browser: Browser, desk: DeskProcess
) -> None:
    link = invite(office, desk, "Lotte", "lead")
    elsewhere = browser.new_context()
    page = elsewhere.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(link)
    expect(page.get_by_role("heading", name="Welcome, Lotte")).to_be_visible()
    secret = link.split("#")[1]
    assert not any(secret in url for url in asked), "no server's log may have it"
    assert secret not in page.url
    page.get_by_label("New password").fill(PASSWORD)
    shown = page.locator(".secret").inner_text()
    page.get_by_label("The six digits").fill(pyotp.TOTP(shown).now())
    page.get_by_role("button", name="Open my account").click()
    expect(page.locator(".codes li")).to_have_count(8)
    page.get_by_role("link", name="I have them").click()
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Accounts")).to_have_count(0)
    page.goto(link)
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("not good any more")
    elsewhere.close()


def test_without_scripts_the_secret_is_typed_by_hand(
    office: Page, browser: Browser, desk: DeskProcess
) -> None:
    link = invite(office, desk, "Nina", "nurse")
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(link)
    page.get_by_label("What stands behind the #").fill(link.split("#")[1])
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Open my account").click()
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    plain.close()


def visit(page: Page, desk: DeskProcess, name: str) -> None:
    match name:
        case "welcome":
            page.goto(invite(page, desk, "Wanda", "lead"))
            expect(page.locator(".qr svg")).to_be_visible()
        case "an account":
            page.goto(f"{desk.url}/nurse/accounts")
            page.get_by_role("link", name="Alice").click()
        case "settings":
            page.goto(f"{desk.url}/nurse/settings")
            for summary in page.locator("summary").all():
                summary.click()
        case "an error":
            page.goto(f"{desk.url}/nurse/settings")
            page.get_by_label("Your password now").fill("wrong")
            page.get_by_label("New password", exact=True).fill("another long one")
            page.get_by_role("button", name="Change my password").click()
            expect(page.get_by_role("alert")).to_contain_text("not right")
            assert page.title().startswith("Error: ")
        case path:
            page.goto(f"{desk.url}{path}")


PAGES = [
    "/nurse/welcome",
    "welcome",
    "settings",
    "an error",
    "/nurse/accounts",
    "an account",
    "/nurse/audit",
    "/nurse/replies",
    "/nurse/search",
]


@pytest.fixture(autouse=True)
def _expected_refusals(watch: Watch) -> None:
    watch.allow("status of 4")


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_for_everybody(
    office: Page, desk: DeskProcess, nurse: NurseAccount, name: str
) -> None:
    """axe finds nothing in light and dark, and it fits a small screen and large text."""
    office.emulate_media(reduced_motion="reduce")
    visit(office, desk, name)
    for scheme in SCHEMES:
        office.emulate_media(color_scheme=scheme)
        assert violations(office) == [], scheme
    office.set_viewport_size({"width": 320, "height": 640})
    assert sideways(office) == [], "320 pixels wide"
    office.set_viewport_size({"width": 640, "height": 640})
    office.evaluate("document.documentElement.style.fontSize = '200%'")
    assert sideways(office) == [], "text of twice the size"


def test_the_audit_can_be_filtered_and_saved_by_keyboard(office: Page, desk: DeskProcess) -> None:
    office.goto(f"{desk.url}/nurse/audit")
    office.get_by_label("Who").focus()
    office.get_by_label("Who").select_option(label="Mona")
    for _ in range(5):
        office.keyboard.press("Tab")
    office.keyboard.press("Enter")
    expect(office).to_have_url(re.compile("actor=nurse"))
    save = office.get_by_role("link", name="Save as CSV")
    with office.expect_download() as saved:
        save.press("Enter")
    assert saved.value.suggested_filename == "audit.csv"
