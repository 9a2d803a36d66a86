"""The parts of one message, each read by itself, as far as it can be.

Between the splitter, which knows words, and the decision, which weighs readings: a part that holds
two questions is cut where both sides are surely about different sections, and one that means
nothing alone ("does it help with that?") is read together with the part before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.reader import Read, Reader
from assistant.splitter import Part, halves
from assistant.understanding import Reading

__all__ = ["Piece", "Pieces"]

# Both sides of a cut that only the readings suggest must be at least so sure of a section.
_SURE_HALF = 0.9
# A question less sure than this may lean on the part before it.
_WEAK = 0.6


@dataclass(frozen=True)
class Piece:
    """A part and what it was read as; `alone` where that is little, for a question."""

    part: Part
    read: Read
    alone: Reading | None = None

    @property
    def guess(self) -> str:
        """The likeliest intent."""
        return self.read.reading.ranking[0][0]

    @property
    def confidence(self) -> float:
        """P(the likeliest intent is right)."""
        return self.read.reading.confidence


@dataclass(frozen=True)
class Pieces:
    """Reads the parts of messages."""

    reader: Reader

    def of(self, whole: Read, parts: Sequence[Part]) -> tuple[Piece, ...]:
        """The pieces in their order; empty where the message is one."""
        if len(parts) < 2:  # noqa: PLR2004 - the only part is the message
            cut = self._cut(whole.text)
            return self._leaning(cut) if cut else ()
        pieces: list[Piece] = []
        for part in parts:
            pieces += self._cut(part.text) or [Piece(part, self.reader.read(part.text))]
        return self._leaning(pieces)

    def _cut(self, text: str) -> list[Piece]:
        """Two or more pieces, or none."""
        best: tuple[float, list[Piece]] = (_SURE_HALF, [])
        for first, second in halves(text):
            if not self._may_differ(first, second):
                continue
            left = self._sure(first)
            right = self._sure(second) if left else None
            if left and right and left.guess != right.guess:
                sure = min(left.confidence, right.confidence)
                if sure >= best[0]:
                    best = (sure, [left, right])
        return [piece for half in best[1] for piece in (self._cut(half.part.text) or [half])]

    def _may_differ(self, first: Part, second: Part) -> bool:
        """Whether the halves are about different sections by their wording, which costs little."""
        guesses = {self.reader.glance(first.text), self.reader.glance(second.text)}
        return len(guesses) > 1 and guesses <= self.reader.sections

    def _sure(self, part: Part) -> Piece | None:
        piece = Piece(Part(part.text, asks=True), self.reader.read(part.text))
        is_section = piece.guess in self.reader.sections
        return piece if is_section and piece.confidence >= _SURE_HALF else None

    def _leaning(self, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
        """The same, with what means little alone read after the part before it."""
        read: list[Piece] = []
        for piece in pieces:
            read.append(self._after(read[-1] if read else None, piece))
        return tuple(read)

    def _after(self, before: Piece | None, piece: Piece) -> Piece:
        if not piece.part.asks or piece.confidence >= _WEAK:
            return piece
        alone = piece.read.reading
        if before is None:
            return replace(piece, alone=alone)
        joined = self.reader.read(f"{before.part.text} {piece.part.text}").reading
        surer = max(alone, joined, key=lambda reading: reading.confidence)
        return replace(piece, read=replace(piece.read, reading=surer), alone=alone)
