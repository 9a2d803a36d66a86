"""The chat as a patient meets it: what can be pressed, read and heard."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

HEARD = """() => {
  const root = document.querySelector('clinic-chat').shadowRoot;
  window.heard = [];
  for (const region of root.querySelectorAll('[data-live]')) {
    new MutationObserver((changes) => {
      for (const change of changes) for (const node of change.addedNodes) {
        window.heard.push([region.dataset.live, node.textContent]);
      }
    }).observe(region, { childList: true });
  }
}"""
FOCUS = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element.id || element.className || element.localName;
}"""


@dataclass(frozen=True)
class Chat:
    """Drives the chat on a page; waits are Playwright's."""

    page: Page

    @property
    def launcher(self) -> Locator:
        return self.page.get_by_role("button", name="Chat with us")

    @property
    def panel(self) -> Locator:
        return self.page.locator("clinic-chat").get_by_role("dialog").first

    @property
    def input(self) -> Locator:
        return self.panel.get_by_label("Your question")

    @property
    def messages(self) -> Locator:
        return self.panel.locator(".message")

    @property
    def replies(self) -> Locator:
        return self.panel.locator(".message.assistant, .message.system")

    def open(self) -> None:
        """Open the panel and listen to what a screen reader would say."""
        self.launcher.click()
        expect(self.input).to_be_focused()
        self.listen()

    def listen(self) -> None:
        """Begin to keep what the live regions say."""
        self.page.evaluate(HEARD)

    def send(self, text: str) -> None:
        """Write and press Enter."""
        self.input.fill(text)
        self.input.press("Enter")

    def ask(self, text: str) -> Locator:
        """Send and wait for the next reply, which is returned."""
        before = self.replies.count()
        self.send(text)
        reply = self.replies.nth(before)
        expect(reply).to_be_visible()
        return reply

    def heard(self) -> list[tuple[str, str]]:
        """What was said so far: (politeness, words)."""
        said = self.page.evaluate("window.heard")
        return [(politeness, words) for politeness, words in said]

    def focus(self) -> str:
        """The id, class or tag of the element that has the focus, inside the chat too."""
        focused: str = self.page.evaluate(FOCUS)
        return focused
