"""`assess`: the signs of danger in one message, by the catalogue that ships with the assistant.

The rules are pure and live in `clinic/`, so that the desk can ask them when Rasa is down.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from clinic.red_flag_catalogue import Acuity, load_catalogue
from clinic.red_flag_context import Context
from clinic.red_flags import Assessment, Assessor, Finding

__all__ = ["CATALOGUE", "Acuity", "Assessment", "Context", "Finding", "assess", "assessor"]

CATALOGUE = Path(__file__).with_name("red_flags.yml")


@lru_cache(maxsize=4)
def assessor(path: Path = CATALOGUE) -> Assessor:
    """The rules of one catalogue, read once; raises `clinic.yaml_reader.SettingError`."""
    return Assessor(load_catalogue(path))


def assess(text: str) -> Assessment:
    """Every flag in `text` with its place, acuity and context, and the resulting acuity."""
    return assessor().assess(text)
