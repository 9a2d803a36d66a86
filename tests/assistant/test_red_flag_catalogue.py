"""The catalogue: its faults are told by line, and its language means what its table says."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.red_flags import CATALOGUE, assessor
from clinic.red_flag_catalogue import load_catalogue
from clinic.red_flag_passage import Passage, Stems
from clinic.red_flag_patterns import PatternError, compile_pattern, find, word_list
from clinic.red_flag_words import Speller, plain_form, tokens
from clinic.yaml_reader import SettingError

SHIPPED = CATALOGUE.read_text(encoding="utf-8")
WORDS = CATALOGUE.with_name("red_flag_real_words.txt").read_text(encoding="utf-8")


def changed(folder: Path, old: str, new: str) -> Path:
    assert old in SHIPPED
    (folder / "red_flag_real_words.txt").write_text(WORDS, encoding="utf-8")
    path = folder / "red_flags.yml"
    path.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("acuity: emergency", "acuity: grave", "expected urgent or crisis or emergency"),
        ("- name: chest_pain", "- name: breathing", "stands twice"),
        ("      - pleuritic|angina", "      - <nowhere>|angina", "no word list <nowhere>"),
        ("      - pleuritic|angina", "      - .. angina", "a gap needs a word"),
        ("      - pleuritic|angina", "      - a* angina", "a beginning has"),
        ("      - pleuritic|angina|myocardial|palpitations", "      - angina &", "sides of '&'"),
        ("version: 1", "edition: 1", "no such setting"),
        ("real_words: red_flag", "real_words: lost", "cannot be read"),
        ("  never: ", "  nope: ", "no such setting"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(SettingError, match=r"line \d+: ") as caught:
        load_catalogue(changed(tmp_path, old, new))
    assert complaint in str(caught.value)


def test_a_missing_catalogue_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="cannot be read"):
        load_catalogue(tmp_path / "none.yml")


def test_a_changed_catalogue_has_another_digest(tmp_path: Path) -> None:
    other = load_catalogue(changed(tmp_path, "version: 1", "version: 2"))
    assert other.digest != assessor().catalogue.digest


def test_the_catalogue_says_that_no_clinician_has_reviewed_it() -> None:
    """Delete this test when one has, and her name stands there instead."""
    assert assessor().catalogue.reviewed_by == "not yet reviewed by a clinician"


def test_every_flag_the_issue_names_is_there() -> None:
    assert {flag.name for flag in assessor().catalogue.flags} == {
        "breathing", "chest_pain", "coughing_blood", "stroke", "sight", "headache", "unresponsive",
        "seizure", "anaphylaxis", "bleeding", "blood_inside", "cauda_equina", "overdose",
        "broken_needle_chest", "defibrillator", "suicide", "violence", "infection", "numbness",
        "bruise", "soreness", "needle_left", "dizziness", "needlestick", "pregnancy", "low_mood",
    }  # fmt: skip


def test_real_words_are_those_that_would_be_taken_for_misspellings() -> None:
    catalogue = assessor().catalogue
    known = [word for word in WORDS.split() if catalogue.speller.knows(plain_form(word))]
    assert known == []


# --- the language


def places(pattern: str, text: str) -> list[tuple[int, int]]:
    lists = {"part": word_list(["chest", "rib cage"], {})}
    compiled = compile_pattern(pattern, lists)
    speller = Speller((word.rstrip("*") for word in compiled.words), real=["faster"])
    stems = Stems(word for word in compiled.words if word.endswith("*"))
    found = find(compiled, Passage(tokens(text, speller), stems))
    return [(min(s[0] for s in match), max(s[1] for s in match)) for match in found]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("chest pain", "my chest pain", [(1, 3)]),
        ("chest pain", "my chest. No more pain", []),
        ("bleed*", "it was bleeding", [(2, 3)]),
        ("cold|out_of breath", "I am out of breath", [(2, 5)]),
        ("<part> pain", "rib cage pain", [(0, 3)]),
        ("very? cold", "cold", [(0, 1)]),
        ("chest .. pain", "chest has a pain", [(0, 4)]),
        ("chest .. pain", "chest has a very bad pain", []),
        ("chest .... pain", "chest has a very bad pain", [(0, 6)]),
        ("pain & chest", "chest and some pain", [(0, 4)]),
        ("NUM days", "four days", [(0, 2)]),
        ("NUM days", "4 days", [(0, 2)]),
        ("YEAR", "in '08", [(1, 2)]),
        ("YEAR", "in 2010", [(1, 2)]),
        ("MANY pills", "2 pills", []),
        ("MANY pills", "30 pills", [(0, 2)]),
        ("FEVERISH", "38.4", [(0, 1)]),
        ("FEVERISH", "36.6", []),
        ("cant", "CAN'T", [(0, 1)]),
        ("cant", "can not", [(0, 1)]),
        ("bleeding", "bledding", [(0, 1)]),
        ("fainted", "fianted", [(0, 1)]),
        ("fasten", "faster", []),
    ],
)
def test_the_language(pattern: str, text: str, expected: list[tuple[int, int]]) -> None:
    assert places(pattern, text) == expected


@pytest.mark.parametrize(
    "pattern", ["", ".. a", "a ..", "a?", "a & ", "<x>", "*", "ab*", "... a b"]
)
def test_a_wording_that_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern, {})
