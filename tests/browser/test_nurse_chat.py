"""A nurse in the patient's chat: the line, who answers, typing, what was seen, and the way back."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chat import Chat
from tests.browser.desk_process import ROOT, DeskProcess
from tests.browser.fake_rasa import FakeRasa
from tests.browser.looking import sideways, violations
from tests.browser.watch import Watch

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass
class Nurse:
    """A nurse at the API, as her console uses it."""

    http: httpx.Client
    name: str

    def comes(self) -> None:
        """Be there."""
        self.http.put("/api/nurse/presence", json={"state": "available"}).raise_for_status()

    def claims(self, conversation: str) -> int:
        """Take the patient; the handoff's id."""
        found = self.http.get("/api/nurse/handoffs").raise_for_status().json()
        number = next(one["id"] for one in found if one["conversation"] == conversation)
        self.does(number, "claim")
        return int(number)

    def does(self, handoff: int, what: str) -> None:
        """Claim, release, hand back."""
        self.http.post(f"/api/nurse/handoffs/{handoff}/{what}").raise_for_status()

    def in_chat(self, conversation: str, what: str, **body: object) -> None:
        """Write, type, see."""
        path = f"/api/nurse/conversations/{conversation}/{what}"
        self.http.post(path, json=body).raise_for_status()


@pytest.fixture(scope="module")
def desk(rasa_server: FakeRasa, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """A desk whose nurses work at any hour."""
    var = tmp_path_factory.mktemp("open")
    text = (ROOT / "clinic.yml").read_text(encoding="utf-8")
    hours = "".join(f'  {day}: ["00:00-24:00"]\n' for day in DAYS)
    config = var / "clinic.yml"
    config.write_text(re.sub(r"^hours:\n(?:  .*\n)+", f"hours:\n{hours}", text, flags=re.MULTILINE))
    started = DeskProcess(var=var, rasa_url=rasa_server.url, config=config)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def watch(desk: DeskProcess) -> Watch:
    return Watch(home={urlsplit(desk.url).netloc})


@pytest.fixture(scope="module")
def ada(desk: DeskProcess) -> Iterator[Nurse]:
    """Nurse Ada, there."""
    account = desk.make_nurse("ada@clinic.example", name="Ada")
    with httpx.Client(base_url=desk.url, trust_env=False, timeout=15) as http:
        answer = http.post(
            "/api/nurse/session", json={"email": account.email, "password": account.password}
        )
        http.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['token']}"
        http.cookies.clear()
        nurse = Nurse(http, "Ada")
        nurse.comes()
        yield nurse


def conversation_of(page: Page) -> str:
    found: str = page.evaluate("JSON.parse(Object.values(sessionStorage)[0]).conversation.id")
    return found


def queue_up(desk: DeskProcess, conversation: str) -> None:
    """Do what the assistant's action does."""
    secret = (desk.var / "internal-secret").read_text().strip()
    httpx.post(
        f"{desk.url}/internal/chats",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": str(uuid.uuid4())},
        json={"conversation": conversation, "reason": "my shoulder"},
    ).raise_for_status()


@pytest.fixture
def waiting(page: Page, chat: Chat, desk: DeskProcess, ada: Nurse) -> Iterator[Chat]:
    """A patient's page that waits for a nurse."""
    chat.open()
    chat.ask("I want a nurse")
    queue_up(desk, conversation_of(page))
    expect(bar(chat)).to_have_text("Waiting for a nurse: you are next in line, about 1 minute.")
    yield chat
    for handoff in ada.http.get("/api/nurse/handoffs").json():
        ada.http.post(f"/api/nurse/handoffs/{handoff['id']}/resolve", json={"outcome": "helped"})


def bar(chat: Chat) -> Locator:
    return chat.panel.get_by_role("region", name="Nurse").locator("p")


