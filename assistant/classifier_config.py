"""The settings of `PassageClassifier` as `config.yml` may give them, checked by name and range."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from rasa.shared.exceptions import InvalidConfigException

from assistant.component_settings import check_above_zero, check_known, check_share
from assistant.kernel import KernelSettings
from assistant.training import Settings
from clinic.understanding import Thresholds

__all__ = ["ClassifierConfig"]

_NAME = "PassageClassifier"
_LEAST_FOLDS = 2
_SHARES = ("second", "ask", "near", "now", "soon", "far")
_ABOVE_ZERO = ("reach", "wording", "ridge", "wrong")


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
        check_known(_NAME, config, cls)
        documents = config.get("documents", cls.documents)
        if not isinstance(documents, str) or not documents:
            raise InvalidConfigException(f"{_NAME}: 'documents' must name a folder")
        if not isinstance(config.get("document", cls.document), str):
            raise InvalidConfigException(f"{_NAME}: 'document' must be a handout's id")
        read = cls(**config)
        check_share(_NAME, {name: getattr(read, name) for name in _SHARES})
        check_above_zero(_NAME, {name: getattr(read, name) for name in _ABOVE_ZERO})
        if type(read.folds) is not int or read.folds < _LEAST_FOLDS:
            raise InvalidConfigException(
                f"{_NAME}: 'folds' must be a whole number from {_LEAST_FOLDS} on, "
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
