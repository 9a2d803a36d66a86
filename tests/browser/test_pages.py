"""Pages for patients and nurses: they work without scripts, say what is wrong, and keep secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import WAIT_MS
from tests.browser.desk_process import DeskProcess, NurseAccount
from tests.browser.fake_rasa import HANDOUT
from tests.browser.visits import PATIENT, fill_callback, open_handoff, request_callback, sign_in
from tests.browser.watch import Watch


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A browser with scripts off."""
    with browser.new_context(java_script_enabled=False) as context:
        context.set_default_timeout(WAIT_MS)
        yield context.new_page()


def test_the_handout_page_has_a_heading_for_each_section(page: Page, desk: DeskProcess) -> None:
    page.goto(f"{desk.url}/handouts/dry-needling")
    headings = page.locator(".prose h2")
    assert headings.evaluate_all("all => all.map(one => one.id)") == [
        section.id for section in HANDOUT.sections
    ]
    expect(page.get_by_role("heading", level=1)).to_have_text(HANDOUT.title)
    expect(page.locator("article")).to_contain_text(f"Version {HANDOUT.version}")
    expect(page.locator("article")).to_contain_text(HANDOUT.reviewed_by)
    links = page.get_by_role("navigation", name="On this page").get_by_role("link")
    expect(links).to_have_count(len(HANDOUT.sections))


def test_the_demo_page_has_one_script_and_no_medical_words(desk: DeskProcess) -> None:
    html = httpx.get(desk.url).text
    assert html.count("<script") == 1
    assert '<script type="module" src="/widget/define.js"></script>' in html
    for section in HANDOUT.sections:
        for line in section.text.splitlines():
            assert not line.endswith(".") or line not in html


def test_the_form_works_without_scripts_and_is_never_doubled(
    plain: Page, desk: DeskProcess, nurse: NurseAccount
) -> None:
    reference = request_callback(plain, desk)
    expect(plain.locator("main")).to_contain_text(re.compile(r"A nurse will call you"))
    plain.reload()
    expect(plain.locator(".reference")).to_have_text(reference)
    sign_in(plain, desk, nurse)
    expect(plain.locator(".case", has_text=reference)).to_have_count(1)


def test_the_form_names_every_error_and_keeps_what_was_entered(
    plain: Page, desk: DeskProcess
) -> None:
    plain.goto(f"{desk.url}/callback")
    fill_callback(plain, **{"Your phone number": "12"})
    plain.get_by_label("I agree").uncheck()
    plain.get_by_role("button", name="Ask for a call").click()
    assert plain.title().startswith("Error: ")
    alert = plain.get_by_role("alert")
    expect(alert.get_by_role("link")).to_have_count(2)
    phone = plain.get_by_label("Your phone number")
    expect(phone).to_have_value("12")
    expect(phone).to_have_attribute("aria-invalid", "true")
    described = (phone.get_attribute("aria-describedby") or "").split()
    assert "phone-error" in described
    expect(plain.locator("#phone-error")).to_contain_text("phone number")
    expect(plain.get_by_label("Your name")).to_have_value(PATIENT["Your name"])
    alert.get_by_role("link").first.click()
    expect(phone).to_be_focused()


def test_a_nurse_works_through_a_call_back_without_scripts(
    plain: Page, desk: DeskProcess, nurse: NurseAccount
) -> None:
    reference = request_callback(plain, desk)
    sign_in(plain, desk, nurse)
    assert re.match(r"^\(\d+\) Queue", plain.title())
    case = plain.locator(".case", has_text=reference)
    expect(case).to_contain_text("Routine")
    expect(case).to_contain_text("Call by")
    open_handoff(plain, reference)
    expect(plain.get_by_role("link", name="608")).to_have_attribute("href", "tel:+16085550134")
    expect(plain.locator("dl").first).to_contain_text(PATIENT["What is it about?"])
    expect(plain.locator("dl").first).to_contain_text("Agreed to be called")
    plain.get_by_role("button", name="I will call").click()
    expect(plain.locator("main")).to_contain_text("with Alice")
    plain.get_by_role("button", name="Give it back to the list").click()
    expect(plain.locator("main")).to_contain_text("nobody has taken it")
    done = plain.get_by_role("region", name="Done")
    done.get_by_role("radio", name="Reached the patient").check()
    plain.get_by_label("Note", exact=True).fill("All is well.")
    plain.get_by_role("button", name="Done").click()
    expect(plain.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    expect(plain.locator(".case", has_text=reference)).to_have_count(0)


def test_done_needs_an_outcome(
    page: Page, desk: DeskProcess, nurse: NurseAccount, watch: Watch
) -> None:
    watch.allow("422")
    reference = request_callback(page, desk)
    sign_in(page, desk, nurse)
    open_handoff(page, reference)
    page.locator("form[action$=resolve]").evaluate("form => form.noValidate = true")
    page.get_by_label("Note", exact=True).fill("Kept")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("alert")).to_contain_text("Please choose how it ended.")
    expect(page.get_by_label("Note", exact=True)).to_have_value("Kept")
    assert page.title().startswith("Error: ")


