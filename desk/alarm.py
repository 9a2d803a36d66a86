"""The desk's own alarm: signs of danger by the assistant's catalogue, when the assistant is down.

The rules are `clinic.red_flags`; what is said is what the assistant says, out of its `domain.yml`.
Used by `desk.outages`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Final

from clinic.mild_words import mild_words
from clinic.red_flag_catalogue import Acuity, load_catalogue
from clinic.red_flags import Assessor
from clinic.settings import Clinic
from clinic.treated_when import is_lately, treated
from clinic.turn import Urgency
from clinic.yaml_reader import read_yaml
from desk.logs import describe

__all__ = ["Raised", "RuleAlarm", "Said", "load_alarm"]

_log = logging.getLogger(__name__)
# Each with the number that its words must name.
_RESPONSES: Final = {
    Acuity.EMERGENCY: ("utter_emergency", "emergency_number"),
    Acuity.CRISIS: ("utter_crisis", "crisis_line"),
    Acuity.URGENT: ("utter_urgent_put", "emergency_number"),
}


@dataclass(frozen=True)
class Said:
    """A patient's message and when it came."""

    text: str
    at: datetime


@dataclass(frozen=True)
class Raised:
    """What a message asks for; `words` are for the patient, with `{due}` where a time belongs."""

    urgency: Urgency
    words: str


class RuleAlarm:
    """Finds signs of danger by rules alone."""

    def __init__(self, assessor: Assessor, words: dict[Acuity, str], zone: tzinfo) -> None:
        self._assessor = assessor
        self._words = words
        self._zone = zone

    def look(self, said: Said, *, before: Sequence[Said]) -> Raised | None:
        """See `desk.outages.Alarm`. Whatever goes wrong in the rules, the message is kept."""
        try:
            acuity = self._acuity(said, before)
        except Exception as error:  # noqa: BLE001 (a fault here must not keep a message from waiting)
            _log.error("alarm.failed %s", describe(error))
            return None
        if acuity is None:
            return None
        urgency = Urgency.URGENT if acuity is Acuity.URGENT else Urgency.EMERGENCY
        return Raised(urgency, self._words[acuity])

    def _acuity(self, said: Said, before: Sequence[Said]) -> Acuity | None:
        acuity = self._assessor.assess(said.text).acuity
        if acuity in {Acuity.EMERGENCY, Acuity.CRISIS}:
            return acuity
        mild = mild_words(self._assessor, said.text)
        if mild and any(self._treated_lately(one, said.at) for one in (said, *before)):
            return Acuity.EMERGENCY
        return acuity

    def _treated_lately(self, told: Said, now: datetime) -> bool:
        treatment = treated(told.text, now=told.at.astimezone(self._zone))
        today = now.astimezone(self._zone).date()
        return treatment is not None and is_lately(treatment.last, today=today)


def load_alarm(clinic: Clinic, *, catalogue: Path, domain: Path) -> RuleAlarm:
    """The alarm of this clinic. Raises `SettingError`, which names file, line and expectation."""
    return RuleAlarm(_assessor(catalogue), _words(domain, clinic), clinic.time_zone)


@lru_cache(maxsize=4)
def _assessor(catalogue: Path) -> Assessor:
    return Assessor(load_catalogue(catalogue))


def _words(domain: Path, clinic: Clinic) -> dict[Acuity, str]:
    top = read_yaml(domain)
    sections = top.keys()
    responses = sections["responses"].keys() if "responses" in sections else {}
    found: dict[Acuity, str] = {}
    for acuity, (name, needed) in _RESPONSES.items():
        if name not in responses:
            raise top.error_at(f"expected the response {name}, found none")
        variants = responses[name].items("a list of texts")
        text = variants[0].keys().get("text") if variants else None
        if text is None or f"{{{needed}}}" not in text.text():
            raise responses[name].error_at(f"expected a text that names {{{needed}}}")
        found[acuity] = (
            text.text()
            .replace("{emergency_number}", clinic.emergency_number)
            .replace("{crisis_line}", clinic.crisis_line)
            .replace("{clinic_name}", clinic.name)
        )
    return found
