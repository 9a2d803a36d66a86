"""Makes the README's pictures from a running product.

    python tools/screenshots.py --base-url http://127.0.0.1:8080 --email … --password …

docs/images/chat.png shows an answer with its passage, docs/images/nurse.png the nurse's list with
one call-back, which is asked for by the form, docs/images/nurse-patient.png that patient's page,
docs/images/nurse-emergency.png the list once somebody has written of danger, and
docs/images/nurse-summary.png what a nurse reads of her first.
Without a nurse's e-mail only the chat is taken. With a lead's e-mail, password and code of this
half minute, docs/images/figures.png shows the figures of the last 30 days, and
docs/images/unanswered.png the questions without an answer, as they are.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools.browser import FLAGS, find_browser

IMAGES: Final = Path(__file__).resolve().parents[1] / "docs" / "images"
_SIZE: Final = {"width": 1200, "height": 800}
_PATIENT: Final = {
    "What is it about?": "Can I have dry needling while I take blood thinners?",
    "Your name": "Robin Example",
    "Your phone number": "608-555-0134",
    "When is a good time to call?": "Weekdays after 3 p.m.",
}
_DANGER: Final = "I have chest pain and I can't breathe. I don't have a fever."


def take_chat(browser: Browser, base_url: str, *, question: str) -> None:
    """The open chat with an answer and the link to its passage."""
    page = _open(browser)
    _ask(page, base_url, question)
    expect(page.get_by_role("link", name="From the handout")).to_be_visible(timeout=15_000)
    _save(page, "chat.png")


def take_nurse(browser: Browser, base_url: str, *, email: str, password: str) -> None:
    """The nurse's list with a patient who waits, and the patient's page."""
    page = _open(browser)
    page.goto(f"{base_url}/callback")
    for label, value in _PATIENT.items():
        page.get_by_label(label).fill(value)
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Ask for a call").click()
    expect(page.locator(".reference")).to_be_visible()
    _sign_in(page, base_url, email=email, password=password)
    _save(page, "nurse.png")
    page.locator(".case").last.get_by_role("heading").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Summary (SBAR)")).to_be_visible()
    page.get_by_role("button", name="I will call").click()
    expect(page.get_by_role("button", name="Give it back to the list")).to_be_visible()
    page.set_viewport_size({**_SIZE, "height": 1100})  # type: ignore[typeddict-item]
    _save(page, "nurse-patient.png")
    _take_emergency(browser, page, base_url)


def _take_emergency(browser: Browser, page: Page, base_url: str) -> None:
    """What the nurse at `page` sees when somebody writes of danger: the list, then the patient."""
    patient = _open(browser)
    _ask(patient, base_url, _DANGER)
    expect(patient.get_by_role("region", name="Emergency numbers")).to_be_visible(timeout=15_000)
    page.set_viewport_size(_SIZE)  # type: ignore[arg-type]
    page.goto(f"{base_url}/nurse")
    expect(page.locator(".case.emergency").first).to_be_visible()
    _save(page, "nurse-emergency.png")
    page.locator(".case.emergency").first.get_by_role("heading").get_by_role("link").click()
    summary = page.get_by_role("region", name="Summary (SBAR)")
    summary.scroll_into_view_if_needed()
    summary.screenshot(path=IMAGES / "nurse-summary.png")
    print(IMAGES / "nurse-summary.png")


def take_figures(browser: Browser, base_url: str, *, email: str, password: str, code: str) -> None:
    """What a lead looks at: the figures down to the first chart, and what was not answered."""
    page = _open(browser)
    page.set_viewport_size({**_SIZE, "height": 1640})  # type: ignore[typeddict-item]
    _sign_in(page, base_url, email=email, password=password, code=code)
    page.goto(f"{base_url}/nurse/figures?days=30")
    expect(page.get_by_role("heading", name="Chats by day")).to_be_visible()
    _save(page, "figures.png")
    page.goto(f"{base_url}/nurse/unanswered")
    expect(page.get_by_role("heading", name="To decide")).to_be_visible()
    _save(page, "unanswered.png")


def _ask(page: Page, base_url: str, text: str) -> None:
    """Open the chat on the clinic's page and write."""
    page.goto(base_url)
    page.get_by_role("button", name="Chat with us").click()
    field = page.get_by_label("Your question")
    field.fill(text)
    field.press("Enter")


def _sign_in(page: Page, base_url: str, *, email: str, password: str, code: str = "") -> None:
    page.goto(f"{base_url}/nurse/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()


def _open(browser: Browser) -> Page:
    return browser.new_context(viewport=_SIZE, reduced_motion="reduce").new_page()  # type: ignore[arg-type]


def _save(page: Page, name: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.mouse.move(0, 0)
    page.screenshot(path=IMAGES / name)
    print(IMAGES / name)


def main() -> int:
    """Take the pictures, or say in one sentence why not."""
    parser = argparse.ArgumentParser(description="Take the README's pictures.")
    parser.add_argument("--base-url", default="http://127.0.0.1:8080")
    parser.add_argument("--question", default="Does it hurt?")
    parser.add_argument("--email", help="a nurse's account, for nurse.png")
    parser.add_argument(
        "--password",
        default=os.environ.get("CLINIC_NURSE_PASSWORD", ""),
        help="its password; better in the environment as CLINIC_NURSE_PASSWORD",
    )
    parser.add_argument("--lead-email", help="a lead's account, for figures.png and unanswered.png")
    parser.add_argument(
        "--lead-code", default="", help="six digits of her app, of this half minute"
    )
    parser.add_argument(
        "--lead-password",
        default=os.environ.get("CLINIC_LEAD_PASSWORD", ""),
        help="its password; better in the environment as CLINIC_LEAD_PASSWORD",
    )
    wanted = parser.parse_args()
    base_url = wanted.base_url.rstrip("/")
    path = find_browser()
    if path is None:
        print("No Chromium found; 'python tools/browser.py --install' gets one.", file=sys.stderr)
        return 1
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
            # First, while the code is good.
            if wanted.lead_email:
                take_figures(
                    browser,
                    base_url,
                    email=wanted.lead_email,
                    password=wanted.lead_password,
                    code=wanted.lead_code,
                )
            take_chat(browser, base_url, question=wanted.question)
            if wanted.email:
                take_nurse(browser, base_url, email=wanted.email, password=wanted.password)
    except (AssertionError, Error) as error:
        print(f"{base_url} did not show what the picture needs:\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
