"""The clinic's own settings, read from `clinic.yml` and checked to the last key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from clinic.attempts import LEAST_ATTEMPTS, AttemptRules
from clinic.durations import read_duration
from clinic.escalation import Notifications
from clinic.floor import ChatTimes
from clinic.hours import Schedule
from clinic.hours_settings import PublicHolidays, read_schedule
from clinic.notification_settings import read_notifications
from clinic.turn import Urgency
from clinic.yaml_reader import Entry, SettingError, read_yaml

__all__ = ["Clinic", "ClinicError", "Numbers", "Retention", "load_clinic", "load_numbers"]

ClinicError = SettingError

_LONGEST_CHAT_TIME = timedelta(hours=4)
_SHORTEST_GRACE = timedelta(seconds=30)
_MOST_ATTEMPTS = 20
_LONGEST_UNTIL_NEXT = timedelta(days=7)
_LEAST_APART, _MOST_APART = timedelta(hours=1), timedelta(hours=12)
_COUNTRY = re.compile(r"^[A-Z]{2}$", re.ASCII)
_SHORT_NUMBER = re.compile(r"^[0-9]{2,15}$", re.ASCII)
_PHONE = re.compile(r"^\+?[0-9][0-9 ().-]{3,30}$", re.ASCII)
_ORIGIN = re.compile(r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$", re.ASCII)


@dataclass(frozen=True)
class Numbers:
    """What a patient is told to call, and the clinic's clock; `phone` is None for none."""

    name: str
    phone: str | None
    emergency_number: str
    crisis_line: str
    time_zone: ZoneInfo


@dataclass(frozen=True)
class Retention:
    """How long each sort of record is kept."""

    conversations: timedelta
    handoffs: timedelta
    audit: timedelta


@dataclass(frozen=True)
class Clinic:
    """One clinic. `callback_targets` has every urgency; `country` is an ISO 3166 code.

    `after_hours_phone`: where patients reach a nurse while the office is closed, if anywhere.
    """

    name: str
    phone: str | None
    after_hours_phone: str | None
    country: str
    time_zone: ZoneInfo
    schedule: Schedule
    emergency_number: str
    crisis_line: str
    callback_targets: Mapping[Urgency, timedelta]
    attempts: AttemptRules
    chat: ChatTimes
    retention: Retention
    notifications: Notifications
    allowed_origins: tuple[str, ...]

    @property
    def numbers(self) -> Numbers:
        """The part that the assistant needs."""
        return Numbers(
            self.name, self.phone, self.emergency_number, self.crisis_line, self.time_zone
        )


def load_numbers(path: Path) -> Numbers:
    """Name, numbers and clock out of the clinic's settings. Raises `ClinicError`."""
    return load_clinic(path, _no_holidays).numbers


def load_clinic(path: Path, public_holidays: PublicHolidays) -> Clinic:
    """Read and check the whole file. Raises `ClinicError`: one sentence with file and line.

    `public_holidays` knows the calendars that `hours.public_holidays` may name.
    """
    top = read_yaml(path).mapping(
        (
            *("clinic", "hours", "emergency", "callback_targets", "retention"),
            *("notifications", "allowed_origins"),
        ),
        optional=("callback_attempts", "live_chat"),
    )
    clinic = top["clinic"].mapping(
        ("name", "country", "time_zone"), optional=("phone", "after_hours_phone")
    )
    emergency = top["emergency"].mapping(("number", "crisis_line"))
    targets = top["callback_targets"].mapping([urgency.value for urgency in Urgency])
    retention = top["retention"].mapping(("conversations", "handoffs", "audit"))
    zone = _zone(clinic["time_zone"])
    return Clinic(
        name=_filled(clinic["name"], "the clinic's name"),
        phone=_phone(clinic["phone"]) if "phone" in clinic else None,
        after_hours_phone=_phone(clinic["after_hours_phone"])
        if "after_hours_phone" in clinic
        else None,
        country=_matching(clinic["country"], _COUNTRY, 'two capital letters such as "US"'),
        time_zone=zone,
        schedule=read_schedule(top["hours"], zone, public_holidays),
        emergency_number=_matching(emergency["number"], _SHORT_NUMBER, 'digits such as "911"'),
        crisis_line=_matching(emergency["crisis_line"], _SHORT_NUMBER, 'digits such as "988"'),
        callback_targets={urgency: read_duration(targets[urgency.value]) for urgency in Urgency},
        attempts=_attempt_rules(top["callback_attempts"])
        if "callback_attempts" in top
        else AttemptRules(),
        chat=_chat_times(top["live_chat"]) if "live_chat" in top else ChatTimes(),
        retention=Retention(**{name: read_duration(entry) for name, entry in retention.items()}),
        notifications=read_notifications(top["notifications"], zone),
        allowed_origins=_each(
            top["allowed_origins"], _ORIGIN, 'sites such as "https://www.clinic.example"'
        ),
    )


