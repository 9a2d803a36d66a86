"""A patient talks with the chat: by keyboard, by ear, over a bad line, and after a reload."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.chat import Chat
from tests.browser.desk_process import DeskProcess
from tests.browser.fake_rasa import DECLINE_TEXT, HANDOUT, FakeRasa
from tests.browser.watch import Watch

# The handout's own words, whatever they are.
HURTS = HANDOUT.section("does-it-hurt").text.splitlines()[0]
TREATS = HANDOUT.section("what-it-treats").text.splitlines()[0]


def test_a_whole_conversation_needs_no_mouse(page: Page, chat: Chat) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if chat.focus() == "launcher":
            break
    page.keyboard.press("Enter")
    expect(chat.input).to_be_focused()
    page.keyboard.type("Does it")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("hurt?")
    page.keyboard.press("Enter")
    expect(chat.replies.first).to_contain_text(HURTS)
    expect(chat.messages.first.locator(".verbatim")).to_have_text("Does it\nhurt?")
    page.keyboard.type("which one")
    page.keyboard.press("Enter")
    choice = chat.panel.get_by_role("button", name="Soreness")
    expect(choice).to_be_visible()
    while chat.focus() != "choice":
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(choice).to_be_focused()
    page.keyboard.press("Space")
    expect(chat.input).to_be_focused()
    expect(chat.replies).to_have_count(3)
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()


def test_the_panel_first_says_who_it_is_and_what_to_do_in_an_emergency(chat: Chat) -> None:
    chat.open()
    welcome = chat.panel.locator(".welcome")
    expect(welcome).to_contain_text("automatic assistant of Riverside Clinic. It is not a person.")
    expect(welcome).to_contain_text("from the clinic's handout")
    expect(welcome.get_by_role("link", name="call 911")).to_have_attribute("href", "tel:911")
    expect(welcome.locator("p")).to_have_count(3)


def test_an_answer_leads_to_its_passage_in_the_handout(
    context: BrowserContext, page: Page, chat: Chat
) -> None:
    chat.open()
    reply = chat.ask("What can it treat?")
    expect(reply.locator(".bubble li")).to_have_count(
        HANDOUT.section("what-it-treats").text.count("\n- ")
    )
    link = reply.get_by_role("link", name="From the handout: What pain can it treat?")
    expect(link).to_have_accessible_name(
        "From the handout: What pain can it treat? (opens a new tab)"
    )
    assert link.get_attribute("rel") == "noopener"
    with context.expect_page() as opened:
        link.click()
    expect(opened.value.get_by_role("heading", name="What pain can it treat?")).to_be_in_viewport()
    assert opened.value.url.endswith("/handouts/dry-needling#what-it-treats")


def test_each_message_is_announced_once_and_focus_stays(page: Page, chat: Chat) -> None:
    chat.open()
    chat.send("slow: does it hurt?")
    chat.panel.get_by_role("button", name="Close chat").focus()
    expect(chat.panel.locator(".typing")).to_be_visible()
    expect(chat.replies).to_have_count(1)
    expect(chat.panel.locator(".typing")).to_be_hidden()
    assert "close" in chat.focus()
    page.wait_for_timeout(300)
    assert chat.heard() == [
        ("polite", "Clinic assistant says: " + " ".join(_lines("does-it-hurt")))
    ]
    page.wait_for_timeout(2000)
    expect(page.locator("clinic-chat [data-live=polite]")).to_be_empty()
    chat.ask("Is there a refund?")
    page.wait_for_timeout(300)
    assert [words for _, words in chat.heard()][1:] == [f"Clinic assistant says: {DECLINE_TEXT}"]


def test_an_emergency_interrupts_and_its_numbers_can_be_called(page: Page, chat: Chat) -> None:
    chat.open()
    reply = chat.ask("I have chest pain")
    hrefs = reply.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert {"tel:911", "tel:988", "sms:988"} == set(hrefs)
    page.wait_for_timeout(300)
    assert [politeness for politeness, _ in chat.heard()] == ["assertive"]


def test_a_chosen_answer_stays_readable_and_the_choices_are_locked(chat: Chat) -> None:
    chat.open()
    chat.ask("which one")
    chat.panel.get_by_role("button", name="Soreness").click()
    expect(chat.input).to_be_focused()
    chosen = chat.panel.get_by_role("button", name="Soreness (your choice)")
    expect(chosen).to_have_attribute("aria-disabled", "true")
    expect(chat.panel.get_by_role("button", name="Which pains")).to_have_attribute(
        "aria-disabled", "true"
    )
    expect(chat.replies).to_have_count(2)
    chosen.click(force=True)
    expect(chat.messages).to_have_count(4)


def test_the_nurse_button_is_an_ordinary_message(chat: Chat, rasa: FakeRasa) -> None:
    chat.open()
    chat.panel.get_by_role("button", name="Talk to a nurse").click()
    expect(chat.replies.first).to_contain_text("What is it about?")
    assert rasa.received[0]["message"] == "I want to talk to a nurse"


def test_a_reload_keeps_the_conversation_and_reads_nothing_again(page: Page, chat: Chat) -> None:
    chat.open()
    chat.ask("Does it hurt?")
    page.wait_for_timeout(300)
    page.reload()
    expect(chat.messages).to_have_count(2)
    chat.listen()
    page.wait_for_timeout(400)
    assert chat.heard() == []
    chat.ask("What can it treat?")
    expect(chat.messages).to_have_count(4)


def test_a_message_that_was_not_sent_can_be_sent_again_and_is_never_doubled(
    context: BrowserContext, page: Page, chat: Chat, rasa: FakeRasa, watch: Watch
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED")
    watch.allow("ERR_NETWORK")
    chat.open()
    chat.ask("Does it hurt?")
    context.set_offline(True)
    expect(chat.panel.locator(".status")).to_have_text("Connection lost. Trying again…")
    chat.send("What can it treat?")
    expect(chat.panel.locator(".unsent")).to_contain_text("Not sent.")
    expect(chat.input).to_be_enabled()
    context.set_offline(False)
    expect(chat.panel.locator(".status")).to_be_empty()
    chat.panel.get_by_role("button", name="Try again").click()
    expect(chat.replies).to_have_count(2)
    expect(chat.messages).to_have_count(4)
    assert [one["message"] for one in rasa.received] == ["Does it hurt?", "What can it treat?"]


def test_a_lost_202_does_not_double_the_message(
    page: Page, chat: Chat, rasa: FakeRasa, watch: Watch
) -> None:
    watch.allow("ERR_FAILED")
    cut: list[str] = []

    def lose_the_first(route: Route) -> None:
        if cut:
            route.continue_()
            return
        cut.append(route.request.url)
        route.fetch()
        route.abort()

    page.route("**/messages", lose_the_first)
    chat.open()
    chat.ask("Does it hurt?")
    expect(chat.messages).to_have_count(2)
    expect(chat.panel.locator(".unsent")).to_have_count(0)
    assert len(rasa.received) == 1


def test_who_writes_too_fast_is_told_in_the_desks_words_and_can_send_again(
    page: Page, chat: Chat, watch: Watch
) -> None:
    watch.allow("429")
    told = "In an emergency call 911 now. Please try again in 5 seconds."
    page.route(
        "**/messages",
        lambda route: route.fulfill(status=429, json={"status": 429, "detail": told}),
        times=1,
    )
    chat.open()
    chat.send("Does it hurt?")
    expect(chat.panel.locator(".unsent")).to_contain_text(f"Not sent. {told}")
    chat.panel.get_by_role("button", name="Try again").click()
    expect(chat.replies.first).to_contain_text(HURTS)
    expect(chat.messages).to_have_count(2)


def test_where_streams_do_not_get_through_the_chat_asks_instead(
    page: Page, chat: Chat, watch: Watch
) -> None:
    watch.allow("ERR_FAILED")
    page.route(
        "**/events?*",
        lambda route: (
            route.abort()
            if route.request.headers["accept"] == "text/event-stream"
            else route.continue_()
        ),
    )
    chat.open()
    expect(chat.ask("Does it hurt?")).to_contain_text(HURTS)
    expect(chat.ask("What can it treat?")).to_contain_text(TREATS)
    expect(chat.panel.locator(".status")).to_be_empty()


def test_feedback_is_given_once(page: Page, chat: Chat) -> None:
    sent: list[str | None] = []
    page.on("request", lambda one: sent.append(one.post_data) if "/feedback" in one.url else None)
    chat.open()
    reply = chat.ask("Is there a refund?")
    expect(reply).to_contain_text(DECLINE_TEXT)
    reply.get_by_role("button", name="Yes, this helped").click()
    expect(reply).to_contain_text("Thank you for telling us.")
    expect(reply.get_by_role("button")).to_have_count(0)
    page.reload()
    expect(chat.replies.first).to_contain_text("Thank you for telling us.")
    assert len(sent) == 1


def test_erasing_leaves_nothing_in_the_browser_or_on_the_desk(
    page: Page, chat: Chat, desk: DeskProcess
) -> None:
    chat.open()
    chat.ask("Does it hurt?")
    stored = page.evaluate("JSON.parse(Object.values(sessionStorage)[0]).conversation")
    chat.panel.get_by_role("button", name="End and erase this chat").click()
    dialog = chat.panel.get_by_role("dialog", name="End and erase this chat?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_visible()
    expect(chat.messages).to_have_count(2)
    chat.panel.get_by_role("button", name="End and erase this chat").click()
    dialog.get_by_role("button", name="Erase").click()
    expect(chat.panel.locator(".status")).to_contain_text("This chat is erased.")
    expect(chat.messages).to_have_count(0)
    assert "token" not in page.evaluate("JSON.stringify(sessionStorage)")
    told = httpx.get(
        f"{desk.url}/api/conversations/{stored['id']}/events",
        headers={"Authorization": f"Bearer {stored['token']}"},
    )
    assert told.status_code == 410
    expect(chat.ask("Does it hurt?")).to_be_visible()


def test_an_outage_is_told_with_the_way_to_a_nurse(chat: Chat, rasa: FakeRasa) -> None:
    rasa.down = True
    chat.open()
    chat.send("Does it hurt?")
    told = chat.panel.locator(".message.system")
    expect(told).to_be_visible()
    expect(told.get_by_role("link", name="Ask for a call from a nurse")).to_be_visible()
    expect(chat.panel.locator(".typing")).to_be_hidden()
    chat.send("Hello?")
    expect(chat.panel.locator(".typing")).to_have_text(
        "Your message is kept and waits for the assistant."
    )
    rasa.down = False
    expect(chat.panel.locator(".message.assistant")).to_have_count(2, timeout=20_000)
    expect(chat.panel.locator(".typing")).to_be_hidden()


def test_the_chat_comes_back_after_the_desk_was_restarted(
    own_desk: DeskProcess, page: Page, rasa: FakeRasa, watch: Watch
) -> None:
    watch.home = {f"127.0.0.1:{own_desk.port}"}
    watch.allow("ERR_CONNECTION_REFUSED")
    watch.allow("ERR_INCOMPLETE_CHUNKED_ENCODING")
    watch.allow("ERR_EMPTY_RESPONSE")
    watch.allow("ERR_CONNECTION_RESET")
    page.goto(own_desk.url)
    chat = Chat(page)
    chat.open()
    chat.ask("Does it hurt?")
    own_desk.stop()
    expect(chat.panel.locator(".status")).to_have_text("Connection lost. Trying again…")
    own_desk.start()
    expect(chat.panel.locator(".status")).to_be_empty(timeout=20_000)
    expect(chat.ask("What can it treat?")).to_contain_text(TREATS)
    expect(chat.messages).to_have_count(4)


def test_the_token_never_stands_in_an_address(page: Page, chat: Chat) -> None:
    urls: list[str] = []
    page.on("request", lambda one: urls.append(one.url))
    chat.open()
    chat.ask("Does it hurt?")
    token = page.evaluate("JSON.parse(Object.values(sessionStorage)[0]).conversation.token")
    assert urls
    assert not [url for url in urls if token in url]


@pytest.mark.parametrize(
    "text",
    ["<img src=x onerror=alert(1)>", "/restart", "{{7*7}}", "\u202eevil", "javascript:alert(1)"],
)
def test_what_a_patient_writes_is_text(chat: Chat, text: str) -> None:
    chat.open()
    chat.ask(text)
    expect(chat.messages.first.locator(".verbatim")).to_have_text(text)
    expect(chat.messages.first.locator(".bubble *")).to_have_count(1)


def test_a_message_that_is_too_long_stays_in_the_field(chat: Chat) -> None:
    chat.open()
    chat.send("a" * 4001)
    expect(chat.panel.locator("#problem")).to_contain_text("4001 characters")
    expect(chat.input).to_have_value("a" * 4001)
    expect(chat.messages).to_have_count(0)


def _lines(section: str) -> list[str]:
    return HANDOUT.section(section).text.splitlines()


def test_a_reply_to_a_closed_chat_is_told_at_the_launcher(page: Page, chat: Chat) -> None:
    chat.open()
    chat.send("slow")
    page.keyboard.press("Escape")
    expect(chat.launcher).to_have_accessible_name("Chat with us (new message)")
    chat.launcher.click()
    expect(chat.replies).to_have_count(1)


def test_a_refused_message_says_why_and_stays(page: Page, chat: Chat, watch: Watch) -> None:
    watch.allow("status of 429")
    page.route(
        "**/messages",
        lambda route: route.fulfill(status=429, json={"detail": "Please wait a minute."}),
    )
    chat.open()
    chat.send("Hello")
    expect(chat.panel.locator(".unsent")).to_contain_text("Not sent. Please wait a minute.")


def test_a_chat_erased_elsewhere_starts_anew_with_the_next_message(
    page: Page, chat: Chat, desk: DeskProcess, watch: Watch
) -> None:
    watch.allow("status of 410")
    chat.open()
    chat.ask("Does it hurt?")
    stored = page.evaluate("JSON.parse(Object.values(sessionStorage)[0]).conversation")
    httpx.delete(
        f"{desk.url}/api/conversations/{stored['id']}",
        headers={"Authorization": f"Bearer {stored['token']}"},
    )
    expect(chat.panel.locator(".status")).to_contain_text("This chat has ended.")
    expect(chat.messages).to_have_count(0)
    chat.ask("What can it treat?")
    expect(chat.messages).to_have_count(2)


def test_what_is_sent_while_erasing_is_erased_too(page: Page, chat: Chat, rasa: FakeRasa) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(f"{one.method} {one.url.rsplit('/', 1)[-1]}"))
    chat.open()
    chat.ask("Does it hurt?")
    chat.send("one more")
    chat.panel.get_by_role("button", name="End and erase this chat").click()
    chat.panel.get_by_role("button", name="Erase", exact=True).click()
    expect(chat.panel.locator(".status")).to_contain_text("This chat is erased.")
    page.wait_for_timeout(500)
    expect(chat.messages).to_have_count(0)
    (erased,) = [at for at, one in enumerate(asked) if one.startswith("DELETE")]
    assert asked[erased + 1 :] == []
    assert len({one["sender"] for one in rasa.received}) == 1


@pytest.mark.usefixtures("rasa")
def test_a_long_wait_is_explained(page: Page, desk: DeskProcess) -> None:
    page.clock.install()
    page.goto(desk.url)
    chat = Chat(page)
    chat.open()
    chat.send("slow")
    expect(chat.panel.locator(".typing")).to_be_visible()
    expect(chat.panel.locator(".typing")).to_have_text("The assistant is writing…")
    page.clock.fast_forward(15_500)
    expect(chat.panel.locator(".typing")).to_contain_text("Your message is kept.")
    expect(chat.replies).to_have_count(1)


def test_trying_again_sends_the_same_message_not_another(
    page: Page, chat: Chat, rasa: FakeRasa, watch: Watch
) -> None:
    watch.allow("ERR_FAILED")
    posts: list[object] = []

    def lose_the_first(route: Route) -> None:
        posts.append(route.request.post_data_json)
        if len(posts) > 1:
            route.continue_()
            return
        route.fetch()
        route.abort()

    page.route("**/messages", lose_the_first)
    page.route("**/events?*", lambda route: route.abort())
    chat.open()
    chat.send("Does it hurt?")
    again = chat.panel.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    page.reload()
    again.click()
    page.unroute("**/events?*")
    expect(chat.messages).to_have_count(2, timeout=20_000)
    assert posts[0] == posts[1]
    assert len(rasa.received) == 1


def test_the_patient_takes_the_chat_along_as_a_file(page: Page, chat: Chat) -> None:
    chat.open()
    save = chat.panel.get_by_role("button", name="Save this chat")
    expect(save).to_be_hidden()
    chat.ask("Does it hurt?")
    with page.expect_download() as saved:
        save.press("Enter")
    assert saved.value.suggested_filename == "chat.txt"
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    assert "You, " in text
    assert "  Does it hurt?" in text
