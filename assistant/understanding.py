"""The trained understanding as one value: from a message to probabilities and confidence.

No Rasa here: `assistant.classifier` wraps it, `evaluation/` calls it directly. It is stored as
plain arrays and JSON, so that loading it runs no code.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.calibration import SIGNALS, Fusion, fit_sharpness, signals
from assistant.kernel import log_softmax
from assistant.machine_store import machine_of, numbers_of, words_of
from assistant.training import Examples, HeldOut, Machine, Settings, train_machine
from assistant.words import normalise, words
from clinic.understanding import NEAR_TOPIC, OUT_OF_SCOPE, Choice, Thresholds, choose

__all__ = ["Reading", "Understanding"]

_FORMAT = 2
_MAIN = "understanding.json"
_ARRAYS = "understanding.npz"


@dataclass(frozen=True)
class Reading:
    """How one message was understood; `ranking` is every intent's share, likeliest first."""

    choice: Choice
    ranking: tuple[tuple[str, float], ...]
    confidence: float  # P(the likeliest intent is right)
    known_words: float

    @property
    def in_scope(self) -> float:
        """Share of the intents that the assistant can do something about."""
        return 1 - sum(share for name, share in self.ranking if name in (NEAR_TOPIC, OUT_OF_SCOPE))


@dataclass(frozen=True)
class Understanding:
    """What was learnt, how scores become probabilities and confidence, and the thresholds."""

    intents: tuple[str, ...]
    sections: frozenset[str]
    machine: Machine
    sharpness: float  # scores times this, then softmax
    fusion: Fusion
    thresholds: Thresholds

    @classmethod
    def train(
        cls,
        examples: Examples,
        sections: Collection[str],
        settings: Settings,
        thresholds: Thresholds,
    ) -> tuple[Understanding, list[HeldOut]]:
        """Learn from `examples`; `sections` are the intents that the handouts answer.

        The second value is what confidence was fitted on: give it to `reading` to measure.
        """
        machine, judged = train_machine(examples, settings)
        labels = np.array([message.label for message in judged], dtype=np.int64)
        scores = np.stack([message.scores for message in judged])
        sharpness = fit_sharpness(scores, labels)
        marks = _Marks.of(examples.intents, sections)
        values = np.stack([_signals(message, sharpness, marks) for message in judged])
        understanding = cls(
            intents=examples.intents,
            sections=frozenset(sections),
            machine=machine,
            sharpness=sharpness,
            fusion=Fusion.fit(values, scores.argmax(axis=1) == labels),
            thresholds=thresholds,
        )
        return understanding, judged

    def read(self, text: str, vector: NDArray[np.float32] | None) -> Reading:
        """Understand one message; `vector` is the encoder's, needed if it was there in training."""
        scores, likeness, known_words = self.machine.judge(text, vector)
        return self.reading(HeldOut(text, -1, scores, likeness, known_words))

    def glance(self, text: str) -> str:
        """The likeliest intent by the wording alone."""
        return self.intents[int(self.machine.judge_wording(text).argmax())]

    def reading(self, message: HeldOut) -> Reading:
        """The same from scores that are there already; the label is not looked at."""
        values = _signals(message, self.sharpness, _Marks.of(self.intents, self.sections))
        confidence = float(self.fusion.probability(values))
        shares = np.exp(_logs(message.scores, self.sharpness).astype(np.float64))
        ranking = tuple(
            (self.intents[place], float(shares[place]))
            for place in np.argsort(-shares, kind="stable")
        )
        return Reading(
            choice=choose(
                dict(ranking),
                confidence=confidence,
                known_words=message.known_words,
                sections=self.sections,
                thresholds=self.thresholds,
                wordless=not words(normalise(message.text)),
            ),
            ranking=ranking,
            confidence=confidence,
            known_words=message.known_words,
        )

    def save(self, folder: Path) -> None:
        """Write two files into an existing folder."""
        main = {
            "format": _FORMAT,
            "signals": SIGNALS,
            "intents": self.intents,
            "sections": sorted(self.sections),
            "sharpness": self.sharpness,
            "thresholds": asdict(self.thresholds),
            "fusion_bias": self.fusion.bias,
            **words_of(self.machine),
        }
        arrays: dict[str, NDArray[Any]] = {
            **numbers_of(self.machine),
            "fusion_mean": self.fusion.mean,
            "fusion_scale": self.fusion.scale,
            "fusion_weights": self.fusion.weights,
        }
        (folder / _MAIN).write_text(json.dumps(main, ensure_ascii=False), encoding="utf-8")
        np.savez(folder / _ARRAYS, **arrays)

    @classmethod
    def load(cls, folder: Path) -> Understanding:
        """Read what `save` wrote. Raises `ValueError` when another version wrote it."""
        main = json.loads((folder / _MAIN).read_text(encoding="utf-8"))
        if main["format"] != _FORMAT or tuple(main["signals"]) != SIGNALS:
            raise ValueError(f"{folder / _MAIN}: written by another version; train again")
        with np.load(folder / _ARRAYS, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return cls(
            intents=tuple(main["intents"]),
            sections=frozenset(main["sections"]),
            machine=machine_of(main, arrays),
            sharpness=main["sharpness"],
            fusion=Fusion(
                arrays["fusion_mean"],
                arrays["fusion_scale"],
                arrays["fusion_weights"],
                main["fusion_bias"],
            ),
            thresholds=Thresholds(**main["thresholds"]),
        )


@dataclass(frozen=True)
class _Marks:
    sections: NDArray[np.bool_]
    rejecting: NDArray[np.bool_]

    @classmethod
    def of(cls, intents: tuple[str, ...], sections: Collection[str]) -> _Marks:
        return cls(
            np.array([name in sections for name in intents]),
            np.array([name in (NEAR_TOPIC, OUT_OF_SCOPE) for name in intents]),
        )


def _logs(scores: NDArray[np.float32], sharpness: float) -> NDArray[np.float32]:
    return log_softmax((sharpness * scores).astype(np.float32))


def _signals(message: HeldOut, sharpness: float, marks: _Marks) -> NDArray[np.float64]:
    return signals(
        message.scores,
        _logs(message.scores, sharpness),
        message.likeness,
        rejecting=marks.rejecting,
        sections=marks.sections,
        known_words=message.known_words,
        length=len(message.text),
    )
