"""A patient who is not reached: from the first call to the second nurse's word, in a browser."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from desk import audit
from tests.browser.clocked import INTERNAL, at, clocked, new_nurse
from tests.browser.desk_process import NurseAccount
from tests.browser.visits import open_handoff, sign_in
from tests.browser.watch import Watch
from tests.desk.asking import callback
from tests.desk.running import RunningDesk

__all__ = ["clocked"]

AXE = Axe()


def check_accessible(page: Page) -> None:
    found = AXE.run(page)
    assert not found.response["violations"], found.generate_report()


def record_by_keyboard(page: Page, outcome: str, note: str = "") -> None:
    """Choose, write and send without a mouse."""
    page.get_by_role("region", name="Calls", exact=True).get_by_label(outcome).focus()
    page.keyboard.press("Space")
    page.get_by_label("Note on the call").focus()
    page.keyboard.type(note)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def call_three_times(page: Page, desk: RunningDesk, nurse: NurseAccount, reference: str) -> None:
    """Twice in the morning and once after lunch, signing in anew each time."""
    case = page.locator(".case", has_text=reference)
    calls = page.get_by_role("region", name="Calls", exact=True)
    at(desk, "2026-12-01T09:25")
    sign_in(page, desk, nurse)
    expect(case).to_contain_text(re.compile("overdue by [45] minutes"))
    expect(page.locator(".queue-head")).to_contain_text("1 overdue")
    check_accessible(page)
    open_handoff(page, reference)
    page.get_by_role("button", name="I will call").click()
    record_by_keyboard(page, "No answer", "rang for a minute")
    expect(calls.locator("li")).to_have_count(1)
    expect(calls).to_contain_text("rang for a minute")
    expect(page.locator("main")).to_contain_text(re.compile(r"9:4[01] a\.m\."))
    at(desk, "2026-12-01T09:42")
    sign_in(page, desk, nurse)
    expect(case).to_contain_text("called 1 time, last 9:25 a.m.")
    open_handoff(page, reference)
    record_by_keyboard(page, "Left a voicemail")
    expect(page.get_by_text("3 calls have to be recorded first")).to_be_visible()
    at(desk, "2026-12-01T14:00")
    sign_in(page, desk, nurse)
    open_handoff(page, reference)
    record_by_keyboard(page, "No answer")
    expect(calls.locator("li")).to_have_count(3)


def test_three_calls_and_a_second_nurse_close_an_urgent_one(
    page: Page, clocked: RunningDesk, watch: Watch
) -> None:
    watch.allow("409 (Conflict)")
    watch.allow("401 (Unauthorized)")  # what follows the queue, once the clock is hours ahead
    ada, bea = new_nurse(clocked, "Ada"), new_nurse(clocked, "Bea")
    at(clocked, "2026-12-01T08:50")
    chat = clocked.chat()
    reference = callback(clocked, INTERNAL, chat.id, urgency="urgent").json()["reference"]
    call_three_times(page, clocked, ada, reference)
    done = page.get_by_role("region", name="Done", exact=True)
    done.get_by_label("No answer").check()
    done.get_by_role("button", name="Done").click()
    expect(page.get_by_role("alert")).to_contain_text("only when a second nurse agrees")
    done.get_by_label("No answer").check()
    done.get_by_label("Note", exact=True).fill("tried the front desk too")
    done.get_by_role("button", name="Ask a second nurse").click()
    second = page.get_by_role("region", name="A second nurse is wanted")
    expect(second).to_contain_text("Another nurse has to agree.")
    check_accessible(page)
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, clocked, bea)
    expect(page.locator(".case", has_text=reference)).to_contain_text("a second nurse is wanted")
    open_handoff(page, reference)
    expect(second).to_contain_text("tried the front desk too")
    check_accessible(page)
    second.get_by_role("button", name="I agree, close it").click()
    expect(page.get_by_role("region", name="Outcome")).to_contain_text("Ada and Bea")
    check_accessible(page)
    page.get_by_role("link", name="Back to the queue").click()
    expect(page.get_by_text("Nobody is waiting.")).to_be_visible()
    assert "did not reach you" in chat.events()[-1]["text"]
    with clocked.database.read() as session:
        assert audit.verify(session).breaks == ()


def test_a_call_without_an_outcome_is_named_as_one(page: Page, clocked: RunningDesk) -> None:
    """The browser itself asks for the choice; nothing is sent."""
    ada = new_nurse(clocked, "Ada")
    chat = clocked.chat()
    reference = callback(clocked, INTERNAL, chat.id).json()["reference"]
    sign_in(page, clocked, ada)
    open_handoff(page, reference)
    page.get_by_role("button", name="Record the call").click()
    expect(page.get_by_text("Nobody has called yet.")).to_be_visible()
    record_by_keyboard(page, "Reached the patient")
    expect(page.get_by_role("region", name="Calls", exact=True).locator("li")).to_have_count(1)
