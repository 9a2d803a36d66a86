"""What changed since the last run: the questions whose verdict became right, or ceased to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.judge import Verdict
from evaluation.results import Scored

__all__ = ["Change", "Changes", "changes"]


@dataclass(frozen=True)
class Change:
    """One question, as it was replied to before and now."""

    before: Scored
    now: Scored

    def __str__(self) -> str:
        """Where the question stands, and what became of it; not its words."""
        return (
            f"{self.now.place}: {self.now.asked} <- {self.now.replied} ({self.now.verdict.value}), "
            f"before {self.before.replied} ({self.before.verdict.value})"
        )


@dataclass(frozen=True)
class Changes:
    """Of the questions that both runs asked; `added` and `dropped` count the others."""

    newly_right: tuple[Change, ...]
    newly_not_right: tuple[Change, ...]
    added: int
    dropped: int


def changes(before: Sequence[Scored], now: Sequence[Scored]) -> Changes | None:
    """Compare two runs; `None` where there was none before."""
    if not before:
        return None
    old = {row.question: row for row in before}
    pairs = [Change(old[row.question], row) for row in now if row.question in old]
    return Changes(
        newly_right=tuple(pair for pair in pairs if _right(pair.now) and not _right(pair.before)),
        newly_not_right=tuple(
            pair for pair in pairs if _right(pair.before) and not _right(pair.now)
        ),
        added=len(now) - len(pairs),
        dropped=len(old.keys() - {row.question for row in now}),
    )


def _right(row: Scored) -> bool:
    return row.verdict is Verdict.RIGHT
