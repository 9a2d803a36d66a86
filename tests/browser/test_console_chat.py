"""A nurse's page of one patient: it lives by itself, and nothing that she writes is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.console import Patient, always_open, arriving, begin_shift, open_case, take
from tests.browser.desk_process import DeskProcess, NurseAccount
from tests.browser.fake_rasa import FakeRasa
from tests.browser.looking import sideways, violations
from tests.browser.watch import Watch


@pytest.fixture(scope="module")
def desk(rasa_server: FakeRasa, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    with always_open(tmp_path_factory.mktemp("chat"), rasa_server.url) as started:
        yield started


@pytest.fixture(scope="module")
def ada(desk: DeskProcess) -> NurseAccount:
    return desk.make_nurse("ada@clinic.example", name="Ada")


@pytest.fixture(scope="module")
def bea(desk: DeskProcess) -> NurseAccount:
    return desk.make_nurse("bea@clinic.example", name="Bea")


@pytest.fixture
def watch(desk: DeskProcess) -> Watch:
    return Watch(home={urlsplit(desk.url).netloc})


@pytest.fixture
def shift(page: Page, desk: DeskProcess, ada: NurseAccount) -> Iterator[Page]:
    """Ada is there, in front of the list."""
    begin_shift(page, desk, ada)
    yield page
    page.context.set_offline(False)


@pytest.fixture
def waiting(desk: DeskProcess, shift: Page, rasa: FakeRasa) -> Patient:
    """Who was answered by the assistant, and waits in the chat for a nurse."""
    del shift, rasa
    patient = Patient(desk)
    patient.is_answered("Does it hurt?")
    patient.waits_in_the_chat()
    return patient


@pytest.fixture
def chatting(shift: Page, waiting: Patient) -> Page:
    """Ada's page of that patient, whom she has taken."""
    take(shift, waiting.reference)
    return shift


def test_messages_come_and_go_without_a_reload(chatting: Page, waiting: Patient) -> None:
    chatting.evaluate("window.still = true")
    field = chatting.get_by_label("Message to the patient")
    expect(chatting.locator(".guess")).to_have_text(
        re.compile(r"Answered from\s+Does it hurt\? · 97 % sure")
    )
    waiting.does("typing")
    expect(chatting.locator(".talk .here")).to_have_text("The patient is typing…")
    waiting.says("It is the left shoulder")
    expect(chatting.locator(".log .patient").last).to_contain_text("It is the left shoulder")
    field.fill("Since when does it hurt?")
    field.press("Enter")
    expect(chatting.locator(".log .nurse")).to_contain_text("Since when does it hurt?")
    expect(chatting.locator("#delivery")).to_have_text("Delivered")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    waiting.does("seen", seq=waiting.heard()[-1]["seq"])
    expect(chatting.locator("#delivery")).to_have_text("Seen by the patient")
    assert [one["text"] for one in waiting.heard()].count("Since when does it hurt?") == 1
    assert chatting.evaluate("window.still")


def test_what_the_desk_says_by_itself_is_no_guess(chatting: Page, waiting: Patient) -> None:
    del waiting
    expect(chatting.locator(".log .system").first).to_contain_text("Ada, a nurse, has joined")
    expect(chatting.locator(".log .system .guess")).to_have_count(0)


def test_a_lost_connection_keeps_the_text_and_heals(
    chatting: Page, waiting: Patient, watch: Watch
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED")
    field = chatting.get_by_label("Message to the patient")
    chatting.context.set_offline(True)
    expect(chatting.locator(".changed")).to_contain_text("The connection is lost.")
    field.scroll_into_view_if_needed()
    expect(chatting.locator(".changed")).to_be_in_viewport()
    field.fill("Please rest the arm")
    field.press("Enter")
    expect(chatting.locator("#delivery")).to_contain_text("Not sent. The connection is lost.")
    expect(field).to_have_value("Please rest the arm")
    waiting.says("Are you there?")
    chatting.context.set_offline(False)
    expect(chatting.locator(".log .patient").last).to_contain_text("Are you there?")
    expect(chatting.locator(".changed")).to_be_hidden()
    field.press("Enter")
    expect(chatting.locator(".log .nurse")).to_contain_text("Please rest the arm")
    assert [one["text"] for one in waiting.heard()].count("Please rest the arm") == 1


def test_a_draft_outlives_a_reload(chatting: Page) -> None:
    chatting.get_by_label("Message to the patient").press_sequentially("Half a")
    with arriving(chatting):
        chatting.reload()
    expect(chatting.get_by_label("Message to the patient")).to_have_value("Half a")


def test_another_nurse_sees_who_is_there_and_gets_the_patient(
    chatting: Page, waiting: Patient, desk: DeskProcess, bea: NurseAccount, browser: Browser
) -> None:
    reference = waiting.reference
    elsewhere = browser.new_context()
    other = elsewhere.new_page()
    begin_shift(other, desk, bea)
    open_case(other, reference)
    expect(other.get_by_text("Ada has it.")).to_be_visible()
    expect(other.locator(".talk .here")).to_have_text("Ada is looking")
    expect(chatting.locator(".talk .here")).to_have_text("Bea is looking")
    chatting.get_by_label("Message to the patient").press_sequentially("I will")
    expect(other.locator(".talk .here")).to_have_text("Ada is typing")
    chatting.get_by_label("New note").fill("Had two treatments in May")
    chatting.get_by_role("button", name="Keep the note").click()
    expect(chatting.locator(".notes")).to_contain_text("Had two treatments in May")
    chatting.get_by_text("To another nurse who is there").click()
    chatting.get_by_label("To whom").select_option("Bea")
    chatting.get_by_role("button", name="Pass on").click()
    expect(chatting.get_by_text("Bea has it.")).to_be_visible()
    expect(other.get_by_label("Message to the patient")).to_be_visible()
    expect(other.locator(".notes")).to_contain_text("Had two treatments in May")
    assert not any("two treatments" in one["text"] for one in waiting.heard())
    elsewhere.close()


def keep_reply(page: Page, desk: DeskProcess, shortcut: str, text: str) -> None:
    page.goto(f"{desk.url}/nurse/replies")
    page.get_by_label("Name").last.fill(shortcut)
    page.get_by_label("Words").last.fill(text)
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("li .code", has_text=f"/{shortcut}")).to_be_visible()


