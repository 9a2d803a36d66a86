"""What is wrong with how a page looks: what axe finds, and what can be scrolled sideways."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

AXE = Axe()


def violations(page: Page) -> list[str]:
    """What axe finds, with the element and what to do."""
    # Preloading makes axe itself write an inline style, which the pages' policy refuses.
    found = AXE.run(page, options={"resultTypes": ["violations"], "preload": False})
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


def sideways(page: Page) -> list[str]:
    """What can be scrolled sideways, the chat's inside included."""
    found: list[str] = page.evaluate(
        """() => {
          const wide = (one) => one.scrollWidth > one.clientWidth + 1;
          const found = wide(document.documentElement) ? ['the page'] : [];
          const root = document.querySelector('clinic-chat')?.shadowRoot;
          for (const one of root?.querySelectorAll('.panel, .log, dialog') ?? []) {
            if (wide(one)) found.push(one.className || one.localName);
          }
          return found;
        }"""
    )
    return found
