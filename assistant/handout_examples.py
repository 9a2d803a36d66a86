"""The handouts' own titles and sentences as examples of their sections.

So a section is known before anybody has written an example question for it, and the handout's own
words always lead to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from clinic.handout import Handout

__all__ = ["handout_sentences"]

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_LIST_MARK = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_MARKDOWN = re.compile(r"[*_`]+|\]\([^)]*\)|\[")


def handout_sentences(handouts: Iterable[Handout]) -> list[tuple[str, str]]:
    """Pairs of a title or sentence, without Markdown, and its section's id, each once."""
    found: dict[tuple[str, str], None] = {}
    for handout in handouts:
        for section in handout.sections:
            found[(section.title, section.id)] = None
            for line in section.text.splitlines():
                plain = _MARKDOWN.sub("", _LIST_MARK.sub("", line)).strip()
                for sentence in _SENTENCE_END.split(plain):
                    if sentence:
                        found[(sentence, section.id)] = None
    return list(found)
