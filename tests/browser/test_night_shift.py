"""One night of the nurse who is alone: an emergency, an urgent call, three attempts, the audit."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from desk import audit
from tests.browser.clocked import INTERNAL, at, clocked, new_nurse
from tests.browser.console import arriving, case, is_following, take, wait_for_sound
from tests.browser.desk_process import NurseAccount
from tests.browser.looking import violations
from tests.browser.visits import open_handoff, sign_in
from tests.browser.watch import Watch
from tests.desk.asking import callback
from tests.desk.running import RunningDesk

__all__ = ["clocked"]


def come(page: Page, desk: RunningDesk, nurse: NurseAccount, time: str) -> None:
    """Sit down in front of the list at that time."""
    at(desk, time)
    sign_in(page, desk, nurse)  # type: ignore[arg-type]
    is_following(page)
    page.get_by_role("heading", level=1).click()  # a browser lets a page be heard after a click


def an_emergency(page: Page, desk: RunningDesk) -> None:
    """It arrives with sound and title, is taken, answered and closed by keyboard."""
    expect(page.get_by_text("Nobody is waiting.")).to_be_visible()
    wait_for_sound(page, None)
    chat = desk.chat()
    chat.send("I have chest pain and cannot breathe")
    wait_for_sound(page, "emergency")
    expect(page).to_have_title(re.compile(r"^\(1\) Queue"))
    assert violations(page) == []
    page.keyboard.press("j")
    with arriving(page):
        page.keyboard.press("c")
    wait_for_sound(page, None)
    expect(page).to_have_title(re.compile(r"^Emergency in the chat"))
    page.keyboard.press("r")
    page.keyboard.type("I am a nurse. Have you called 911?")
    page.keyboard.press("Enter")
    expect(page.locator("#delivery")).to_have_text("Delivered")
    chat.send("The ambulance is here")
    expect(page.locator(".log .patient").last).to_contain_text("The ambulance is here")
    assert violations(page) == []
    page.get_by_label("Message to the patient").blur()
    page.keyboard.press("e")
    page.get_by_role("radio", name="Helped in the chat").press("Space")
    with arriving(page):
        page.get_by_role("region", name="Done", exact=True).get_by_role("button").press("Enter")
    said = [event["text"] for event in chat.events() if event["author"] == "nurse"]
    assert said == ["I am a nurse. Have you called 911?"]


def tries(page: Page, outcome: str) -> None:
    """One call, noted."""
    calls = page.get_by_role("region", name="Calls", exact=True)
    before = calls.locator("li").count()
    calls.get_by_label(outcome).check()
    with arriving(page):
        calls.get_by_role("button", name="Record the call").click()
    expect(calls.locator("li")).to_have_count(before + 1)


def test_a_night_from_the_first_alarm_to_the_audit(
    page: Page, clocked: RunningDesk, watch: Watch
) -> None:
    watch.allow("401 (Unauthorized)")  # what follows the queue, once the clock is hours ahead
    ada = new_nurse(clocked, "Ada")
    come(page, clocked, ada, "2026-12-01T22:00")
    an_emergency(page, clocked)
    asked = callback(clocked, INTERNAL, clocked.chat().id, urgency="urgent")
    reference = asked.json()["reference"]
    wait_for_sound(page, "waiting")
    take(page, reference)
    wait_for_sound(page, None)
    tries(page, "No answer")
    come(page, clocked, ada, "2026-12-01T22:40")
    expect(case(page, reference)).to_contain_text("called 1 time")
    open_handoff(page, reference)
    tries(page, "Left a voicemail")
    come(page, clocked, ada, "2026-12-02T06:30")
    open_handoff(page, reference)
    tries(page, "Reached the patient")
    done = page.get_by_role("region", name="Done", exact=True)
    done.get_by_label("Reached the patient").check()
    with arriving(page):
        done.get_by_role("button", name="Done").click()
    expect(page.get_by_text("Nobody is waiting.")).to_be_visible()
    wait_for_sound(page, None)
    with clocked.database.read() as session:
        verdict = audit.verify(session)
    assert verdict.breaks == ()
    assert verdict.entries > 20