def test_a_whole_chat_with_a_nurse_and_back_to_the_assistant(
    page: Page, waiting: Chat, ada: Nurse, rasa: FakeRasa
) -> None:
    conversation, heard = conversation_of(page), len(rasa.received)
    ask = waiting.panel.get_by_role("button", name="Talk to a nurse")
    expect(ask).to_be_hidden()
    handoff = ada.claims(conversation)
    expect(bar(waiting)).to_have_text("Ada, a nurse, answers you here.")
    expect(waiting.panel.locator(".subtitle")).to_have_text("You are writing with Ada, a nurse")
    ada.in_chat(conversation, "typing")
    expect(waiting.panel.locator(".typing-text")).to_have_text("Ada is writing…")
    ada.in_chat(conversation, "messages", text="Hello, which shoulder is it?")
    said = waiting.panel.locator(".message.nurse")
    expect(said.locator(".speaker")).to_have_text("Ada, nurse")
    expect(said).to_contain_text("Hello, which shoulder is it?")
    expect(waiting.panel.locator(".typing")).to_be_hidden()
    waiting.send("The left one")
    own = waiting.panel.locator(".message.patient").last
    expect(own).to_contain_text("Delivered")
    ada.in_chat(conversation, "seen", seq=last_seq(ada, conversation))
    expect(own).to_contain_text("Seen by the nurse")
    expect(waiting.panel.locator(".typing")).to_be_hidden()
    spoken = [words for _, words in waiting.heard()]
    assert "Clinic says: Ada, a nurse, has joined the chat and answers you now." in spoken
    assert "Ada, nurse says: Hello, which shoulder is it?" in spoken
    assert len(spoken) == len(set(spoken)), "each line once"
    ada.does(handoff, "hand-back")
    expect(bar(waiting)).to_be_hidden()
    expect(ask).to_be_visible()
    expect(waiting.panel.locator(".subtitle")).to_have_text("Automatic assistant, not a person")
    assert len(rasa.received) == heard
    expect(waiting.ask("Does it hurt?")).to_contain_text("From the handout")


def last_seq(nurse: Nurse, conversation: str) -> int:
    events = nurse.http.get(f"/api/nurse/conversations/{conversation}/events").json()
    return int(events[-1]["seq"])


def test_the_nurse_sees_the_patient_type_and_what_she_has_read(
    page: Page, waiting: Chat, ada: Nurse
) -> None:
    conversation = conversation_of(page)
    ada.claims(conversation)
    expect(bar(waiting)).to_have_text("Ada, a nurse, answers you here.")
    seq = last_seq(ada, conversation)
    with ada.http.stream("GET", "/api/nurse/events") as answer:
        lines = answer.iter_lines()
        waiting.input.press_sequentially("It is")
        page.wait_for_timeout(200)
        told = ""
        while '"patient_typing":true' not in told or f'"seen_by_patient":{seq}' not in told:
            told = next(lines)


def test_a_chat_with_a_nurse_survives_a_reload(page: Page, waiting: Chat, ada: Nurse) -> None:
    conversation = conversation_of(page)
    ada.claims(conversation)
    ada.in_chat(conversation, "messages", text="Hello from Ada")
    expect(waiting.panel.locator(".message.nurse")).to_be_visible()
    page.reload()
    again = Chat(page)
    expect(bar(again)).to_have_text("Ada, a nurse, answers you here.")
    expect(again.panel.locator(".message.nurse .speaker")).to_have_text("Ada, nurse")
    again.send("I am back")
    expect(again.panel.locator(".message.patient").last).to_contain_text("Delivered")


