"""Checks of a Rasa component's settings in `config.yml`: a fault names its key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from rasa.shared.exceptions import InvalidConfigException

__all__ = ["check_above_zero", "check_known", "check_share"]


def check_known(component: str, config: Iterable[str], kind: type) -> None:
    """Each key is a field of the dataclass `kind`; raises `InvalidConfigException` where not."""
    known = {field.name for field in fields(kind)}
    unknown = sorted(set(config) - known)
    if unknown:
        raise InvalidConfigException(
            f"{component}: unknown setting {', '.join(map(repr, unknown))}; "
            f"known are {', '.join(sorted(known))}"
        )


def check_share(component: str, values: Mapping[str, Any]) -> None:
    """Each value is a number from 0 to 1; raises `InvalidConfigException` where not."""
    for name, value in values.items():
        if not _is_number(value) or not 0 <= value <= 1:
            raise InvalidConfigException(
                f"{component}: '{name}' must be a number from 0 to 1, not {value!r}"
            )


def check_above_zero(component: str, values: Mapping[str, Any]) -> None:
    """Each value is a number above 0; raises `InvalidConfigException` where not."""
    for name, value in values.items():
        if not _is_number(value) or value <= 0:
            raise InvalidConfigException(
                f"{component}: '{name}' must be a number above 0, not {value!r}"
            )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
