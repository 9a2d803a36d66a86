"""tools/browser.py finds what is there and says what to do when there is nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools import browser


def _program(folder: Path, name: str) -> str:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_a_chromium_on_the_path_comes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chrome = _program(tmp_path, "google-chrome")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.find_browser() == chrome
    assert browser.find_browser() != _program(tmp_path, "chromium")
    assert browser.find_browser() == shutil.which("chromium")


def test_without_one_on_the_path_playwrights_own_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "_playwrights_own", lambda: "/own/chrome")
    assert browser.find_browser() == "/own/chrome"


def test_a_failed_installation_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "_playwrights_own", lambda: None)
    monkeypatch.setattr("sys.executable", _program(tmp_path, "python"))
    with pytest.raises(browser.BrowserError, match="apt-get install chromium"):
        browser.install_browser()
