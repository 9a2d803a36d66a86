"""One Chromium for a whole run, however many conftest files ask for one.

A fixture imported into a second conftest is a second fixture, and Playwright can be started only
once in a thread; so the last one to let go closes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from tools.browser import FLAGS, find_browser

WAIT_MS: Final = 15_000  # a long wait costs nothing where what is awaited comes


class _Shared:
    def __init__(self) -> None:
        self.users = 0
        self.stack = ExitStack()
        self.browser: Browser | None = None


_SHARED: Final = _Shared()


@contextmanager
def shared_browser() -> Iterator[Browser]:
    """The run's Chromium; fails the test where there is none."""
    if _SHARED.browser is None:
        path = find_browser()
        if path is None:
            pytest.fail("no Chromium here; 'python tools/browser.py --install' gets one")
        playwright = _SHARED.stack.enter_context(sync_playwright())
        _SHARED.browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        _SHARED.stack.callback(_SHARED.browser.close)
    _SHARED.users += 1
    try:
        yield _SHARED.browser
    finally:
        _SHARED.users -= 1
        if _SHARED.users == 0:
            _SHARED.browser = None
            _SHARED.stack.close()
