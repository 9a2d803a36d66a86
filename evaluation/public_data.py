"""Public data sets of short questions with intents, read in their own formats and official splits.

None is part of the product: they are read from a folder that the command line names.

- `clinc150/data_full.json`: CLINC150, Larson et al., EMNLP 2019, CC BY 3.0.
- `banking77/train.csv`, `test.csv`: BANKING77, Casanueva et al., NLP4ConvAI 2020, CC BY 4.0.
- `hint3/train/<bot>.csv`, `hint3/test/<bot>.csv`: HINT3 v1, full training sets, Arora et al.,
  Insights 2020, ODbL 1.0.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

__all__ = ["HINT3_BOTS", "PublicDataError", "Split", "banking77", "clinc150", "hint3"]

HINT3_BOTS = ("sofmattress", "curekart", "powerplay11")
_HINT3_OUTSIDE = "NO_NODES_DETECTED"  # the label of what none of a bot's answers fits
Labelled = tuple[str, str]  # a text and its intent


class PublicDataError(Exception):
    """A data set is missing or in another format; the message says which file, and what to do."""


@dataclass(frozen=True)
class Split:
    """What to learn from, what to ask, and what to ask that none of the intents fits."""

    name: str
    training: tuple[Labelled, ...]
    test: tuple[Labelled, ...]
    outside: tuple[str, ...] = ()

    @property
    def intents(self) -> tuple[str, ...]:
        """The intents of the training part, in order of their names."""
        return tuple(sorted({intent for _, intent in self.training}))

    def holding_out(self, intents: Collection[str]) -> Split:
        """The same with some intents never seen in training: their test questions are outside."""
        return Split(
            name=f"{self.name}, {len(intents)} of {len(self.intents)} held out",
            training=tuple(one for one in self.training if one[1] not in intents),
            test=tuple(one for one in self.test if one[1] not in intents),
            outside=tuple(text for text, intent in self.test if intent in intents),
        )


def clinc150(folder: Path) -> Split:
    """CLINC150 in full: 100 examples an intent; the out-of-scope examples are not learnt from."""
    path = folder / "clinc150" / "data_full.json"
    parts = json.loads(_text(path))
    try:
        return Split(
            "CLINC150",
            training=tuple((text, intent) for text, intent in parts["train"]),
            test=tuple((text, intent) for text, intent in parts["test"]),
            outside=tuple(text for text, _ in parts["oos_test"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PublicDataError(
            f"{path} is not CLINC150: 'train', 'test' and 'oos_test' with pairs of text and intent "
            "are expected"
        ) from error


def banking77(folder: Path) -> Split:
    """BANKING77; nothing in its test part is out of scope."""
    training, test = (
        _rows(folder / "banking77" / name, "text", "category") for name in ("train.csv", "test.csv")
    )
    return Split("BANKING77", training, test)


def hint3(folder: Path, bot: str) -> Split:
    """One of `HINT3_BOTS`: what its makers wrote to train it, and what its users asked."""
    training, asked = (
        _rows(folder / "hint3" / part / f"{bot}.csv", "sentence", "label")
        for part in ("train", "test")
    )
    return Split(
        f"HINT3 {bot}",
        training,
        test=tuple(one for one in asked if one[1] != _HINT3_OUTSIDE),
        outside=tuple(text for text, intent in asked if intent == _HINT3_OUTSIDE),
    )


def _rows(path: Path, text: str, intent: str) -> tuple[Labelled, ...]:
    rows = csv.DictReader(io.StringIO(_text(path), newline=""))
    if not {text, intent} <= set(rows.fieldnames or ()):
        raise PublicDataError(f"{path} has no columns '{text}' and '{intent}'")
    return tuple((row[text], row[intent]) for row in rows)


def _text(path: Path) -> str:
    if not path.is_file():
        raise PublicDataError(
            f"{path} is missing; name the folder that holds clinc150/, banking77/ and hint3/"
        )
    return path.read_text(encoding="utf-8")