def test_the_loser_of_a_claim_is_told_who_has_it(
    page: Page,
    plain: Page,
    *,
    desk: DeskProcess,
    nurse: NurseAccount,
    bob: NurseAccount,
    watch: Watch,
) -> None:
    watch.allow("409")
    reference = request_callback(page, desk)
    sign_in(page, desk, bob)
    open_handoff(page, reference)
    sign_in(plain, desk, nurse)
    open_handoff(plain, reference)
    page.get_by_role("button", name="I will call").click()
    expect(page.locator("main")).to_contain_text("with Bob")
    plain.get_by_role("button", name="I will call").click()  # a page that does not follow the queue
    expect(plain.get_by_role("alert")).to_contain_text("Bob")


def test_presence_is_the_nurses_own_word(
    plain: Page, desk: DeskProcess, nurse: NurseAccount
) -> None:
    sign_in(plain, desk, nurse)
    expect(plain.locator(".presence")).to_have_text("Alice: away")
    plain.get_by_role("button", name="Set to available").click()
    expect(plain.locator(".presence")).to_have_text("Alice: available")
    assert httpx.get(f"{desk.url}/api/availability").json()["nurse_present"] is True
    plain.get_by_role("button", name="Set to away").click()
    expect(plain.locator(".presence")).to_have_text("Alice: away")
    assert httpx.get(f"{desk.url}/api/availability").json()["nurse_present"] is False


def test_a_wrong_password_says_nothing_about_which_part_was_wrong(
    plain: Page, desk: DeskProcess, bob: NurseAccount
) -> None:
    told = []
    for email in (bob.email, "nobody@clinic.example"):
        plain.goto(f"{desk.url}/nurse/sign-in")
        plain.get_by_label("E-mail").fill(email)
        plain.get_by_label("Password").fill("wrong")
        plain.get_by_role("button", name="Sign in").click()
        told.append(plain.get_by_role("alert").inner_text())
        assert plain.title().startswith("Error: ")
    assert told[0] == told[1]


def test_signing_out_ends_the_session_on_the_desk(
    plain: Page, desk: DeskProcess, nurse: NurseAccount
) -> None:
    sign_in(plain, desk, nurse)
    cookies = {one["name"]: one for one in plain.context.cookies()}
    cookie = cookies["clinic_nurse"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    plain.get_by_role("button", name="Sign out").click()
    expect(plain.get_by_role("heading", name="Sign in")).to_be_visible()
    after = httpx.get(f"{desk.url}/nurse", headers={"Cookie": f"clinic_nurse={cookie['value']}"})
    assert after.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_a_form_from_elsewhere_changes_nothing(
    page: Page, desk: DeskProcess, nurse: NurseAccount, headers: dict[str, str]
) -> None:
    sign_in(page, desk, nurse)
    cookie = next(one for one in page.context.cookies() if one["name"] == "clinic_nurse")["value"]
    told = httpx.post(
        f"{desk.url}/nurse/presence",
        data={"state": "available"},
        headers={**headers, "Cookie": f"clinic_nurse={cookie}"},
    )
    assert told.status_code == 403
    page.reload()
    expect(page.locator(".presence")).to_have_text("Alice: away")


@pytest.mark.parametrize("path", ["/nurse", "/nurse/handoffs/1", "/nurse/still-there"])
def test_without_a_session_there_is_only_the_sign_in(desk: DeskProcess, path: str) -> None:
    told = httpx.get(f"{desk.url}{path}", headers={"Accept": "text/html"})
    assert (told.status_code, told.headers["location"]) == (303, "/nurse/sign-in")


@pytest.mark.parametrize("path", ["/", "/callback", "/nurse/sign-in", "/handouts/dry-needling"])
def test_pages_are_not_kept_and_need_no_inline_code(desk: DeskProcess, path: str) -> None:
    told = httpx.get(f"{desk.url}{path}")
    assert told.headers["cache-control"] == "no-store"
    assert "unsafe-inline" not in told.headers["content-security-policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>", told.text)


@pytest.mark.parametrize("path", ["/handouts/none", "/no-such-page"])
def test_an_unknown_page_says_so_in_plain_words(desk: DeskProcess, path: str) -> None:
    told = httpx.get(f"{desk.url}{path}", headers={"Accept": "text/html"})
    assert told.status_code == 404
    assert "There is no such page" in told.text


@pytest.mark.parametrize("path", ["/static/..%2f..%2fclinic.yml", "/widget/..%2fclinic.yml"])
def test_only_the_listed_files_are_served(desk: DeskProcess, path: str) -> None:
    assert httpx.get(f"{desk.url}{path}").status_code == 404


def test_the_chat_can_ask_who_the_clinic_is(desk: DeskProcess) -> None:
    told = httpx.get(f"{desk.url}/api/clinic").json()
    assert told == {
        "name": "Riverside Clinic",
        "phone": "+1 608 555 0100",
        "emergency_number": "911",
        "crisis_line": "988",
    }
