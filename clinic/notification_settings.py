"""The part of the clinic's settings that says who is told of a waiting patient: `notifications`.

Names alone stand there: what an address really is, and its secret, the desk reads from its
environment (`desk.notice_channels`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta, tzinfo
from typing import Final

from clinic.durations import read_duration
from clinic.escalation import Address, DailySpan, Notifications, Step
from clinic.turn import Urgency
from clinic.yaml_reader import Entry

__all__ = ["read_notifications"]

_NAME: Final = re.compile(r"^[a-z0-9][a-z0-9-]{0,31}$", re.ASCII)
_SECRET: Final = re.compile(r"^[A-Z][A-Z0-9_]{2,63}$", re.ASCII)
_CONSOLE: Final = re.compile(
    r"^(https://[a-zA-Z0-9.-]+|http://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?/nurse$", re.ASCII
)
_SPAN: Final = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$", re.ASCII)
_LONGEST_GRACE: Final = timedelta(minutes=30)
_LATEST_STEP: Final = timedelta(days=1)


def read_notifications(entry: Entry, zone: tzinfo) -> Notifications:
    """What `notifications` says; `[]` is nobody. Raises `SettingError`."""
    if entry.is_list():
        if entry.items(""):
            raise entry.error("the groups of docs/notifications.md, or [] for nobody")
        return Notifications()
    given = entry.mapping(
        ("console", "addresses", *(urgency.value for urgency in Urgency)),
        optional=("grace", "quiet"),
    )
    addresses = {name: _address(name, found) for name, found in given["addresses"].keys().items()}
    steps = {urgency: _steps(given[urgency.value], addresses) for urgency in Urgency}
    for urgency in (Urgency.EMERGENCY, Urgency.URGENT):
        if not steps[urgency]:
            raise given[urgency.value].error_at("expected at least one step, found none")
    used = {name for several in steps.values() for step in several for name in step.to}
    for name, found in given["addresses"].keys().items():
        if name not in used:
            raise found.error_at("no step tells this address; add it to one, or leave it out")
    grace = read_duration(given["grace"]) if "grace" in given else Notifications().grace
    if grace > _LONGEST_GRACE:
        raise given["grace"].error("at most 30 minutes")
    console = given["console"].text()
    if not _CONSOLE.match(console):
        raise given["console"].error('an address such as "https://chat.clinic.example/nurse"')
    quiet = _quiet(given["quiet"], zone) if "quiet" in given else None
    return Notifications(console, grace, quiet, addresses, steps)


def _address(name: str, entry: Entry) -> Address:
    if not _NAME.match(name):
        raise entry.error_at('expected a name of small letters, digits and "-" as the key')
    given = entry.mapping((), optional=("apprise", "webhook", "secret"))
    kinds = given.keys() & {"apprise", "webhook"}
    if kinds == {"apprise"} and "secret" not in given:
        return Address(name, "apprise", _secret_name(given["apprise"]))
    if kinds == {"webhook"} and "secret" in given:
        url, secret = _secret_name(given["webhook"]), _secret_name(given["secret"])
        return Address(name, "webhook", url, secret)
    raise entry.error_at("expected either apprise, or webhook and secret")


def _secret_name(entry: Entry) -> str:
    # An address often is a secret. What was found is not quoted, for it may be one written here.
    name = entry.text()
    if not _SECRET.match(name):
        raise entry.error_at(
            "expected the name of an environment variable such as DUTY_PHONE_URL; "
            "the address or secret itself does not belong in this file"
        )
    return name


def _steps(entry: Entry, addresses: Mapping[str, Address]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for item in entry.items("a list of steps, or [] for none"):
        given = item.mapping(("to",), optional=("after",))
        after = read_duration(given["after"]) if "after" in given else timedelta()
        if after > _LATEST_STEP:
            raise given["after"].error("at most 1 day")
        if steps and after <= steps[-1].after:
            raise item.error_at("expected a later step after an earlier one: give a longer after")
        steps.append(Step(after, _names(given["to"], addresses)))
    return tuple(steps)


def _names(entry: Entry, addresses: Mapping[str, Address]) -> tuple[str, ...]:
    expected = "names of addresses; known are " + ", ".join(sorted(addresses))
    names = []
    for item in entry.items(f"a list of {expected}"):
        name = item.text()
        if name not in addresses:
            raise item.error(expected)
        names.append(name)
    if not names:
        raise entry.error(expected)
    return tuple(dict.fromkeys(names))


def _quiet(entry: Entry, zone: tzinfo) -> DailySpan:
    expected = 'a time such as "21:00-07:00"'
    found = _SPAN.match(entry.text(expected))
    if not found:
        raise entry.error(expected)
    hours = [int(part) for part in found.groups()]
    start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if start == end:
        raise entry.error(f"{expected} that does not begin when it ends")
    return DailySpan(start, end, zone)
