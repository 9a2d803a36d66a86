"""The desk's alarm says what the assistant says, and a fault in its files stops the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.settings import load_clinic
from clinic.yaml_reader import SettingError
from desk.alarm import load_alarm
from desk.public_holidays import public_holidays
from desk.settings import CHECKOUT

CLINIC = load_clinic(CHECKOUT / "clinic.yml", public_holidays)
CATALOGUE = CHECKOUT / "assistant" / "red_flags.yml"
DOMAIN = CHECKOUT / "domain.yml"


def test_the_words_are_the_assistants_with_the_clinics_numbers() -> None:
    alarm = load_alarm(CLINIC, catalogue=CATALOGUE, domain=DOMAIN)
    words = alarm.words_for("I can not breathe") or ""
    written = DOMAIN.read_text(encoding="utf-8").replace("{emergency_number}", "911")
    assert words in written
    assert words.startswith("Call 911")
    assert alarm.words_for("Does it hurt?") is None
    assert alarm.words_for("") is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("responses:", "replies:", "expected the response utter_emergency, found none"),
        ("utter_crisis:", "utter_other:", "expected the response utter_crisis, found none"),
        ("{emergency_number}", "the usual number", "a text that names {emergency_number}"),
        ("{crisis_line}", "the line", "a text that names {crisis_line}"),
    ],
)
def test_a_domain_without_these_words_stops_the_start(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    domain = tmp_path / "domain.yml"
    domain.write_text(DOMAIN.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(SettingError) as refused:
        load_alarm(CLINIC, catalogue=CATALOGUE, domain=domain)
    assert told in str(refused.value)


@pytest.mark.parametrize("missing", ["catalogue", "domain"])
def test_a_file_that_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    paths = {"catalogue": CATALOGUE, "domain": DOMAIN, missing: tmp_path / "none.yml"}
    with pytest.raises(SettingError, match=r"none\.yml"):
        load_alarm(CLINIC, **paths)
