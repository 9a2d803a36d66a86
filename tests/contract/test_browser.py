"""The whole walk in a real browser: a patient on the clinic's page, then a nurse at the console."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chat import Chat
from tests.browser.chromium import shared_browser
from tests.contract.conftest import Product

WAIT_MS = 30_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with shared_browser() as shared:
        yield shared


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1024, "height": 800})
    context.set_default_timeout(WAIT_MS)
    yield context.new_page()
    context.close()


QUESTIONS = {
    "does it hurt?": ("does-it-hurt", "You may have a moment of pain"),
    "is it the same as acupuncture?": ("acupuncture", "No, dry needling is a different treatment"),
    "will my insurance cover it?": ("insurance", "Please call your health plan"),
}
CALL_BACK = (
    "I want to talk to a nurse",
    "a question about my shoulder",
    "Maria Lopez",
    "608-555-0142",
    "any time",
)


def test_a_patient_asks_three_things_and_for_a_call_that_the_nurse_then_sees(
    product: Product, page: Page, nurse_password: str
) -> None:
    page.goto(product.url)
    chat = Chat(page)
    chat.open()
    for question, (section, words) in QUESTIONS.items():
        reply = chat.ask(question)
        expect(reply).to_contain_text(words)
        link = reply.get_by_role("link", name="From the handout")
        expect(link).to_have_attribute("href", f"{product.url}/handouts/dry-needling#{section}")
    for text in CALL_BACK:
        chat.ask(text)
    last = chat.ask("yes")
    expect(last).to_contain_text("Your reference is")
    reference = last.inner_text().split("Your reference is ")[1].split(".")[0]

    page.goto(f"{product.url}/handouts/dry-needling#insurance")
    expect(page.locator("h2#insurance")).to_be_visible()

    page.goto(f"{product.url}/nurse/sign-in")
    page.get_by_label("E-mail").fill("alice@clinic.example")
    page.get_by_label("Password").fill(nurse_password)
    page.get_by_role("button", name="Sign in").click()
    case = page.locator(".case", has_text=reference)
    expect(case).to_contain_text("Maria Lopez")
    case.get_by_role("link").first.click()
    for words in ("a question about my shoulder", "does it hurt?", "will my insurance cover it?"):
        expect(page.get_by_role("main")).to_contain_text(words)
    expect(page.get_by_role("link", name="555-0142")).to_have_attribute("href", "tel:+16085550142")
