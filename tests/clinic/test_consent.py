"""The words of consent: what is shown is what is kept, and an old version never changes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import yaml

from clinic.consent import CHAT, FORM, TEXTS

ROOT = Path(__file__).parents[2]
# A record of a patient names its version. New words get a new version and a new line here.
EVER_SHOWN = {
    "chat-1": "ebd9dcfcbd79",
    "form-1": "f6cfe93cdc39",
}


def test_what_was_ever_shown_stays_as_it_was() -> None:
    sums = {
        version: hashlib.sha256(text.encode()).hexdigest()[:12] for version, text in TEXTS.items()
    }
    assert sums == EVER_SHOWN


def test_the_assistant_asks_in_the_words_that_are_kept() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    (asked,) = domain["responses"]["utter_ask_callback_form_consent"]
    assert asked["text"] == TEXTS[CHAT]


def test_the_form_shows_its_words_from_here_alone() -> None:
    page = (ROOT / "desk" / "templates" / "callback.html").read_text(encoding="utf-8")
    assert "{{ consent_text }}" in page
    assert "agree" not in page
    assert TEXTS[FORM]