def test_a_slash_finds_a_canned_reply(shift: Page, desk: DeskProcess, waiting: Patient) -> None:
    keep_reply(shift, desk, "cold", "A cold pack may help, says {nurse} of {clinic}.")
    keep_reply(shift, desk, "warm", "A warm bath may help.")
    assert violations(shift) == []
    with arriving(shift):
        shift.get_by_role("link", name="Queue", exact=True).click()
    take(shift, waiting.reference)
    field = shift.get_by_label("Message to the patient")
    field.press_sequentially("and/or /")
    finder = shift.get_by_role("combobox", name="Find a canned reply")
    listed = shift.get_by_role("listbox", name="Canned replies")
    expect(finder).to_be_focused()
    expect(listed.get_by_role("option", selected=True)).to_contain_text("/cold")
    assert violations(shift) == []
    shift.keyboard.press("ArrowDown")
    expect(listed.get_by_role("option", selected=True)).to_contain_text("/warm")
    active = listed.get_by_role("option", selected=True).get_attribute("id")
    expect(finder).to_have_attribute("aria-activedescendant", active or "")
    shift.keyboard.type("cold")
    expect(listed.get_by_role("option")).to_have_count(1)
    shift.keyboard.press("Enter")
    words = "and/or A cold pack may help, says Ada of Riverside Clinic."
    expect(field).to_have_value(words)
    expect(field).to_be_focused()
    field.press_sequentially(" /")
    shift.keyboard.press("Escape")
    expect(field).to_have_value(f"{words} /")
    field.press("Backspace")
    shift.get_by_role("button", name="Canned replies").click()
    listed.get_by_role("option").last.click()
    shift.get_by_role("button", name="Send").click()
    expect(shift.locator(".log .nurse")).to_contain_text(f"{words} A warm bath may help.")


def test_earlier_calls_of_the_same_number_are_a_step_away(shift: Page, desk: DeskProcess) -> None:
    page = shift
    first = Patient(desk).wants_a_call(phone="+16085550199", name="Kim Doe")
    second = Patient(desk).wants_a_call(phone="+16085550199", name="Lee Doe")
    open_case(page, second)
    also = page.locator(".earlier")
    expect(also).to_contain_text("Kim Doe · call-back")
    expect(also).to_contain_text("still open")
    also.get_by_role("link", name=first).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(first)


def test_axe_finds_nothing_and_a_phone_does(chatting: Page) -> None:
    chatting.emulate_media(reduced_motion="reduce")
    for scheme in ("light", "dark"):
        chatting.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(chatting) == [], scheme
    chatting.emulate_media(forced_colors="active")
    send = chatting.get_by_role("button", name="Send")
    assert send.evaluate("one => getComputedStyle(one).borderTopStyle") == "solid"
    chatting.emulate_media(forced_colors="none")
    chatting.set_viewport_size({"width": 360, "height": 640})
    assert sideways(chatting) == [], "360 pixels wide"
    chatting.get_by_label("Message to the patient").fill("Hello")
    chatting.get_by_role("button", name="Send").click()
    expect(chatting.locator(".log .nurse")).to_contain_text("Hello")
    chatting.set_viewport_size({"width": 640, "height": 640})
    chatting.evaluate("document.documentElement.style.fontSize = '200%'")
    assert sideways(chatting) == [], "text of twice the size"


def test_without_scripts_the_plain_form_answers(
    browser: Browser, desk: DeskProcess, ada: NurseAccount, waiting: Patient
) -> None:
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"{desk.url}/nurse/sign-in")
    page.get_by_label("E-mail").fill(ada.email)
    page.get_by_label("Password").fill(ada.password)
    page.get_by_role("button", name="Sign in").click()
    entry = page.locator(".case", has_text=waiting.reference)
    entry.get_by_role("button").click()
    page.get_by_label("Message to the patient").fill("Hello from the form")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".log .nurse")).to_contain_text("Hello from the form")
    plain.close()
