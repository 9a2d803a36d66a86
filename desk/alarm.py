"""The desk's own alarm: signs of danger by the assistant's catalogue, when the assistant is down.

The rules are `clinic.red_flags`; what is said is what the assistant says, out of its `domain.yml`.
Used by `desk.outages`.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import Final

from clinic.red_flag_catalogue import Acuity, load_catalogue
from clinic.red_flags import Assessor
from clinic.settings import Clinic
from clinic.yaml_reader import read_yaml
from desk.logs import describe

__all__ = ["RuleAlarm", "load_alarm"]

_log = logging.getLogger(__name__)
# Each with the number that its words must name.
_RESPONSES: Final = {
    Acuity.EMERGENCY: ("utter_emergency", "emergency_number"),
    Acuity.CRISIS: ("utter_crisis", "crisis_line"),
}


class RuleAlarm:
    """Finds emergencies by rules alone."""

    def __init__(self, assessor: Assessor, words: dict[Acuity, str]) -> None:
        self._assessor = assessor
        self._words = words

    def words_for(self, text: str) -> str | None:
        """See `desk.outages.Alarm`. Whatever goes wrong in the rules, the message is kept."""
        try:
            acuity = self._assessor.assess(text).acuity
        except Exception as error:  # noqa: BLE001 (a fault here must not keep a message from waiting)
            _log.error("alarm.failed %s", describe(error))
            return None
        return self._words.get(acuity) if acuity else None


def load_alarm(clinic: Clinic, *, catalogue: Path, domain: Path) -> RuleAlarm:
    """The alarm of this clinic. Raises `SettingError`, which names file, line and expectation."""
    return RuleAlarm(_assessor(catalogue), _emergency_words(domain, clinic))


@lru_cache(maxsize=4)
def _assessor(catalogue: Path) -> Assessor:
    return Assessor(load_catalogue(catalogue))


def _emergency_words(domain: Path, clinic: Clinic) -> dict[Acuity, str]:
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
