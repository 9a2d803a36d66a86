"""The hazard log names only tests that exist, and every hazard of recognition has one."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent
LOG = (TESTS.parents[1] / "docs" / "clinical-safety.md").read_text(encoding="utf-8")
FILES = {
    "RF": "test_red_flags.py",
    "RC": "test_red_flag_recogniser.py",
    "CA": "test_red_flag_catalogue.py",
    "DC": "test_danger_in_context.py",
    "AD": "test_alarm_doubt.py",
}


def test_every_test_the_log_names_exists() -> None:
    named = re.findall(rf"({'|'.join(FILES)})::(test_\w+)", LOG)
    assert named
    for file, name in named:
        assert f"def {name}(" in (TESTS / FILES[file]).read_text(encoding="utf-8"), name


def test_every_file_of_tests_the_log_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", LOG)
    assert named
    for file, name in named:
        path = TESTS.parents[1] / file
        assert path.is_file(), file
        assert not name or f"def {name}(" in path.read_text(encoding="utf-8"), name


def test_every_hazard_names_a_test() -> None:
    hazards = re.findall(r"^\| (H\d+) \|(.*)$", LOG, re.MULTILINE)
    assert len(hazards) >= 18
    for number, row in hazards:
        assert "::test_" in row or "`tests/" in row, number
