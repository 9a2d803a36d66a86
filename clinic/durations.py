"""How long things take, as `clinic.yml` writes it: "30 minutes", "4 hours", "90 days"."""

from __future__ import annotations

import re
from datetime import timedelta

from clinic.yaml_reader import Entry

__all__ = ["read_duration"]

_DURATION = re.compile(r"^([1-9]\d{0,4}) (second|minute|hour|day)s?$", re.ASCII)


def read_duration(entry: Entry) -> timedelta:
    """The duration that the entry gives, at least a second. Raises `SettingError`."""
    expected = 'a duration such as "30 minutes", "4 hours" or "90 days"'
    found = _DURATION.match(entry.text(expected))
    if not found:
        raise entry.error(expected)
    return int(found[1]) * timedelta(**{f"{found[2]}s": 1})
