"""clinic.yml: every mistake is one sentence with file, line and what was expected."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.escalation import Notifications
from clinic.floor import ChatTimes
from clinic.hours import Span
from clinic.hours_settings import HolidayError
from clinic.settings import ClinicError, load_clinic, load_numbers
from clinic.turn import Urgency

EVERY_MAY_DAY = {date(year, 5, 1) for year in range(2020, 2040)}
EXAMPLE = Path(__file__).parents[2] / "clinic.yml"
TEXT = EXAMPLE.read_text(encoding="utf-8")


def may_day(country: str, subdivision: str | None, open_on: tuple[str, ...]) -> set[date]:
    """A calendar by hand, of one country with one holiday."""
    if country != "US":
        raise HolidayError("country", 'a country such as "US"')
    if subdivision not in {None, "WI"}:
        raise HolidayError("subdivision", "one of WI")
    for place, name in enumerate(open_on):
        if name not in {"May Day", "Columbus Day", "Veterans Day"}:
            raise HolidayError("open_on", "one of May Day", place=place)
    return set() if "May Day" in open_on else EVERY_MAY_DAY


def load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "clinic.yml"
    path.write_text(text, encoding="utf-8")
    load_clinic(path, may_day)


def test_the_example_is_right() -> None:
    clinic = load_clinic(EXAMPLE, may_day)
    assert clinic.name == "Riverside Clinic"
    assert clinic.phone == "+1 608 555 0100"
    assert clinic.country == "US"
    assert str(clinic.time_zone) == "America/Chicago"
    assert clinic.schedule.weekly[3] == (Span(480, 720), Span(780, 1170))
    assert clinic.schedule.weekly[6] == ()
    assert clinic.schedule.exceptions[date(2026, 12, 25)] == ()
    assert clinic.schedule.spans(date(2026, 12, 24)) == (Span(480, 720),)
    assert date(2026, 5, 1) in clinic.schedule.holidays
    assert clinic.callback_targets == {
        Urgency.EMERGENCY: timedelta(minutes=5),
        Urgency.URGENT: timedelta(minutes=30),
        Urgency.ROUTINE: timedelta(hours=4),
    }
    assert clinic.retention.audit == timedelta(days=2190)
    assert (clinic.notifications, clinic.allowed_origins) == (Notifications(), ())


def test_the_assistant_reads_the_numbers() -> None:
    numbers = load_numbers(EXAMPLE)
    assert (numbers.emergency_number, numbers.crisis_line) == ("911", "988")
    assert (numbers.name, numbers.phone) == ("Riverside Clinic", "+1 608 555 0100")


def test_the_times_of_the_live_chat_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "clinic.yml"
    path.write_text(re.sub(r"live_chat:\n(  .*\n)+", "", TEXT), encoding="utf-8")
    assert "live_chat" not in path.read_text(encoding="utf-8")
    assert load_clinic(path, may_day).chat == load_clinic(EXAMPLE, may_day).chat == ChatTimes()


@pytest.mark.parametrize("phone", ["phone:", 'phone: ""', "phone: null", ""])
def test_a_clinic_may_have_no_phone(tmp_path: Path, phone: str) -> None:
    path = tmp_path / "clinic.yml"
    path.write_text(re.sub(r"phone: \"[^\"]*\"", phone, TEXT, count=1), encoding="utf-8")
    assert load_clinic(path, may_day).phone is None


def test_words_that_yaml_reads_otherwise_are_taken_as_written(tmp_path: Path) -> None:
    """Unquoted NO is Norway, 911 a number to dial, 2026-12-25 a key; not false, int and date."""
    path = tmp_path / "clinic.yml"
    text = TEXT.replace("country: US", "country: NO", 1).replace('"911"', "911")
    path.write_text(text.replace('"2026-12-25"', "2026-12-25"), encoding="utf-8")
    clinic = load_clinic(path, may_day)
    assert (clinic.country, clinic.emergency_number) == ("NO", "911")
    assert date(2026, 12, 25) in clinic.schedule.exceptions


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("monday: [", 'monday: ["8-12am", ', 'hours.monday: expected spans such as "08:00-12:00"'),
        ("monday: [", 'monday: ["08:00-07:00", ', "hours.monday: expected a span that begins"),
        ("monday: [", 'monday: ["08:00-08:00", ', "hours.monday: expected a span that begins"),
        ("monday: [", 'monday: ["08:00-09:00", ', "hours.monday: expected spans in order"),
        ("monday: [", 'monday: ["24:30-25:00", ', "hours from 00:00 to 24:00"),
        ("monday: [", 'monday: ["08:60-09:00", ', "hours from 00:00 to 24:00"),
        ('["08:00-12:00", "13:00-17:00"]', '"08:00"', 'expected a list of spans.*found "08:00"'),
        ("saturday: []", "saturday:", "hours.saturday: expected a list of .*found nothing"),
        ("saturday: []", "", "hours: expected the key saturday, found none"),
        ("saturday: []", "saturday: []\n  caturday: []", "hours.caturday: no such setting"),
        ("saturday: []", "saturday: []\n  monday: []", "hours.monday: stands twice"),
        ('"2026-12-25"', '"2026-02-30"', "exceptions.2026-02-30: expected a date such as"),
        ('"2026-12-25"', '"20261225"', "expected a date such as"),
        ('"2026-12-25"', '"Christmas"', "expected a date such as"),
        ("    country: US", "    country: DE", "public_holidays.country: expected a country"),
        ("    country: US", "    subdivision: ZZ\n    country: US", "expected one of WI, found"),
        (
            "    country: US",
            "    state: WI\n    country: US",
            "public_holidays.state: no such sett",
        ),
        ('"Columbus Day"', '"Colombus Day"', 'open_on: expected one of .*found "Colombus Day"'),
        ('["Columbus Day", "Veterans Day"]', "Easter", "expected a list of names of holidays"),
        ("public_holidays:  ", "public_holiday:  ", "hours.public_holiday: no such setting"),
        ("America/Chicago", "Chicago", "clinic.time_zone: expected a time zone"),
        ("America/Chicago", "America", "clinic.time_zone: expected a time zone"),
        ("America/Chicago", "../etc", "clinic.time_zone: expected a time zone"),
        ("country: US", "country: us", "clinic.country: expected two capital letters"),
        ("name: Riverside Clinic", "name:", "clinic.name: expected .*found nothing"),
        ("name: Riverside Clinic", "name: [a]", "clinic.name: expected .*found a list"),
        ("name: Riverside Clinic", "nom: x", "clinic.nom: no such setting"),
        ('"+1 608 555 0100"', "call us", "clinic.phone: expected a phone number such as"),
        ('"911"', '"nine"', "emergency.number: expected digits"),
        ("5 minutes", "soon", "callback_targets.emergency: expected a duration such as"),
        ("5 minutes", "0 minutes", "callback_targets.emergency: expected a duration"),
        ("5 minutes", "5", "callback_targets.emergency: expected a duration"),
        ("60 seconds", "20 seconds", "live_chat.nurse_gone_after: expected at least 30 seconds"),
        ("8 minutes", "1 day", "live_chat.usual_chat: expected at most 4 hours"),
        ("usual_chat", "unusual_chat", "live_chat.unusual_chat: no such setting"),
        ("90 days", "three months", "retention.conversations: expected a duration"),
        ("notifications: []", "notifications: [me]", "notifications: expected the groups of docs/"),
        ("allowed_origins: []", "allowed_origins: ['*']", "allowed_origins: expected sites"),
        ("allowed_origins: []", "allowed_origins: [https://a.b/]", "allowed_origins: expected"),
        ("notifications: []", "notifications: [", "line \\d+: not YAML"),
        ("notifications: []", "clinic: {}", "clinic: stands twice"),
        ("emergency:\n", "emergencies:\n", "emergencies: no such setting"),
        ("clinic:\n", "clinic: x\nc:\n", "no such setting|expected lines"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    assert old in TEXT
    with pytest.raises(ClinicError, match=complaint) as refused:
        load(tmp_path, TEXT.replace(old, new, 1))
    said = str(refused.value)
    assert re.match(r"clinic\.yml, line \d+: ", said), said
    assert "\n" not in said


def test_the_line_is_the_right_one(tmp_path: Path) -> None:
    lines = TEXT.splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.startswith("  tuesday"))
    lines[number - 1] = '  tuesday: ["8-12am"]'
    with pytest.raises(ClinicError) as refused:
        load(tmp_path, "\n".join(lines))
    assert str(refused.value) == (
        f'clinic.yml, line {number}: hours.tuesday: expected spans such as "08:00-12:00", '
        'found "8-12am"'
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "x", "a: 1\n---\nb: 2\n", "\0"])
def test_what_is_no_settings_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ClinicError, match=r"^clinic\.yml"):
        load(tmp_path, text)


def test_a_missing_file_and_other_bytes_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(ClinicError, match="cannot be read"):
        load_clinic(tmp_path / "none.yml", may_day)
    path = tmp_path / "clinic.yml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ClinicError, match="UTF-8"):
        load_clinic(path, may_day)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(line=st.integers(0, TEXT.count("\n") - 1), junk=st.text(max_size=12))
def test_any_spoilt_line_gives_a_clinic_or_a_plain_complaint(
    tmp_path: Path, line: int, junk: str
) -> None:
    lines = TEXT.split("\n")
    lines[line] = lines[line][: len(lines[line]) // 2] + junk
    said = ""
    try:
        load(tmp_path, "\n".join(lines).encode("utf-8", "replace").decode())
    except ClinicError as refused:
        said = str(refused)
    assert "\n" not in said
