"""A trained `Machine` as JSON and plain arrays, so that reading it runs no code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.kernel import KernelSettings
from assistant.ngrams import NgramIndex
from assistant.remembered import Remembered
from assistant.training import Machine
from assistant.words import KnownWords

__all__ = ["machine_of", "numbers_of", "words_of"]


def words_of(machine: Machine) -> dict[str, Any]:
    """What of it goes into JSON."""
    return {
        "kernel": asdict(machine.settings),
        "vocabulary": machine.index.vocabulary,
        "known": sorted(machine.known.words),
        "dictionary": sorted(machine.known.dictionary),
    }


def numbers_of(machine: Machine) -> dict[str, NDArray[Any]]:
    """What of it goes into an `.npz`."""
    remembered = machine.remembered
    arrays: dict[str, NDArray[Any]] = {
        "rarity": machine.index.rarity,
        "votes": machine.votes,
        "gram_votes": machine.gram_votes,
        "starts": remembered.starts,
        "messages": remembered.messages,
        "values": remembered.values,
    }
    if remembered.vectors is not None:
        arrays["vectors"] = remembered.vectors
    return arrays


def machine_of(words: Mapping[str, Any], numbers: Mapping[str, NDArray[Any]]) -> Machine:
    """The machine that `words_of` and `numbers_of` took apart; more may stand beside them."""
    votes: NDArray[np.float32] = numbers["votes"]
    return Machine(
        index=NgramIndex(words["vocabulary"], numbers["rarity"]),
        known=KnownWords(words["known"], words["dictionary"]),
        remembered=Remembered(
            count=votes.shape[0],
            vectors=numbers.get("vectors"),
            starts=numbers["starts"],
            messages=numbers["messages"],
            values=numbers["values"],
        ),
        votes=votes,
        gram_votes=numbers["gram_votes"],
        settings=KernelSettings(**words["kernel"]),
    )
