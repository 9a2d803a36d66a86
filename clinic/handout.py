"""The handout: the only medical text, read from `documents/<id>.md`.

Front matter, then one H2 a section, written `## Title {#section-id}`. Answers, pages and the
patient's API all take their words from here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = [
    "Handout",
    "HandoutError",
    "Section",
    "find_section",
    "load_handout",
    "load_handouts",
    "parse_handout",
]

_FRONT_MATTER = re.compile(r"\A---\n(?P<yaml>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_HEADING = re.compile(r"^## (?P<rest>.*)$", re.MULTILINE)
_TITLE_AND_ID = re.compile(r"^(?P<title>.+?)\s*\{#(?P<id>[^}]*)\}$")
_DOCUMENT_TITLE = re.compile(r"\A# [^\n]+\Z")
_LIST_ITEM = re.compile(r"^[-*+] +(?P<text>.+)$")
_ID = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
_REQUIRED = ("title", "version", "reviewed_by", "reviewed_on", "source")


class HandoutError(ValueError):
    """A handout cannot be used; the message names the file, the place and what was expected."""


@dataclass(frozen=True)
class Section:
    """One passage. `markdown` is what the file says, paragraphs and lists, never empty."""

    id: str
    title: str
    markdown: str

    @property
    def text(self) -> str:
        """The same words as plain text: one line a paragraph, one line ("- ...") a list item."""
        return _plain_text(self.markdown)


@dataclass(frozen=True)
class Handout:
    """One document with its sections in reading order; `digest` changes with any character."""

    id: str
    title: str
    version: str
    reviewed_by: str
    reviewed_on: str
    source: str
    sections: tuple[Section, ...]
    digest: str
    other_names: tuple[str, ...] = ()  # what else patients call it; "other names: a, b" in front

    def section(self, section_id: str) -> Section:
        """The section of that id; raises `KeyError` when the handout has none."""
        for section in self.sections:
            if section.id == section_id:
                return section
        raise KeyError(section_id)


def find_section(
    handouts: Mapping[str, Handout], document: str | None, name: str
) -> tuple[Handout, Section] | None:
    """The section that a turn of `document` names, with its handout; None once it is gone.

    A section of another handout is named `other-document#section-id`.
    """
    other, _, section_id = name.rpartition("#")
    handout = handouts.get(other or document or "")
    if handout is None:
        return None
    found = next((one for one in handout.sections if one.id == section_id), None)
    return (handout, found) if found else None


def load_handouts(folder: Path) -> tuple[Handout, ...]:
    """Every `*.md` of the folder, by id. Raises `HandoutError`, also when there is none."""
    handouts = tuple(load_handout(path) for path in sorted(folder.glob("*.md")))
    if not handouts:
        raise HandoutError(f"{folder}: no handout found; expected at least one <id>.md")
    return handouts


def load_handout(path: Path) -> Handout:
    """Read one handout; its id is the file's name. Raises `HandoutError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HandoutError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    return parse_handout(text, document_id=path.stem, origin=str(path))


def parse_handout(text: str, *, document_id: str, origin: str) -> Handout:
    """Make a `Handout` of Markdown text; `origin` stands in front of every complaint."""
    text = text.replace("\r\n", "\n")
    if not _ID.match(document_id):
        raise HandoutError(
            f"{origin}: the file's name must be small letters, digits and hyphens, then .md"
        )
    found = _FRONT_MATTER.match(text)
    if not found:
        raise HandoutError(
            f"{origin}: line 1: expected front matter between two lines of '---' ({_wanted()})"
        )
    front, other_names = _read_front_matter(found["yaml"], origin)
    first_line = text[: found.start("body")].count("\n") + 1
    return Handout(
        id=document_id,
        sections=_read_sections(found["body"], origin, first_line),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        other_names=other_names,
        **front,
    )


def _wanted() -> str:
    return "with " + ", ".join(_REQUIRED)


def _read_front_matter(source: str, origin: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The required values by key, and the other names of the handout."""
    try:
        data: Any = yaml.safe_load(source)
    except yaml.YAMLError as error:
        raise HandoutError(f"{origin}: the front matter is not YAML: {error}") from error
    if not isinstance(data, dict):
        raise HandoutError(f"{origin}: the front matter must be 'key: value' lines {_wanted()}")
    # People write 'reviewed by' as readily as 'reviewed_by'; both mean the same key.
    values = {re.sub(r"[ -]", "_", str(key).lower()): value for key, value in data.items()}
    missing = [key for key in _REQUIRED if not str(values.get(key) or "").strip()]
    if missing:
        raise HandoutError(f"{origin}: the front matter lacks {', '.join(missing)}")
    others = values.get("other_names") or ()
    names = others.split(",") if isinstance(others, str) else [str(name) for name in others]
    required = {key: str(values[key]).strip() for key in _REQUIRED}
    return required, tuple(name.strip() for name in names if name.strip())


def _read_sections(body: str, origin: str, first_line: int) -> tuple[Section, ...]:
    headings = list(_HEADING.finditer(body))
    if not headings:
        raise HandoutError(f"{origin}: expected at least one heading '## Title {{#section-id}}'")
    before = body[: headings[0].start()].strip()
    if before and not _DOCUMENT_TITLE.match(before):
        raise HandoutError(f"{origin}: text stands before the first '## Title {{#section-id}}'")
    sections: dict[str, Section] = {}
    ends = [heading.start() for heading in headings[1:]] + [len(body)]
    for heading, end in zip(headings, ends, strict=True):
        line = first_line + body[: heading.start()].count("\n")
        section = _read_section(heading["rest"].strip(), body[heading.end() : end], origin, line)
        if section.id in sections:
            raise HandoutError(f"{origin}: line {line}: the section id '{section.id}' stands twice")
        sections[section.id] = section
    return tuple(sections.values())


def _read_section(heading: str, text: str, origin: str, line: int) -> Section:
    found = _TITLE_AND_ID.match(heading)
    if not found:
        raise HandoutError(
            f"{origin}: line {line}: the heading '{heading}' lacks its id; "
            "write '## Title {#section-id}'"
        )
    if not _ID.match(found["id"]):
        raise HandoutError(
            f"{origin}: line {line}: '{found['id']}' is no section id; "
            "use small letters, digits and hyphens"
        )
    if not text.strip():
        raise HandoutError(f"{origin}: line {line}: the section '{found['id']}' has no text")
    return Section(id=found["id"], title=found["title"], markdown=text.strip())


def _plain_text(markdown: str) -> str:
    lines: list[str] = []
    joins = False
    for line in (raw.strip() for raw in markdown.splitlines()):
        item = _LIST_ITEM.match(line)
        if item:
            lines.append(f"- {item['text']}")
        elif joins and line:
            lines[-1] += f" {line}"
        elif line:
            lines.append(line)
        joins = bool(line)
    return "\n".join(lines)
