"""Canned replies: how one is named, and what stands for the nurse and the clinic in its words.

`{nurse}`, `{clinic}` and `{phone}` are filled in when a nurse inserts it; other words in braces are
refused when it is written, so that no patient ever reads one. Called by `desk.canned_replies`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["LONGEST_SHORTCUT", "PLACEHOLDERS", "fill", "is_shortcut", "unknown_placeholders"]

PLACEHOLDERS: Final[Mapping[str, str]] = {
    "nurse": "your name",
    "clinic": "the clinic's name",
    "phone": "the clinic's phone number",
}
LONGEST_SHORTCUT: Final = 32  # characters
_SHORTCUT: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_BRACES: Final = re.compile(r"\{([^{}]*)\}")


def is_shortcut(word: str) -> bool:
    """Whether it can be typed after a slash: small letters, digits and hyphens."""
    return len(word) <= LONGEST_SHORTCUT and _SHORTCUT.fullmatch(word) is not None


def unknown_placeholders(text: str) -> tuple[str, ...]:
    """What stands in braces and is none of `PLACEHOLDERS`, in its order."""
    return tuple(name for name in _BRACES.findall(text) if name not in PLACEHOLDERS)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The words with `values` in place of the placeholders; others stay as they are."""
    return _BRACES.sub(lambda found: values.get(found[1], found[0]), text)
