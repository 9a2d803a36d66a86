"""A Chromium for the browser's tests and the screenshots: finds one, or installs what fits here.

python tools/browser.py             prints its path
python tools/browser.py --install   installs one when none is found
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

__all__ = ["FLAGS", "BrowserError", "find_browser", "install_browser"]

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Quiet: a test's browser asks nobody on the network for anything.
_QUIET: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class BrowserError(RuntimeError):
    """No browser can be had; the message says what to do."""


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


# Chromium's sandbox refuses to work for root, as in most containers.
FLAGS: Final[tuple[str, ...]] = (*(("--no-sandbox",) if _is_root() else ()), *_QUIET)


def find_browser() -> str | None:
    """The path of a Chromium: one on PATH, else Playwright's own; None when there is neither."""
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return found
    return _playwrights_own()


def install_browser() -> str:
    """Install a Chromium and return its path. Raises `BrowserError`."""
    if _is_root() and shutil.which("apt-get") and _has_package("chromium"):
        command = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
    else:
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        done = subprocess.run(command, check=False)
    except OSError as error:
        raise BrowserError(f"{command[0]} cannot be started: {error.strerror}") from error
    found = find_browser()
    if done.returncode != 0 or found is None:
        raise BrowserError(
            f"'{' '.join(command)}' gave no browser. Please install Chromium yourself "
            "(Debian, Ubuntu: apt-get install chromium; Fedora: dnf install chromium; "
            "macOS: brew install --cask chromium), then run this again."
        )
    return found


def _has_package(name: str) -> bool:
    # Ubuntu's "chromium" leads to a snap, which does not run in containers; Debian's is real.
    if shutil.which("snap"):
        return False
    subprocess.run(["apt-get", "update"], check=False, stdout=subprocess.DEVNULL)
    shown = subprocess.run(
        ["apt-cache", "policy", name], check=False, capture_output=True, text=True
    )
    candidate = next((line for line in shown.stdout.splitlines() if "Candidate:" in line), "")
    return bool(candidate) and "(none)" not in candidate and "snap" not in candidate


def _playwrights_own() -> str | None:
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 (only in the tests' set)
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.exists() else None


def main() -> int:
    """Print the path, or one sentence on what is wrong."""
    parser = argparse.ArgumentParser(description="Find or install a Chromium.")
    parser.add_argument("--install", action="store_true", help="install one when none is found")
    wanted = parser.parse_args()
    found = find_browser()
    try:
        if found is None and wanted.install:
            found = install_browser()
    except BrowserError as error:
        print(error, file=sys.stderr)
        return 1
    if found is None:
        print("No Chromium found; 'python tools/browser.py --install' gets one.", file=sys.stderr)
        return 1
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
