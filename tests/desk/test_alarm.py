"""The desk's alarm says what the assistant says, and a fault in its files stops the start."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from clinic.settings import load_clinic
from clinic.turn import Urgency
from clinic.yaml_reader import SettingError
from desk.alarm import Said, load_alarm
from desk.public_holidays import public_holidays
from desk.settings import CHECKOUT

CLINIC = load_clinic(CHECKOUT / "clinic.yml", public_holidays)
CATALOGUE = CHECKOUT / "assistant" / "red_flags.yml"
DOMAIN = CHECKOUT / "domain.yml"
NOW = datetime(2026, 11, 25, 20, 30, tzinfo=timezone.utc)  # a Wednesday, 2:30 p.m. in Chicago


def said(text: str, *, ago: timedelta = timedelta()) -> Said:
    return Said(text, NOW - ago)


def urgency(text: str, *before: Said) -> Urgency | None:
    raised = load_alarm(CLINIC, catalogue=CATALOGUE, domain=DOMAIN).look(said(text), before=before)
    return raised.urgency if raised else None


def test_a_worry_is_urgent_and_tells_what_to_do_if_it_gets_worse() -> None:
    alarm = load_alarm(CLINIC, catalogue=CATALOGUE, domain=DOMAIN)
    raised = alarm.look(said("the spot is red, hot and full of pus"), before=())
    assert raised is not None
    assert raised.urgency is Urgency.URGENT
    for needed in ("A nurse should hear about this soon", "{due}", "gets worse", "911"):
        assert needed in raised.words


@pytest.mark.parametrize(
    ("told", "ago", "expected"),
    [
        ("I was needled yesterday", timedelta(hours=1), Urgency.EMERGENCY),
        ("I was needled yesterday", timedelta(days=2), Urgency.EMERGENCY),
        ("I was needled yesterday", timedelta(days=3), None),
        ("I was needled two weeks ago", timedelta(hours=1), None),
        ("my session is tomorrow", timedelta(hours=1), None),
    ],
)
def test_mild_chest_words_count_where_a_treatment_was_told_of_before(
    told: str, ago: timedelta, expected: Urgency | None
) -> None:
    assert urgency("a dry cough") is None
    assert urgency("a dry cough", said(told, ago=ago)) is expected


def test_the_words_are_the_assistants_with_the_clinics_numbers() -> None:
    alarm = load_alarm(CLINIC, catalogue=CATALOGUE, domain=DOMAIN)
    raised = alarm.look(said("I can not breathe"), before=())
    words = raised.words if raised else ""
    written = DOMAIN.read_text(encoding="utf-8").replace("{emergency_number}", "911")
    assert words in written
    assert words.startswith("Call 911")
    assert alarm.look(said("Does it hurt?"), before=()) is None
    assert alarm.look(said(""), before=()) is None


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
