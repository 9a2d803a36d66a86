"""The trained understanding as one value: from a message to probabilities and confidence.

No Rasa here: `assistant.classifier` wraps it, `evaluation/` calls it directly. It is stored as
plain arrays and JSON, so that loading it runs no code.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Collection

import numpy as np
from numpy.typing import NDArray

from assistant.calibration import SIGNALS, Fusion, signals
from assistant.ensemble import Ensemble, Neighbours, Weights, blend
from assistant.heads import LinearHead
from assistant.ngrams import NgramIndex
from assistant.training import (
    Examples,
    Settings,
    choose_weights,
    fit_ensemble,
    fit_fusion,
    held_out,
)
from assistant.words import KnownWords
from clinic.understanding import NEAR_TOPIC, OUT_OF_SCOPE, Choice, Thresholds, choose

__all__ = ["Reading", "Understanding"]

_FORMAT = 1
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
    """Members, their weights, the fusion and the thresholds."""

    intents: tuple[str, ...]
    sections: frozenset[str]
    ensemble: Ensemble
    weights: Weights
    fusion: Fusion
    thresholds: Thresholds

    @classmethod
    def train(
        cls,
        examples: Examples,
        sections: Collection[str],
        settings: Settings,
        thresholds: Thresholds,
    ) -> Understanding:
        """Train on `examples`; `sections` are the intents that the handout answers."""
        answered, rejecting = _marks(examples.intents, sections)
        judged = held_out(examples, settings)
        weights = choose_weights(judged)
        return cls(
            intents=examples.intents,
            sections=frozenset(sections),
            ensemble=fit_ensemble(examples, settings),
            weights=weights,
            fusion=fit_fusion(judged, weights, rejecting=rejecting, sections=answered),
            thresholds=thresholds,
        )

    def read(self, text: str, vector: NDArray[np.float32] | None) -> Reading:
        """Understand one message; `vector` is the encoder's, needed if it was there in training."""
        answered, rejecting = _marks(self.intents, self.sections)
        evidence = self.ensemble.judge(text, vector)
        logs = blend(evidence, self.weights)
        order = np.argsort(-logs, kind="stable")
        values = signals(
            evidence,
            logs,
            guess=int(order[0]),
            rejecting=rejecting,
            sections=answered,
            length=len(text),
        )
        shares = np.exp(logs.astype(np.float64))
        ranking = tuple((self.intents[place], float(shares[place])) for place in order)
        confidence = float(self.fusion.probability(values))
        return Reading(
            choice=choose(
                dict(ranking),
                confidence=confidence,
                known_words=evidence.known_words,
                sections=self.sections,
                thresholds=self.thresholds,
            ),
            ranking=ranking,
            confidence=confidence,
            known_words=evidence.known_words,
        )

    def save(self, folder: Path) -> None:
        """Write two files into an existing folder."""
        ensemble, neighbours = self.ensemble, self.ensemble.neighbours
        main = {
            "format": _FORMAT,
            "signals": SIGNALS,
            "intents": self.intents,
            "sections": sorted(self.sections),
            "weights": asdict(self.weights),
            "thresholds": asdict(self.thresholds),
            "fusion_bias": self.fusion.bias,
            "vocabulary": ensemble.index.vocabulary,
            "known": sorted(ensemble.known.words),
        }
        arrays = {
            "rarity": ensemble.index.rarity,
            "margin_weights": ensemble.margin.weights,
            "margin_bias": ensemble.margin.bias,
            "labels": neighbours.labels,
            "starts": neighbours.starts,
            "messages": neighbours.messages,
            "values": neighbours.values,
            "fusion_mean": self.fusion.mean,
            "fusion_scale": self.fusion.scale,
            "fusion_weights": self.fusion.weights,
        }
        if ensemble.vector is not None and neighbours.vectors is not None:
            arrays["vector_weights"] = ensemble.vector.weights
            arrays["vector_bias"] = ensemble.vector.bias
            arrays["vectors"] = neighbours.vectors
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
        vector = None
        if "vectors" in arrays:
            vector = LinearHead(arrays["vector_weights"], arrays["vector_bias"])
        return cls(
            intents=tuple(main["intents"]),
            sections=frozenset(main["sections"]),
            ensemble=Ensemble(
                index=NgramIndex(main["vocabulary"], arrays["rarity"]),
                known=KnownWords(main["known"]),
                margin=LinearHead(arrays["margin_weights"], arrays["margin_bias"]),
                vector=vector,
                neighbours=Neighbours(
                    arrays["labels"],
                    len(main["intents"]),
                    arrays.get("vectors"),
                    (arrays["starts"], arrays["messages"], arrays["values"]),
                ),
            ),
            weights=Weights(**main["weights"]),
            fusion=Fusion(
                arrays["fusion_mean"],
                arrays["fusion_scale"],
                arrays["fusion_weights"],
                main["fusion_bias"],
            ),
            thresholds=Thresholds(**main["thresholds"]),
        )


def _marks(
    intents: tuple[str, ...], sections: Collection[str]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    answered = np.array([name in sections for name in intents])
    rejecting = np.array([name in (NEAR_TOPIC, OUT_OF_SCOPE) for name in intents])
    return answered, rejecting
