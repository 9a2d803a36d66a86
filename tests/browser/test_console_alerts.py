"""What calls a nurse: a sound until somebody takes the patient, the title, a notification; keys."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console import (
    RINGING,
    Patient,
    always_open,
    arriving,
    begin_shift,
    case,
    open_case,
    take,
    wait_for_sound,
)
from tests.browser.desk_process import DeskProcess, NurseAccount
from tests.browser.fake_rasa import FakeRasa
from tests.browser.looking import sideways, violations
from tests.browser.watch import Watch

# Instead of the browser's own, which a test cannot read.
NOTES = """
  window.notes = [];
  window.Notification = class {
    static permission = 'granted';
    constructor(title, options) { window.notes.push(`${title} ${options.body}`); }
    close() {}
  };
  document.hasFocus = () => false;
"""


@pytest.fixture(scope="module")
def desk(rasa_server: FakeRasa, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    with always_open(tmp_path_factory.mktemp("alerts"), rasa_server.url) as started:
        yield started


@pytest.fixture(scope="module")
def ada(desk: DeskProcess) -> NurseAccount:
    return desk.make_nurse("ada@clinic.example", name="Ada")


@pytest.fixture
def watch(desk: DeskProcess) -> Watch:
    return Watch(home={urlsplit(desk.url).netloc})


@pytest.fixture
def shift(page: Page, desk: DeskProcess, ada: NurseAccount, rasa: FakeRasa) -> Page:
    """Ada in front of an empty list; whoever waited before was helped."""
    del rasa
    begin_shift(page, desk, ada)
    api, same = page.context.request, {"Sec-Fetch-Site": "same-origin"}
    for one in api.get(f"{desk.url}/api/nurse/handoffs").json():
        outcome = {"outcome": "helped" if one["kind"] == "chat" else "reached"}
        path = f"{desk.url}/api/nurse/handoffs/{one['id']}/resolve"
        assert api.post(path, data=outcome, headers=same).ok
    expect(page.get_by_text("Nobody is waiting.")).to_be_visible()
    page.get_by_role("heading", level=1).click()  # a browser lets a page be heard after a click
    return page


def test_a_sound_repeats_until_somebody_takes_the_patient(shift: Page, desk: DeskProcess) -> None:
    """For an account that has chosen nothing yet."""
    wait_for_sound(shift, None)
    patient = Patient(desk)
    patient.waits_in_the_chat()
    wait_for_sound(shift, "waiting")
    expect(shift).to_have_title("(1) Queue · Riverside Clinic nurses")
    patient.says("I have chest pain and cannot breathe")
    wait_for_sound(shift, "emergency")
    expect(shift.locator("#news")).to_have_text("A patient needs a nurse now. 1 waiting.")
    case(shift, patient.reference).get_by_role("button").click()
    expect(shift.get_by_role("button", name="Give it back to the list")).to_be_visible()
    wait_for_sound(shift, None)
    expect(shift).to_have_title(
        f"Emergency in the chat {patient.reference} · Riverside Clinic nurses"
    )


def test_away_from_the_list_a_nurse_sees_that_another_patient_needs_her(
    shift: Page, desk: DeskProcess
) -> None:
    first, second = Patient(desk), Patient(desk)
    first.waits_in_the_chat()
    open_case(shift, first.reference)
    calling = shift.locator("#calling")
    expect(calling).to_be_hidden()
    second.waits_in_the_chat()
    expect(calling).to_have_text("1 patient waits")
    second.says("I have chest pain and cannot breathe")
    expect(calling).to_have_text("A patient needs a nurse now")
    assert violations(shift) == []
    calling.click()
    expect(shift.get_by_role("heading", name="Queue", exact=True)).to_be_visible()


def test_a_nurse_with_two_chats_sees_which_one_has_written(shift: Page, desk: DeskProcess) -> None:
    first, second = Patient(desk), Patient(desk)
    for one in (first, second):
        one.waits_in_the_chat()
        take(shift, one.reference)
        with arriving(shift):
            shift.keyboard.press("u")
    with arriving(shift):
        case(shift, first.reference).get_by_role("heading").get_by_role("link").click()
    written = shift.locator("#written")
    first.says("To you")
    expect(shift.locator(".log .patient").last).to_contain_text("To you")
    expect(written).to_be_hidden()
    second.says("Are you there?")
    expect(written).to_have_text(f"Your patient {second.reference} has written")
    second.says("I have chest pain and cannot breathe")
    expect(shift.locator("#news")).to_have_text("Your patient needs you now.")
    assert violations(shift) == []
    with arriving(shift):
        written.click()
    expect(shift.get_by_role("heading", level=1)).to_contain_text(second.reference)
    expect(written).to_be_hidden()


def test_of_two_tabs_one_rings(shift: Page, desk: DeskProcess) -> None:
    other = shift.context.new_page()
    with arriving(other):
        other.goto(f"{desk.url}/nurse")
    other.get_by_role("heading", level=1).click()  # a browser lets a page be heard after a click
    Patient(desk).waits_in_the_chat()
    both = [shift, other]
    expect(shift).to_have_title("(1) Queue · Riverside Clinic nurses")
    expect(other).to_have_title("(1) Queue · Riverside Clinic nurses")
    shift.wait_for_timeout(500)
    assert [one.evaluate(RINGING) for one in both].count("waiting") == 1
    first = next(one for one in both if one.evaluate(RINGING) == "waiting")
    both.remove(first)
    first.close()
    wait_for_sound(both[0], "waiting")


def test_silence_ends_when_somebody_new_waits(shift: Page, desk: DeskProcess) -> None:
    Patient(desk).waits_in_the_chat()
    wait_for_sound(shift, "waiting")
    shift.get_by_role("button", name="Silence for 2 minutes").click()
    wait_for_sound(shift, None)
    Patient(desk).waits_in_the_chat()
    wait_for_sound(shift, "waiting")


def test_a_page_that_nobody_has_touched_shows_how_to_be_heard(
    shift: Page, desk: DeskProcess
) -> None:
    shift.add_init_script(
        "Object.defineProperty(AudioContext.prototype, 'state', { get: () => 'suspended' })"
    )
    with arriving(shift):
        shift.goto(f"{desk.url}/nurse")
    expect(shift.get_by_role("button", name="Turn sound on")).to_be_visible()


def test_a_notification_has_no_word_of_the_patients(shift: Page, desk: DeskProcess) -> None:
    shift.add_init_script(NOTES)
    with arriving(shift):
        shift.goto(f"{desk.url}/nurse")
    expect(shift.locator("[data-part=empty], .case").first).to_be_attached()
    patient = Patient(desk)
    patient.wants_a_call(reason="my shoulder is sore", name="Robin Example", phone="+16085550111")
    expect(case(shift, patient.reference)).to_be_visible()
    assert shift.evaluate("window.notes") == ["Nurses' desk A patient waits."]


def test_the_settings_of_the_device_are_kept_and_for_everybody(
    shift: Page, desk: DeskProcess
) -> None:
    shift.goto(f"{desk.url}/nurse/settings")
    shift.get_by_label("Loudness").fill("0.3")
    shift.get_by_label("Sound while a patient waits").uncheck()
    shift.get_by_role("button", name="Hear it").click()
    shift.emulate_media(reduced_motion="reduce")
    for scheme in ("light", "dark"):
        shift.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(shift) == [], scheme
    shift.set_viewport_size({"width": 360, "height": 640})
    assert sideways(shift) == []
    shift.reload()
    expect(shift.get_by_label("Loudness")).to_have_value("0.3")
    expect(shift.get_by_label("Sound while a patient waits")).not_to_be_checked()
    with arriving(shift):
        shift.goto(f"{desk.url}/nurse")
    Patient(desk).waits_in_the_chat()
    expect(shift).to_have_title("(1) Queue · Riverside Clinic nurses")
    assert shift.evaluate(RINGING) is None
    expect(shift.get_by_role("button", name="Turn sound on")).to_be_visible()


def test_a_patient_is_taken_answered_and_closed_by_keyboard_alone(
    shift: Page, desk: DeskProcess
) -> None:
    patient = Patient(desk)
    patient.waits_in_the_chat()
    entry = case(shift, patient.reference)
    expect(entry).to_be_visible()
    heading = entry.get_by_role("heading").get_by_role("link")
    for _ in range(shift.locator(".case").count()):
        if heading.evaluate("one => one === document.activeElement"):
            break
        shift.keyboard.press("j")
    expect(heading).to_be_focused()
    with arriving(shift):
        shift.keyboard.press("c")
    expect(shift.get_by_role("button", name="Give it back to the list")).to_be_visible()
    shift.keyboard.press("r")
    field = shift.get_by_label("Message to the patient")
    expect(field).to_be_focused()
    shift.keyboard.type("njcue? Hello")
    expect(field).to_have_value("njcue? Hello")
    shift.keyboard.press("Enter")
    expect(shift.locator(".log .nurse")).to_contain_text("njcue? Hello")
    shift.keyboard.press("Escape")
    field.blur()
    shift.keyboard.press("e")
    expect(shift.get_by_role("radio", name="Reached the patient")).to_be_focused()
    for _ in range(4):
        shift.keyboard.press("ArrowDown")
    shift.keyboard.press("Tab")
    shift.keyboard.press("Tab")
    with arriving(shift):
        shift.keyboard.press("Enter")
    expect(entry).to_have_count(0)


def test_single_keys_have_a_list_and_can_be_turned_off(shift: Page, desk: DeskProcess) -> None:
    shift.keyboard.press("?")
    dialog = shift.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_contain_text("claim the patient")
    assert violations(shift) == []
    shift.keyboard.press("Escape")
    shift.get_by_role("button", name="Keys").click()
    dialog.get_by_label("Use single keys").uncheck()
    dialog.get_by_role("button", name="Close").click()
    shift.keyboard.press("?")
    expect(dialog).to_be_hidden()
    patient = Patient(desk)
    patient.waits_in_the_chat()
    open_case(shift, patient.reference)
    shift.keyboard.press("c")
    shift.keyboard.press("u")
    expect(shift.get_by_role("button", name="I take care of it")).to_be_visible()


def test_a_slash_away_from_a_message_finds_a_patient(shift: Page, desk: DeskProcess) -> None:
    reference = Patient(desk).wants_a_call(name="Nell Quillfeather", phone="+16085550112")
    shift.keyboard.press("/")
    field = shift.get_by_label("Whom or what to find")
    expect(field).to_be_focused()
    shift.keyboard.type("quillf")
    shift.keyboard.press("Enter")
    expect(shift.get_by_role("heading", name="1 found")).to_be_visible()
    assert "quill" not in shift.url
    assert violations(shift) == []
    shift.set_viewport_size({"width": 360, "height": 640})
    assert sideways(shift) == []
    shift.get_by_role("link", name=reference).click()
    expect(shift.get_by_role("heading", level=1)).to_contain_text(reference)


def test_next_goes_to_whom_nobody_has_taken(shift: Page, desk: DeskProcess) -> None:
    one, two = Patient(desk), Patient(desk)
    one.waits_in_the_chat()
    two.waits_in_the_chat()
    open_case(shift, one.reference)
    with arriving(shift):
        shift.keyboard.press("n")
    expect(shift.get_by_role("heading", level=1)).to_contain_text(two.reference)


def test_the_list_is_for_everybody_on_a_phone(shift: Page, desk: DeskProcess) -> None:
    patient = Patient(desk)
    patient.waits_in_the_chat()
    expect(case(shift, patient.reference)).to_be_visible()
    shift.emulate_media(reduced_motion="reduce")
    for scheme in ("light", "dark"):
        shift.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(shift) == [], scheme
    shift.set_viewport_size({"width": 360, "height": 640})
    assert sideways(shift) == []
    shift.set_viewport_size({"width": 640, "height": 640})
    shift.evaluate("document.documentElement.style.fontSize = '200%'")
    assert sideways(shift) == []