def test_the_place_in_line_is_read_out_when_it_changes(
    page: Page, waiting: Chat, desk: DeskProcess, ada: Nurse
) -> None:
    """Another patient is more urgent, and then served."""
    opened = httpx.post(f"{desk.url}/api/conversations").json()
    secret = (desk.var / "internal-secret").read_text().strip()
    httpx.post(
        f"{desk.url}/internal/chats",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "urgent"},
        json={"conversation": opened["id"], "urgency": "urgent"},
    ).raise_for_status()
    words = "Waiting for a nurse: you are number 2 in line, about 4 minutes."
    expect(bar(waiting)).to_have_text(words)
    page.wait_for_function("words => window.heard.some(([, said]) => said === words)", arg=words)
    assert [words for politeness, words in waiting.heard() if politeness == "assertive"] == []


def test_the_patient_may_stop_waiting_and_keeps_the_keyboard(page: Page, waiting: Chat) -> None:
    waiting.panel.get_by_role("button", name="Stop waiting").press("Enter")
    expect(bar(waiting)).to_be_hidden()
    expect(waiting.input).to_be_focused()
    expect(waiting.replies.last).to_contain_text("You do not wait for a nurse any more.")
    expect(waiting.ask("Does it hurt?")).to_contain_text("From the handout")


def test_an_emergency_in_a_nurses_chat_has_the_numbers(
    page: Page, waiting: Chat, ada: Nurse
) -> None:
    conversation = conversation_of(page)
    ada.claims(conversation)
    expect(bar(waiting)).to_have_text("Ada, a nurse, answers you here.")
    waiting.send("I have chest pain and cannot breathe")
    expect(waiting.panel.locator(".message.emergency")).to_contain_text("911")
    expect(waiting.panel.get_by_role("region", name="Emergency numbers")).to_be_visible()
    expect(bar(waiting)).to_have_text("Ada, a nurse, answers you here.")


@pytest.mark.parametrize("claimed", [False, True], ids=["waiting", "with the nurse"])
def test_axe_finds_nothing_and_it_fits_a_small_screen(
    page: Page, waiting: Chat, ada: Nurse, *, claimed: bool
) -> None:
    page.emulate_media(reduced_motion="reduce")
    if claimed:
        ada.claims(conversation_of(page))
        ada.in_chat(conversation_of(page), "messages", text="Hello, which shoulder is it?")
        waiting.send("I have chest pain")
        expect(waiting.panel.get_by_role("region", name="Emergency numbers")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], scheme
    page.set_viewport_size({"width": 320, "height": 640})
    assert sideways(page) == [], "320 pixels wide"
    expect(waiting.input).to_be_in_viewport()
    log = waiting.panel.get_by_role("log")
    assert log.evaluate("one => one.clientHeight") > 100, "room to read"


def test_with_the_assistant_down_the_button_still_leads_to_a_nurse(
    page: Page, chat: Chat, ada: Nurse, rasa: FakeRasa
) -> None:
    rasa.down = True
    chat.open()
    chat.send("Does it hurt?")
    expect(chat.replies.last).to_contain_text("The assistant cannot answer right now.")
    chat.panel.get_by_role("button", name="Talk to a nurse").click()
    expect(bar(chat)).to_contain_text("Waiting for a nurse")
    handoff = ada.claims(conversation_of(page))
    ada.in_chat(conversation_of(page), "messages", text="Hello from Ada")
    expect(chat.panel.locator(".message.nurse")).to_be_visible()
    ada.http.post(f"/api/nurse/handoffs/{handoff}/resolve", json={"outcome": "helped"})


def test_without_streams_the_chat_with_a_nurse_works_as_well(
    page: Page, waiting: Chat, ada: Nurse, watch: Watch
) -> None:
    watch.allow("net::ERR_FAILED")
    page.route(
        "**/events?*",
        lambda route: route.abort() if "signals" in route.request.url else route.continue_(),
    )
    page.reload()
    again, conversation = Chat(page), conversation_of(page)
    ada.claims(conversation)
    ada.in_chat(conversation, "messages", text="Hello from Ada")
    expect(again.panel.locator(".message.nurse")).to_be_visible()
    expect(bar(again)).to_have_text("Ada, a nurse, answers you here.")
