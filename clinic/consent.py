"""The words by which patients agree to be called, each under the version that is kept with a yes.

A version never changes and never goes: the record of a patient names it. New words are a new
version. tests/clinic/test_consent.py holds domain.yml and the form to these.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["CHAT", "FORM", "TEXTS"]

TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "chat-1": (
            "The nurse will call {phone_shown}. Is it OK to keep these details and this chat so "
            "that the nurse can help you? Please say yes or no."
        ),
        "form-1": (
            "I agree that the clinic keeps what I entered here and that a nurse calls me at this "
            "number about it."
        ),
    }
)
CHAT: Final = "chat-1"
"""What the assistant asks now (`utter_ask_callback_form_consent` in domain.yml)."""
FORM: Final = "form-1"
"""What the page /callback asks now."""
