"""Ways through the pages that several tests share."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.desk_process import DeskProcess, NurseAccount

_NUMBERS = itertools.count(1)
PATIENT = {
    "What is it about?": "The sore spot on my shoulder",
    "Your name": "Robin Example",
    "Your phone number": "608-555-0134",
    "When is a good time to call?": "Weekdays after 3 p.m.",
}


def fill_callback(page: Page, **values: str) -> None:
    """Fill the call-back form as Robin, or with other values by label."""
    for label, value in {**PATIENT, **values}.items():
        page.get_by_label(label).fill(value)
    page.get_by_label("I agree").check()


def request_callback(page: Page, desk: DeskProcess) -> str:
    """Ask for a call by the form; the reference that the page shows."""
    page.goto(f"{desk.url}/callback")
    # Another patient each time: the same one who asks twice is one entry.
    fill_callback(page, **{"Your name": f"Robin Example {next(_NUMBERS)}"})
    page.get_by_role("button", name="Ask for a call").click()
    shown = page.locator(".reference")
    expect(shown).to_have_text(re.compile(r"^\w{3}-\w{3}$"))
    return shown.inner_text()


def sign_in(page: Page, desk: DeskProcess, nurse: NurseAccount) -> None:
    """Sign in at the console; ends on the list."""
    page.goto(f"{desk.url}/nurse/sign-in")
    page.get_by_label("E-mail").fill(nurse.email)
    page.get_by_label("Password").fill(nurse.password)
    page.get_by_label("Code").fill(nurse.code())
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()


@contextmanager
def one_sign_in(browser: Browser, desk: DeskProcess, person: NurseAccount) -> Iterator[list[Any]]:
    """The cookies of one sign-in, for many tests: each of a person's codes is good once."""
    context = browser.new_context()
    sign_in(context.new_page(), desk, person)
    yield context.cookies()
    context.close()


def open_handoff(page: Page, reference: str) -> None:
    """From the list to the call-back of that reference."""
    case = page.locator(".case", has_text=reference)
    case.get_by_role("heading").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(reference)
