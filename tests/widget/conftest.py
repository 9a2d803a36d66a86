"""The widget's own tests run in the same browser, against the same desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import browser, context, desk, page, rasa, rasa_server, watch
from tests.browser.desk_process import DeskProcess

__all__ = ["browser", "context", "desk", "page", "rasa", "rasa_server", "watch"]

Call = Callable[..., Any]


@pytest.fixture
def call(page: Page, desk: DeskProcess) -> Call:
    """Runs JavaScript with a module's exports: `call("transcript.js", "(module, x) => …", x)`."""
    page.goto(f"{desk.url}/callback")

    def run(module: str, script: str, *values: Any) -> Any:
        return page.evaluate(
            f"async (values) => ({script})(await import('/widget/{module}'), ...values)",
            list(values),
        )

    return run
