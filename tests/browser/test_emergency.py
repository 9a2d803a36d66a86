"""After an emergency: the number stays in sight, the nurses have it on top, somebody ends it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.chat import Chat
from tests.browser.desk_process import DeskProcess, NurseAccount
from tests.browser.fake_rasa import FakeRasa
from tests.browser.looking import sideways, violations
from tests.browser.visits import open_handoff, sign_in

REFERENCE = re.compile(r"Reference for the nurses: (\w{3}-\w{3})")


def bar(chat: Chat) -> Locator:
    return chat.panel.locator(".alarm-bar")


def hrefs(chat: Chat) -> list[str]:
    found: list[str] = (
        bar(chat)
        .get_by_role("link")
        .evaluate_all("links => links.map(link => link.getAttribute('href'))")
    )
    return found


def reference_of(reply: Locator) -> str:
    """The reference that the patient is shown below the emergency's reply."""
    expect(reply).to_contain_text(REFERENCE)
    found = REFERENCE.search(reply.inner_text())
    assert found
    return found[1]


def other_tab(page: Page) -> Page:
    return page.context.new_page()


def test_the_number_stays_in_sight_above_the_text_field(chat: Chat) -> None:
    chat.open()
    chat.ask("Does it hurt?")
    expect(bar(chat)).to_be_hidden()
    chat.ask("I cannot breathe")
    expect(bar(chat)).to_have_text(re.compile("^In an emergency call 911"))
    assert hrefs(chat) == ["tel:911"]
    for _ in range(3):
        chat.ask("What can it treat?")
    expect(bar(chat)).to_be_in_viewport()
    above = bar(chat).bounding_box()
    below = chat.input.bounding_box()
    assert above
    assert below
    assert above["y"] + above["height"] <= below["y"]


def test_in_a_crisis_it_has_the_crisis_line_to_call_and_to_text(chat: Chat) -> None:
    chat.open()
    chat.ask("I think of suicide")
    expect(bar(chat)).to_contain_text("In an emergency call 911, in a crisis call 988 or text 988")
    assert hrefs(chat) == ["tel:911", "tel:988", "sms:988"]
    chat.ask("I cannot breathe")
    assert hrefs(chat) == ["tel:911", "tel:988", "sms:988"], "what was said before still holds"


