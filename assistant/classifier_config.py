"""The settings of `PassageClassifier` as `config.yml` may give them, checked by name and range."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from rasa.shared.exceptions import InvalidConfigException

from assistant.kernel import KernelSettings
from assistant.training import Settings
from clinic.understanding import Thresholds

__all__ = ["ClassifierConfig"]

_LEAST_FOLDS = 2


@dataclass(frozen=True)
class ClassifierConfig:
    """The component's settings as `config.yml` may give them."""

    # Folder of the handouts, from where Rasa is started: their titles and sentences are examples.
    documents: str = "documents"
    # The handout whose sections are named without a prefix; by default the only one, or the first.
    document: str = ""
    # What makes messages alike, see assistant/kernel.py.
    reach: float = KernelSettings.reach
    wording: float = KernelSettings.wording
    ridge: float = KernelSettings.ridge
    # Parts of the training messages that are held out in turn to fit the confidence.
    folds: int = Settings.folds
    # Thresholds of the decision, see clinic/understanding.py.
    wrong: float = Thresholds.wrong
    second: float = Thresholds.second
    ask: float = Thresholds.ask
    near: float = Thresholds.near
    now: float = Thresholds.now
    soon: float = Thresholds.soon
    far: float = Thresholds.far

    @classmethod
    def read(cls, config: dict[str, Any]) -> ClassifierConfig:
        """Check Rasa's dictionary; raises `InvalidConfigException` and names the key."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(config) - known)
        if unknown:
            raise InvalidConfigException(
                f"PassageClassifier: unknown setting {', '.join(map(repr, unknown))}; "
                f"known are {', '.join(sorted(known))}"
            )
        documents = config.get("documents", cls.documents)
        if not isinstance(documents, str) or not documents:
            raise InvalidConfigException("PassageClassifier: 'documents' must name a folder")
        if not isinstance(config.get("document", cls.document), str):
            raise InvalidConfigException("PassageClassifier: 'document' must be a handout's id")
        read = cls(**config)
        for name in ("second", "ask", "near", "now", "soon", "far"):
            if not _is_number(value := getattr(read, name)) or not 0 <= value <= 1:
                raise InvalidConfigException(
                    f"PassageClassifier: '{name}' must be a number from 0 to 1, not {value!r}"
                )
        for name in ("reach", "wording", "ridge", "wrong"):
            if not _is_number(value := getattr(read, name)) or value <= 0:
                raise InvalidConfigException(
                    f"PassageClassifier: '{name}' must be a number above 0, not {value!r}"
                )
        if type(read.folds) is not int or read.folds < _LEAST_FOLDS:
            raise InvalidConfigException(
                f"PassageClassifier: 'folds' must be a whole number from {_LEAST_FOLDS} on, "
                f"not {read.folds!r}"
            )
        return read

    @property
    def settings(self) -> Settings:
        """What training needs of it."""
        return Settings(KernelSettings(self.reach, self.wording, self.ridge), self.folds)

    @property
    def thresholds(self) -> Thresholds:
        """What the decision needs of it."""
        return Thresholds(**{field.name: getattr(self, field.name) for field in fields(Thresholds)})


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
