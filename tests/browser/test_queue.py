"""What a chat leaves with the nurses: the order of the list, and the whole conversation."""

from __future__ import annotations

import re
import uuid

import httpx
from playwright.sync_api import Page, Response, expect

from tests.browser.chat import Chat
from tests.browser.console import Patient, is_following
from tests.browser.desk_process import DeskProcess, NurseAccount
from tests.browser.fake_rasa import HANDOUT
from tests.browser.visits import open_handoff, request_callback, sign_in
from tests.browser.watch import Watch


def hand_over(page: Page, desk: DeskProcess, *, urgency: str, phone: str = "+16085550177") -> str:
    """Do what the assistant's form does for the chat on the page; the reference."""
    conversation = page.evaluate("JSON.parse(Object.values(sessionStorage)[0]).conversation.id")
    secret = (desk.var / "internal-secret").read_text().strip()
    told = httpx.post(
        f"{desk.url}/internal/handoffs",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": str(uuid.uuid4())},
        json={
            "conversation": conversation,
            "reason": "<b>Sore</b> since Monday",
            "name": "Sam <script>alert(1)</script>",
            "phone": phone,
            "best_time": "any time",
            "consent": True,
            "urgency": urgency,
            "transcript": [],
        },
    )
    assert told.status_code == 201, told.text
    reference: str = told.json()["reference"]
    return reference


def test_the_gravest_stands_first_with_its_whole_conversation(
    page: Page, chat: Chat, desk: DeskProcess, nurse: NurseAccount
) -> None:
    request_callback(page, desk)
    page.goto(desk.url)
    chat.open()
    chat.ask("Does it hurt?")
    reference = hand_over(page, desk, urgency="emergency")
    sign_in(page, desk, nurse)
    found = page.locator(".case", has_text=reference)
    expect(found).to_contain_text("Emergency")
    expect(page.locator(".case:not(.emergency) ~ .case.emergency")).to_have_count(0)
    expect(found.get_by_role("heading")).to_have_text("Sam <script>alert(1)</script>")
    assert reference not in page.title()
    open_handoff(page, reference)
    said = page.locator(".log li")
    expect(said).to_have_count(2)
    expect(said.first).to_contain_text("Patient")
    expect(said.first).to_contain_text("Does it hurt?")
    expect(said.nth(1)).to_contain_text(HANDOUT.section("does-it-hurt").text.splitlines()[0])
    expect(said.nth(1)).to_contain_text(re.compile(r"Answered from\s+Does it hurt\? · 97 % sure"))
    expect(said.nth(1).locator(".by")).to_contain_text(re.compile(r"\d+:\d\d [ap]\.m\.$"))
    expect(page.locator("main")).to_contain_text("<b>Sore</b> since Monday")
    expect(page.get_by_role("link", name="(608) 555-0177")).to_be_visible()


def test_an_erased_conversation_is_named_as_such_and_the_call_stays_possible(
    page: Page, chat: Chat, desk: DeskProcess, nurse: NurseAccount
) -> None:
    chat.open()
    chat.ask("Does it hurt?")
    reference = hand_over(page, desk, urgency="urgent", phone="+16085550178")
    chat.panel.get_by_role("button", name="End and erase this chat").click()
    chat.panel.get_by_role("button", name="Erase", exact=True).click()
    expect(chat.panel.locator(".status")).to_contain_text(f"reference {reference}")
    sign_in(page, desk, nurse)
    open_handoff(page, reference)
    expect(page.locator("main")).to_contain_text("The patient has erased the conversation.")
    expect(page.get_by_role("link", name="(608) 555-0178")).to_be_visible()


def test_the_open_list_notices_a_new_patient_by_itself_and_leaves_the_focus(
    page: Page, desk: DeskProcess, nurse: NurseAccount
) -> None:
    sign_in(page, desk, nurse)
    is_following(page)
    before = page.locator(".case").count()
    page.get_by_role("button", name="Sign out").focus()
    other = page.context.new_page()
    reference = request_callback(other, desk)
    expect(page.locator(".case")).to_have_count(before + 1)
    expect(page.locator(".case", has_text=reference)).to_be_visible()
    expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    page.locator(".case", has_text=reference).get_by_role("heading").get_by_role("link").focus()
    request_callback(other, desk)
    expect(page.locator(".case")).to_have_count(before + 2)
    focused = page.locator(".case", has=page.locator("a:focus"))
    expect(focused).to_contain_text(reference)