def test_it_is_a_named_region_that_the_keyboard_reaches_and_it_says_nothing_twice(
    page: Page, chat: Chat
) -> None:
    chat.open()
    chat.ask("I cannot breathe")
    page.wait_for_timeout(300)
    assert [politeness for politeness, _ in chat.heard()] == ["assertive"]
    expect(chat.panel.get_by_role("region", name="Emergency numbers")).to_be_visible()
    expect(chat.input).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(bar(chat).get_by_role("button", name="I am safe now")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(bar(chat).get_by_role("link", name="call 911")).to_be_focused()
    chat.panel.get_by_role("button", name="Close chat").click()
    chat.launcher.click()
    expect(bar(chat)).to_be_visible()


def test_the_patient_can_put_it_away_on_this_page_until_the_next_emergency(
    page: Page, chat: Chat
) -> None:
    chat.open()
    chat.ask("I cannot breathe")
    bar(chat).get_by_role("button", name="I am safe now").focus()
    page.keyboard.press("Enter")
    expect(bar(chat)).to_be_hidden()
    expect(chat.input).to_be_focused()
    chat.ask("What can it treat?")
    expect(bar(chat)).to_be_hidden()
    chat.ask("I cannot breathe again")
    expect(bar(chat)).to_be_visible()
    bar(chat).get_by_role("button", name="I am safe now").click()
    page.reload()
    expect(bar(chat)).to_be_visible()


def test_a_new_chat_on_the_same_page_has_its_own_alarm(chat: Chat) -> None:
    chat.open()
    chat.ask("Does it hurt?")
    chat.ask("I cannot breathe")
    bar(chat).get_by_role("button", name="I am safe now").click()
    chat.panel.get_by_role("button", name="End and erase this chat").click()
    chat.panel.get_by_role("button", name="Erase", exact=True).click()
    expect(chat.messages).to_have_count(0)
    expect(bar(chat)).to_be_hidden()
    chat.ask("I cannot breathe")
    expect(bar(chat)).to_be_visible()


def test_the_nurses_have_it_on_top_with_the_patients_words_and_no_phone(
    page: Page, chat: Chat, desk: DeskProcess, nurse: NurseAccount
) -> None:
    chat.open()
    reference = reference_of(chat.ask("I cannot breathe, <b>help</b>"))
    console = other_tab(page)
    sign_in(console, desk, nurse)
    entry = console.locator(".case", has_text=reference)
    expect(console.locator(".case:not(.emergency) ~ .case.emergency")).to_have_count(0)
    expect(entry.get_by_role("heading")).to_have_text("Emergency in the chat")
    expect(entry).to_contain_text("The patient wrote: “I cannot breathe, <b>help</b>”")
    expect(entry).to_contain_text("No phone number yet")
    entry.get_by_role("link", name="Read the conversation").click()
    expect(console.get_by_role("heading", level=1)).to_contain_text(reference)
    expect(console.locator("blockquote")).to_have_text("I cannot breathe, <b>help</b>")
    expect(console.locator(".log li").first).to_contain_text("I cannot breathe, <b>help</b>")
    expect(console.locator("dd.phone")).to_have_text("None yet")


def test_the_words_that_raised_the_flag_are_marked_and_named_not_by_colour_alone(
    page: Page, chat: Chat, desk: DeskProcess, nurse: NurseAccount
) -> None:
    chat.open()
    reference = reference_of(chat.ask("No fever. I cannot breathe, <b>help</b>"))
    console = other_tab(page)
    sign_in(console, desk, nurse)
    open_handoff(console, reference)
    quote = console.locator(".quote p")
    expect(quote.locator("mark")).to_have_text([re.compile("^fever"), "cannot breathe"])
    expect(quote.locator(".flag-name")).to_have_text(
        ["[Signs of infection: denied]", "[Trouble breathing: emergency]"]
    )
    expect(quote).to_contain_text("<b>help</b>")
    summary = console.get_by_role("region", name="Summary (SBAR)")
    for line in ("Situation: emergency", "Background: ", "signs found: Trouble breathing",
                 "denied: Signs of infection", "Request: "):  # fmt: skip
        expect(summary).to_contain_text(line)
    assert violations(console) == []
    console.set_viewport_size({"width": 320, "height": 700})
    assert sideways(console) == []


def test_the_bar_goes_when_a_nurse_closes_the_entry_and_the_patient_is_told(
    page: Page, chat: Chat, desk: DeskProcess, nurse: NurseAccount
) -> None:
    chat.open()
    reference = reference_of(chat.ask("I cannot breathe"))
    console = other_tab(page)
    sign_in(console, desk, nurse)
    open_handoff(console, reference)
    console.get_by_role("button", name="I take care of it").click()
    console.get_by_role("radio", name="Something else").check()
    console.get_by_role("textbox", name="Note", exact=True).fill("a false alarm")
    console.get_by_role("button", name="Done").click()
    expect(console.locator(".case", has_text=reference)).to_have_count(0)
    expect(chat.messages.last).to_contain_text("Alice has ended the chat with you")
    expect(chat.messages.last.get_by_role("link", name="911")).to_have_attribute("href", "tel:911")
    expect(bar(chat)).to_be_hidden()
    chat.send("slow: does it hurt?")
    expect(chat.panel.locator(".typing")).to_have_text("The assistant is writing…")
    expect(chat.replies).to_have_count(3)


def test_an_erased_emergency_leaves_an_entry_without_a_word(
    page: Page, chat: Chat, desk: DeskProcess, nurse: NurseAccount
) -> None:
    chat.open()
    reference = reference_of(chat.ask("I cannot breathe"))
    chat.panel.get_by_role("button", name="End and erase this chat").click()
    chat.panel.get_by_role("button", name="Erase", exact=True).click()
    expect(chat.panel.locator(".status")).to_contain_text(f"reference {reference}")
    console = other_tab(page)
    sign_in(console, desk, nurse)
    entry = console.locator(".case", has_text=reference)
    expect(entry).to_contain_text("The patient erased the chat.")
    expect(entry.get_by_role("link", name="Read the conversation")).to_have_count(0)
    open_handoff(console, reference)
    expect(console.locator("main")).not_to_contain_text("breathe")


def test_with_the_assistant_down_the_desk_shows_the_number_and_the_bar(
    page: Page, chat: Chat, rasa: FakeRasa
) -> None:
    rasa.down = True
    chat.open()
    reply = chat.ask("I can not breathe")
    expect(reply).to_have_class(re.compile("emergency"))
    expect(reply.locator("p").first).to_contain_text("Call 911 now")
    expect(bar(chat)).to_be_visible()
    reference_of(reply)
    page.wait_for_timeout(300)
    assert chat.heard()[0][0] == "assertive"
    expect(chat.replies.nth(1)).to_contain_text("The assistant cannot answer right now.")
    rasa.down = False
    expect(chat.panel.locator(".message.assistant")).to_have_count(1)
    expect(bar(chat)).to_be_visible()
