"""A trained `Comprehension` on disk: JSON and plain arrays, so that loading it runs no code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from assistant.body_parts import BodyParts
from assistant.comprehension import Comprehension
from assistant.encoder_session import Encoder
from assistant.meaning import Meaning
from assistant.profile import Profile
from assistant.spelling import Spelling
from assistant.understanding import Understanding
from clinic.decision import Weights
from clinic.library import Library

__all__ = ["load", "save"]

_LIBRARY = "library.json"
_SENTENCES = "sentences.npz"
_PROFILE_NAMES = ("title", "sections", "topics")
_PROFILE = (
    "plain", "framed", "owner", "titled", "example", "votes", "grams", "gram_votes", "refused",
    "answered",
)  # fmt: skip


def save(comprehension: Comprehension, folder: Path) -> None:
    """Write into an existing folder."""
    comprehension.understanding.save(folder)
    main = {
        "library": asdict(comprehension.library),
        "body_words": comprehension.body_parts.words,
        "sentences": comprehension.sentences,
        "words_used": comprehension.meaning.spelling.used if comprehension.meaning else {},
        "profiles": {
            document: {key: getattr(profile, key) for key in _PROFILE_NAMES}
            for document, profile in comprehension.profiles.items()
        },
    }
    (folder / _LIBRARY).write_text(json.dumps(main, ensure_ascii=False), encoding="utf-8")
    order = sorted(comprehension.vectors)
    np.savez(
        folder / _SENTENCES,
        sections=np.array(order, dtype=np.str_),
        **{f"vectors{place}": comprehension.vectors[name] for place, name in enumerate(order)},
        **{
            f"{key} of {document}": getattr(profile, key)
            for document, profile in comprehension.profiles.items()
            for key in _PROFILE
        },
    )


def load(folder: Path, *, weights: Weights) -> Comprehension:
    """Read what `save` wrote; raises `ValueError` when another version wrote it."""
    understanding = Understanding.load(folder)
    main = json.loads((folder / _LIBRARY).read_text(encoding="utf-8"))
    library = main["library"]
    with np.load(folder / _SENTENCES, allow_pickle=False) as file:
        vectors = {
            str(name): file[f"vectors{place}"] for place, name in enumerate(file["sections"])
        }
        profiles = {
            document: Profile(
                names["title"],
                tuple(names["sections"]),
                tuple(names["topics"]),
                *(file[f"{key} of {document}"] for key in _PROFILE),
            )
            for document, names in main["profiles"].items()
        }
    with_vectors = understanding.machine.remembered.vectors is not None
    return Comprehension(
        understanding=understanding,
        library=Library(
            primary=library["primary"],
            titles=library["titles"],
            documents=library["documents"],
            **{key: _tuples(library[key]) for key in ("topics", "names", "own_words", "listed")},
        ),
        body_parts=BodyParts(main["body_words"]),
        sentences={name: tuple(texts) for name, texts in main["sentences"].items()},
        vectors=vectors,
        profiles=profiles,
        weights=weights,
        meaning=_meaning(main["words_used"]) if with_vectors else None,
    )


def _meaning(words_used: Mapping[str, int]) -> Meaning:
    encoder = Encoder.shared()
    return Meaning(encoder, Spelling(words_used, encoder.dictionary()))


def _tuples(table: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in table.items()}