def test_the_list_says_when_it_is_old_and_heals(
    page: Page, desk: DeskProcess, nurse: NurseAccount, watch: Watch
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED")
    sign_in(page, desk, nurse)
    is_following(page)
    page.context.set_offline(True)
    expect(page.locator(".changed")).to_contain_text("The connection is lost.")
    reference = Patient(desk).wants_a_call(phone="+16085550155")
    page.context.set_offline(False)
    expect(page.locator(".case", has_text=reference)).to_be_visible()
    expect(page.locator(".changed")).to_be_hidden()


def test_nothing_moves_while_a_mouse_is_on_its_way_to_a_click(
    page: Page, desk: DeskProcess, nurse: NurseAccount
) -> None:
    request_callback(page, desk)
    sign_in(page, desk, nurse)
    is_following(page)
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))
    page.locator(".case").first.hover()
    reference = Patient(desk).wants_a_call(phone="+16085550156")
    waited = page.locator("#news")
    expect(waited).to_contain_text("A patient waits.")
    expect(page.locator(".case", has_text=reference)).to_have_count(0)
    page.clock.run_for(3_000)
    expect(page.locator(".case", has_text=reference)).to_be_visible()


def test_a_forgotten_console_warns_and_signs_out(
    page: Page, desk: DeskProcess, nurse: NurseAccount, watch: Watch
) -> None:
    watch.allow("401")  # what the page was asking while it signed out
    request_callback(page, desk)
    page.clock.install()
    sign_in(page, desk, nurse)
    page.locator(".case").first.get_by_role("heading").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Conversation")).to_be_visible()
    page.wait_for_load_state()  # the page counts from when its scripts ran
    _let_pass(page, seconds=14 * 60 + 20)
    expect(page.locator(".changed")).to_contain_text("You will be signed out in a minute")
    page.clock.fast_forward(60_000)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{desk.url}/nurse")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_list_that_keeps_itself_fresh_keeps_nobody_signed_in(
    page: Page, desk: DeskProcess, nurse: NurseAccount, watch: Watch
) -> None:
    watch.allow("401")  # what the page was asking while it signed out
    page.clock.install()
    sign_in(page, desk, nurse)
    is_following(page)
    for _ in range(2):
        with page.expect_response("**/nurse?watching=1"):
            _let_pass(page, seconds=320)
    _let_pass(page, seconds=320)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def _let_pass(page: Page, *, seconds: int) -> None:
    """Let the page's clock pass, and the page ask once whether the desk is there."""
    answered: list[str] = []

    def note(response: Response) -> None:
        if "/nurse/still-there" in response.url:
            answered.append(response.url)

    page.on("response", note)
    page.clock.fast_forward(seconds * 1000)
    for _ in range(40):
        if answered:
            break
        page.wait_for_timeout(200)
        page.clock.run_for(1_000)  # it may have set its next time to ask only now
    page.remove_listener("response", note)
    assert answered, "the page does not ask"


def test_the_desk_is_told_of_a_nurse_who_uses_the_page_and_only_then(
    page: Page, desk: DeskProcess, nurse: NurseAccount
) -> None:
    told: list[str] = []
    page.on("request", lambda one: told.append(one.url) if "/nurse/in-use" in one.url else None)
    page.clock.install()
    sign_in(page, desk, nurse)

    _let_pass(page, seconds=16)
    told.clear()
    _let_pass(page, seconds=16)
    _let_pass(page, seconds=16)
    assert told == []
    page.keyboard.press("Shift")
    _let_pass(page, seconds=16)
    assert len(told) == 1


def test_a_console_in_use_stays(page: Page, desk: DeskProcess, nurse: NurseAccount) -> None:
    page.clock.install()
    sign_in(page, desk, nurse)
    page.clock.fast_forward(14 * 60_000 + 20_000)
    page.keyboard.press("Shift")
    page.clock.fast_forward(60_000)
    page.wait_for_timeout(300)
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
