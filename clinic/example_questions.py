"""Example questions of a second handout: `documents/<id>.yml` beside `documents/<id>.md`.

Either Rasa's own format (`nlu:` with `intent:` the section's id and `examples:`), or plainly

    section-id:
      - a question as a patient asks it

Both may be in one file. There need not be any.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from clinic.handout import Handout, HandoutError

__all__ = ["example_questions", "questions_path"]


def questions_path(folder: Path, handout: Handout) -> Path:
    """Where the questions of a handout stand, if there are any."""
    return folder / f"{handout.id}.yml"


def example_questions(folder: Path, handout: Handout) -> tuple[tuple[str, str], ...]:
    """Pairs of a question and its section's id. Raises `HandoutError` with file and section."""
    path = questions_path(folder, handout)
    if not path.exists():
        return ()
    try:
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise HandoutError(f"{path}: cannot be read as YAML: {error}") from error
    if data is None:
        return ()
    if not isinstance(data, dict):
        raise HandoutError(f"{path}: expected 'section-id:' with a list of questions below it")
    found: list[tuple[str, str]] = []
    for key, value in data.items():
        if key == "version":
            continue
        entries = _rasa_entries(value, path) if key == "nlu" else {str(key): value}
        for section, questions in entries.items():
            found += [(text, section) for text in _questions(questions, f"{path}: {section}")]
    known = {section.id for section in handout.sections}
    unknown = sorted({section for _, section in found} - known)
    if unknown:
        raise HandoutError(f"{path}: {handout.id}.md has no section {', '.join(unknown)}")
    return tuple(dict.fromkeys(found))


def _rasa_entries(value: Any, path: Path) -> dict[str, list[str]]:
    entries: dict[str, list[str]] = {}
    if not isinstance(value, list):
        raise HandoutError(f"{path}: 'nlu' must be a list of 'intent:' and 'examples:'")
    for entry in value:
        if not isinstance(entry, dict) or "intent" not in entry or "examples" not in entry:
            raise HandoutError(f"{path}: each entry of 'nlu' needs 'intent:' and 'examples:'")
        section = str(entry["intent"]).rpartition("#")[2]
        entries.setdefault(section, []).extend(_questions(entry["examples"], f"{path}: {section}"))
    return entries


def _questions(value: Any, place: str) -> list[str]:
    """A list of texts, or Rasa's block of lines that begin with a hyphen."""
    lines = value.splitlines() if isinstance(value, str) else value
    if not isinstance(lines, list) or not all(
        isinstance(line, (str, int, float)) for line in lines
    ):
        raise HandoutError(f"{place}: expected a list of questions")
    texts = [str(line).strip() for line in lines]
    if isinstance(value, str):
        texts = [text[1:].strip() if text.startswith("-") else text for text in texts]
    return [text for text in texts if text]
