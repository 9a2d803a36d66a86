"""Reads the red-flag catalogue: what is a sign of danger, who says so, and how patients word it.

Called by `clinic.red_flags`. The file is `assistant/red_flags.yml`; a fault in it is an error that
names the line and what was expected, at start and never at a patient's message.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from clinic.red_flag_passage import CueFinder, Stems, WordList
from clinic.red_flag_patterns import Pattern, PatternError, compile_pattern, word_list
from clinic.red_flag_words import Speller
from clinic.yaml_reader import Entry, read_yaml

__all__ = ["CUES", "Acuity", "Catalogue", "RedFlag", "Wording", "load_catalogue"]

# The lists of context words that the rules of clinic/red_flag_context.py ask for.
CUES = (
    "now", "not_now", "denial", "not_denial", "breaks_denial", "never", "past", "had",
    "not_past", "lasting", "supposing", "general", "general_after", "actual", "borne_out",
    "relative", "idiom", "things", "fiction", "wording", "study", "hearsay", "reach", "likened",
    "request", "dread", "treated", "lately", "alarming", "well", "spanish", "solved", "trifle",
    "nearly", "form", "treats", "gossip", "departed",
)  # fmt: skip
_FLAG_KEYS = (
    "name", "title", "acuity", "set_by", "source", "not_to_confuse", "english", "spanish",
    "fires", "silent",
)  # fmt: skip


class Acuity(str, Enum):
    """How soon somebody has to act, gravest last; `CRISIS` leads to 988, `EMERGENCY` to 911."""

    URGENT = "urgent"
    CRISIS = "crisis"
    EMERGENCY = "emergency"

    @property
    def gravity(self) -> int:
        """The higher, the graver."""
        return list(Acuity).index(self)


@dataclass(frozen=True)
class RedFlag:
    """One sign of danger, as the clinic's clinician reviews it."""

    name: str
    title: str
    acuity: Acuity
    set_by: str
    source: str
    not_to_confuse: str
    patterns: tuple[Pattern, ...]
    mild: tuple[Pattern, ...]  # enough from somebody treated lately, and from nobody else
    fires: str
    silent: str


class Wording(NamedTuple):
    """One wording of a flag; `mild` says that it counts only from somebody treated lately."""

    flag: RedFlag
    pattern: Pattern
    mild: bool


@dataclass(frozen=True)
class Catalogue:
    """All flags, the context words, and what matching needs of them."""

    version: str
    reviewed_by: str
    digest: str
    flags: tuple[RedFlag, ...]
    cues: CueFinder
    speller: Speller
    stems: Stems
    wordings: tuple[Wording, ...]
    anchors: dict[str, tuple[int, ...]]  # by a word, the places in `wordings` of those it looks up
    complaints: frozenset[str]  # words by which any flag is looked up


def load_catalogue(path: Path) -> Catalogue:
    """Read and check the catalogue; raises `clinic.yaml_reader.SettingError`."""
    top = read_yaml(path).mapping(
        ("version", "reviewed_by", "words", "flags", "context", "real_words")
    )
    lists: dict[str, WordList] = {}
    for name, entry in top["words"].keys().items():
        lists[name] = _words(entry, lists)
    flags = tuple(_flag(entry, lists) for entry in top["flags"].items("a list of flags"))
    names = [flag.name for flag in flags]
    for entry, name in zip(top["flags"].items("a list of flags"), names, strict=True):
        if names.count(name) > 1:
            raise entry.error_at(f"the flag '{name}' stands twice")
    cues = CueFinder(
        {name: _words(entry, lists) for name, entry in top["context"].mapping(CUES).items()}
    )
    wordings = tuple(
        Wording(flag, pattern, mild)
        for flag in flags
        for mild, patterns in ((False, flag.patterns), (True, flag.mild))
        for pattern in patterns
    )
    anchors: dict[str, list[int]] = {}
    for place, wording in enumerate(wordings):
        for word in wording.pattern.anchors:
            anchors.setdefault(word, []).append(place)
    words = frozenset(word for wording in wordings for word in wording.pattern.words)
    words |= cues.words
    real = _real_words(path, top["real_words"])
    return Catalogue(
        version=top["version"].text("a version"),
        reviewed_by=top["reviewed_by"].text("who reviewed it"),
        digest=hashlib.sha256(path.read_bytes() + real.encode()).hexdigest(),
        flags=flags,
        cues=cues,
        speller=Speller((word.rstrip("*") for word in words), real=real.split()),
        stems=Stems(word for word in words if word.endswith("*")),
        wordings=wordings,
        anchors={word: tuple(found) for word, found in anchors.items()},
        complaints=frozenset(anchors),
    )


def _real_words(path: Path, entry: Entry) -> str:
    file = path.with_name(entry.text("the name of a file beside this one"))
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise entry.error_at(f"{file.name} cannot be read: {error.strerror}") from error


def _words(entry: Entry, lists: dict[str, WordList]) -> WordList:
    try:
        found = word_list(entry.text("words with commas between").split(","), lists)
    except PatternError as error:
        raise entry.error_at(str(error)) from error
    if not found:
        raise entry.error("words with commas between")
    return found


def _flag(entry: Entry, lists: dict[str, WordList]) -> RedFlag:
    keys = entry.mapping(_FLAG_KEYS, optional=("mild",))
    text = {name: keys[name].text() for name in _FLAG_KEYS if name not in ("english", "spanish")}
    for name, value in text.items():
        if not value:
            raise keys[name].error("a text")
    try:
        acuity = Acuity(text.pop("acuity"))
    except ValueError as error:
        expected = " or ".join(value.value for value in Acuity)
        raise keys["acuity"].error(expected) from error
    patterns = tuple(
        _pattern(line, lists)
        for language in ("english", "spanish")
        for line in keys[language].items("a list of wordings")
    )
    mild = keys["mild"].items("a list of wordings") if "mild" in keys else []
    return RedFlag(
        acuity=acuity,
        patterns=patterns,
        mild=tuple(_pattern(line, lists) for line in mild),
        **text,
    )


def _pattern(line: Entry, lists: dict[str, WordList]) -> Pattern:
    written = line.text("a wording")
    try:
        return compile_pattern(written, lists)
    except PatternError as error:
        raise line.error_at(f'{error}, found "{written}"') from error
