"""Where a patient's words tell of danger, for the nurse's eye: found, denied, or not meant as now.

The rules are those of the assistant's catalogue (`clinic.red_flags`). A busy shift's lists show the
same messages again and again, so the places are kept for a while, under a digest: nothing of what
patients write is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from threading import Lock
from typing import Final, Literal

from clinic.red_flag_catalogue import load_catalogue
from clinic.red_flag_context import Context
from clinic.red_flags import Assessor, Finding
from desk.settings import CHECKOUT

__all__ = ["Mark", "Piece", "Sense", "marks_in", "pieces"]

Sense = Literal["found", "denied", "other"]

_MOST_KEPT: Final = 20_000  # messages; some 5 MB


@dataclass(frozen=True, order=True)
class Mark:
    """`start` to `end` are places in the text; `title` is the flag's name for people.

    `sense`: meant as happening now; denied; or past, supposed, somebody else's, a figure of speech.
    """

    start: int
    end: int
    flag: str
    title: str
    acuity: str
    sense: Sense


@dataclass(frozen=True)
class Piece:
    """A stretch of a quote; `named` says what the marks that end with it are, for people."""

    text: str
    marked: bool
    named: tuple[str, ...]


def marks_in(text: str) -> tuple[Mark, ...]:
    """The signs of danger in `text`, in their order."""
    digest = blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
    with _keeping:
        if digest in _kept:
            _kept.move_to_end(digest)
            return _kept[digest]
    marks = tuple(sorted(_mark(found) for found in _rules().assess(text).findings))
    with _keeping:
        _kept[digest] = marks
        if len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return marks


def pieces(text: str, marks: Sequence[Mark]) -> list[Piece]:
    """`text` cut where marks begin and end; joined again, the pieces are the text."""
    cuts = sorted({0, len(text), *(place for mark in marks for place in (mark.start, mark.end))})
    return [
        Piece(
            text[start:end],
            marked=any(mark.start <= start and end <= mark.end for mark in marks),
            named=tuple(_label(mark) for mark in marks if mark.end == end),
        )
        for start, end in pairwise(cuts)
    ]


def _label(mark: Mark) -> str:
    said = {"found": mark.acuity, "denied": "denied", "other": "not meant as now"}
    return f"{mark.title}: {said[mark.sense]}"


def _mark(found: Finding) -> Mark:
    if found.context is Context.NOW:
        sense: Sense = "found"
    else:
        sense = "denied" if found.context is Context.DENIED else "other"
    return Mark(
        found.start, found.end, found.flag, _titles()[found.flag], found.acuity.value, sense
    )


_kept: OrderedDict[bytes, tuple[Mark, ...]] = OrderedDict()
_keeping = Lock()


@lru_cache(maxsize=1)
def _rules() -> Assessor:
    return Assessor(load_catalogue(CHECKOUT / "assistant" / "red_flags.yml"))


@lru_cache(maxsize=1)
def _titles() -> dict[str, str]:
    return {flag.name: flag.title for flag in _rules().catalogue.flags}