def _no_holidays(*_: object) -> frozenset[date]:
    # The calendar is the desk's to check; whoever asks for numbers asks for no opening.
    return frozenset()


def _filled(entry: Entry, expected: str) -> str:
    text = entry.text(expected)
    if not text:
        raise entry.error(expected)
    return text


def _matching(entry: Entry, pattern: re.Pattern[str], expected: str) -> str:
    text = entry.text(expected)
    if not pattern.match(text):
        raise entry.error(expected)
    return text


def _each(entry: Entry, pattern: re.Pattern[str], expected: str) -> tuple[str, ...]:
    items = entry.items(f"a list of {expected}, or [] for none")
    return tuple(dict.fromkeys(_matching(item, pattern, expected) for item in items))


def _phone(entry: Entry) -> str | None:
    text = entry.text("a phone number")
    if text in {"", "~", "null"}:
        return None
    return _matching(entry, _PHONE, 'a phone number such as "+1 608 555 0100"')


def _zone(entry: Entry) -> ZoneInfo:
    expected = 'a time zone of the IANA list such as "America/Chicago"'
    try:
        return ZoneInfo(_filled(entry, expected))
    # A name that is a folder of the zone list raises OSError, one with odd characters ValueError.
    except (KeyError, ValueError, OSError) as error:
        raise entry.error(expected) from error


def _attempt_rules(entry: Entry) -> AttemptRules:
    given = entry.mapping(("again_after", "at_least", "apart"))
    waits = given["again_after"].mapping([urgency.value for urgency in Urgency])
    again_after = {urgency: read_duration(waits[urgency.value]) for urgency in Urgency}
    for urgency, wait in again_after.items():
        if wait > _LONGEST_UNTIL_NEXT:
            raise waits[urgency.value].error("at most 7 days")
    written = given["at_least"].text()
    at_least = int(written) if written.isascii() and written.isdigit() else 0
    if not LEAST_ATTEMPTS <= at_least <= _MOST_ATTEMPTS:
        raise given["at_least"].error(f"a number from {LEAST_ATTEMPTS} to {_MOST_ATTEMPTS}")
    apart = read_duration(given["apart"])
    if not _LEAST_APART <= apart <= _MOST_APART:
        raise given["apart"].error("a time from 1 to 12 hours")
    return AttemptRules(again_after=again_after, at_least=at_least, apart=apart)


def _chat_times(entry: Entry) -> ChatTimes:
    """Each key may be missing. Refused are waits that nobody would sit through."""
    names = ("nobody_came_after", "nurse_gone_after", "usual_chat")
    given = entry.mapping((), optional=names)
    times = {name: read_duration(found) for name, found in given.items()}
    for name, length in times.items():
        if length > _LONGEST_CHAT_TIME:
            raise given[name].error("at most 4 hours")
    # A nurse's sign of life is written down every 15 seconds at most (`desk.sessions`).
    if times.get("nurse_gone_after", _SHORTEST_GRACE) < _SHORTEST_GRACE:
        raise given["nurse_gone_after"].error("at least 30 seconds")
    return ChatTimes(**times)
