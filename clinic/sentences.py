"""A section's text, sentence by sentence: what answers are put together from.

Called where answers are written (`assistant.generator`), where the best sentence is looked for and
where sentences are learnt; all three must agree on where one ends.
"""

from __future__ import annotations

import re

__all__ = ["LIST_MARK", "sentences"]

LIST_MARK = "- "
# A sentence ends where a stop is followed by a capital: "Sept. 5" does not end one.
_END = re.compile(r"""(?:(?<=[.!?])|(?<=[.!?]["')\]]))\s+(?=["'(\[]*[A-Z])""")


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of `Section.text`, each word for word; a list line is one, with its mark."""
    found: list[str] = []
    for line in text.splitlines():
        if line.startswith(LIST_MARK):
            found.append(line)
        else:
            found += [part.strip() for part in _END.split(line) if part.strip()]
    return tuple(found)
