"""Every state of every page: axe finds nothing, and it fits a small screen and large text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.browser.desk_process import DeskProcess, NurseAccount
from tests.browser.looking import sideways, violations
from tests.browser.visits import open_handoff, request_callback, sign_in
from tests.browser.watch import Watch

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
Visit = Callable[[Page, DeskProcess, NurseAccount], None]


def _demo(page: Page, desk: DeskProcess, _nurse: NurseAccount) -> None:
    page.goto(desk.url)
    expect(Chat(page).launcher).to_be_visible()


def _open_chat(page: Page, desk: DeskProcess, nurse: NurseAccount) -> None:
    _demo(page, desk, nurse)
    Chat(page).open()


def _answered(page: Page, desk: DeskProcess, nurse: NurseAccount) -> None:
    _open_chat(page, desk, nurse)
    Chat(page).ask("What can it treat?")


def _choices(page: Page, desk: DeskProcess, nurse: NurseAccount) -> None:
    _open_chat(page, desk, nurse)
    Chat(page).ask("which one")
    Chat(page).panel.get_by_role("button", name="Soreness").click()
    expect(Chat(page).replies).to_have_count(2)


def _emergency(page: Page, desk: DeskProcess, nurse: NurseAccount) -> None:
    _open_chat(page, desk, nurse)
    Chat(page).ask("I have chest pain")


def _crisis(page: Page, desk: DeskProcess, nurse: NurseAccount) -> None:
    _open_chat(page, desk, nurse)
    Chat(page).ask("I think of suicide")
    expect(Chat(page).panel.get_by_role("region", name="Emergency numbers")).to_be_visible()


def _emergency_detail(page: Page, desk: DeskProcess, nurse: NurseAccount) -> None:
    _emergency(page, desk, nurse)
    sign_in(page, desk, nurse)
    page.locator(".case.emergency").first.get_by_role("link", name="Read the conv").click()
    expect(page.locator("blockquote")).to_be_visible()


def _emergency_queue(page: Page, desk: DeskProcess, nurse: NurseAccount) -> None:
    _emergency(page, desk, nurse)
    sign_in(page, desk, nurse)


def _erase(page: Page, desk: DeskProcess, nurse: NurseAccount) -> None:
    _answered(page, desk, nurse)
    Chat(page).panel.get_by_role("button", name="End and erase this chat").click()


def _handout(page: Page, desk: DeskProcess, _nurse: NurseAccount) -> None:
    page.goto(f"{desk.url}/handouts/dry-needling")


def _callback(page: Page, desk: DeskProcess, _nurse: NurseAccount) -> None:
    page.goto(f"{desk.url}/callback")


def _callback_errors(page: Page, desk: DeskProcess, nurse: NurseAccount) -> None:
    _callback(page, desk, nurse)
    page.get_by_role("button", name="Ask for a call").click()


def _callback_done(page: Page, desk: DeskProcess, _nurse: NurseAccount) -> None:
    request_callback(page, desk)


def _missing(page: Page, desk: DeskProcess, _nurse: NurseAccount) -> None:
    page.goto(f"{desk.url}/handouts/unknown")


def _sign_in_page(page: Page, desk: DeskProcess, _nurse: NurseAccount) -> None:
    page.goto(f"{desk.url}/nurse/sign-in")


def _queue(page: Page, desk: DeskProcess, nurse: NurseAccount) -> None:
    request_callback(page, desk)
    sign_in(page, desk, nurse)


def _detail(page: Page, desk: DeskProcess, nurse: NurseAccount) -> None:
    reference = request_callback(page, desk)
    sign_in(page, desk, nurse)
    open_handoff(page, reference)


VISITS: dict[str, Visit] = {
    "chat closed": _demo,
    "chat open": _open_chat,
    "chat with an answer": _answered,
    "chat with used choices": _choices,
    "chat with an emergency": _emergency,
    "chat with a crisis": _crisis,
    "chat asks before erasing": _erase,
    "handout": _handout,
    "call-back form": _callback,
    "call-back form with errors": _callback_errors,
    "call-back requested": _callback_done,
    "unknown page": _missing,
    "nurse sign-in": _sign_in_page,
    "nurse list": _queue,
    "nurse detail": _detail,
    "nurse list with an emergency": _emergency_queue,
    "nurse detail of an emergency": _emergency_detail,
}


@pytest.mark.parametrize("visit", VISITS.values(), ids=VISITS)
@pytest.mark.usefixtures("rasa")
def test_axe_finds_nothing_in_light_and_dark(
    page: Page, desk: DeskProcess, nurse: NurseAccount, visit: Visit, watch: Watch
) -> None:
    watch.allow("status of 4")
    page.emulate_media(reduced_motion="reduce")
    visit(page, desk, nurse)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], scheme


@pytest.mark.parametrize("visit", VISITS.values(), ids=VISITS)
@pytest.mark.usefixtures("rasa")
def test_it_fits_320_pixels_and_text_of_twice_the_size(
    page: Page, desk: DeskProcess, nurse: NurseAccount, visit: Visit, watch: Watch
) -> None:
    watch.allow("status of 4")
    page.set_viewport_size({"width": 320, "height": 640})
    visit(page, desk, nurse)
    assert sideways(page) == [], "320 pixels wide"
    page.set_viewport_size({"width": 640, "height": 640})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    assert sideways(page) == [], "text of twice the size"


@pytest.mark.usefixtures("rasa")
def test_the_chat_can_be_used_in_forced_colors(page: Page, desk: DeskProcess) -> None:
    page.emulate_media(forced_colors="active")
    page.goto(desk.url)
    chat = Chat(page)
    chat.open()
    reply = chat.ask("I have chest pain")
    borders = reply.locator(".bubble").evaluate("one => getComputedStyle(one).borderTopWidth")
    assert borders == "4px"


@pytest.mark.usefixtures("rasa")
def test_nothing_moves_where_less_motion_is_wished(page: Page, desk: DeskProcess) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(desk.url)
    chat = Chat(page)
    chat.open()
    chat.send("slow")
    expect(chat.panel.locator(".typing")).to_be_visible()
    moving = page.evaluate("document.getAnimations().length")
    assert moving == 0
    expect(chat.replies).to_have_count(1)
