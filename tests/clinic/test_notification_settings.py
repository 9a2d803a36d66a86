"""`notifications` in clinic.yml: who is told, without a secret, and each mistake with its line."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from clinic.escalation import Address, DailySpan, Notifications, Step
from clinic.settings import Clinic, ClinicError, load_clinic
from clinic.turn import Urgency
from tests.clinic.test_clinic_settings import TEXT, may_day

GROUPS = """notifications:
  console: https://chat.riverside.example/nurse
  grace: 3 minutes
  quiet: "21:00-07:00"
  addresses:
    duty-phone: {apprise: DUTY_PHONE_URL}
    lead-mail: {apprise: LEAD_MAIL_URL}
    system: {webhook: SYSTEM_URL, secret: SYSTEM_SECRET}
  emergency:
    - to: [duty-phone, system]
    - {after: 5 minutes, to: [lead-mail]}
  urgent:
    - {after: 1 minute, to: [duty-phone]}
  routine: []
"""


def load(tmp_path: Path, groups: str) -> Clinic:
    path = tmp_path / "clinic.yml"
    path.write_text(TEXT.replace("notifications: []", groups), encoding="utf-8")
    return load_clinic(path, may_day)


def test_nobody_is_told_where_the_list_is_empty(tmp_path: Path) -> None:
    assert load(tmp_path, "notifications: []").notifications == Notifications()


def test_addresses_steps_and_times_are_read(tmp_path: Path) -> None:
    clinic = load(tmp_path, GROUPS)
    found = clinic.notifications
    assert found.console == "https://chat.riverside.example/nurse"
    assert found.grace == timedelta(minutes=3)
    assert found.quiet == DailySpan(21 * 60, 7 * 60, clinic.time_zone)
    assert found.addresses["system"] == Address("system", "webhook", "SYSTEM_URL", "SYSTEM_SECRET")
    assert found.steps == {
        Urgency.EMERGENCY: (
            Step(timedelta(), ("duty-phone", "system")),
            Step(timedelta(minutes=5), ("lead-mail",)),
        ),
        Urgency.URGENT: (Step(timedelta(minutes=1), ("duty-phone",)),),
        Urgency.ROUTINE: (),
    }


def test_grace_and_quiet_may_be_left_out(tmp_path: Path) -> None:
    groups = re.sub(r"  (grace|quiet): .*\n", "", GROUPS)
    found = load(tmp_path, groups).notifications
    assert (found.grace, found.quiet) == (timedelta(minutes=2), None)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (GROUPS, "notifications: [nurse@clinic.example]\n", "notifications: expected the groups"),
        ("https://chat", "http://chat", "notifications.console: expected an address such as"),
        ("/nurse\n", "/\n", "notifications.console: expected an address such as"),
        ("3 minutes", "1 hour", "notifications.grace: expected at most 30 minutes"),
        ('"21:00-07:00"', '"21-7"', 'notifications.quiet: expected a time such as "21:00-07:00"'),
        ('"21:00-07:00"', '"07:00-07:00"', "does not begin when it ends"),
        ('"21:00-07:00"', '"21:00-24:30"', "notifications.quiet: expected a time"),
        ("apprise: LEAD_MAIL_URL", "webhook: LEAD_MAIL_URL", "expected either apprise, or webhook"),
        ("apprise: LEAD_MAIL_URL", "mail: LEAD_MAIL_URL", "lead-mail.mail: no such setting"),
        ("{apprise: LEAD_MAIL_URL}", "{}", "expected either apprise, or webhook"),
        ("lead-mail:", "Lead Mail:", "expected a name of small letters"),
        ("to: [lead-mail]", "to: [leed-mail]", "emergency.to: expected names of addresses; known"),
        ("to: [lead-mail]", "to: []", "emergency.to: expected names of addresses"),
        ("to: [lead-mail]", "to: [system]", "addresses.lead-mail: no step tells this address"),
        ("    - {after: 5 minutes", "    - {after: 2 days", "emergency.after: expected at most 1"),
        ("- {after: 5 minutes, to", "- {to", "expected a later step after an earlier one"),
        ("  urgent:\n    - {after: 1 minute, to: [duty-phone]}", "  urgent: []", "at least one"),
        ("  routine: []\n", "", "notifications: expected the key routine, found none"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    assert old in GROUPS
    with pytest.raises(ClinicError, match=complaint) as refused:
        load(tmp_path, GROUPS.replace(old, new, 1))
    assert re.match(r"clinic\.yml, line \d+: notifications", str(refused.value))


@pytest.mark.parametrize("written", ["mailto://me:hush-hush@mail.example", "whsec_hushhushhush"])
def test_a_secret_that_stands_in_the_file_is_refused_and_not_repeated(
    tmp_path: Path, written: str
) -> None:
    with pytest.raises(ClinicError, match="expected the name of an environment variable") as found:
        load(tmp_path, GROUPS.replace("LEAD_MAIL_URL", f'"{written}"'))
    assert "hush" not in str(found.value)
